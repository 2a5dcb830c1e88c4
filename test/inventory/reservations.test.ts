// Stock that is reserved before an order: whose it is, what others see of it, and how it ends.

import { expect, test } from 'vitest';
import { forgetOldReservations } from '../../src/inventory/jobs.ts';
import { brief } from '../catalog/goods.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { reservingIn } from './reserving.ts';

// Nothing runs beside the requests: what expires does so without anybody’s help.
const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const { reserve, release, own, seen, available, stocks, input } = reservingIn(app);
const at = await shop.open({ locations: 2 });

const SHORT = '... on InsufficientStock { lines { line requested available } }';

test('C13 what is reserved is nobody else’s until it expires, which nobody has to do', async () => {
  const { variantId } = await shop.variant(at, [3, 2]);
  const [holder, other] = [await app.given.customer(), app.given.guest()];
  const made = await reserve(holder, at.storeId, [{ variantId, quantity: 5 }], { minutes: 10 });
  expect(made).toMatchObject({
    state: 'LIVE',
    version: 1,
    lines: [{ quantity: 5, variant: { id: variantId } }],
  });
  expect(Date.parse(made.expiresAt) - clock.now().getTime()).toBeLessThanOrEqual(600_000);
  expect(await available(other, at.storeId, variantId)).toBe(0);
  expect(await available(app.anonymous, at.storeId, variantId)).toBe(0);
  expect(await available(app.admin, at.storeId, variantId)).toBe(0);
  const one = [{ variantId, quantity: 1 }];
  for (const [mutation, wish] of [
    ['orderPlace', shop.orderInput(at.storeId, one)],
    ['stockReserve', input(at.storeId, one)],
  ] as const)
    expect(await other.refusal(mutation, wish, SHORT)).toMatchObject([
      { code: 'INSUFFICIENT_STOCK', lines: [{ line: 0, requested: 1, available: 0 }] },
    ]);
  clock.pass({ minutes: 9, seconds: 58 });
  expect(await available(other, at.storeId, variantId)).toBe(0);
  clock.pass({ seconds: 2 });
  expect(await available(other, at.storeId, variantId)).toBe(5);
  expect(await seen(holder, made.id)).toMatchObject({ state: 'EXPIRED', endedAt: null, version: 1 });
  await shop.place(at.storeId, [{ variantId, quantity: 5 }], other);
});

test('C13 forgetting what is over changes nothing, and forgets nothing that is not', async () => {
  const { variantId } = await shop.variant(at, [10]);
  const customer = await app.given.customer();
  await reserve(customer, at.storeId, [{ variantId, quantity: 4 }]);
  clock.pass({ hours: 23 });
  const rows = () =>
    app.sql(
      `SELECT l.quantity FROM stock_reservation_line l JOIN stock s ON s.id = l.stock_id
       JOIN variant v ON v.id = s.variant_id WHERE v.id = $1 ORDER BY 1`,
      [Buffer.from(variantId, 'base64url').toString().split(':')[1]],
    );
  await reserve(customer, at.storeId, [{ variantId, quantity: 3 }], { minutes: 60 });
  expect(await available(app.admin, at.storeId, variantId)).toBe(7);
  await forgetOldReservations(clock.now());
  expect(await rows()).toEqual([{ quantity: 3 }, { quantity: 4 }]);
  expect(await available(app.admin, at.storeId, variantId)).toBe(7);
  clock.pass({ minutes: 59, hours: 1 });
  expect(await available(app.admin, at.storeId, variantId)).toBe(10);
  await forgetOldReservations(clock.now());
  expect(await rows()).toEqual([{ quantity: 3 }]);
  expect(await available(app.admin, at.storeId, variantId)).toBe(10);
});

test('C13 the holder’s order takes what is reserved, named or not, and the reservation ends with it', async () => {
  const { variantId } = await shop.variant(at, [2, 4]);
  for (const names of [true, false]) {
    const [holder, others] = [await app.given.customer(), await app.given.customer()];
    const made = await reserve(holder, at.storeId, [{ variantId, quantity: 2 }]);
    await reserve(others, at.storeId, [{ variantId, quantity: 1 }]);
    expect(await available(holder, at.storeId, variantId)).toBe(
      2 + (await available(others, at.storeId, variantId)) - 1,
    );
    const order = await holder.act<{ order: { id: string } }>(
      'orderPlace',
      shop.orderInput(
        at.storeId,
        [{ variantId, quantity: 2 }],
        names ? { stockReservationIds: [made.id] } : {},
      ),
      'order { id }',
    );
    expect(order.order.id).toBeDefined();
    expect(await seen(holder, made.id)).toMatchObject({ state: 'ORDERED', version: 2 });
    expect(await own(holder, { live: true })).toEqual([]);
  }
  // Four were ordered, each of the others has one of the last two.
  expect(await stocks(variantId)).toMatchObject([
    { allocated: expect.any(Number), sellable: 0 },
    { sellable: 0 },
  ]);
  const rest = await stocks(variantId);
  expect(rest.reduce((sum, { reserved }) => sum + reserved, 0)).toBe(2);
  expect(rest.reduce((sum, { allocated }) => sum + allocated, 0)).toBe(4);
});

