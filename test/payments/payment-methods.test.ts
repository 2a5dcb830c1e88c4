// What a storefront asks before an order is paid: the ways to pay, and the moment to pay by.

import { describe, expect, test } from 'vitest';
import { type PlacedOrder, shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);

interface Method {
  terms: string;
  connectionCode: string | null;
  name: string;
}

const METHODS = 'paymentMethods { terms connectionCode name }';

const methodsOf = async (storeId: string, client: Client = app.anonymous): Promise<Method[]> => {
  const { store } = await client.ok<{ store: { paymentMethods: Method[] } }>(
    `query ($id: ID!) { store: node(id: $id) { ... on Store { ${METHODS} } } }`,
    { id: storeId },
  );
  return store.paymentMethods;
};

describe('the ways to pay in a store', () => {
  test('are each gateway in use, and payment on delivery where the store offers it, named in the caller’s language', async () => {
    const { partner } = await app.admin.act<{ partner: { id: string } }>(
      'partnerOpen',
      {
        code: 'gateway',
        kind: 'PAYMENT_GATEWAY',
        texts: [
          { locale: 'en', name: 'Pay well' },
          { locale: 'zh', name: '好付' },
        ],
      },
      'partner { id }',
    );
    const [first, second] = [
      await app.given.connection({ partner: partner.id, kind: 'PAYMENT' }),
      await app.given.connection({ partner: partner.id, kind: 'PAYMENT' }),
    ];
    await app.given.connection({ kind: 'TRACKING' });
    const plain = await shop.open({ policies: {} });
    const delivering = await shop.open({ policies: { cashOnDelivery: true } });
    const gateways = (name: string) =>
      [first.code, second.code].sort().map((connectionCode) => ({ terms: 'PREPAID', connectionCode, name }));
    expect(await methodsOf(plain.storeId)).toEqual(gateways('Pay well'));
    expect(await methodsOf(plain.storeId, app.given.guest())).toEqual(gateways('Pay well'));
    expect(await methodsOf(delivering.storeId, app.anonymous.speaking('zh'))).toEqual([
      ...gateways('好付'),
      { terms: 'CASH_ON_DELIVERY', connectionCode: null, name: '货到付款' },
    ]);
    await app.admin.act('connectionArchive', { connectionId: first.connectionId });
    expect(await methodsOf(delivering.storeId)).toEqual([
      { terms: 'PREPAID', connectionCode: second.code, name: 'Pay well' },
      { terms: 'CASH_ON_DELIVERY', connectionCode: null, name: 'Cash on delivery' },
    ]);
    const guest = app.given.guest();
    const { variantId } = await shop.variant(plain, [5]);
    const order = await shop.place(plain.storeId, [{ variantId, quantity: 1 }], guest);
    const [method] = await methodsOf(plain.storeId, guest);
    await guest.act('paymentStart', {
      idempotencyKey: newKey(),
      orderId: order.id,
      connectionCode: method?.connectionCode,
    });
  });

  test('are read once for all stores of an answer', async () => {
    for (let i = 0; i < 3; i++) await shop.open();
    const statements = (first: number) =>
      app.statementsOf(() =>
        app.anonymous.ok(`{ stores(first: ${first}) { edges { node { ${METHODS} } } } }`),
      );
    const reads = (sent: string[]) => sent.filter((sql) => sql.includes('"connection"')).length;
    expect(reads(await statements(3))).toBe(1);
    expect(reads(await statements(1))).toBe(1);
  });
});

describe('the moment to pay by', () => {
  const payByOf = async (client: Client, { id }: { id: string }) => {
    const { order, orderTrack } = await client.ok<Record<'order' | 'orderTrack', { payBy: string | null }>>(
      `query ($id: ID!) { order: node(id: $id) { ... on Order { payBy } } orderTrack(orderId: $id) { payBy } }`,
      { id },
    );
    expect(orderTrack.payBy).toBe(order.payBy);
    return order.payBy;
  };

  test('is told to the shopper while the order is to be paid, and to who has a link to it', async () => {
    const at = await shop.open({ policies: { payWithinMinutes: 30, confirmWithinMinutes: 15 } });
    const { variantId } = await shop.variant(at, [10]);
    const customer = await app.given.customer();
    const placed = async (): Promise<PlacedOrder & { placedAt: string; followToken: string }> => {
      const { order } = await customer.act<{
        order: PlacedOrder & { placedAt: string; followToken: string };
      }>(
        'orderPlace',
        shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]),
        'order { id placedAt followToken total { amount currency } }',
      );
      return order;
    };
    const [paid, cancelled] = [await placed(), await placed()];
    const payBy = new Date(Date.parse(paid.placedAt) + 30 * 60_000).toISOString();
    expect(await payByOf(customer, paid)).toBe(payBy);
    expect(await payByOf(app.admin, paid)).toBe(payBy);
    const linked = app.clientFor(paid.followToken);
    expect(await linked.ok('{ orderTrack { payBy } }')).toEqual({ orderTrack: { payBy } });
    await shop.pay(paid);
    expect(await payByOf(customer, paid)).toBeNull();
    const reason = 'CUSTOMER_REQUEST';
    await customer.act('orderCancel', { idempotencyKey: newKey(), orderId: cancelled.id, reason });
    expect(await payByOf(customer, cancelled)).toBeNull();
  });

  test('is none where the store sets none', async () => {
    const at = await shop.open({ policies: { without: ['PAY_WITHIN'] } });
    const { variantId } = await shop.variant(at, [10]);
    expect(await payByOf(app.admin, await shop.place(at.storeId, [{ variantId, quantity: 1 }]))).toBeNull();
  });

  test('is read once for all orders of an answer', async () => {
    const at = await shop.open({ policies: { payWithinMinutes: 30 } });
    const { variantId } = await shop.variant(at, [10]);
    const customer = await app.given.customer();
    for (let i = 0; i < 3; i++) await shop.place(at.storeId, [{ variantId, quantity: 1 }], customer);
    const sent = await app.statementsOf(() =>
      customer.ok('{ viewerOrders(first: 3) { edges { node { payBy } } } }'),
    );
    expect(sent.filter((sql) => /FROM .*"deadline"/.test(sql))).toHaveLength(1);
  });
});
