// The replay: 36 recorded invoices through the public API, every line accounted for, stopped and gone on with.

import { beforeAll, expect, test } from 'vitest';
import { reportOf } from '../../prisma/seed/replay/report.ts';
import { placedIn } from '../../prisma/seed/replay/stage.ts';
import { type Outcome, outcomes } from '../../prisma/seed/replay/tally.ts';
import { startApp } from '../setup/app.ts';
import { invoices, type Played, type Replay, replayIn, worth } from './replayed.ts';
import { cancellations, sales, sliceRows } from './slice.ts';

const app = await startApp();
let replay: Replay;
let first: Played;

async function orderIdOf(reference: string): Promise<string> {
  const { orders } = await app.admin.ok<{ orders: { edges: { node: { id: string } }[] } }>(
    'query ($reference: String) { orders(where: { externalReference: $reference }) { edges { node { id } } } }',
    { reference },
  );
  return orders.edges[0]?.node.id ?? '';
}

beforeAll(async () => {
  replay = await replayIn(app);
  await replay.play(6);
  await app.admin.act('orderHold', { orderId: await orderIdOf('552259'), kind: 'OTHER', reason: 'By hand' });
  await replay.play(40);
  first = await replay.play();
}, 180_000);

test('a replay that was stopped goes on where it was and places every order once', async () => {
  const references = (await replay.orders()).map((order) => order.reference);
  const wanted = new Set(sales.map((row) => row.invoice));
  expect(new Set(references).size).toBe(references.length);
  expect(references.filter((reference) => !wanted.has(reference))).toEqual([]);
  expect(placedIn(first.acts)).toBe(references.length);
  expect(references.length + first.acts.refused).toBe(wanted.size);
});

test('orders come in by telephone, from customers and guests of the own site, and from a key of the marketplace', async () => {
  const rows = await replay.orders();
  const { boughtOnSite, pushed, telephoned } = first.acts;
  for (const count of [boughtOnSite, pushed, telephoned]) expect(count).toBeGreaterThan(3);
  const onMarket = rows.filter((row) => row.store === 'gift-mall');
  expect(onMarket).toHaveLength(pushed);
  expect(onMarket.every((row) => row.by_partner)).toBe(true);
  const onSite = rows.filter((row) => row.store === 'gift');
  expect(onSite.filter((row) => row.by_customer || row.by_guest)).toHaveLength(boughtOnSite);
  expect(onSite.filter((row) => row.by_customer).map((row) => row.reference)).toEqual(['552828']);
  expect(onSite.filter((row) => !row.by_customer && !row.by_guest)).toHaveLength(telephoned);
});

test('every line of the recording is counted once, by what became of it', () => {
  const { tally } = first;
  const count = (...kinds: Outcome[]) => kinds.reduce((sum, kind) => sum + tally.sums(kind).lines, 0);
  expect(tally.total().lines).toBe(sliceRows.length);
  expect(count('PLACED', 'OUT_OF_STOCK')).toBe(sales.length);
  expect(
    count(
      'CANCELLED',
      'RETURNED',
      'CANCELLED_UNKNOWN',
      'CANCELLED_BY_GUEST',
      'CANCELLED_REFUSED',
      'CANCELLED_CLOSED',
    ),
  ).toBe(cancellations.length);
  expect(count('NO_PRODUCT', 'WITHOUT_PRICE', 'STOCK_CORRECTION')).toBe(
    sliceRows.length - sales.length - cancellations.length,
  );
  expect(count('NOT_REACHED')).toBe(0);
  const seen = (Object.keys(outcomes) as Outcome[]).filter((kind) => tally.sums(kind).lines > 0);
  expect(seen).toEqual(
    expect.arrayContaining([
      'PLACED',
      'OUT_OF_STOCK',
      'NO_PRODUCT',
      'CANCELLED',
      'RETURNED',
      'CANCELLED_UNKNOWN',
    ]),
  );
});

