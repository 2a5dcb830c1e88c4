// The queues of the board: what waits for whom, counted as the orders themselves allow it.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { platformIn } from '../orders/platform.ts';
import { type PlacedOrder, shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);

const QUEUES = 'toConfirm toDispatch awaitingStock onHold overdue withDiscrepancy';

type Queues = Record<
  'toConfirm' | 'toDispatch' | 'awaitingStock' | 'onHold' | 'overdue' | 'withDiscrepancy',
  number
>;

const nothing: Queues = {
  toConfirm: 0,
  toDispatch: 0,
  awaitingStock: 0,
  onHold: 0,
  overdue: 0,
  withDiscrepancy: 0,
};

const queuesOf = async (storeId: string): Promise<Queues | undefined> => {
  const { board } = await app.admin.ok<{ board: { stores: Queues[] } }>(
    `query ($ids: [ID!]) { board(storeIds: $ids) { stores { ${QUEUES} } } }`,
    { ids: [storeId] },
  );
  return board.stores[0];
};

const placeIn = async (at: Awaited<ReturnType<typeof shop.open>>, wishes: object = {}) => {
  const { variantId } = await shop.variant(at, [10]);
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 2 }], wishes);
  const selection = 'order { id total { amount currency } lines(first: 1) { edges { node { id } } } }';
  const { order } = await app.admin.act<{ order: PlacedOrder }>('orderPlace', input, selection);
  return order;
};

const confirm = (order: { id: string }) => app.admin.act('orderConfirm', { orderId: order.id });
const hold = (order: { id: string }) =>
  app.admin.act('orderHold', { orderId: order.id, kind: 'RISK', reason: 'x' });

test('an order waits for confirmation when it can be confirmed: not on hold, and paid where the store asks for it', async () => {
  const before = await shop.open({ policies: {} });
  await placeIn(before);
  await hold(await placeIn(before));
  expect(await queuesOf(before.storeId)).toEqual({ ...nothing, toConfirm: 1, onHold: 1 });

  const after = await shop.open({ policies: { confirmation: 'AFTER_PAYMENT', cashOnDelivery: true } });
  const order = await placeIn(after);
  expect(await queuesOf(after.storeId)).toEqual(nothing);
  await shop.pay(order);
  expect(await queuesOf(after.storeId)).toEqual({ ...nothing, toConfirm: 1 });
  await placeIn(after, { terms: 'CASH_ON_DELIVERY' });
  expect(await queuesOf(after.storeId)).toEqual({ ...nothing, toConfirm: 2 });
});

test('an order waits for the warehouse while it is confirmed, free, paid or released by its terms, and has units to send', async () => {
  const at = await shop.open({ policies: { cashOnDelivery: true, creditDays: 30 } });
  const order = await placeIn(at);
  await confirm(order);
  expect(await queuesOf(at.storeId)).toEqual(nothing);
  await shop.pay(order);
  expect(await queuesOf(at.storeId)).toEqual({ ...nothing, toDispatch: 1 });
  for (const terms of ['CREDIT', 'CASH_ON_DELIVERY']) await confirm(await placeIn(at, { terms }));
  const held = await placeIn(at, { terms: 'CREDIT' });
  await confirm(held);
  await hold(held);
  expect(await queuesOf(at.storeId)).toEqual({ ...nothing, toDispatch: 3, onHold: 1 });
  const [line] = order.lines.edges;
  await app.admin.act('shipmentPrepare', {
    idempotencyKey: newKey(),
    orderId: order.id,
    locationId: at.locationId,
    lines: [{ orderLineId: line?.node.id, quantity: 1 }],
    dispatch: true,
  });
  expect((await queuesOf(at.storeId))?.toDispatch).toBe(3);
  await shop.send(order.id, at.locationId);
  expect((await queuesOf(at.storeId))?.toDispatch).toBe(2);
});

test('paid orders that wait for stock and orders whose amounts do not add up are counted while they are open', async () => {
  const at = await shop.open({ platform: 'TMALL', policies: {} });
  const { skus } = await shop.variant(at, [1]);
  const push = (quantity: number, buyerPaid: string) =>
    platform.push(at.storeId, {
      state: 'PAID',
      lines: [{ sku: skus[0], quantity, unitPrice: '10.00' }],
      buyerPaid,
    });
  const waiting = await push(3, '30.00');
  const differing = await push(1, '9.00');
  expect(await queuesOf(at.storeId)).toMatchObject({ awaitingStock: 2, withDiscrepancy: 1 });
  for (const { id } of [waiting, differing])
    await app.admin.act('orderCancel', { idempotencyKey: newKey(), orderId: id, reason: 'OTHER' });
  expect(await queuesOf(at.storeId)).toMatchObject({ awaitingStock: 0, withDiscrepancy: 0 });
});

test('an order that was not confirmed in time is overdue until it is confirmed', async () => {
  const at = await shop.open({ policies: { confirmWithinMinutes: 15 } });
  const order = await placeIn(at);
  expect(await queuesOf(at.storeId)).toEqual({ ...nothing, toConfirm: 1 });
  clock.pass({ minutes: 15 });
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50))
    if ((await queuesOf(at.storeId))?.overdue === 1) break;
  expect(await queuesOf(at.storeId)).toEqual({ ...nothing, toConfirm: 1, overdue: 1 });
  await confirm(order);
  expect(await queuesOf(at.storeId)).toEqual(nothing);
});

test('the numbers of all stores take as many statements as those of one', async () => {
  const one = await shop.open();
  const more = [one, await shop.open(), await shop.open()];
  for (const at of more) await placeIn(at);
  const read = (ids: string[]) =>
    app.admin.ok(`query ($ids: [ID!]) { board(storeIds: $ids) { stores { ${QUEUES} } } }`, { ids });
  await read([one.storeId]);
  const statements = async (ids: string[]) =>
    (await app.statementsOf(() => read(ids))).filter((sql) => /FROM unnest|"order" o/.test(sql)).length;
  expect(await statements(more.map((at) => at.storeId))).toBe(await statements([one.storeId]));
});