test('C13 an order that takes less than it reserved leaves the rest to everybody', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const holder = app.given.guest();
  const made = await reserve(holder, at.storeId, [{ variantId, quantity: 5 }]);
  await shop.place(at.storeId, [{ variantId, quantity: 2 }], holder);
  expect(await available(app.admin, at.storeId, variantId)).toBe(3);
  expect((await seen(holder, made.id))?.state).toBe('ORDERED');
});

test('C13 an expired reservation is no obstacle to the order that names it; a used or foreign one is', async () => {
  const { variantId } = await shop.variant(at, [10]);
  const line = [{ variantId, quantity: 1 }];
  const [holder, other] = [await app.given.customer(), await app.given.customer()];
  const elsewhere = await shop.open();
  const away = await shop.variant(elsewhere, [5]);
  const used = await reserve(holder, at.storeId, line);
  await shop.place(at.storeId, line, holder);
  const released = await reserve(holder, at.storeId, line);
  await release(holder, released.id);
  const foreign = await reserve(other, at.storeId, line);
  const outside = await reserve(holder, elsewhere.storeId, [{ variantId: away.variantId, quantity: 1 }]);
  const ids = [used.id, released.id, foreign.id, outside.id];
  for (const mutation of ['orderPlace', 'stockReserve'])
    expect(
      brief(
        await holder.refusal(
          mutation,
          mutation === 'orderPlace'
            ? shop.orderInput(at.storeId, line, { stockReservationIds: ids })
            : input(at.storeId, line, { stockReservationIds: ids }),
        ),
      ),
    ).toEqual([
      'ILLEGAL_STATE input.stockReservationIds.0',
      'ILLEGAL_STATE input.stockReservationIds.1',
      'NOT_FOUND input.stockReservationIds.2',
      'INVALID input.stockReservationIds.3',
    ]);
  const brief1 = await reserve(holder, at.storeId, line, { minutes: 1 });
  clock.pass({ minutes: 2 });
  await holder.act('orderPlace', shop.orderInput(at.storeId, line, { stockReservationIds: [brief1.id] }));
  expect((await seen(holder, brief1.id))?.state).toBe('EXPIRED');
});

test('renewing is reserving again: the units are never anybody’s in between, and an empty list keeps both', async () => {
  const { variantId } = await shop.variant(at, [3]);
  const holder = await app.given.customer();
  const line = (quantity: number) => [{ variantId, quantity }];
  const first = await reserve(holder, at.storeId, line(2), { minutes: 10 });
  clock.pass({ minutes: 5 });
  const second = await reserve(holder, at.storeId, line(3), { minutes: 10 });
  expect(await seen(holder, first.id)).toMatchObject({
    state: 'RELEASED',
    endedAt: expect.any(String),
    version: 2,
  });
  expect(second.heldSince).toBe(first.heldSince);
  clock.pass({ minutes: 6 });
  expect(await stocks(variantId)).toMatchObject([{ reserved: 3, sellable: 0 }]);
  const third = await reserve(holder, at.storeId, line(1));
  const beside = await reserve(holder, at.storeId, line(2), { stockReservationIds: [] });
  expect((await own(holder, { live: true })).map(({ id }) => id)).toEqual([beside.id, third.id]);
  expect(
    await holder.refusal(
      'stockReserve',
      input(at.storeId, line(3), { stockReservationIds: [third.id] }),
      SHORT,
    ),
  ).toMatchObject([{ code: 'INSUFFICIENT_STOCK', lines: [{ available: 1 }] }]);
  expect(await stocks(variantId)).toMatchObject([{ reserved: 3 }]);
});

test('all lines or none are reserved, lines of a variant on their sum, spread like an order, once for one key', async () => {
  const { variantId } = await shop.variant(at, [3, 2]);
  const scarce = await shop.variant(at, [1]);
  const holder = await app.given.customer();
  const lines = [
    { variantId, quantity: 4 },
    { variantId, quantity: 2 },
    { variantId: scarce.variantId, quantity: 2 },
  ];
  expect(await holder.refusal('stockReserve', input(at.storeId, lines), SHORT)).toMatchObject([
    {
      lines: [
        { line: 1, requested: 2, available: 1 },
        { line: 2, requested: 2, available: 1 },
      ],
    },
  ]);
  expect(await own(holder)).toEqual([]);
  const wish = input(at.storeId, lines.slice(0, 1));
  const [one, two] = await Promise.all(
    [1, 2].map(() => holder.act('stockReserve', wish, 'stockReservation { id }')),
  );
  expect(one).toEqual(two);
  expect((await stocks(variantId)).map(({ reserved }) => reserved)).toEqual([3, 1]);
  expect((await own(holder))[0]?.lines).toEqual([{ quantity: 4, variant: { id: variantId } }]);
});

