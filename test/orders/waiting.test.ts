// Paid orders of marketplaces that are not in stock: they wait, and get what comes by their promises.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import { platformIn } from './platform.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);
const at = await shop.open({ platform: 'TMALL' });

const paid = (sku: string | undefined, quantity: number, facts: object = {}) =>
  platform.push(at.storeId, {
    state: 'PAID',
    lines: [{ sku, quantity, unitPrice: '10.00' }],
    buyerPaid: `${quantity * 10}.00`,
    ...facts,
  });

test('T3 a paid order is taken without stock, waits on hold, and goes on by itself when stock comes', async () => {
  const { skus, variantId } = await shop.variant(at, [1]);
  const order = await paid(skus[0], 3);
  expect(order).toMatchObject({ state: 'PENDING_CONFIRMATION', awaitingStock: true, held: true });
  expect(order.holds.edges.map(({ node }) => node.kind)).toEqual(['STOCK']);
  expect(brief(await app.admin.refusal('orderConfirm', { orderId: order.id }))).toEqual([
    'ORDER_HELD input.orderId',
  ]);
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 1, allocated: 1 });
  await shop.receive(at.locationId, variantId, 1);
  await shop.receive(at.locationId, variantId, 4);
  await shop.reaches(order.id, { awaitingStock: false, held: false });
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 6, allocated: 3 });
  await app.admin.act('orderConfirm', { orderId: order.id });
});

test('T3 what comes goes to the order to be dispatched first, then to the one paid first', async () => {
  const { skus, variantId } = await shop.variant(at, [0]);
  const late = await paid(skus[0], 2, { shipBy: platform.minute(900), paidAt: platform.minute(1) });
  const second = await paid(skus[0], 2, { shipBy: platform.minute(100), paidAt: platform.minute(9) });
  const first = await paid(skus[0], 2, { shipBy: platform.minute(100), paidAt: platform.minute(5) });
  const unpromised = await paid(skus[0], 2, { paidAt: platform.minute(0) });
  const inTurn = [first, second, late, unpromised];
  for (const [i, order] of inTurn.entries()) {
    await shop.receive(at.locationId, variantId, 2);
    await shop.reaches(order.id, { awaitingStock: false });
    for (const other of inTurn.slice(i + 1)) expect((await shop.order(other.id)).awaitingStock).toBe(true);
  }
});

test('T3 stock that another order gives back goes to the order that waits', async () => {
  const { skus, variantId } = await shop.variant(at, [2]);
  const placed = await shop.place(at.storeId, [{ variantId, quantity: 2 }]);
  const waiting = await paid(skus[0], 2);
  expect(waiting.awaitingStock).toBe(true);
  await app.admin.act('orderCancel', { idempotencyKey: newKey(), orderId: placed.id, reason: 'OTHER' });
  await shop.reaches(waiting.id, { awaitingStock: false });
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 2, allocated: 2 });
});

test('T3 cancelling the units that are missing ends the waiting; what is promised stays promised', async () => {
  const { skus, variantId } = await shop.variant(at, [2]);
  const order = await paid(skus[0], 5);
  const lines = [{ orderLineId: order.lines.edges[0]?.node.id, quantity: 3 }];
  await app.admin.act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'OUT_OF_STOCK',
    lines,
  });
  expect(await shop.order(order.id)).toMatchObject({ awaitingStock: false, held: false });
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 2, allocated: 2 });
});

test('T3 own orders stay all or nothing, whatever waits', async () => {
  const { skus, variantId } = await shop.variant(at, [0]);
  await paid(skus[0], 3);
  await shop.receive(at.locationId, variantId, 1);
  expect(
    brief(await app.admin.refusal('orderPlace', shop.orderInput(at.storeId, [{ variantId, quantity: 2 }]))),
  ).toEqual(['INSUFFICIENT_STOCK input.lines']);
});

test('T3 orders that wait and goods that come at the same moment lose nothing and oversell nothing', async () => {
  const { skus, variantId } = await shop.variant(at, [0]);
  const orders = Array.from({ length: 12 }, () => paid(skus[0], 2, { reference: uniqueName('race') }));
  const goods = Array.from({ length: 6 }, () => shop.receive(at.locationId, variantId, 4));
  const placed = await Promise.all(orders);
  await Promise.all(goods);
  for (const { id } of placed) await shop.reaches(id, { awaitingStock: false, held: false });
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 24, allocated: 24 });
});

