// Reservations and orders that meet: no unit is promised twice, whoever comes first, and what is reserved is kept.

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { newKey } from '../setup/given.ts';
import { reservingIn } from './reserving.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const { reserve, input } = reservingIn(app);
const scopes = ['stock.reserve', 'orders.place', 'orders.read', 'orders.cancel'];
const keys = [await app.given.key({ scopes }), await app.given.key({ scopes })];
const customers: Client[] = [];
for (let i = 0; i < 8; i++) customers.push(await app.given.customer());

const locker = new pg.Client(app.databaseUrl);
await locker.connect();
afterAll(() => locker.end());

let passed = 0;
// What a test reserved is over when the next one begins.
beforeEach(() => {
  passed += 1;
  clock.pass({ days: passed });
});

interface Done {
  order?: { id: string } | null;
  stockReservation?: { id: string } | null;
  userErrors: { code: string }[];
}

/** Try an act that may be refused, but not fail. */
async function attempt(by: Client, name: string, of: object, selection = ''): Promise<Done> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const answer = await by.run<Record<string, Done>>(
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code } } }`,
    { input: of },
  );
  expect(answer.errors).toEqual([]);
  return answer.data?.[name] ?? { userErrors: [] };
}

const order = (by: Client, storeId: string, variantId: string, quantity: number, wishes: object = {}) =>
  attempt(by, 'orderPlace', shop.orderInput(storeId, [{ variantId, quantity }], wishes), 'order { id }');
const hold = (by: Client, storeId: string, variantId: string, quantity: number, wishes: object = {}) =>
  attempt(by, 'stockReserve', input(storeId, [{ variantId, quantity }], wishes), 'stockReservation { id }');

/** Stocks of which more is promised than there is: to orders, and to reservations that are live now. */
const promisedTwice = () =>
  app.sql(
    `SELECT s.id, s.on_hand, s.allocated, r.units FROM stock s
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(l.quantity), 0) AS units FROM stock_reservation_line l
       JOIN stock_reservation h ON h.id = l.stock_reservation_id
       WHERE l.stock_id = s.id AND h.ended_at IS NULL AND h.expires_at > $1 AND l.held_until IS NOT NULL) r
     WHERE s.on_hand - s.allocated - s.damaged - s.safety_stock < r.units`,
    [clock.now()],
  );

test('C13 C9 forty reservations and orders at once for twenty units over two locations take exactly twenty', async () => {
  const at = await shop.open({ locations: 2 });
  const { variantId } = await shop.variant(at, [12, 8]);
  const done = await Promise.all(
    Array.from({ length: 40 }, (_, i) => {
      const by = customers[i % customers.length] ?? app.admin;
      return i % 2
        ? hold(by, at.storeId, variantId, 1, { stockReservationIds: [] })
        : order(app.admin, at.storeId, variantId, 1);
    }),
  );
  expect(done.filter((one) => one.order || one.stockReservation)).toHaveLength(20);
  expect(done.flatMap(({ userErrors }) => userErrors)).toEqual(
    Array(20).fill({ code: 'INSUFFICIENT_STOCK' }),
  );
  expect(await promisedTwice()).toEqual([]);
}, 60_000);

test('C13 the last units go to one of two who reserve, and to the order or the reservation, never to both', async () => {
  const at = await shop.open();
  const [one = app.admin, other = app.admin] = customers;
  for (let round = 0; round < 6; round++) {
    const { variantId } = await shop.variant(at, [2]);
    const rivals = [
      () => hold(one, at.storeId, variantId, 2),
      () => (round % 2 ? hold : order)(other, at.storeId, variantId, 2),
    ];
    const done = await Promise.all((round < 3 ? rivals : rivals.toReversed()).map((act) => act()));
    expect(done.filter((each) => each.order || each.stockReservation)).toHaveLength(1);
    expect(await promisedTwice()).toEqual([]);
    clock.pass({ minutes: 16 });
  }
}, 60_000);

test('C13 a holder orders what was reserved while everybody else rushes for it', async () => {
  const at = await shop.open({ locations: 2 });
  const { variantId } = await shop.variant(at, [6, 6]);
  const holders = customers.slice(0, 3);
  for (const by of holders) await reserve(by, at.storeId, [{ variantId, quantity: 3 }]);
  const rush = Array.from({ length: 12 }, () => () => order(app.admin, at.storeId, variantId, 1));
  const own = holders.map((by) => () => order(by, at.storeId, variantId, 3));
  const done = await Promise.all([...rush.slice(0, 6), ...own, ...rush.slice(6)].map((act) => act()));
  expect(done.slice(6, 9).map(({ userErrors }) => userErrors)).toEqual([[], [], []]);
  expect(done.filter((one) => one.order)).toHaveLength(6);
  expect(await promisedTwice()).toEqual([]);
}, 60_000);

test('C13 one reservation serves one of two orders that name it at once; released meanwhile, it serves none', async () => {
  const at = await shop.open();
  const [key = app.admin] = keys;
  for (let round = 0; round < 4; round++) {
    const { variantId } = await shop.variant(at, [4]);
    const { id } = await reserve(key, at.storeId, [{ variantId, quantity: 2 }]);
    const naming = { stockReservationIds: [id] };
    const place = () => order(key, at.storeId, variantId, 2, naming);
    const release = () => attempt(key, 'stockReservationRelease', { stockReservationId: id });
    const [first, second] = await Promise.all(round < 2 ? [place(), place()] : [place(), release()]);
    const refused = [...(first?.userErrors ?? []), ...(second?.userErrors ?? [])];
    if (round < 2) expect(refused).toEqual([{ code: 'ILLEGAL_STATE' }]);
    else expect(refused.filter(({ code }) => code !== 'ILLEGAL_STATE')).toEqual([]);
    expect(await promisedTwice()).toEqual([]);
  }
});

test('C13 reservations that want the same variants in opposite orders, and renew each other, do not deadlock', async () => {
  const at = await shop.open({ locations: 2 });
  const pair = [await shop.variant(at, [30, 30]), await shop.variant(at, [30, 30])].map(({ variantId }) => ({
    variantId,
    quantity: 1,
  }));
  const done = await Promise.all(
    Array.from({ length: 48 }, (_, i) => {
      const lines = i % 2 ? pair : pair.toReversed();
      const by = customers[i % 4] ?? app.admin;
      return i % 3 === 0
        ? attempt(by, 'orderPlace', shop.orderInput(at.storeId, lines), 'order { id }')
        : attempt(by, 'stockReserve', input(at.storeId, lines), 'stockReservation { id }');
    }),
  );
  expect(done.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect(await promisedTwice()).toEqual([]);
}, 60_000);

test('C13 an order that began before its reservation expired does not take what was reserved anew since', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [2]);
  const [one = app.admin, other = app.admin] = customers;
  await reserve(one, at.storeId, [{ variantId, quantity: 2 }], { minutes: 5 });
  const waiting = async (count: number) => {
    const blocked = 'SELECT 1 FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0';
    while ((await locker.query(blocked)).rowCount !== count) await sleep(20);
  };
  await locker.query('BEGIN');
  await locker.query('SELECT 1 FROM stock FOR UPDATE');
  clock.pass({ minutes: 6 });
  const anew = hold(other, at.storeId, variantId, 2);
  await waiting(1);
  clock.pass({ minutes: -3 });
  const late = order(one, at.storeId, variantId, 2);
  await waiting(2);
  await locker.query('ROLLBACK');
  expect((await anew).userErrors).toEqual([]);
  expect((await late).userErrors).toEqual([{ code: 'INSUFFICIENT_STOCK' }]);
});

type Step =
  | { do: 'reserve' | 'order' | 'receive'; by: number; variant: number; units: number; named: boolean }
  | { do: 'release' | 'cancel' | 'pass'; nth: number };

const stepOf = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('reserve', 'reserve', 'order', 'receive' as const),
      by: fc.nat(3),
      variant: fc.nat(1),
      units: fc.integer({ min: 1, max: 6 }),
      named: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('release', 'cancel', 'pass' as const), nth: fc.nat(20) }),
  },
) as fc.Arbitrary<Step>;

test('C13 C10 after any acts, refused ones included, no unit is promised twice and every holder can order what they hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf, { minLength: 8, maxLength: 24 }), async (steps) => {
      const world = await openWorld();
      for (let i = 0; i < steps.length; i += 4) {
        const bunch = steps.slice(i, i + 4);
        // Time passes between acts: what is decided while it does is decided by either moment.
        for (const step of bunch) if (step.do === 'pass') clock.pass({ minutes: 6 });
        await Promise.all(bunch.map((step) => perform(step, world)));
        expect(await promisedTwice()).toEqual([]);
      }
      for (const { by, id, variantId, quantity } of await liveIn(world)) {
        const wishes = { stockReservationIds: [id], terms: 'CASH_ON_DELIVERY' };
        expect((await order(by, world.storeId, variantId, quantity, wishes)).userErrors).toEqual([]);
        expect(await promisedTwice()).toEqual([]);
      }
      clock.pass({ hours: 1 });
    }),
    { numRuns: 6 },
  );
}, 180_000);

interface Made {
  by: Client;
  id: string;
  variantId: string;
  quantity: number;
}

/** A store with two locations and two variants, and four who buy there. */
async function openWorld() {
  const at = await shop.open({ locations: 2, policies: { cashOnDelivery: true } });
  const variants = [await shop.variant(at, [4, 3]), await shop.variant(at, [2, 5])];
  const buyers = [app.given.guest(), app.given.guest(), ...keys];
  return { ...at, variants, buyers, made: [] as Made[], orders: [] as { by: Client; id: string }[] };
}

type World = Awaited<ReturnType<typeof openWorld>>;

async function perform(step: Step, { storeId, locationIds, variants, buyers, made, orders }: World) {
  if ('nth' in step) {
    const reservation = made[step.nth % Math.max(1, made.length)];
    const placed = orders[step.nth % Math.max(1, orders.length)];
    if (step.do === 'release' && reservation)
      await attempt(reservation.by, 'stockReservationRelease', { stockReservationId: reservation.id });
    if (step.do === 'cancel' && placed)
      await attempt(placed.by, 'orderCancel', {
        idempotencyKey: newKey(),
        orderId: placed.id,
        reason: 'CUSTOMER_REQUEST',
      });
    return;
  }
  const by = buyers[step.by] ?? app.admin;
  const { variantId = '' } = variants[step.variant] ?? {};
  const { units: quantity } = step;
  const mine = made.findLast((one) => one.by === by && one.variantId === variantId);
  const naming = step.named && mine ? { stockReservationIds: [mine.id] } : {};
  if (step.do === 'receive') await shop.receive(locationIds[step.by % 2] ?? '', variantId, 1);
  else if (step.do === 'reserve') {
    const { stockReservation } = await hold(by, storeId, variantId, quantity, { minutes: 10, ...naming });
    if (stockReservation) made.push({ by, id: stockReservation.id, variantId, quantity });
  } else {
    const wishes = { terms: 'CASH_ON_DELIVERY', ...naming };
    const placed = await order(by, storeId, variantId, quantity, wishes);
    if (placed.order) orders.push({ by, id: placed.order.id });
  }
}

/** Reservations that are live for a while yet. */
async function liveIn({ made }: World): Promise<Made[]> {
  const rows = await app.sql<{ id: string }>(
    'SELECT id FROM stock_reservation WHERE ended_at IS NULL AND expires_at > $1',
    [new Date(clock.now().getTime() + 60_000)],
  );
  const live = new Set(rows.map(({ id }) => Buffer.from(`StockReservation:${id}`).toString('base64url')));
  return made.filter(({ id }) => live.has(id));
}
