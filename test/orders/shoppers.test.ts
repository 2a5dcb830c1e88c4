// Customers and guests: they order for themselves, see what is their own, and nothing else.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';
import { ORDER, type PlacedOrder, shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open({ policies: { cashOnDelivery: true } });
const OWN =
  'order { id number state total { amount currency } contact { name phone masked address { lines } } }';

interface OwnOrder extends PlacedOrder {
  contact: { name: string; phone: string; masked: boolean; address: { lines: string[] } };
}

const orderBy = async (by: Client, variantId: string, quantity = 1, wishes: object = {}) =>
  (
    await by.act<{ order: OwnOrder }>(
      'orderPlace',
      shop.orderInput(at.storeId, [{ variantId, quantity }], wishes),
      OWN,
    )
  ).order;

const ownOrders = async (by: Client) => {
  const { viewerOrders } = await by.ok<{ viewerOrders: { edges: { node: { id: string } }[] } }>(
    '{ viewerOrders { edges { node { id } } } }',
  );
  return viewerOrders.edges.map(({ node }) => node.id);
};

const read = (by: Client, id: string, fields: string) =>
  by.run<{ node: Record<string, unknown> | null }>(
    `query ($id: ID!) { node(id: $id) { ... on Order { ${fields} } } }`,
    { id },
  );

test('a customer orders, sees the order with its contact in clear, and it is known whose it is', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const customer = await app.given.customer();
  const order = await orderBy(customer, variantId, 2);
  expect(order).toMatchObject({
    state: 'PENDING_CONFIRMATION',
    total: { amount: '20.00' },
    contact: { name: '李雷', masked: false, address: { lines: ['漕溪北路 88 号'] } },
  });
  expect(await ownOrders(customer)).toEqual([order.id]);
  const { orders } = await app.admin.ok<{ orders: { edges: { node: object }[] } }>(
    'query ($id: ID!) { orders(where: { customerId: $id }) { edges { node { number customer { id } } } } }',
    { id: customer.customerId },
  );
  expect(orders.edges.map(({ node }) => node)).toEqual([
    { number: order.number, customer: { id: customer.customerId } },
  ]);
});

test('a guest orders and sees the order with the same token, and with no other', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const guest = app.given.guest();
  const order = await orderBy(guest, variantId);
  expect(await ownOrders(guest)).toEqual([order.id]);
  for (const other of [app.given.guest(), await app.given.customer(), app.anonymous]) {
    const { data } = await read(other, order.id, 'number');
    expect(data?.node).toBeNull();
  }
  expect(brief(await app.given.guest().refusal('orderCancel', cancel(order.id)))).toEqual([
    'NOT_FOUND input.orderId',
  ]);
});

const cancel = (orderId: string) => ({ idempotencyKey: newKey(), orderId, reason: 'CUSTOMER_REQUEST' });

test('a shopper cancels an own order until it is confirmed', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const customer = await app.given.customer();
  const first = await orderBy(customer, variantId);
  const second = await orderBy(customer, variantId);
  await customer.act('orderCancel', cancel(first.id));
  expect((await shop.order(first.id)).state).toBe('CANCELLED');
  await app.admin.act('orderConfirm', { orderId: second.id });
  expect(brief(await customer.refusal('orderCancel', cancel(second.id)))).toEqual([
    'ILLEGAL_STATE input.orderId',
  ]);
  const { data } = await read(customer, second.id, 'allowedActions { action allowed reasonCode }');
  expect(data?.node?.allowedActions).toEqual([
    { action: 'CANCEL', allowed: false, reasonCode: 'ILLEGAL_STATE' },
  ]);
});

test('a shopper cancels at their own wish; what the product cancels for is nobody’s reason to give', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const customer = await app.given.customer();
  const { id } = await orderBy(customer, variantId);
  for (const reason of ['FRAUD', 'OTHER', 'OUT_OF_STOCK'])
    expect(brief(await customer.refusal('orderCancel', { ...cancel(id), reason })), reason).toEqual([
      'NOT_PERMITTED input.reason',
    ]);
  for (const reason of ['UNPAID', 'PLATFORM_CLOSED'])
    for (const caller of [customer, app.admin])
      expect(brief(await caller.refusal('orderCancel', { ...cancel(id), reason })), reason).toEqual([
        'INVALID input.reason',
      ]);
  expect((await shop.order(id)).state).toBe('PENDING_CONFIRMATION');
  await customer.act('orderCancel', cancel(id));
  expect(await shop.order(id)).toMatchObject({ state: 'CANCELLED', cancelReason: 'CUSTOMER_REQUEST' });
});

test('C57 what colleagues say of an order is hidden from shoppers, field by field', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const customer = await app.given.customer();
  const order = await orderBy(customer, variantId);
  const hold = { orderId: order.id, kind: 'RISK', reason: 'Looks like fraud' };
  await app.admin.act('orderHold', hold);
  await app.admin.act('orderFlag', { orderId: order.id, flag: 'RED' });
  await app.admin.act('orderRemark', { orderId: order.id, text: 'Looks like fraud' }, 'order { id }');
  const inner = `holds { totalCount pageInfo { hasNextPage endCursor } edges { node { reason } } }
    timeline { totalCount edges { node { payload } } } remarks(last: 5) { totalCount edges { node { text } } }
    deadlines { kind } flag platformOrder { reference } lines { edges { node { sku allocations { quantity } } } }`;
  const { errors, data } = await read(customer, order.id, `number held ${inner}`);
  expect(errors).toEqual([]);
  const none = { totalCount: 0, edges: [] };
  expect(data?.node).toEqual({
    number: order.number,
    held: true,
    holds: { ...none, pageInfo: { hasNextPage: false, endCursor: null } },
    timeline: none,
    remarks: none,
    deadlines: [],
    flag: null,
    platformOrder: null,
    lines: { edges: [{ node: { sku: expect.any(String), allocations: [] } }] },
  });
  const feeds = ['orderEvents { cursor }', 'stockEvents { cursor }', 'shipmentEvents { cursor }'];
  for (const feed of feeds) {
    const stream = customer.subscribe(`subscription { ${feed} }`);
    await stream.next().catch(() => {});
    expect(stream.errors.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
    await stream.close();
  }
});