test('the totals of the orders are those that the file gives at the most frequent prices', async () => {
  const lines = await replay.lines();
  const [placed, cancelled] = [first.tally.sums('PLACED'), first.tally.sums('CANCELLED')];
  const open = lines.filter((line) => !line.closed);
  expect(first.api.totalMinor).toBe(worth(lines, (line) => line.quantity - line.cancelled));
  expect(placed.catalogMinor).toBe(worth(lines, (line) => line.quantity));
  expect(cancelled.catalogMinor).toBe(worth(open, (line) => line.cancelled));
  expect(cancelled.units).toBe(open.reduce((sum, line) => sum + line.cancelled, 0));
  // What is in an order stands in the file, and what the file sells and no order has was out of stock.
  const left = new Map<string, number>();
  for (const { invoice, code, quantity } of sales) {
    const key = `${invoice} ${code} ${quantity}`;
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  for (const { reference, sku, quantity } of lines) {
    const key = `${reference} ${sku} ${quantity}`;
    left.set(key, (left.get(key) ?? 0) - 1);
  }
  const missing = [...left.values()];
  expect(Math.min(...missing)).toBe(0);
  expect(missing.reduce((sum, count) => sum + count, 0)).toBe(first.tally.sums('OUT_OF_STOCK').lines);
});

test('money that came in, went back and is outstanding agrees with the file, the accounts and the payments', async () => {
  const lines = await replay.lines();
  const orders = await replay.orders();
  const paid = new Set(
    orders.filter((order) => order.payment_state !== 'UNPAID').map(({ reference }) => reference),
  );
  const ofPaid = lines.filter((line) => paid.has(line.reference));
  const { capturedMinor, backMinor, outstandingMinor, closedMinor } = first.money.sums();
  expect(capturedMinor).toBe(worth(ofPaid, (line) => line.quantity));
  // What the marketplace paid back of a cancelled line is told by line as well.
  expect(backMinor).toBe(worth(ofPaid, (line) => Math.max(line.cancelled, line.returned)));
  expect(backMinor).toBeGreaterThan(0n);
  expect(closedMinor).toBe(worth(lines, (line) => (line.closed ? line.quantity : 0)));
  expect(first.api).toMatchObject({ capturedMinor, outstandingMinor });
  expect(first.api.refundingMinor + first.api.refundedMinor).toBe(backMinor);
  const sums = await app.sql<{ captured: string; refunded: string }>(
    `SELECT (SELECT sum(amount_minor) FROM payment WHERE state = 'CAPTURED') AS captured,
       (SELECT sum(amount_minor) FROM refund) AS refunded`,
  );
  expect(sums).toEqual([{ captured: String(capturedMinor), refunded: String(backMinor) }]);
});

test('money comes by a gateway that repeats itself, by transfer and from the marketplace, and refunds are transferred', async () => {
  const methods = await app.sql<{ method: string; count: number }>(
    `SELECT method, count(*)::int FROM payment WHERE state = 'CAPTURED' GROUP BY 1 ORDER BY 1`,
  );
  expect(methods.map(({ method }) => method).sort()).toEqual(['BANK_TRANSFER', 'GATEWAY', 'PLATFORM']);
  expect(methods.reduce((sum, { count }) => sum + count, 0)).toBe(first.acts.paid);
  const refunds = await app.sql<{ reason: string; state: string }>(
    'SELECT DISTINCT reason, state FROM refund',
  );
  expect(refunds).toEqual(
    expect.arrayContaining([
      { reason: 'CANCELLATION', state: 'SUCCEEDED' },
      { reason: 'PLATFORM', state: 'SUCCEEDED' },
    ]),
  );
});

test('orders go from hand to hand: confirmed by a clerk, sent by the warehouse, delivered by the carrier', async () => {
  const rows = await app.sql<{ state: string; count: number }>(
    'SELECT state, count(*)::int FROM "order" GROUP BY 1',
  );
  expect(new Map(rows.map((row) => [row.state, row.count]))).toEqual(first.api.byState);
  const { acts } = first;
  expect(acts.confirmed).toBeGreaterThanOrEqual(acts.dispatched);
  expect(acts.dispatched).toBeGreaterThanOrEqual(acts.delivered);
  expect(acts.delivered).toBeGreaterThanOrEqual(acts.completed);
  expect(acts.completed).toBeGreaterThan(3);
  expect(first.api.byState.get('COMPLETED')).toBe(acts.completed);
  const doers = await app.sql<{ type: string; kind: string; email: string | null }>(
    `SELECT DISTINCT e.type, e.actor_kind AS kind, p.email FROM event e LEFT JOIN person_staff p ON p.staff_id = e.actor_id
     WHERE e.type IN ('order.confirmed', 'shipment.dispatched', 'shipment.delivered') ORDER BY 1`,
  );
  expect(doers).toEqual([
    { type: 'order.confirmed', kind: 'STAFF', email: 'demo-clerk@dayshift.local' },
    { type: 'shipment.delivered', kind: 'KEY', email: null },
    { type: 'shipment.dispatched', kind: 'STAFF', email: 'demo-packer@dayshift.local' },
  ]);
});

test('a marketplace that tells twice or in the wrong order has one paid order, with nothing to clarify', async () => {
  const { pushed } = first.acts;
  const orders = await app.sql<{ state: string; paid: boolean; discrepancy: string; kinds: string[] }>(
    `SELECT o.payment_state AS state, po.paid_at IS NOT NULL AS paid, po.discrepancy_minor AS discrepancy,
       ARRAY(SELECT kind::text FROM order_hold h WHERE h.order_id = o.id AND kind <> 'STOCK') AS kinds
     FROM platform_order po JOIN "order" o ON o.id = po.order_id`,
  );
  expect(orders).toHaveLength(pushed);
  for (const { state, paid, discrepancy, kinds } of orders) {
    expect(['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED']).toContain(state);
    expect({ paid, discrepancy, kinds }).toEqual({ paid: true, discrepancy: '0', kinds: [] });
  }
});

test('an order that was paid without stock waits for it, and goes on when it comes in the morning', async () => {
  const events = await app.sql<{ type: string; count: number }>(
    `SELECT type, count(*)::int FROM event WHERE type IN ('order.stockAwaited', 'order.stockArrived') GROUP BY 1`,
  );
  const { waited } = first.acts;
  expect(waited).toBeGreaterThan(0);
  expect(new Map(events.map(({ type, count }) => [type, count]))).toEqual(
    new Map([
      ['order.stockAwaited', waited],
      ['order.stockArrived', waited],
    ]),
  );
  expect(first.api.awaitingStock).toBe(0);
});

test('an order that nobody pays is closed, and its goods can be sold again', async () => {
  expect(first.acts.closed).toBeGreaterThan(0);
  const closed = (await replay.orders()).filter((order) => order.state === 'CANCELLED');
  expect(closed.filter((order) => order.payment_state === 'UNPAID')).toHaveLength(first.acts.closed);
  const promised = await app.sql(
    `SELECT 1 FROM allocation a JOIN "order" o ON o.id = a.order_id WHERE o.state = 'CANCELLED' AND a.state = 'OPEN'`,
  );
  expect(promised).toEqual([]);
});

test('an order that somebody holds by hand stays where it is, and the replay goes on', async () => {
  const held = await app.sql(
    `SELECT o.external_reference AS reference, o.state, o.fulfilment_state AS sent FROM "order" o
     WHERE held AND NOT awaiting_stock`,
  );
  expect(held).toEqual([{ reference: '552259', state: 'CONFIRMED', sent: 'UNFULFILLED' }]);
});

test('playing it all once more changes nothing and reports the same', async () => {
  const events = () => app.sql<{ seq: string }>('SELECT seq FROM event_head');
  await expect.poll(async () => app.sql('SELECT 1 FROM event_outbox')).toEqual([]);
  const before = await events();
  const again = await replay.play();
  expect(await events()).toEqual(before);
  const plain = ({ tally, money, acts, api }: Played) => ({
    sums: (Object.keys(outcomes) as Outcome[]).map((kind) => tally.sums(kind)),
    money: money.sums(),
    acts: { ...acts, restocked: 0 },
    api,
  });
  expect(plain(again)).toEqual(plain(first));
});

test('the report is aligned, fits 86 columns and says that all sums agree', () => {
  const report = reportOf({ invoices, leftOut: 0, ...first });
  expect(report.filter((line) => line.endsWith('✓'))).toHaveLength(6);
  expect(report.join('\n')).not.toContain('✗');
  expect(Math.max(...report.map((line) => line.length))).toBeLessThanOrEqual(86);
  const numbers = report
    .slice(1, 6)
    .map((line) => line.search(/\S+$/) + (line.match(/\S+$/)?.[0].length ?? 0));
  expect(new Set(numbers).size).toBe(1);
});
