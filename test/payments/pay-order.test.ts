// Paying orders: what is outstanding, money recorded by hand, and who may pay and see what.

import { afterAll, describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { tillIn } from './till.ts';

const app = await startApp();
const till = tillIn(app);
afterAll(async () => expect(await till.unbalanced()).toEqual([]));

describe('a payment at a gateway', () => {
  test('is over what is outstanding, and covers the order once the gateway reports it', async () => {
    const gateway = await till.gateway();
    const order = await till.order();
    await till.record(order, '12.50');
    const payment = await till.start(order, gateway);
    expect(payment).toMatchObject({
      state: 'PENDING',
      method: 'GATEWAY',
      amount: { amount: '17.50', currency: 'CNY' },
      connectionCode: gateway.code,
      capturedAt: null,
      version: 1,
    });
    expect(await till.account(order)).toMatchObject({
      isCovered: false,
      outstanding: '17.50',
      captured: '12.50',
    });
    expect(await gateway.captured(payment, '17.50')).toEqual({ status: 200, json: { result: 'DONE' } });
    expect(await till.account(order)).toMatchObject({
      terms: 'PREPAID',
      isCovered: true,
      due: '30.00',
      captured: '30.00',
      outstanding: '0.00',
      refunds: [],
    });
    await till.shop.reaches(order.id, { paymentState: 'PAID' });
    expect(await till.eventsOf('Payment', payment.id)).toEqual(['payment.started', 'payment.captured']);
  });

  test('is refused when nothing is to be paid, the order is closed, or nobody knows order or gateway', async () => {
    const gateway = await till.gateway();
    const [paid, closed] = [await till.order(), await till.order()];
    await till.record(paid, '30.00');
    await till.cancel(closed);
    const refusal = async (orderId: string, connectionCode = gateway.code) =>
      brief(await app.admin.refusal('paymentStart', { idempotencyKey: newKey(), orderId, connectionCode }));
    expect(await refusal(paid.id)).toEqual(['NOTHING_TO_PAY input.orderId']);
    expect(await refusal(closed.id)).toEqual(['ORDER_CLOSED input.orderId']);
    expect(await refusal(paid.id, 'no-gateway')).toEqual(['NOT_FOUND input.connectionCode']);
    const unknown = Buffer.from('Order:00000000-0000-7000-8000-000000000000').toString('base64url');
    expect(await refusal(unknown)).toEqual(['NOT_FOUND input.orderId']);
    const carrier = await app.given.connection({ kind: 'TRACKING' });
    expect(await refusal(paid.id, carrier.code)).toEqual(['NOT_FOUND input.connectionCode']);
  });

  test('can be tried ten times, and each attempt may still bring the money', async () => {
    const gateway = await till.gateway({ callable: false });
    const order = await till.order();
    const attempts = [];
    for (let i = 0; i < 10; i++) attempts.push(await till.start(order, gateway));
    const input = { idempotencyKey: newKey(), orderId: order.id, connectionCode: gateway.code };
    expect(brief(await app.admin.refusal('paymentStart', input))).toEqual([
      'TOO_MANY_ATTEMPTS input.orderId',
    ]);
    const [first = attempts[0], last] = [attempts[0], attempts[9]];
    if (!first || !last) throw new Error('no attempts');
    expect((await gateway.captured(first, '30.00')).json).toEqual({ result: 'DONE' });
    expect((await gateway.captured(last, '30.00')).json).toEqual({ result: 'DONE' });
    const account = await till.account(order);
    expect(account).toMatchObject({ captured: '60.00', refunding: '30.00', isCovered: true });
    expect(account.refunds).toMatchObject([
      { reason: 'OVERPAYMENT', amount: { amount: '30.00' }, payment: { id: last.id } },
    ]);
  });

  test('C57 is for shoppers and their own orders: they see it, without what colleagues write', async () => {
    const gateway = await till.gateway();
    const [owner, other] = [await app.given.customer(), await app.given.customer()];
    const order = await till.order({ by: owner });
    const input = { idempotencyKey: newKey(), orderId: order.id, connectionCode: gateway.code };
    for (const stranger of [other, app.given.guest()])
      expect(brief(await stranger.refusal('paymentStart', input))).toEqual(['NOT_FOUND input.orderId']);
    const payment = await till.start(order, gateway, owner);
    const read = 'query ($id: ID!) { node(id: $id) { ... on Payment { id state order { id } } } }';
    expect(await owner.ok(read, { id: payment.id })).toEqual({
      node: { id: payment.id, state: 'PENDING', order: { id: order.id } },
    });
    expect(await till.account(order, owner)).toMatchObject({ due: '30.00', payments: [{ id: payment.id }] });
    expect((await other.run(read, { id: payment.id })).data).toEqual({ node: null });
    const inner =
      'query ($id: ID!) { node(id: $id) { ... on Payment { note timeline { totalCount edges { node { payload } } } } } }';
    expect(await owner.ok(inner, { id: payment.id })).toEqual({
      node: { note: null, timeline: { totalCount: 0, edges: [] } },
    });
    expect(await owner.codes('{ payments { totalCount } }')).toEqual(['FORBIDDEN']);
  });
});

describe('money that came in beside gateways', () => {
  test('is recorded once for a transaction, in the order’s currency and not in the future', async () => {
    const order = await till.order();
    const payment = await till.record(order, '30.00', { transactionReference: 'T-1', note: 'By phone' });
    expect(payment).toMatchObject({ state: 'CAPTURED', transactionReference: 'T-1', connectionCode: null });
    const refusal = async (changes: object) =>
      brief(await app.admin.refusal('paymentRecord', till.recordInput(order, '30.00', changes)));
    expect(await refusal({ transactionReference: 'T-1' })).toEqual([
      'ALREADY_EXISTS input.transactionReference',
    ]);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    expect(await refusal({ amount: { amount: '30.00', currency: 'EUR' }, receivedAt: tomorrow })).toEqual([
      'CURRENCY_DIFFERS input.amount.currency',
      'OUT_OF_RANGE input.receivedAt',
    ]);
    expect(await refusal({ method: 'GATEWAY' })).toEqual(['INVALID input.method']);
    expect(await refusal({ amount: till.cny('9999999999999999.99') })).toEqual([
      'AMOUNT_TOO_LARGE input.amount.amount',
    ]);
    expect(await refusal({ amount: till.cny('0.00') })).toEqual(['OUT_OF_RANGE input.amount.amount']);
    expect(await till.account(order)).toMatchObject({ captured: '30.00', refunding: '0.00' });
    await till.record(order, '1.00', { transactionReference: 'T-1', method: 'OTHER' });
  });

  test('beyond what is due goes back by hand, and settling it says with which transfer', async () => {
    const order = await till.order();
    await till.record(order, '10.00');
    const payment = await till.record(order, '35.00');
    const account = await till.account(order);
    expect(account).toMatchObject({
      captured: '45.00',
      refunding: '15.00',
      refunded: '0.00',
      isCovered: true,
    });
    const [refund] = account.refunds;
    expect(refund).toMatchObject({
      state: 'TO_TRANSFER',
      reason: 'OVERPAYMENT',
      amount: { amount: '15.00' },
      payment: { id: payment.id },
      allowedActions: [
        { action: 'RETRY', allowed: false, reasonCode: 'ILLEGAL_STATE' },
        { action: 'SETTLE', allowed: true, reasonCode: null },
      ],
    });
    const settle = { idempotencyKey: newKey(), refundId: refund?.id, transactionReference: 'B-9' };
    await app.admin.act('refundSettle', settle);
    expect(brief(await app.admin.refusal('refundSettle', { ...settle, idempotencyKey: newKey() }))).toEqual([
      'ILLEGAL_STATE input.refundId',
    ]);
    expect(await till.account(order)).toMatchObject({
      refunding: '0.00',
      refunded: '15.00',
      refunds: [{ state: 'SUCCEEDED', transactionReference: 'B-9' }],
    });
    expect(await till.eventsOf('Refund', refund?.id ?? '')).toEqual(['refund.created', 'refund.succeeded']);
  });

  test('C50 twelve calls with one key, and as many with one transaction, record it once', async () => {
    const order = await till.order();
    const input = till.recordInput(order, '30.00');
    await Promise.all(Array.from({ length: 12 }, () => app.admin.act('paymentRecord', input)));
    const document =
      'mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code } } }';
    const again = await Promise.all(
      Array.from({ length: 12 }, () =>
        app.admin.run<{ paymentRecord: { userErrors: { code: string }[] } }>(document, {
          input: { ...input, transactionReference: 'R-1', idempotencyKey: newKey() },
        }),
      ),
    );
    expect(again.filter(({ data }) => data?.paymentRecord.userErrors.length === 0)).toHaveLength(1);
    expect((await till.account(order)).captured).toBe('60.00');
  });

  test('is recorded and seen only in the stores of whoever does', async () => {
    const [here, there] = [await till.order(), await till.order()];
    const clerk = await app.given.staff({
      permissions: ['payments.record', 'payments.read', 'orders.read'],
      stores: [here.storeId],
    });
    await clerk.act('paymentRecord', till.recordInput(here, '30.00'));
    expect(brief(await clerk.refusal('paymentRecord', till.recordInput(there, '30.00')))).toEqual([
      'NOT_FOUND input.orderId',
    ]);
    await till.record(there, '5.00');
    const { payments } = await clerk.ok<{ payments: { totalCount: number } }>('{ payments { totalCount } }');
    expect(payments.totalCount).toBe(1);
    const blind = await app.given.staff({ permissions: ['orders.read'] });
    const account =
      'query ($id: ID!) { node(id: $id) { ... on Order { number payment { due { amount } } } } }';
    const { data, errors } = await blind.run(account, { id: here.id });
    expect(data).toEqual({ node: { number: here.number, payment: null } });
    expect(errors).toEqual([]);
  });

  test('G12 the ledger tells every amount from the first, and is never changed', async () => {
    const order = await till.order();
    await till.record(order, '40.00');
    const { node } = await app.admin.ok<{ node: { payment: { ledger: { edges: { node: object }[] } } } }>(
      `query ($id: ID!) { node(id: $id) { ... on Order { payment { ledger { edges { node {
        counter delta { amount } after { amount } payment { method } refund { reason } actorKind } } } } } } }`,
      { id: order.id },
    );
    const entry = (counter: string, amount: string, cause: object = {}) => ({
      counter,
      delta: { amount },
      after: { amount },
      payment: null,
      refund: null,
      actorKind: 'STAFF',
      ...cause,
    });
    const payment = { method: 'BANK_TRANSFER' };
    expect(node.payment.ledger.edges.map((edge) => edge.node)).toEqual([
      entry('REFUNDING', '10.00', { payment, refund: { reason: 'OVERPAYMENT' } }),
      entry('CAPTURED', '40.00', { payment }),
      entry('DUE', '30.00'),
    ]);
    await expect(app.sql('UPDATE payment_ledger_entry SET delta_minor = 1')).rejects.toThrow(/never changed/);
  });
});

test('paymentEvents and refundEvents tell what happens, filtered by store and state', async () => {
  const order = await till.order();
  const payments = app.admin.subscribe<{
    paymentEvents: { type: string; payment: { amount: object } | null };
  }>(
    'subscription ($stores: [ID!]) { paymentEvents(filter: { storeIds: $stores }) { type payment { amount { amount } } } }',
    { stores: [order.storeId] },
  );
  const refunds = app.admin.subscribe<{ refundEvents: { type: string; refund: { state: string } | null } }>(
    'subscription { refundEvents(filter: { states: [TO_TRANSFER] }) { type refund { state } } }',
  );
  expect([(await payments.next()).paymentEvents.type, (await refunds.next()).refundEvents.type]).toEqual([
    'heartbeat',
    'heartbeat',
  ]);
  await till.record(await till.order(), '30.00');
  await till.record(order, '31.00');
  expect((await payments.next()).paymentEvents).toEqual({
    type: 'payment.captured',
    payment: { amount: { amount: '31.00' } },
  });
  expect((await refunds.next()).refundEvents).toEqual({
    type: 'refund.created',
    refund: { state: 'TO_TRANSFER' },
  });
});
