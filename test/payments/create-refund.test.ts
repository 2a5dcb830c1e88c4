// Refunds that staff decide on: what can be paid back, once, and never more than came in.

import { afterAll, describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { platformIn } from '../orders/platform.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { tillIn } from './till.ts';

const app = await startApp();
const till = tillIn(app);
const platform = platformIn(app);
afterAll(async () => expect(await till.unbalanced()).toEqual([]));

const gateway = await till.gateway({ callable: false });
const refusal = async (order: { id: string }, wishes: object, selection = '') =>
  app.admin.refusal('refundCreate', till.refundInput(order, wishes), selection);

describe('C33 units of a line', () => {
  test('bring back what was paid for them, unit by unit, and all of it in the end', async () => {
    const at = await till.shop.open({ policies: {}, freight: till.cny('6.00') });
    const order = await till.order({ at, quantity: 3 });
    await till.sell(order, gateway);
    const line = (quantity: number) => ({ lines: [{ orderLineId: order.lineId, quantity }] });
    expect(await till.refund(order, line(1))).toMatchObject({
      state: 'TO_TRANSFER',
      amount: { amount: '10.00' },
      freight: { amount: '0.00' },
      lines: {
        edges: [{ node: { quantity: 1, amount: { amount: '10.00' }, orderLine: { id: order.lineId } } }],
      },
    });
    expect(brief(await refusal(order, line(3)))).toEqual([
      'QUANTITY_EXCEEDS_REFUNDABLE input.lines.0.quantity',
    ]);
    const rest = await till.refund(order, { ...line(2), freight: till.cny('6.00') });
    expect(rest).toMatchObject({ amount: { amount: '26.00' }, freight: { amount: '6.00' } });
    expect(await till.account(order)).toMatchObject({
      due: '0.00',
      captured: '36.00',
      refunding: '36.00',
      isCovered: true,
    });
    await till.shop.reaches(order.id, { paymentState: 'PAID' });
  });

  test('must have been dispatched; an amount, freight and currency must fit; all of it is said at once', async () => {
    const at = await till.shop.open({ policies: {}, freight: till.cny('6.00') });
    const order = await till.order({ at });
    const other = await till.order({ at });
    await till.pay(order, gateway);
    expect(brief(await refusal(order, { lines: [{ orderLineId: order.lineId, quantity: 1 }] }))).toEqual([
      'QUANTITY_EXCEEDS_REFUNDABLE input.lines.0.quantity',
    ]);
    await till.shop.reaches(order.id, { paymentState: 'PAID' });
    await app.admin.act('orderConfirm', { orderId: order.id });
    await till.shop.send(order.id, order.locationId);
    const lines = [
      { orderLineId: order.lineId, quantity: 1, amount: till.cny('10.01') },
      { orderLineId: other.lineId, quantity: 1 },
    ];
    const freight = till.cny('6.01');
    const amount = { amount: '1.00', currency: 'USD' };
    expect(brief(await refusal(order, { lines, freight, amount }))).toEqual([
      'AMOUNT_EXCEEDS_PAID input.lines.0.amount',
      'NOT_FOUND input.lines.1.orderLineId',
      'CURRENCY_DIFFERS input.amount.currency',
      'AMOUNT_EXCEEDS_PAID input.freight',
    ]);
    const [line] = lines;
    expect(brief(await refusal(order, { lines: [line, line] }))).toEqual([
      'DUPLICATE input.lines.1.orderLineId',
    ]);
    expect(brief(await refusal(order, {}))).toEqual(['REQUIRED input.lines']);
    expect(brief(await refusal(order, { lines: [{ ...line, amount: till.cny('0.00') }] }))).toEqual([
      'NOTHING_TO_REFUND input.lines',
    ]);
    expect(await till.account(order)).toMatchObject({ due: '36.00', refunding: '0.00' });
  });

  test('freight is paid back once', async () => {
    const at = await till.shop.open({ policies: {}, freight: till.cny('6.00') });
    const order = await till.order({ at });
    await till.pay(order, gateway);
    await till.refund(order, { freight: till.cny('4.00') });
    expect(brief(await refusal(order, { freight: till.cny('2.01') }))).toEqual([
      'AMOUNT_EXCEEDS_PAID input.freight',
    ]);
    await till.refund(order, { freight: till.cny('2.00') });
    expect(brief(await refusal(order, { freight: till.cny('0.01') }))).toEqual([
      'AMOUNT_EXCEEDS_PAID input.freight',
    ]);
  });

  test('a discount of the marketplace is the marketplace’s: units bring back their price less our own', async () => {
    const at = await till.shop.open({ platform: 'TMALL', policies: { refundsBy: 'DAYSHIFT' } });
    const { skus } = await till.shop.variant(at, [3]);
    const order = await platform.push(at.storeId, {
      state: 'PAID',
      lines: [
        {
          sku: skus[0],
          quantity: 3,
          unitPrice: '10.00',
          merchantDiscount: '0.01',
          platformDiscount: '3.00',
        },
      ],
      buyerPaid: '26.99',
    });
    expect(await till.account(order)).toMatchObject({ due: '29.99', captured: '29.99' });
    await app.admin.act('orderConfirm', { orderId: order.id });
    await till.shop.send(order.id, at.locationId);
    const orderLineId = order.lines.edges[0]?.node.id;
    const amounts = [];
    for (let i = 0; i < 3; i++) {
      const refund = await till.refund(order, { lines: [{ orderLineId, quantity: 1 }] });
      amounts.push(refund.amount.amount);
    }
    expect(amounts).toEqual(['10.00', '10.00', '9.99']);
  });
});

describe('C33 no more goes back than came in', () => {
  test('the most that is left is said', async () => {
    const order = await till.order();
    await till.record(order, '20.00');
    const [error] = await refusal(
      order,
      { reason: 'GOODWILL', amount: till.cny('20.01') },
      '... on RefundExceedsCaptured { maximum { amount currency } }',
    );
    expect(error).toMatchObject({
      __typename: 'RefundExceedsCaptured',
      code: 'REFUND_EXCEEDS_CAPTURED',
      maximum: { amount: '20.00', currency: 'CNY' },
    });
    await till.refund(order, { reason: 'GOODWILL', amount: till.cny('20.00') });
    expect(await till.account(order)).toMatchObject({ due: '10.00', outstanding: '10.00', isCovered: false });
  });

  test('twenty refunds at the same moment over the same rest', async () => {
    const order = await till.order();
    await till.record(order, '30.00');
    const document =
      'mutation ($input: RefundCreateInput!) { refundCreate(input: $input) { userErrors { code } } }';
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        app.admin.run<{ refundCreate: { userErrors: { code: string }[] } }>(document, {
          input: till.refundInput(order, { reason: 'GOODWILL', amount: till.cny('7.00') }),
        }),
      ),
    );
    const codes = answers.map(({ data }) => data?.refundCreate.userErrors[0]?.code ?? 'DONE');
    expect(codes.filter((code) => code === 'DONE')).toHaveLength(4);
    expect(new Set(codes)).toEqual(new Set(['DONE', 'REFUND_EXCEEDS_CAPTURED']));
    expect(await till.account(order)).toMatchObject({ captured: '30.00', refunding: '28.00', due: '2.00' });
  });

  test('refunds and cancellations at the same moment add up: a credit is not lost', async () => {
    for (let round = 0; round < 5; round++) {
      const order = await till.order();
      await till.record(order, '30.00');
      await Promise.all([
        till.refund(order, { reason: 'GOODWILL', amount: till.cny('1.00') }),
        till.cancel(order, [{ orderLineId: order.lineId, quantity: 1 }]),
      ]);
      expect(await till.account(order)).toMatchObject({
        due: '19.00',
        refunding: '11.00',
        captured: '30.00',
      });
    }
  });

  test('of several payments the newest goes back first, by a refund each', async () => {
    const order = await till.order();
    const [first, second] = [await till.record(order, '18.00'), await till.record(order, '12.00')];
    const refund = await till.refund(order, { reason: 'GOODWILL', amount: till.cny('20.00') });
    const { refunds } = await till.account(order);
    expect(refunds.map(({ payment, amount }) => [payment.id, amount.amount])).toEqual([
      [first.id, '8.00'],
      [second.id, '12.00'],
    ]);
    expect(refund.payment.id).toBe(second.id);
    await till.refund(order, { reason: 'GOODWILL', amount: till.cny('10.00') });
    expect((await till.account(order)).refunds[0]).toMatchObject({
      payment: { id: first.id },
      amount: { amount: '10.00' },
    });
  });
});

