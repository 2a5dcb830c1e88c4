// What the warehouse asks for: where the goods of a line lie, and which orders it may send.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import { platformIn } from './platform.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);

const allocationsOf = async (id: string, by: Client = app.admin) => {
  const { node } = await by.ok<{
    node: {
      lines: { edges: { node: { allocations: { quantity: number; location: { id: string } }[] } }[] };
    };
  }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { lines { edges { node { allocations { quantity location { id } } } } } } } }',
    { id },
  );
  return node.lines.edges.map((edge) =>
    edge.node.allocations.map(({ quantity, location }) => [location.id, quantity]),
  );
};

const found = async (where: object, by: Client = app.admin): Promise<string[]> =>
  (
    await by.ok<{ orders: { totalCount: number; edges: { node: { id: string } }[] } }>(
      'query ($where: OrderWhere) { orders(first: 100, where: $where) { totalCount edges { node { id } } } }',
      { where },
    )
  ).orders.edges.map(({ node }) => node.id);

test('a line says which locations promised its units, to those who act there, until they are sent', async () => {
  const at = await shop.open({ locations: 2, policies: { cashOnDelivery: true } });
  const [near = '', far = ''] = at.locationIds;
  const { variantId } = await shop.variant(at, [2, 5]);
  const other = await shop.variant(at, [9]);
  const { order } = await app.admin.act<{ order: { id: string } }>(
    'orderPlace',
    shop.orderInput(
      at.storeId,
      [
        { variantId, quantity: 3 },
        { variantId: other.variantId, quantity: 1 },
      ],
      { terms: 'CASH_ON_DELIVERY' },
    ),
    'order { id }',
  );
  const promised = (await allocationsOf(order.id)).map((line) => line.sort());
  const atFar = promised[0]?.find(([id]) => id === far);
  expect(promised[0]?.reduce((sum, [, units]) => sum + Number(units), 0)).toBe(3);
  expect(promised[1]).toEqual([[near, 1]]);
  const farClerk = await app.given.staff({
    permissions: ['orders.read', 'stock.read'],
    stores: [at.storeId],
    locations: [far],
  });
  expect(await allocationsOf(order.id, farClerk)).toEqual([atFar ? [atFar] : [], []]);
  expect(await found({ locationId: near })).toEqual([order.id]);
  expect(await found({ locationId: near }, farClerk)).toEqual([]);
  expect(await found({ locationId: far }, farClerk)).toEqual(atFar ? [order.id] : []);
  await app.admin.act('orderConfirm', { orderId: order.id });
  await shop.send(order.id, near);
  expect(await found({ locationId: near })).toEqual([]);
  expect((await allocationsOf(order.id))[1]).toEqual([]);
});

test('promises of one location that came one after the other are told as one', async () => {
  const at = await shop.open({ platform: 'TMALL' });
  const { skus, variantId } = await shop.variant(at, [1]);
  const order = await platform.push(at.storeId, {
    state: 'PAID',
    lines: [{ sku: skus[0], quantity: 4, unitPrice: '10.00' }],
    buyerPaid: '40.00',
  });
  expect(await allocationsOf(order.id)).toEqual([[[at.locationId, 1]]]);
  await shop.receive(at.locationId, variantId, 3);
  await shop.reaches(order.id, { awaitingStock: false });
  expect(await allocationsOf(order.id)).toEqual([[[at.locationId, 4]]]);
});