describe('what shoppers may not', () => {
  test('order for others, on credit, with a reference or in a store on a marketplace', async () => {
    const { variantId } = await shop.variant(at, [5]);
    const customer = await app.given.customer();
    const other = await app.given.customer();
    const wishes = { customerId: other.customerId, terms: 'CREDIT', externalReference: 'mine-1' };
    const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }], wishes);
    expect(brief(await customer.refusal('orderPlace', input))).toEqual([
      'NOT_PERMITTED input.terms',
      'NOT_PERMITTED input.customerId',
      'NOT_PERMITTED input.externalReference',
    ]);
    const tmall = await shop.open({ platform: 'TMALL' });
    const there = await shop.variant(tmall, [5]);
    const lines = [{ variantId: there.variantId, quantity: 1 }];
    expect(brief(await customer.refusal('orderPlace', shop.orderInput(tmall.storeId, lines)))).toEqual([
      'NOT_FOUND input.storeId',
    ]);
  });

  test('C8 order what is not on sale', async () => {
    const { variantId, productId } = await shop.variant(at, [5]);
    await app.admin.act('listingSet', { productId, storeId: at.storeId, state: 'OFF_SALE' });
    const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
    expect(brief(await app.given.guest().refusal('orderPlace', input))).toEqual([
      'VARIANT_NOT_SOLD input.lines.0.variantId',
    ]);
  });
});

test('a shopper has at most 20 unpaid orders open at once, also when they come at the same moment', async () => {
  const { variantId } = await shop.variant(at, [50]);
  const guest = app.given.guest();
  const document =
    'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
  const answers = await Promise.all(
    Array.from({ length: 24 }, () =>
      guest.run<{ orderPlace: { order: object | null; userErrors: object[] } }>(document, {
        input: shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]),
      }),
    ),
  );
  expect(answers.filter(({ data }) => data?.orderPlace.order)).toHaveLength(20);
  expect(answers.flatMap(({ data }) => data?.orderPlace.userErrors ?? [])).toEqual(
    Array(4).fill({ code: 'TOO_MANY_OPEN_ORDERS' }),
  );
});

test('who takes goods back before paying pays the freight of what is left', async () => {
  const paying = await shop.open({
    freight: { amount: '10.00', currency: 'CNY' },
    freightFreeFrom: { amount: '50.00', currency: 'CNY' },
  });
  const { variantId } = await shop.variant(paying, [20]);
  const guest = app.given.guest();
  const { order } = await guest.act<{ order: PlacedOrder }>(
    'orderPlace',
    shop.orderInput(paying.storeId, [{ variantId, quantity: 5 }]),
    ORDER,
  );
  expect(order.freight.amount).toBe('0.00');
  const lines = [{ orderLineId: order.lines.edges[0]?.node.id, quantity: 4 }];
  const { order: left } = await guest.act<{ order: PlacedOrder }>(
    'orderCancel',
    { ...cancel(order.id), lines },
    ORDER,
  );
  expect(left).toMatchObject({ freight: { amount: '10.00' }, total: { amount: '20.00' } });
  const { data } = await read(app.admin, order.id, 'payment { due { amount } }');
  expect(data?.node).toEqual({ payment: { due: { amount: '20.00' } } });
});

test('C50 a guest’s repeated order is one order; the same key of another guest is another order', async () => {
  const { variantId } = await shop.variant(at, [20]);
  const guest = app.given.guest();
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
  const ids = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { order } = await guest.act<{ order: PlacedOrder }>('orderPlace', input, ORDER);
      return order.id;
    }),
  );
  expect(new Set(ids).size).toBe(1);
  const { order } = await app.given.guest().act<{ order: PlacedOrder }>('orderPlace', input, ORDER);
  expect(order.id).not.toBe(ids[0]);
});

test('C9 sixty guests and customers for twenty units: exactly twenty are sold, and nobody waits for ever', async () => {
  const { variantId } = await shop.variant(at, [20]);
  const customers = await Promise.all(Array.from({ length: 4 }, () => app.given.customer()));
  const document =
    'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      (customers[i % 6] ?? app.given.guest()).run<{
        orderPlace: { order: object | null; userErrors: { code: string }[] };
      }>(document, { input: shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]) }),
    ),
  );
  const placed = answers.filter(({ data }) => data?.orderPlace.order);
  expect(placed).toHaveLength(20);
  expect(
    answers.flatMap(({ data }) => data?.orderPlace.userErrors.map(({ code }) => code) ?? ['NO DATA']),
  ).toEqual(Array(40).fill('INSUFFICIENT_STOCK'));
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 20, allocated: 20 });
});

test('payment on delivery is there for shoppers where the store offers it', async () => {
  const { variantId } = await shop.variant(at, [5]);
  const order = await orderBy(app.given.guest(), variantId, 1, { terms: 'CASH_ON_DELIVERY' });
  const { data } = await read(app.admin, order.id, 'payment { terms }');
  expect(data?.node).toEqual({ payment: { terms: 'CASH_ON_DELIVERY' } });
});
