// The board: numbers now, and live.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);

const FIELDS = `at stores { store { id code } toConfirm toDispatch awaitingStock onHold overdue withDiscrepancy ordersToday salesToday { amount currency } lowStock soldOut
  ordersByState { state count } }`;

interface StoreNumbers {
  store: { id: string };
  toConfirm: number;
  toDispatch: number;
  awaitingStock: number;
  onHold: number;
  overdue: number;
  withDiscrepancy: number;
  ordersToday: number;
  salesToday: { amount: string; currency: string }[];
  lowStock: number;
  soldOut: number;
  ordersByState: { state: string; count: number }[];
}

const boardOf = async (storeId: string, client = app.admin) => {
  const { board } = await client.ok<{ board: { stores: StoreNumbers[] } }>(
    `query ($ids: [ID!]) { board(storeIds: $ids) { ${FIELDS} } }`,
    { ids: [storeId] },
  );
  return board.stores[0];
};

test('the board counts open orders, today’s orders and sales without what was cancelled, and low stock, per store', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  await app.admin.act('stockPlan', { variantId, locationId: at.locationId, lowStockAt: 3, recoveredAt: 6 });
  const place = (quantity: number) => shop.place(at.storeId, [{ variantId, quantity }]);
  const [first, second, third] = [await place(3), await place(2), await place(2)];
  await app.admin.act('orderConfirm', { orderId: first?.id });
  await app.admin.act('orderHold', { orderId: second?.id, kind: 'RISK', reason: 'x' });
  await app.admin.act('orderCancel', { idempotencyKey: newKey(), orderId: third?.id, reason: 'OTHER' });
  expect(await boardOf(at.storeId)).toEqual({
    store: { id: at.storeId, code: expect.any(String) },
    toConfirm: 0,
    toDispatch: 0,
    awaitingStock: 0,
    onHold: 1,
    overdue: 0,
    withDiscrepancy: 0,
    ordersToday: 3,
    salesToday: [{ amount: '50.00', currency: 'CNY' }],
    lowStock: 1,
    soldOut: 0,
    ordersByState: [
      { state: 'PENDING_CONFIRMATION', count: 1 },
      { state: 'CONFIRMED', count: 1 },
      { state: 'COMPLETED', count: 0 },
      { state: 'CANCELLED', count: 1 },
    ],
  });
});

test('a day is cut in the store’s time zone', async () => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  clock.moveTo(`${tomorrow}T15:30:00Z`);
  const shanghai = await shop.open({ timeZone: 'Asia/Shanghai' });
  const newYork = await shop.open({ timeZone: 'America/New_York' });
  for (const at of [shanghai, newYork]) {
    const { variantId } = await shop.variant(at, [5]);
    await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  }
  // 23:30 in Shanghai and morning in New York; an hour later it is the next day in Shanghai only.
  clock.moveTo(`${tomorrow}T16:30:00Z`);
  expect((await boardOf(shanghai.storeId))?.ordersToday).toBe(0);
  expect((await boardOf(shanghai.storeId))?.toConfirm).toBe(1);
  expect((await boardOf(newYork.storeId))?.ordersToday).toBe(1);
});

test('boardUpdates sends the board at once, then at most once a second after changes, and ends up right', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [100]);
  const feed = app.admin.subscribe<{ boardUpdates: { at: string; stores: StoreNumbers[] } }>(
    `subscription ($ids: [ID!]) { boardUpdates(storeIds: $ids) { ${FIELDS} } }`,
    { ids: [at.storeId] },
  );
  expect((await feed.next()).boardUpdates.stores[0]).toMatchObject({ toConfirm: 0 });
  for (let i = 0; i < 15; i++) await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  await feed.next((item) => item.boardUpdates.stores[0]?.toConfirm === 15);
  const moments = feed.items.map((item) => Date.parse(item.boardUpdates.at));
  const pauses = moments.slice(1).map((moment, i) => moment - (moments[i] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(990);
  expect(feed.items.length).toBeLessThan(10);
});

test('the board and the audit log show a clerk the stores they act in only', async () => {
  const mine = await shop.open();
  const other = await shop.open();
  for (const at of [mine, other]) {
    const { variantId } = await shop.variant(at, [5]);
    await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  }
  const clerk = await app.given.staff({
    permissions: ['board.read', 'events.read', 'orders.read'],
    stores: [mine.storeId],
    locations: [mine.locationId],
  });
  const { board, events } = await clerk.ok<{
    board: { stores: StoreNumbers[] };
    events: { totalCount: number; edges: { node: { type: string } }[] };
  }>(`{ board { ${FIELDS} } events(first: 100) { totalCount edges { node { type } } } }`);
  expect(board.stores.map((numbers) => numbers.store.id)).toEqual([mine.storeId]);
  expect(events.edges.filter((edge) => edge.node.type === 'order.placed')).toHaveLength(1);
  expect(await boardOf(other.storeId, clerk)).toBeUndefined();
});
