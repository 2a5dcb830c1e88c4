// Who sees which reservations, and how stock and those who wait for it take them.

import { expect, test } from 'vitest';
import { brief, nobodys } from '../catalog/goods.ts';
import { platformIn } from '../orders/platform.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { reservingIn } from './reserving.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);
const { reserve, release, own, seen, available, stocks, input } = reservingIn(app);
const at = await shop.open({ locations: 2 });

/** Reservations that somebody lists, by their ids. */
async function listed(by: Client, where: object): Promise<string[]> {
  const { stockReservations } = await by.ok<{ stockReservations: { edges: { node: { id: string } }[] } }>(
    'query ($where: StockReservationWhere) { stockReservations(where: $where) { edges { node { id } } } }',
    { where },
  );
  return stockReservations.edges.map(({ node }) => node.id);
}

test('shoppers see their own, colleagues those of their stores, a partner’s keys those of the partner', async () => {
  const { variantId } = await shop.variant(at, [50]);
  const elsewhere = await shop.goods.store();
  const partner = await app.given.partner();
  const makers: Client[] = [await app.given.customer(), app.given.guest()];
  for (const name of ['one', 'other'])
    makers.push(await app.given.key({ partner, name, scopes: ['stock.reserve', 'stock.read'] }));
  const ids: string[] = [];
  for (const by of makers.slice(0, 3))
    ids.push((await reserve(by, at.storeId, [{ variantId, quantity: 2 }])).id);
  const [customers = '', guests = '', partners = ''] = ids;
  const keeper = await app.given.staff({
    permissions: ['stock.read', 'stock.reserve'],
    stores: [at.storeId],
  });
  const stranger = await app.given.staff({ permissions: ['stock.read'], stores: [elsewhere] });
  const seller = await app.given.staff({ permissions: ['stock.reserve'] });
  const visibleTo = async (by: Client) => {
    const found = await Promise.all(ids.map((id) => seen(by, id)));
    return ids.filter((_, i) => found[i]);
  };
  expect(await visibleTo(makers[0] ?? app.admin)).toEqual([customers]);
  expect(await visibleTo(makers[1] ?? app.admin)).toEqual([guests]);
  for (const key of makers.slice(2)) {
    expect(await visibleTo(key)).toEqual([partners]);
    expect((await own(key)).map(({ id }) => id)).toEqual([partners]);
    expect(await listed(key, { variantId })).toEqual([partners]);
  }
  expect(await visibleTo(keeper)).toEqual(ids);
  expect(await listed(keeper, { variantId, storeId: at.storeId, live: true })).toEqual(ids.toReversed());
  expect(await listed(keeper, { storeId: elsewhere })).toEqual([]);
  expect(await listed(stranger, { variantId })).toEqual([]);
  for (const by of [stranger, seller, app.given.guest(), app.anonymous])
    expect(await visibleTo(by)).toEqual([]);
  expect(brief(await seller.refusal('stockReservationRelease', { stockReservationId: customers }))).toEqual([
    'NOT_FOUND input.stockReservationId',
  ]);
  expect(
    brief(
      await seller.refusal('stockReservationRelease', { stockReservationId: nobodys('StockReservation') }),
    ),
  ).toEqual(['NOT_FOUND input.stockReservationId']);
  expect((await release(keeper, customers)).state).toBe('RELEASED');
  expect(await available(app.admin, at.storeId, variantId)).toBe(46);
});

test('releasing twice changes nothing; what was ordered is cancelled as an order', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const customer = await app.given.customer();
  const line = [{ variantId, quantity: 2 }];
  const { id } = await reserve(customer, at.storeId, line);
  const once = await release(customer, id);
  expect(await release(customer, id)).toEqual(once);
  const used = await reserve(customer, at.storeId, line);
  await shop.place(at.storeId, line, customer);
  expect(brief(await customer.refusal('stockReservationRelease', { stockReservationId: used.id }))).toEqual([
    'ILLEGAL_STATE input.stockReservationId',
  ]);
  const spoken = await customer
    .speaking('zh')
    .refusal('stockReservationRelease', { stockReservationId: used.id });
  expect(spoken[0]?.message).toBe('状态为 已下单 时不能执行此操作。');
});

