// Two weeks of a real shop's orders, taken over by the command line: its report, its sums, and what reads them afterwards.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { recordingPath } from '../../prisma/seed/replay/recording.ts';
import { startApp } from '../setup/app.ts';
import { project } from '../setup/source.ts';
import { csvOf } from './importing.ts';
import { recordedTotals } from './recorded-totals.ts';

const app = await startApp();
const expected = recordedTotals(recordingPath);
const folder = await mkdtemp(join(tmpdir(), 'dayshift-import-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `npm run import` on the database of the app. */
async function importCli(...args: string[]): Promise<{ code: number; output: string }> {
  const running = spawn(process.execPath, ['prisma/seed/history/import.ts', ...args], {
    cwd: project,
    env: { ...process.env, ...app.env, NODE_OPTIONS: '' },
  });
  let output = '';
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (text) => (output += text));
  const [code] = await once(running, 'close');
  return { code, output };
}

const first = await importCli(recordingPath);

describe('the recorded orders', () => {
  test('C52 the report accounts for every line, as many for each reason as their file alone says', async () => {
    expect(first.output).toMatch(
      new RegExp(`lines of the file, each counted once +${expected.lines.toLocaleString('en')}  ✓`),
    );
    expect(first.code).toBe(0);
    const { orderImports } = await app.admin.ok<{
      orderImports: {
        edges: {
          node: { state: string; lineCount: number; outcomes: { outcome: string; lines: number }[] };
        }[];
      };
    }>('{ orderImports { edges { node { state lineCount outcomes { outcome lines } } } } }');
    const [own] = orderImports.edges.map(({ node }) => node);
    expect(own).toMatchObject({ state: 'COMPLETED', lineCount: expected.lines });
    expect(Object.fromEntries(own?.outcomes.map(({ outcome, lines }) => [outcome, lines]) ?? [])).toEqual(
      expected.outcomes,
    );
  });

  test('the orders of a month come to what its lines come to', async () => {
    const [[month = '', sums] = []] = expected.months;
    const from = new Date(`${month}-01T00:00:00+01:00`).toISOString();
    let [count, pence, after] = [0, 0, null as string | null];
    do {
      const { orders } = await app.admin.ok<{
        orders: {
          edges: { node: { total: { amount: string } } }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      }>(
        `query ($from: DateTime, $after: String) { orders(first: 100, after: $after, where: { placedFrom: $from }) {
          edges { node { total { amount } } } pageInfo { hasNextPage endCursor } } }`,
        { from, after },
      );
      count += orders.edges.length;
      for (const { node } of orders.edges) pence += Math.round(Number(node.total.amount) * 100);
      after = orders.pageInfo.hasNextPage ? orders.pageInfo.endCursor : null;
    } while (after);
    expect(expected.months.size).toBe(1);
    expect({ count, pence }).toEqual({
      count: sums?.orders,
      pence: (sums?.sold ?? 0) + (sums?.freight ?? 0) - (sums?.cancelled ?? 0),
    });
  });

  test('C55 each has exactly one event of its import, in a log without gaps', async () => {
    const { events } = await app.admin.ok<{ events: { totalCount: number } }>(
      '{ events(where: { types: ["order.imported"] }) { totalCount } }',
    );
    const orders = await app.sql<{ count: string }>('SELECT count(*) FROM "order"');
    expect(events.totalCount).toBe(Number(orders[0]?.count));
    const [log] = await app.sql<{ whole: boolean }>('SELECT max(seq) = count(*) AS whole FROM event');
    expect(log).toEqual({ whole: true });
    const wrong = await app.sql(
      `SELECT entity_id FROM event WHERE type LIKE 'order.import%' GROUP BY entity_id
       HAVING max(version) <> count(*) OR count(*) FILTER (WHERE type = 'order.imported') <> 1`,
    );
    expect(wrong).toEqual([]);
  });
});

describe('the command line', () => {
  test('a file that was imported before changes nothing, one that is no such file is told, the others are imported, and rejected lines go to a file with their reasons', async () => {
    const counts = async () => {
      const [[own], [lines]] = await Promise.all([
        app.sql('SELECT count(*) FROM "order"'),
        app.sql('SELECT count(*) FROM order_line'),
      ]);
      return { orders: Number(own?.count), lines: Number(lines?.count) };
    };
    const before = await counts();
    const [good, bad, rejected] = ['good.csv', 'bad.csv', 'rejected.csv'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeFile(good, csvOf({ invoice: 'G1' }, { invoice: 'G2', price: '0.001' }));
    await writeFile(bad, 'no,such,columns\n');
    const { code, output } = await importCli('--rejected', rejected, recordingPath, bad, good);
    expect(output).toContain('orders.csv.gz was imported before');
    expect(output).toContain('bad.csv: The header lacks columns, or has them twice: InvoiceNo, StockCode');
    expect(code).toBe(1);
    expect(await counts()).toEqual({ orders: before.orders + 1, lines: before.lines + 1 });
    const [header, ...lines] = (await readFile(rejected, 'utf8')).trimEnd().split('\n');
    expect(header).toBe('File,Line,Reason,Explanation,Text');
    expect(lines.at(-1)).toBe(
      `"good.csv",3,PRICE_TOO_FINE,"The price has more digits than the currency","G2,22423,REGENCY CAKESTAND 3 TIER,1,2010-12-01 08:26:00,0.001,17850.0,United Kingdom"`,
    );
  });

  test('what it cannot do it says in a sentence', async () => {
    const answers = await Promise.all([
      importCli(recordingPath, join(folder, 'none.csv')),
      importCli('--store', 'nowhere', recordingPath),
    ]);
    const said = ['none.csv cannot be read', 'There is no store nowhere'];
    expect(answers).toEqual(said.map((text) => ({ code: 1, output: expect.stringContaining(text) })));
  });
});
