// Files that are no files of orders, and lines that say nothing: each is told, and nothing else suffers.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { csvOf, HEADER, importingIn, lineOf } from './importing.ts';

const app = await startApp();
const importing = importingIn(app);
const good = csvOf({ invoice: '1' }, { invoice: '2' });

describe('a file that cannot be read changes nothing', () => {
  const files: [string, string | Uint8Array, string, string | null][] = [
    ['that is a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'NO_UTF8_TEXT', null],
    ['in UTF-16', Buffer.from(`\uFEFF${good}`, 'utf16le'), 'NO_UTF8_TEXT', 'UTF-16'],
    ['cut in the middle of a line', good.slice(0, -40), 'CUT_OFF', '3'],
    ['that unpacks without end', gzipSync(good + '\n'.repeat(2_100_000)), 'FILE_TOO_LARGE', '2000000'],
  ];
  const store = importing.store();

  test.concurrent.each(files)('a file %s', { timeout: 60_000 }, async (_, file, failure, failureDetail) => {
    const result = await importing.run(await store, file);
    expect(result).toMatchObject({ state: 'FAILED', failure, failureDetail, linesRead: 0, outcomes: [] });
  });

  test('and the right one is imported afterwards, packed or not', async () => {
    const none = await importing.orders(await store);
    expect(none.size).toBe(0);
    const windows = `\uFEFF${csvOf({ invoice: '3' }).replaceAll('\n', '\r\n')}`;
    const files = [gzipSync(good), windows];
    const results = await Promise.all(files.map(async (file) => importing.run(await store, file)));
    expect(results).toMatchObject([2, 1].map((linesImported) => ({ state: 'COMPLETED', linesImported })));
  });
});

test('C52 every line that cannot be taken over is told with its number and its reason; the others are taken over', async () => {
  const storeId = await importing.store();
  const cases: [outcome: string, line: string | Uint8Array][] = [
    ['COLUMNS_DIFFER', '1,22423,CAKESTAND,1'],
    ['COLUMNS_DIFFER', `${lineOf({ invoice: '1' })},more`],
    ['QUOTES_OPEN', '1,22423,"CAKESTAND,1,2010-12-01 08:26:00,1.00,,UK'],
    ['LINE_EMPTY', ''],
    ['LINE_TOO_LONG', lineOf({ invoice: '1', description: 'long '.repeat(2_100_000) })],
    ['NOT_UTF8', Buffer.from(lineOf({ invoice: '1', description: 'VOUCHER £40' }), 'latin1')],
    ['CONTROL_CHARACTERS', lineOf({ invoice: '1', description: 'A\u0007BELL' })],
    ['INVOICE_INVALID', lineOf({ invoice: '' })],
    ['CODE_INVALID', lineOf({ invoice: '1', code: 'two words' })],
    ['CODE_INVALID', lineOf({ invoice: '1', code: '' })],
    ['QUANTITY_INVALID', lineOf({ invoice: '1', quantity: '1000000000' })],
    ['QUANTITY_INVALID', lineOf({ invoice: '1', quantity: '0' })],
    ['QUANTITY_INVALID', lineOf({ invoice: '1', quantity: '1.5' })],
    ['PRICE_TOO_FINE', lineOf({ invoice: '1', price: '0.001' })],
    ['PRICE_INVALID', lineOf({ invoice: '1', price: '-1.00' })],
    ['PRICE_INVALID', lineOf({ invoice: '1', price: '1e3' })],
    ['PRICE_INVALID', lineOf({ invoice: '1', price: '999999999999999.99', quantity: 100_000 })],
    ['DATE_INVALID', lineOf({ invoice: '1', date: '2011-02-30 10:00:00' })],
    ['DATE_INVALID', lineOf({ invoice: '1', date: '12/1/2010 8:26' })],
    ['DATE_INVALID', lineOf({ invoice: '1', date: '2090-01-01 10:00:00' })],
    ['DATE_INVALID', lineOf({ invoice: '1', date: '1999-12-31 23:59:00' })],
    ['CUSTOMER_INVALID', lineOf({ invoice: '1', customer: 'x'.repeat(129) })],
    ['CUSTOMER_DIFFERS', lineOf({ invoice: 'good', customer: '2' })],
    ['TOTAL_TOO_LARGE', lineOf({ invoice: 'good', price: '9999999999999999.99' })],
    ['NO_LOCATION', lineOf({ invoice: '1', quantity: -5 })],
  ];
  const file = Buffer.concat(
    [
      HEADER,
      lineOf({ invoice: 'good', price: '1.00' }),
      ...cases.map(([, line]) => line),
      lineOf({ invoice: 'last' }),
    ].map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])),
  );
  const result = await importing.run(storeId, file);
  expect(result.problems.edges.map(({ node }) => [node.line, node.outcome])).toEqual(
    cases.map(([outcome], i) => [i + 3, outcome]),
  );
  expect(result).toMatchObject({
    state: 'COMPLETED',
    lineCount: cases.length + 2,
    linesRead: cases.length + 2,
    linesImported: 2,
    linesRejected: cases.length,
  });
  const dated = result.problems.edges.find(({ node }) => node.outcome === 'DATE_INVALID');
  expect(dated?.node.reason).toContain('2010-12-01 08:26:00');
  const lines = result.outcomes.reduce((sum, outcome) => sum + outcome.lines, 0);
  expect(lines).toBe(result.lineCount);
  expect([...(await importing.orders(storeId)).keys()].sort()).toEqual(['good', 'last']);
});

test('of very many bad lines the first are kept and all are counted', { timeout: 60_000 }, async () => {
  const storeId = await importing.store();
  const bad = Array.from({ length: 12_000 }, (_, i) => lineOf({ invoice: String(i), quantity: 0 }));
  const result = await importing.run(storeId, csvOf(...bad, { invoice: 'sound' }));
  expect(result).toMatchObject({
    state: 'COMPLETED',
    linesImported: 1,
    linesRejected: 12_000,
    problems: { totalCount: 10_000 },
  });
  expect(importing.counts(result)).toEqual({ SOLD: 1, QUANTITY_INVALID: 12_000 });
});
