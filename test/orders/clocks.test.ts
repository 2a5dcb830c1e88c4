// The clocks of orders: to pay, to confirm, to complete, and what money does to them.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import { type PlacedOrder, shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const policies = {
  payWithinMinutes: 30,
  confirmWithinMinutes: 15,
  completeAfterDays: 7,
  creditDays: 30,
  cashOnDelivery: true,
};
const at = await shop.open({ policies });

const ordered = async (quantity = 2, wishes: object = {}) => {
  const { variantId } = await shop.variant(at, [10]);
  const { order } = await app.admin.act<{ order: PlacedOrder }>(
    'orderPlace',
    shop.orderInput(at.storeId, [{ variantId, quantity }], wishes),
    'order { id number total { amount currency } }',
  );
  return { order, variantId };
};

const pay = (order: PlacedOrder, amount = order.total.amount) =>
  app.admin.act('paymentRecord', {
    idempotencyKey: newKey(),
    orderId: order.id,
    method: 'BANK_TRANSFER',
    amount: { amount, currency: 'CNY' },
    transactionReference: uniqueName('transfer'),
  });

const typesOf = async (id: string): Promise<string[]> => {
  const { node } = await app.admin.ok<{ node: { timeline: { edges: { node: { type: string } }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { timeline(first: 50) { edges { node { type } } } } } }',
    { id },
  );
  return node.timeline.edges.map((edge) => edge.node.type);
};

const deadlines = (kind: string) =>
  app.sql<{ state: string }>('SELECT state FROM deadline WHERE kind = $1 ORDER BY id DESC LIMIT 1', [kind]);

describe('to pay', () => {
  test('C26 an unpaid order closes at its deadline and gives its stock back once', async () => {
    const { order, variantId } = await ordered();
    clock.pass({ minutes: 29 });
    await sleep(1_500);
    expect((await shop.order(order.id)).state).toBe('PENDING_CONFIRMATION');
    clock.pass({ minutes: 1 });
    const closed = await shop.reaches(order.id, { state: 'CANCELLED' });
    expect(closed).toMatchObject({ cancelReason: 'UNPAID', paymentState: 'UNPAID' });
    expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 10, allocated: 0 });
    const released = await app.sql(
      `SELECT delta FROM stock_ledger_entry e JOIN stock s ON s.id = e.stock_id JOIN variant v ON v.id = s.variant_id
       WHERE e.cause = 'RELEASE' AND s.variant_id = (SELECT variant_id FROM order_line l JOIN "order" o ON o.id = l.order_id WHERE o.number = $1)`,
      [order.number],
    );
    expect(released).toEqual([{ delta: -2 }]);
  });

  test('C26 an order that is paid in time stays, whenever its deadline was', async () => {
    const { order } = await ordered();
    await pay(order);
    await shop.reaches(order.id, { paymentState: 'PAID' });
    clock.pass({ hours: 2 });
    await sleep(1_500);
    expect((await shop.order(order.id)).state).toBe('PENDING_CONFIRMATION');
    expect(await deadlines('order.payment')).toEqual([{ state: 'MET' }]);
  });

  test('C26 money that comes after the order closed is kept, and queued to go back', async () => {
    const { order } = await ordered();
    clock.pass({ minutes: 31 });
    await shop.reaches(order.id, { state: 'CANCELLED' });
    await pay(order);
    const { node } = await app.admin.ok<{ node: { payment: object } }>(
      `query ($id: ID!) { node(id: $id) { ... on Order { payment { due { amount } captured { amount } refunding { amount }
        refunds { edges { node { reason state amount { amount } } } } } } } }`,
      { id: order.id },
    );
    expect(node.payment).toEqual({
      due: { amount: '0.00' },
      captured: { amount: order.total.amount },
      refunding: { amount: order.total.amount },
      refunds: {
        edges: [
          {
            node: { reason: 'LATE_PAYMENT', state: 'TO_TRANSFER', amount: { amount: order.total.amount } },
          },
        ],
      },
    });
    expect((await shop.order(order.id)).state).toBe('CANCELLED');
  });

  test('C26 payments and deadlines at the same moment: each order is either paid and open, or closed and refunded', async () => {
    const orders = await Promise.all(Array.from({ length: 16 }, () => ordered(1)));
    clock.pass({ minutes: 30 });
    await Promise.all(
      orders.map(async ({ order }, i) => {
        await sleep(i * 60);
        await pay(order);
      }),
    );
    const ends = new Set<string>();
    for (const { order, variantId } of orders) {
      await shop.reaches(order.id, { paymentState: 'PAID' });
      const { state } = await shop.order(order.id);
      ends.add(state);
      const [money] = await app.sql<{ due: string; captured: string; refunding: string }>(
        `SELECT due_minor AS due, captured_minor AS captured, refunding_minor AS refunding FROM payment_account a
         JOIN "order" o ON o.id = a.order_id WHERE o.number = $1`,
        [order.number],
      );
      const allocated = (await shop.stocks(variantId)).get(at.locationId)?.allocated;
      if (state === 'CANCELLED') {
        expect(money).toEqual({ due: '0', captured: '1000', refunding: '1000' });
        expect(allocated).toBe(0);
      } else {
        expect(money).toEqual({ due: '1000', captured: '1000', refunding: '0' });
        expect(allocated).toBe(1);
      }
    }
    expect([...ends].every((state) => ['CANCELLED', 'PENDING_CONFIRMATION'].includes(state))).toBe(true);
  }, 60_000);

  test('C26 an order that is paid in part when the time is over is held for people, not closed', async () => {
    const { order } = await ordered();
    await pay(order, '5.00');
    await shop.reaches(order.id, { paymentState: 'PARTIALLY_PAID' });
    clock.pass({ minutes: 31 });
    expect(await shop.reaches(order.id, { held: true })).toMatchObject({ state: 'PENDING_CONFIRMATION' });
    expect(await shop.reasons(order.id)).toEqual({
      en: ['The time to pay is over and only a part came in.'],
      zh: ['付款期限已过，仅收到部分款项。'],
    });
  });
});

