// Money that a platform took and gave back: mirrored from its pushes, whatever their order, never moved here.

import { afterAll, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { platformIn } from '../orders/platform.ts';
import { startApp } from '../setup/app.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import { tillIn } from './till.ts';

const app = await startApp();
const till = tillIn(app);
const platform = platformIn(app);
afterAll(async () => expect(await till.unbalanced()).toEqual([]));

const at = await till.shop.open({ platform: 'TMALL' });

/** What a platform says of an order of two units at 50.00 that was paid. */
async function paid(changes: object = {}) {
  const { skus } = await till.shop.variant(at, [9], '50.00');
  return {
    reference: uniqueName('tb'),
    state: 'PAID',
    lines: [{ reference: 'l1', sku: skus[0], quantity: 2, unitPrice: '50.00' }],
    buyerPaid: '100.00',
    ...changes,
  };
}

const refundOf = (reference: string, amount: string, changes: object = {}) => ({
  reference,
  amount: till.cny(amount),
  refundedAt: platform.minute(5),
  ...changes,
});

test('T4 a payment is one of the platform, captured when the platform says, and repeated pushes change nothing', async () => {
  const facts = await paid({ paidAt: platform.minute(1) });
  const order = await platform.push(at.storeId, facts);
  await Promise.all([1, 2, 3].map(() => platform.push(at.storeId, facts)));
  const account = await till.account(order);
  expect(account).toMatchObject({ terms: 'PLATFORM', due: '100.00', captured: '100.00', isCovered: true });
  expect(account.payments).toMatchObject([
    {
      method: 'PLATFORM',
      state: 'CAPTURED',
      transactionReference: facts.reference,
      capturedAt: platform.minute(1),
    },
  ]);
  const gateway = await till.gateway();
  const start = { idempotencyKey: newKey(), orderId: order.id, connectionCode: gateway.code };
  expect(brief(await app.admin.refusal('paymentStart', start))).toEqual(['PAID_ON_PLATFORM input.orderId']);
});

test('T4 a refund without a cancellation is a credit: the order stays covered', async () => {
  const facts = await paid();
  const order = await platform.push(at.storeId, facts);
  const refunded = { ...facts, asOf: platform.minute(6), refunds: [refundOf('r1', '30.00')] };
  for (const _ of [1, 2]) await platform.push(at.storeId, refunded);
  expect(await till.account(order)).toMatchObject({
    due: '70.00',
    captured: '100.00',
    refunded: '30.00',
    refunding: '0.00',
    isCovered: true,
    refunds: [{ reason: 'PLATFORM', state: 'SUCCEEDED', amount: { amount: '30.00' } }],
  });
  await till.shop.reaches(order.id, { paymentState: 'PARTIALLY_REFUNDED' });
});

test('T4 a refund for what was cancelled before is no second credit', async () => {
  const facts = await paid();
  const order = await platform.push(at.storeId, facts);
  await till.cancel(order, [{ orderLineId: order.lines.edges[0]?.node.id, quantity: 1 }]);
  expect(await till.account(order)).toMatchObject({ due: '50.00', refunding: '0.00', refunds: [] });
  const lines = [{ reference: 'l1', quantity: 1, amount: till.cny('50.00') }];
  await platform.push(at.storeId, {
    ...facts,
    asOf: platform.minute(6),
    refunds: [refundOf('r1', '50.00', { lines })],
  });
  expect(await till.account(order)).toMatchObject({ due: '50.00', refunded: '50.00', isCovered: true });
});

test('T4 more than came in is refused with what is left, and the push changes nothing', async () => {
  const facts = await paid();
  const order = await platform.push(at.storeId, facts);
  const refunds = [refundOf('r1', '60.00'), refundOf('r2', '60.00')];
  const refused = await platform.refusal(at.storeId, { ...facts, asOf: platform.minute(6), refunds });
  expect(brief(refused)).toEqual(['REFUND_EXCEEDS_CAPTURED input.refunds.1.amount']);
  expect(await till.account(order)).toMatchObject({ due: '100.00', refunded: '0.00', refunds: [] });
});

test('an amount that the platform corrects is corrected, with its ledger and its event', async () => {
  const facts = await paid();
  const order = await platform.push(at.storeId, facts);
  await platform.push(at.storeId, {
    ...facts,
    asOf: platform.minute(6),
    lines: [{ ...facts.lines[0], merchantDiscount: '10.00' }],
    buyerPaid: '90.00',
  });
  const { due, captured, isCovered, payments } = await till.account(order);
  expect({ due, captured, isCovered }).toEqual({ due: '90.00', captured: '90.00', isCovered: true });
  expect(payments).toMatchObject([{ amount: { amount: '90.00' }, version: 2 }]);
  expect(await till.eventsOf('Payment', payments[0]?.id ?? '')).toEqual([
    'payment.captured',
    'payment.corrected',
  ]);
});

test('a payment that the platform takes back altogether is taken back, and may come again', async () => {
  const facts = await paid();
  const order = await platform.push(at.storeId, facts);
  const corrected = async (minute: number, buyerPaid: string) => {
    await platform.push(at.storeId, { ...facts, asOf: platform.minute(minute), buyerPaid });
    const { due, captured, refunds, payments } = await till.account(order);
    return { due, captured, refunds, states: payments.map(({ state }) => state) };
  };
  expect(await corrected(6, '0.00')).toEqual({
    due: '0.00',
    captured: '0.00',
    refunds: [],
    states: ['CANCELLED'],
  });
  expect(await corrected(7, '100.00')).toEqual({
    due: '100.00',
    captured: '100.00',
    refunds: [],
    states: ['CAPTURED'],
  });
  const sums = await app.sql(
    `SELECT counter, sum(delta_minor) AS sum FROM payment_ledger_entry e JOIN "order" o ON o.id = e.order_id
     WHERE o.number = $1 GROUP BY counter ORDER BY counter`,
    [order.number],
  );
  expect(sums).toEqual([
    { counter: 'DUE', sum: '10000' },
    { counter: 'CAPTURED', sum: '10000' },
  ]);
});