test('the warehouse finds the orders that it may send, and the others without them', async () => {
  const at = await shop.open({ policies: { cashOnDelivery: true } });
  const { variantId } = await shop.variant(at, [100]);
  const lines = [{ variantId, quantity: 2 }];
  const place = async (wishes: object = {}) =>
    (
      await app.admin.act<{ order: { id: string; total: { amount: string; currency: string } } }>(
        'orderPlace',
        shop.orderInput(at.storeId, lines, wishes),
        'order { id total { amount currency } }',
      )
    ).order;
  const confirm = (orderId: string) => app.admin.act('orderConfirm', { orderId });
  const onDelivery = await place({ terms: 'CASH_ON_DELIVERY' });
  const unconfirmed = await place({ terms: 'CASH_ON_DELIVERY' });
  const held = await place({ terms: 'CASH_ON_DELIVERY' });
  const sent = await place({ terms: 'CASH_ON_DELIVERY' });
  const cancelled = await place({ terms: 'CASH_ON_DELIVERY' });
  const [paid, unpaid] = [await place(), await place()];
  for (const { id } of [onDelivery, held, sent, cancelled, paid, unpaid]) await confirm(id);
  await app.admin.act('orderHold', { orderId: held.id, kind: 'ADDRESS', reason: 'Which door?' });
  await shop.send(sent.id, at.locationId);
  const cancel = { idempotencyKey: newKey(), orderId: cancelled.id, reason: 'OTHER' };
  await app.admin.act('orderCancel', cancel);
  await shop.pay(paid);
  const { storeId } = at;
  expect(await found({ storeId, dispatchable: true })).toEqual([paid.id, onDelivery.id]);
  expect((await found({ storeId, dispatchable: false })).sort()).toEqual(
    [unconfirmed.id, held.id, sent.id, cancelled.id, unpaid.id].sort(),
  );
  expect(await found({ storeId, dispatchable: true, locationId: at.locationId })).toEqual([
    paid.id,
    onDelivery.id,
  ]);
});

test('the filter and the orders themselves say the same, whatever was agreed and came in', async () => {
  const at = await shop.open({ policies: { cashOnDelivery: true, creditDays: 30 } });
  const { variantId } = await shop.variant(at, [100]);
  const lines = [{ variantId, quantity: 1 }];
  for (const terms of ['PREPAID', 'CREDIT', 'CASH_ON_DELIVERY'])
    for (const paid of ['0.00', '4.00', '10.00']) {
      const input = shop.orderInput(at.storeId, lines, { terms });
      const { order } = await app.admin.act<{ order: { id: string } }>('orderPlace', input, 'order { id }');
      await app.admin.act('orderConfirm', { orderId: order.id });
      if (paid === '0.00') continue;
      await app.admin.act('paymentRecord', {
        idempotencyKey: newKey(),
        orderId: order.id,
        method: 'BANK_TRANSFER',
        amount: { amount: paid, currency: 'CNY' },
        transactionReference: uniqueName('transfer'),
      });
      await shop.reaches(order.id, { paymentState: paid === '10.00' ? 'PAID' : 'PARTIALLY_PAID' });
    }
  const market = await shop.open({ platform: 'TMALL', policies: { confirmation: 'BEFORE_PAYMENT' } });
  const { skus } = await shop.variant(market, [100]);
  for (const state of ['PLACED', 'PAID']) {
    const sold = { lines: [{ sku: skus[0], quantity: 1, unitPrice: '10.00' }], buyerPaid: '10.00' };
    const { id } = await platform.push(market.storeId, { state, ...sold });
    await app.admin.act('orderConfirm', { orderId: id });
  }
  for (const [{ storeId }, count] of [
    [at, 7],
    [market, 1],
  ] as const) {
    const { orders } = await app.admin.ok<{
      orders: { edges: { node: { id: string; allowedActions: { action: string; allowed: boolean }[] } }[] };
    }>(
      'query ($where: OrderWhere) { orders(first: 100, where: $where) { edges { node { id allowedActions { action allowed } } } } }',
      { where: { storeId } },
    );
    const allowed = orders.edges.filter(({ node }) =>
      node.allowedActions.some((one) => one.action === 'DISPATCH' && one.allowed),
    );
    expect(allowed).toHaveLength(count);
    expect(await found({ storeId, dispatchable: true })).toEqual(allowed.map(({ node }) => node.id));
  }
});
