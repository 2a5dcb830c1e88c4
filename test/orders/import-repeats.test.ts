// The same orders again: files twice and at once, invoices in several places, imports that were cut off; and who may import.

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { systemActor } from '../../src/core/actor.ts';
import { transact } from '../../src/core/db.ts';
import { fromGlobalId, toGlobalId } from '../../src/core/ids.ts';
import { openImport } from '../../src/orders/actions/order-imports.ts';
import { importFile } from '../../src/orders/jobs/import-file.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { csvOf, importingIn, lineOf, linesOf, orderOf } from './importing.ts';

const app = await startApp();
const importing = importingIn(app);

describe('nothing is taken over twice', () => {
  test('the same file again changes nothing and says so, also when both come at once', async () => {
    const storeId = await importing.store();
    const file = csvOf({ invoice: '1' }, { invoice: 'x', quantity: 0 });
    const uploads = await Promise.all([importing.request(storeId), importing.request(storeId)]);
    const answers = await Promise.all(uploads.map(({ url }) => importing.put(url, file)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    const both = await Promise.all(uploads.map(({ id }) => importing.over(id)));
    const [done, other] = both.sort((a, b) => (a.state < b.state ? -1 : 1));
    expect(done).toMatchObject({ state: 'COMPLETED', linesImported: 1, linesRejected: 1 });
    expect(other).toMatchObject({ state: 'DUPLICATE', linesRead: 0, original: { id: done?.id } });
    const later = await importing.run(storeId, file);
    expect(later).toMatchObject({ state: 'DUPLICATE', original: { id: done?.id } });
    expect((await importing.orders(storeId)).size).toBe(1);
    expect(await importing.run(await importing.store(), csvOf({ invoice: '2' }))).toMatchObject({
      state: 'COMPLETED',
    });
  });

  test('invoices that another file had are rejected line by line, and so is the number of another order', async () => {
    const storeId = await importing.store();
    const before = csvOf({ invoice: '11' }, { invoice: '12', quantity: -3, price: '0.00' });
    await app.given.location({ stores: [storeId] });
    await importing.run(storeId, before);
    const { variantId } = await app.given.stockedVariant({ store: storeId, currency: 'GBP' });
    await app.given.order({
      storeId,
      lines: [{ variantId, quantity: 1 }],
      currency: 'GBP',
      externalReference: '13',
    });
    const after = csvOf(
      { invoice: '11', quantity: 2 },
      { invoice: '12', quantity: -3, price: '0.00' },
      { invoice: '13' },
      { invoice: '14' },
    );
    const result = await importing.run(storeId, after);
    expect(importing.counts(result)).toEqual({ SOLD: 1, ALREADY_IMPORTED: 2, REFERENCE_TAKEN: 1 });
    expect(linesOf(orderOf(await importing.orders(storeId), '11'))).toMatchObject([{ quantity: 1 }]);
  });

  test('an invoice whose lines lie far apart is one order, though its lines are taken over in several batches', {
    timeout: 60_000,
  }, async () => {
    const storeId = await importing.store();
    const between = Array.from({ length: 6_000 }, () => lineOf({ invoice: 'between', price: '0.01' }));
    const file = csvOf(
      { invoice: 'apart', price: '1.00' },
      { invoice: 'other', price: '1.00' },
      { invoice: 'apart', price: '2.00' },
      ...between,
      { invoice: 'apart', price: '3.00', quantity: 2 },
      { invoice: 'apart', code: 'POST', price: '9.00' },
      { invoice: 'apart', customer: '1' },
      { invoice: 'C-all', quantity: -2, price: '3.00', date: '2010-12-02 08:00' },
    );
    const result = await importing.run(storeId, file);
    expect(importing.counts(result)).toEqual({ SOLD: 6_004, FREIGHT: 1, CANCELLED: 1, CUSTOMER_DIFFERS: 1 });
    const order = orderOf(await importing.orders(storeId), 'apart');
    expect(order).toMatchObject({ total: { amount: '12.00' }, freight: { amount: '9.00' }, version: 3 });
    expect(linesOf(order).map(({ quantity, cancelled }) => [quantity, cancelled])).toEqual([
      [1, 0],
      [1, 0],
      [2, 2],
    ]);
    const types = await app.sql<{ type: string }>(
      `SELECT e.type FROM event e JOIN "order" o ON o.id = e.entity_id WHERE o.external_reference = 'apart' ORDER BY e.seq`,
    );
    expect(types.map(({ type }) => type)).toEqual([
      'order.imported',
      'order.importExtended',
      'order.importCancelled',
    ]);
  });

  test('an import whose connections are cut goes on where it was, and each line is taken over once', {
    timeout: 90_000,
  }, async () => {
    const storeId = await importing.store();
    const rows = Array.from({ length: 12_000 }, (_, i) => ({
      invoice: `I${Math.floor(i / 4)}`,
      price: '1.00',
      customer: '',
    }));
    const { id, url } = await importing.request(storeId);
    await importing.put(url, csvOf(...rows));
    let state = await importing.read(id);
    while (state.linesRead === 0) {
      await sleep(5);
      state = await importing.read(id);
    }
    await app.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND application_name = 'dayshift'`,
    );
    expect(state.linesRead).toBeLessThan(12_000);
    expect(await importing.over(id)).toMatchObject({
      state: 'COMPLETED',
      linesRead: 12_000,
      linesImported: 12_000,
    });
    const sums = () =>
      app.sql(
        `SELECT count(DISTINCT o.id) AS orders, count(*) AS lines, count(DISTINCT o.number) AS numbers,
           (SELECT count(*) FROM event e JOIN "order" x ON x.id = e.entity_id WHERE x.store_id = o.store_id) AS events
         FROM "order" o JOIN order_line l ON l.order_id = o.id
         WHERE o.store_id = (SELECT store_id FROM order_import WHERE line_count = 12000)
         GROUP BY o.store_id`,
      );
    // The log gets its events a moment after they were written.
    await expect
      .poll(sums, { timeout: 20_000 })
      .toEqual([{ orders: '3000', lines: '12000', numbers: '3000', events: '3000' }]);
  });
});

test('a slice of time that is over at once still takes a batch over, so that every import comes to its end', async () => {
  const { id: storeId } = fromGlobalId(await importing.store()) ?? { id: '' };
  const [staff] = await app.sql<{ id: string }>('SELECT id FROM staff LIMIT 1');
  const actor = { ...systemActor('test'), kind: 'STAFF', id: staff?.id ?? '' } as const;
  const lines = Array.from({ length: 11_000 }, (_, i) => lineOf({ invoice: String(i), quantity: 0 }));
  const file = { storeId, sha256: 'a file at hand', byteCount: 1 };
  const { id } = await transact((tx) => openImport(tx, actor, file, clock.now()));
  const reached = [];
  do {
    const open = () => Readable.from([Buffer.from(csvOf(...lines))]);
    await importFile({ orderImportId: id, open, sliceSeconds: 0.001 });
    reached.push((await importing.read(toGlobalId('OrderImport', id))).linesRead);
  } while (reached.length < 3 && reached.at(-1) !== 11_000);
  expect(reached).toEqual([5_000, 11_000]);
});

describe('who may import', () => {
  test('only with orders.import, into stores and with locations of one’s own; a partner sees only its own imports', async () => {
    const storeId = await importing.store();
    const elsewhere = await importing.store();
    const clerk = await app.given.staff({ permissions: ['orders.read', 'orders.place'] });
    const answer = await clerk.run(
      'mutation ($input: OrderImportRequestInput!) { orderImportRequest(input: $input) { userErrors { code } } }',
      { input: { storeId } },
    );
    expect(answer.errors[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      requiredPermission: 'orders.import',
    });
    const locationId = await app.given.location();
    const [one, other] = await Promise.all([
      app.given.key({ scopes: ['orders.import', 'orders.read'], stores: [storeId], locations: [] }),
      app.given.key({ scopes: ['orders.import', 'orders.read'], stores: [storeId] }),
    ]);
    const refused = await one.refusal('orderImportRequest', { storeId: elsewhere, locationId });
    expect(refused.map(({ code, path }) => [code, path.at(-1)])).toEqual([
      ['NOT_FOUND', 'storeId'],
      ['NOT_FOUND', 'locationId'],
    ]);
    const { id, url } = await importing.request(storeId, {}, one);
    await importing.put(url, csvOf({ invoice: '100', customer: '17850' }));
    await importing.over(id);
    expect(await importing.read(id, one)).toMatchObject({ state: 'COMPLETED', linesImported: 1 });
    expect(await importing.read(id, other)).toBeNull();
    const listed = async (by: typeof one) =>
      (await by.ok<{ orderImports: { totalCount: number } }>('{ orderImports { totalCount } }')).orderImports
        .totalCount;
    expect([await listed(one), await listed(other)]).toEqual([1, 0]);
    // The numbers of another partner are others' numbers.
    const numbered = await app.sql('SELECT 1 FROM customer WHERE external_reference = $1', ['17850']);
    expect(numbered).toHaveLength(2);
  });

  test('a URL takes one file, at most so long and so much, and only by PUT', async () => {
    const storeId = await importing.store();
    const { url } = await importing.request(storeId);
    expect((await fetch(url)).status).toBe(405);
    expect((await importing.put(`${url}x`, csvOf({ invoice: '1' }))).status).toBe(404);
    const tooMuch = await fetch(url, {
      method: 'PUT',
      body: new ReadableStream({ pull: (stream) => stream.close() }),
      headers: { 'content-length': String(129 * 1024 * 1024) },
      duplex: 'half',
    } as RequestInit).then(
      ({ status }) => status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(tooMuch);
    expect((await importing.put(url, csvOf({ invoice: '1' }))).status).toBe(202);
    expect((await importing.put(url, csvOf({ invoice: '1' }))).status).toBe(404);
    const late = await importing.request(storeId);
    clock.pass({ minutes: 61 });
    expect((await importing.put(late.url, csvOf({ invoice: '1' }))).status).toBe(404);
  });
});
