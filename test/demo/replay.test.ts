// The replay: thirty recorded invoices through the public API, every line accounted for, stopped and gone on with.

import { beforeAll, expect, test } from 'vitest';
import { apiAt } from '../../prisma/seed/replay/api.ts';
import { buildDepartment, type Department } from '../../prisma/seed/replay/department.ts';
import { goodsOf } from '../../prisma/seed/replay/goods.ts';
import { makePace } from '../../prisma/seed/replay/pace.ts';
import { type Crew, crewOf } from '../../prisma/seed/replay/people.ts';
import { stepsOf } from '../../prisma/seed/replay/plan.ts';
import { noActs, playSteps, type Stage } from '../../prisma/seed/replay/play.ts';
import { parseRecording } from '../../prisma/seed/replay/recording.ts';
import { countRest, readTotals, reportOf } from '../../prisma/seed/replay/report.ts';
import { makeTally, type Outcome, outcomes } from '../../prisma/seed/replay/tally.ts';
import { startApp } from '../setup/app.ts';
import { PASSWORD } from '../setup/given.ts';
import { cancellations, pricesInSlice, sales, sliceCsv, sliceRows } from './slice.ts';

const app = await startApp();
const invoices = parseRecording(sliceCsv);
const goods = goodsOf(invoices);
const steps = stepsOf(invoices, goods);
const quiet = () => ({ advance: () => {}, end: () => {} });
let crew: Crew;
let department: Department;
let first: Played;

type Played = Awaited<ReturnType<typeof play>>;

/** Play the steps; those after the first so many are not reached. */
async function play(stopAfter = Number.POSITIVE_INFINITY) {
  const stage: Stage = { crew, department, steps, tally: makeTally(goods), acts: noActs() };
  const stopping = new AbortController();
  let done = 0;
  const stopInTime = () => {
    if (++done === stopAfter) stopping.abort();
  };
  await playSteps(stage, makePace(0, stopping.signal), stopInTime).catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  countRest(stage.tally, invoices);
  const references = new Set(invoices.map((invoice) => invoice.number));
  const api = await readTotals(apiAt(app.url, app.admin.token), department, references);
  return { ...stage, api };
}

interface ApiLine {
  reference: string;
  sku: string;
  quantity: number;
  cancelled: number;
  total_minor: string;
}

const linesInDatabase = () =>
  app.sql<ApiLine>(
    `SELECT o.external_reference AS reference, l.sku, l.quantity, l.cancelled, l.total_minor FROM order_line l
     JOIN "order" o ON o.id = l.order_id ORDER BY o.external_reference, l.position`,
  );

async function orderIdOf(reference: string): Promise<string> {
  const { orders } = await app.admin.ok<{ orders: { edges: { node: { id: string } }[] } }>(
    'query ($reference: String) { orders(where: { externalReference: $reference }) { edges { node { id } } } }',
    { reference },
  );
  return orders.edges[0]?.node.id ?? '';
}

beforeAll(async () => {
  crew = await crewOf(app.url, app.admin.token ?? '', PASSWORD);
  department = await buildDepartment(crew, goods, quiet);
  await play(12);
  await app.admin.act('orderHold', { orderId: await orderIdOf('552259'), kind: 'OTHER', reason: 'By hand' });
  first = await play();
}, 120_000);

test('a replay that was stopped goes on where it was and places every order once', async () => {
  const references = (await linesInDatabase()).map((line) => line.reference);
  const placed = await app.sql<{ external_reference: string }>('SELECT external_reference FROM "order"');
  expect(new Set(placed.map((row) => row.external_reference)).size).toBe(placed.length);
  expect(new Set(references)).toEqual(new Set(placed.map((row) => row.external_reference)));
  expect(first.acts.placed).toBe(placed.length);
});

test('every line of the recording is counted once, by what became of it', () => {
  const { tally } = first;
  const count = (...kinds: Outcome[]) => kinds.reduce((sum, kind) => sum + tally.sums(kind).lines, 0);
  expect(tally.total().lines).toBe(sliceRows.length);
  expect(count('PLACED', 'OUT_OF_STOCK')).toBe(sales.length);
  expect(
    count('CANCELLED', 'CANCELLED_UNKNOWN', 'CANCELLED_BY_GUEST', 'CANCELLED_LATE', 'CANCELLED_REFUSED'),
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
      'CANCELLED_UNKNOWN',
      'CANCELLED_LATE',
    ]),
  );
});

test('the totals of the orders are those that the file gives at the most frequent prices', async () => {
  const prices = pricesInSlice();
  const lines = await linesInDatabase();
  const expected = lines.reduce(
    (sum, line) => sum + (prices.get(line.sku) ?? 0) * (line.quantity - line.cancelled),
    0,
  );
  expect(Number(first.api.totalMinor)).toBe(expected);
  const { PLACED, CANCELLED } = {
    PLACED: first.tally.sums('PLACED'),
    CANCELLED: first.tally.sums('CANCELLED'),
  };
  expect(first.api.totalMinor).toBe(PLACED.catalogMinor - CANCELLED.catalogMinor);
  expect(CANCELLED.units).toBe(lines.reduce((sum, line) => sum + line.cancelled, 0));
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

test('orders are held, confirmed and completed by a clerk, and one is cancelled as a whole', async () => {
  const rows = await app.sql<{ state: string; count: number }>(
    'SELECT state, count(*)::int FROM "order" GROUP BY 1',
  );
  const byState = new Map(rows.map((row) => [row.state, row.count]));
  expect(byState).toEqual(first.api.byState);
  expect(byState.get('COMPLETED')).toBeGreaterThan(0);
  expect(byState.get('CANCELLED')).toBe(1);
  expect(first.acts.held).toBe(2);
  const actors = await app.sql<{ email: string }>(
    `SELECT DISTINCT p.email FROM event e JOIN person_staff p ON p.staff_id = e.actor_id WHERE e.type = 'order.confirmed'`,
  );
  expect(actors).toEqual([{ email: 'demo-clerk@dayshift.local' }]);
});

test('an order that somebody holds by hand stays where it is, and the replay goes on', async () => {
  expect(await app.sql(`SELECT state FROM "order" WHERE held`)).toEqual([{ state: 'CONFIRMED' }]);
  expect(first.api.held).toBe(1);
});

test('playing it all once more changes nothing and reports the same', async () => {
  const events = () => app.sql<{ seq: string }>('SELECT seq FROM event_head');
  await expect.poll(async () => app.sql('SELECT 1 FROM event_outbox')).toEqual([]);
  const before = await events();
  const again = await play();
  expect(await events()).toEqual(before);
  const plain = ({ tally, acts, api }: Played) => ({
    sums: (Object.keys(outcomes) as Outcome[]).map((kind) => tally.sums(kind)),
    acts: { ...acts, delivered: 0 },
    api,
  });
  expect(plain(again)).toEqual(plain(first));
});

test('the report is aligned, fits 80 columns and says that all sums agree', () => {
  const report = reportOf({ invoices, leftOut: 0, ...first });
  expect(report.filter((line) => line.endsWith('✓'))).toHaveLength(3);
  expect(report.join('\n')).not.toContain('✗');
  expect(Math.max(...report.map((line) => line.length))).toBeLessThanOrEqual(86);
  const numbers = report
    .slice(1, 6)
    .map((line) => line.search(/\S+$/) + (line.match(/\S+$/)?.[0].length ?? 0));
  expect(new Set(numbers).size).toBe(1);
});