test('C36 a repeated call with the same key refunds once', async () => {
  const order = await till.order();
  await till.record(order, '30.00');
  const input = till.refundInput(order, { reason: 'GOODWILL', amount: till.cny('5.00') });
  await Promise.all(Array.from({ length: 8 }, () => app.admin.act('refundCreate', input)));
  expect(await till.account(order)).toMatchObject({ refunding: '5.00' });
});

test('T4 where the platform refunds, nothing is refunded or queued here', async () => {
  const order = await till.order({ store: { platform: 'TMALL', policies: { refundsBy: 'PLATFORM' } } });
  await till.record(order, '35.00');
  expect(await till.account(order)).toMatchObject({ captured: '35.00', refunding: '0.00', refunds: [] });
  await till.cancel(order);
  expect(await till.account(order)).toMatchObject({ due: '0.00', refunding: '0.00', refunds: [] });
  expect(brief(await refusal(order, { amount: till.cny('1.00') }))).toEqual([
    'REFUNDS_BY_PLATFORM input.orderId',
  ]);
});

test('refunds are created and settled in the stores of whoever does', async () => {
  const order = await till.order();
  await till.record(order, '35.00');
  const elsewhere = await app.given.staff({
    permissions: ['refunds.create', 'refunds.settle', 'payments.read'],
    stores: [await app.given.store()],
  });
  const input = till.refundInput(order, { amount: till.cny('1.00') });
  expect(brief(await elsewhere.refusal('refundCreate', input))).toEqual(['NOT_FOUND input.orderId']);
  const [refund] = (await till.account(order)).refunds;
  const settle = { idempotencyKey: newKey(), refundId: refund?.id, transactionReference: 'X' };
  expect(brief(await elsewhere.refusal('refundSettle', settle))).toEqual(['NOT_FOUND input.refundId']);
  expect((await elsewhere.run('query ($id: ID!) { node(id: $id) { id } }', { id: refund?.id })).data).toEqual(
    {
      node: null,
    },
  );
});