describe('to confirm', () => {
  test('T6 the clock of confirmation starts at placement where orders are confirmed before they are paid', async () => {
    const { order } = await ordered(1, { terms: 'CASH_ON_DELIVERY' });
    clock.pass({ minutes: 16 });
    for (
      const deadline = Date.now() + 15_000;
      !(await typesOf(order.id)).includes('order.confirmationOverdue');
    ) {
      if (Date.now() > deadline) throw new Error('nobody was told');
      await sleep(50);
    }
    await app.admin.act('orderConfirm', { orderId: order.id });
    expect(await typesOf(order.id)).toEqual(['order.placed', 'order.confirmationOverdue', 'order.confirmed']);
  });

  test('T6 where orders are confirmed after payment, only a paid one can be confirmed', async () => {
    const after = await shop.open({ policies: { confirmation: 'AFTER_PAYMENT' } });
    const { variantId } = await shop.variant(after, [5]);
    const order = await shop.place(after.storeId, [{ variantId, quantity: 1 }]);
    expect(brief(await app.admin.refusal('orderConfirm', { orderId: order.id }))).toEqual([
      'PAYMENT_REQUIRED input.orderId',
    ]);
    await shop.pay(order);
    await app.admin.act('orderConfirm', { orderId: order.id });
  });
});

describe('to send and to complete', () => {
  test('C25 nothing leaves before it is paid, unless credit or payment on delivery was agreed', async () => {
    const { order } = await ordered();
    await app.admin.act('orderConfirm', { orderId: order.id });
    const input = { orderId: order.id, locationId: at.locationId, dispatch: true };
    expect(brief(await app.admin.refusal('shipmentPrepare', { idempotencyKey: newKey(), ...input }))).toEqual(
      ['PAYMENT_REQUIRED input.orderId'],
    );
    await shop.pay(order);
    await shop.send(order.id, at.locationId);
    for (const terms of ['CREDIT', 'CASH_ON_DELIVERY']) {
      const { order: trusted } = await ordered(1, { terms });
      await app.admin.act('orderConfirm', { orderId: trusted.id });
      await shop.send(trusted.id, at.locationId);
      expect(await shop.order(trusted.id)).toMatchObject({
        paymentState: 'UNPAID',
        fulfilmentState: 'DISPATCHED',
      });
    }
  });

  test('an order completes by itself some days after delivery, and the clock stands still while it is held', async () => {
    const { order } = await ordered(1, { terms: 'CASH_ON_DELIVERY' });
    await app.admin.act('orderConfirm', { orderId: order.id });
    const { shipment } = await app.admin.act<{ shipment: { id: string } }>(
      'shipmentPrepare',
      {
        idempotencyKey: newKey(),
        orderId: order.id,
        locationId: at.locationId,
        dispatch: true,
        ...(await tracked()),
      },
      'shipment { id carrier { id } trackingNumber }',
    );
    expect(shipment.id).toBeTruthy();
    await arrive();
    await shop.reaches(order.id, { fulfilmentState: 'DELIVERED' });
    clock.pass({ days: 6 });
    const hold = { orderId: order.id, kind: 'CUSTOMER_REQUEST', reason: 'Where is the receipt?' };
    const { order: held } = await app.admin.act<{
      order: { holds: { edges: { node: { id: string } }[] } };
    }>('orderHold', hold, 'order { holds { edges { node { id } } } }');
    clock.pass({ days: 5 });
    await sleep(1_500);
    expect((await shop.order(order.id)).state).toBe('CONFIRMED');
    const orderHoldId = held.holds.edges[0]?.node.id;
    await app.admin.act('orderRelease', { orderHoldId, reason: 'Sent it again' });
    await sleep(1_500);
    expect((await shop.order(order.id)).state).toBe('CONFIRMED');
    clock.pass({ days: 1 });
    await shop.reaches(order.id, { state: 'COMPLETED' });
  });

  let parcel = { carrierId: '', trackingNumber: '' };
  const tracked = async () => {
    const { carriers } = await app.admin.ok<{ carriers: { edges: { node: { id: string } }[] } }>(
      '{ carriers(first: 1) { edges { node { id } } } }',
    );
    parcel = {
      carrierId: carriers.edges[0]?.node.id ?? '',
      trackingNumber: uniqueName('PARCEL').toUpperCase(),
    };
    return parcel;
  };
  const arrive = () =>
    app.admin.act('shipmentTrack', {
      ...parcel,
      events: [{ status: 'DELIVERED', occurredAt: clock.now().toISOString() }],
    });
});

test('terms that the store does not offer are refused, and credit needs a permission', async () => {
  const strict = await shop.open();
  const { variantId } = await shop.variant(strict, [5]);
  const input = (terms: string) => shop.orderInput(strict.storeId, [{ variantId, quantity: 1 }], { terms });
  for (const terms of ['CREDIT', 'CASH_ON_DELIVERY'])
    expect(brief(await app.admin.refusal('orderPlace', input(terms)))).toEqual([
      'TERMS_NOT_OFFERED input.terms',
    ]);
  const clerk = await app.given.staff({ permissions: ['orders.place'] });
  expect(brief(await clerk.refusal('orderPlace', input('CREDIT')))).toEqual(['NOT_PERMITTED input.terms']);
});