test('what is not sold in the store is not reserved, nor anything in a store on a marketplace by shoppers', async () => {
  const { variantId, productId } = await shop.variant(at, [3]);
  const tmall = await shop.open({ platform: 'TMALL' });
  const guest = app.given.guest();
  await shop.goods.list(productId, at.storeId, 'OFF_SALE');
  const line = [{ variantId, quantity: 1 }];
  expect(brief(await guest.refusal('stockReserve', input(at.storeId, line)))).toEqual([
    'VARIANT_NOT_SOLD input.lines.0.variantId',
  ]);
  expect(brief(await guest.refusal('stockReserve', input(tmall.storeId, line)))).toEqual([
    'NOT_FOUND input.storeId',
  ]);
});

test('T1 shares and buffers bound what is reserved, and an order may have it whatever becomes of them', async () => {
  const { variantId } = await shop.variant(at, [10]);
  const [holder, other] = [await app.given.customer(), await app.given.customer()];
  const limit = (wishes: object) =>
    app.admin.act('listingItemSet', { storeId: at.storeId, variantId, ...wishes });
  await limit({ shareBasisPoints: 6_000, bufferUnits: 1 });
  await reserve(holder, at.storeId, [{ variantId, quantity: 4 }]);
  expect(await available(other, at.storeId, variantId)).toBe(2);
  expect(await available(holder, at.storeId, variantId)).toBe(6);
  await limit({ shareBasisPoints: 1_000, bufferUnits: 9 });
  expect(await available(other, at.storeId, variantId)).toBe(0);
  expect(
    await holder.refusal('orderPlace', shop.orderInput(at.storeId, [{ variantId, quantity: 5 }]), SHORT),
  ).toMatchObject([{ lines: [{ available: 4 }] }]);
  await shop.place(at.storeId, [{ variantId, quantity: 4 }], holder);
});

test('stock that is lost breaks reservations for none before the first order: it has what is left', async () => {
  const { variantId } = await shop.variant(at, [4]);
  const [one, other] = [await app.given.customer(), await app.given.customer()];
  for (const holder of [one, other]) await reserve(holder, at.storeId, [{ variantId, quantity: 2 }]);
  await app.admin.act('stockSet', {
    idempotencyKey: crypto.randomUUID(),
    variantId,
    locationId: at.locationId,
    quantity: 2,
    expectedQuantity: 4,
  });
  expect(await available(app.admin, at.storeId, variantId)).toBe(0);
  expect(await stocks(variantId)).toMatchObject([{ reserved: 4, sellable: 0 }]);
  await shop.place(at.storeId, [{ variantId, quantity: 2 }], other);
  expect(
    brief(await one.refusal('orderPlace', shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]))),
  ).toEqual(['INSUFFICIENT_STOCK input.lines']);
});

test('reserving and releasing are no events of the stock: sold out is what the counters say', async () => {
  const { variantId } = await shop.variant(at, [2]);
  const [before] = await stocks(variantId);
  const customer = await app.given.customer();
  const { id } = await reserve(customer, at.storeId, [{ variantId, quantity: 2 }]);
  expect(await stocks(variantId)).toEqual([{ ...before, reserved: 2, sellable: 0 }]);
  await release(customer, id);
  expect(await stocks(variantId)).toEqual([before]);
});

test('C60 who reserved, released and ordered what is in the log, with what it was about', async () => {
  const { variantId } = await shop.variant(at, [9]);
  const customer = await app.given.customer();
  const first = await reserve(customer, at.storeId, [{ variantId, quantity: 2 }]);
  const second = await reserve(customer, at.storeId, [{ variantId, quantity: 3 }]);
  const order = await shop.place(at.storeId, [{ variantId, quantity: 3 }], customer);
  const told = async (id: string) =>
    app.sql(
      `SELECT type, version, payload, actor_kind FROM (SELECT * FROM event UNION ALL SELECT NULL, event_id, type, entity_type,
         entity_id, version, payload, changes, facets, payload_version, actor_kind, actor_id, request_id, source, store_id,
         customer_id, location_id, occurred_at, occurred_at FROM event_outbox) e
       WHERE entity_id = $1 ORDER BY version`,
      [Buffer.from(id, 'base64url').toString().split(':')[1]],
    );
  const by = { actor_kind: 'CUSTOMER' };
  const placed = (quantity: number) => ({
    type: 'stockReservation.placed',
    version: 1,
    payload: {
      storeNodeId: at.storeId,
      expiresAt: expect.any(String),
      lines: [{ variantNodeId: variantId, quantity }],
    },
    ...by,
  });
  expect(await told(first.id)).toEqual([
    placed(2),
    { type: 'stockReservation.released', version: 2, payload: { storeNodeId: at.storeId }, ...by },
  ]);
  expect(await told(second.id)).toEqual([
    placed(3),
    {
      type: 'stockReservation.ordered',
      version: 2,
      payload: { storeNodeId: at.storeId, orderNodeId: order.id },
      ...by,
    },
  ]);
});