test('T3 orders that wait for other goods keep nobody waiting, however many they are', async () => {
  const goods = await shop.variant(at, [60]);
  const other = await shop.variant(at, [0]);
  const lines = [goods, other].map(({ skus }, i) => ({
    reference: `l${i}`,
    sku: skus[0],
    quantity: 1,
    unitPrice: '10.00',
  }));
  const many = await Promise.all(
    Array.from({ length: 60 }, () =>
      platform.push(at.storeId, {
        state: 'PAID',
        lines,
        buyerPaid: '20.00',
        shipBy: platform.minute(10),
      }),
    ),
  );
  const patient = await paid(goods.skus[0], 40, { shipBy: platform.minute(500) });
  await shop.receive(at.locationId, goods.variantId, 100);
  await shop.reaches(patient.id, { awaitingStock: false });
  // More than are served in one transaction.
  await shop.receive(at.locationId, other.variantId, 60);
  for (const { id } of many) await shop.reaches(id, { awaitingStock: false });
  expect((await shop.stocks(other.variantId)).get(at.locationId)).toMatchObject({
    onHand: 60,
    allocated: 60,
  });
}, 60_000);

test('the hold of an order that waits for stock cannot be released by hand', async () => {
  const { skus } = await shop.variant(at, [0]);
  const order = await paid(skus[0], 1);
  const { node } = await app.admin.ok<{ node: { holds: { edges: { node: { id: string } }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { holds { edges { node { id } } } } } }',
    { id: order.id },
  );
  const release = { orderHoldId: node.holds.edges[0]?.node.id, reason: 'I found one' };
  expect(brief(await app.admin.refusal('orderRelease', release))).toEqual([
    'AWAITING_STOCK input.orderHoldId',
  ]);
});

test('T3 an order that only waits offers no release; one that is held for another reason as well does', async () => {
  const { skus, variantId } = await shop.variant(at, [0]);
  const order = await paid(skus[0], 1);
  const release = async () => {
    const { node } = await app.admin.ok<{ node: { allowedActions: { action: string }[] } }>(
      'query ($id: ID!) { node(id: $id) { ... on Order { allowedActions { action allowed reasonCode } } } }',
      { id: order.id },
    );
    return node.allowedActions.find(({ action }) => action === 'RELEASE');
  };
  expect(await release()).toEqual({ action: 'RELEASE', allowed: false, reasonCode: 'AWAITING_STOCK' });
  await app.admin.act('orderHold', { orderId: order.id, kind: 'ADDRESS', reason: 'Which door?' });
  expect(await release()).toEqual({ action: 'RELEASE', allowed: true, reasonCode: null });
  await shop.receive(at.locationId, variantId, 1);
  await shop.reaches(order.id, { awaitingStock: false });
  expect(await release()).toEqual({ action: 'RELEASE', allowed: true, reasonCode: null });
});

test('why the product held and released an order is read in the language of the reader, also in its events', async () => {
  const { skus, variantId } = await shop.variant(at, [0]);
  const order = await paid(skus[0], 1);
  // Looks like a name of the product's own; it is what somebody wrote, and theirs to release.
  const written = '#awaitingStock';
  await app.admin.act('orderHold', { orderId: order.id, kind: 'STOCK', reason: ` ${written}` });
  await shop.receive(at.locationId, variantId, 1);
  await shop.reaches(order.id, { awaitingStock: false });
  const HOLDS = `query ($id: ID!) { node(id: $id) { ... on Order {
    holds { edges { node { kind reason releaseReason } } }
    timeline(last: 4) { edges { node { type payload } } } } } }`;
  for (const [language, awaiting, arrived] of [
    ['en', 'Paid, but not in stock: waits for goods.', 'All goods are allocated.'],
    ['zh', '已付款但缺货，等待到货。', '商品已全部分配。'],
  ] as const) {
    const { node } = await app.admin.speaking(language).ok<{
      node: Record<'holds' | 'timeline', { edges: { node: Record<string, unknown> }[] }>;
    }>(HOLDS, { id: order.id });
    expect(node.holds.edges.map((edge) => edge.node)).toEqual([
      { kind: 'STOCK', reason: awaiting, releaseReason: arrived },
      { kind: 'STOCK', reason: written, releaseReason: null },
    ]);
    const told = node.timeline.edges.map((edge) => edge.node);
    for (const [type, reason] of [
      ['order.held', awaiting],
      ['order.held', written],
      ['order.released', arrived],
    ])
      expect(told).toContainEqual({ type, payload: { number: order.number, kind: 'STOCK', reason } });
  }
});