test('staff reserve for whom they serve, and finish an order for what a shopper reserved', async () => {
  const { variantId } = await shop.variant(at, [3]);
  const clerk = await app.given.staff({ posts: ['order_clerk'], stores: [at.storeId] });
  const guest = app.given.guest();
  const made = await reserve(guest, at.storeId, [{ variantId, quantity: 2 }]);
  const mine = await reserve(clerk, at.storeId, [{ variantId, quantity: 1 }]);
  const lines = [{ variantId, quantity: 3 }];
  expect(brief(await clerk.refusal('orderPlace', shop.orderInput(at.storeId, lines)))).toEqual([
    'INSUFFICIENT_STOCK input.lines',
  ]);
  const wishes = { stockReservationIds: [made.id, mine.id] };
  await clerk.act('orderPlace', shop.orderInput(at.storeId, lines, wishes));
  expect((await seen(guest, made.id))?.state).toBe('ORDERED');
});

test('two reservations in one operation are told what is reserved after each', async () => {
  const { variantId } = await shop.variant(at, [9]);
  const selection =
    'stockReservation { lines { variant { stocks { edges { node { reserved sellable } } } availability(storeId: $storeId) { quantity } } } } userErrors { code }';
  const data = await app.admin.ok<Record<string, { stockReservation: { lines: { variant: object }[] } }>>(
    `mutation ($a: StockReserveInput!, $b: StockReserveInput!, $storeId: ID!) {
      a: stockReserve(input: $a) { ${selection} } b: stockReserve(input: $b) { ${selection} } }`,
    {
      a: input(at.storeId, [{ variantId, quantity: 2 }]),
      b: input(at.storeId, [{ variantId, quantity: 3 }]),
      storeId: at.storeId,
    },
  );
  const told = (name: string) => data[name]?.stockReservation.lines[0]?.variant;
  const variant = (reserved: number) => ({
    stocks: { edges: [{ node: { reserved, sellable: 9 - reserved } }] },
    availability: { quantity: 9 - reserved },
  });
  expect(told('a')).toEqual(variant(2));
  expect(told('b')).toEqual(variant(5));
});

test('T3 a paid order of a marketplace waits for what is reserved, and gets it when that is over', async () => {
  const tmall = await shop.goods.store({ platform: 'TMALL' });
  const [locationId] = at.locationIds;
  const stores = [at.storeId, tmall].map((storeId, i) => ({ storeId, priority: i + 1 }));
  await app.admin.act('locationChange', { locationId, expectedVersion: 2, stores });
  const { variantId, productId, skus } = await shop.variant(at, [5]);
  await shop.goods.list(productId, tmall);
  const customer = await app.given.customer();
  await reserve(customer, at.storeId, [{ variantId, quantity: 4 }]);
  const order = await platform.push(tmall, {
    state: 'PAID',
    lines: [{ sku: skus[0], quantity: 3, unitPrice: '10.00' }],
    buyerPaid: '30.00',
  });
  expect(order.awaitingStock).toBe(true);
  expect(await stocks(variantId)).toMatchObject([{ allocated: 1, reserved: 4, sellable: 0 }]);
  clock.pass({ minutes: 16 });
  // It looks again in a minute: the minute is over.
  const hurried = await app.sql(
    `UPDATE pgboss.job SET start_after = now() WHERE name = 'orders.allocateWaiting' AND state = 'created' RETURNING data`,
  );
  expect(hurried).toHaveLength(1);
  await shop.reaches(order.id, { awaitingStock: false });
  expect(await stocks(variantId)).toMatchObject([{ allocated: 3, reserved: 0, sellable: 2 }]);
});

test('reserving, releasing and expiring change what is sellable, and are no events of the stock', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const [before] = await stocks(variantId);
  const customer = await app.given.customer();
  const line = [{ variantId, quantity: 5 }];
  const reserved = { ...before, reserved: 5, sellable: 0 };
  const made = await reserve(customer, at.storeId, line);
  expect(await stocks(variantId)).toEqual([reserved]);
  await release(customer, made.id);
  expect(await stocks(variantId)).toEqual([before]);
  await reserve(customer, at.storeId, line, { minutes: 1 });
  expect(await stocks(variantId)).toEqual([reserved]);
  clock.pass({ minutes: 2 });
  expect(await stocks(variantId)).toEqual([before]);
});
