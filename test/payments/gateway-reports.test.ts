// What payment gateways report: verified, in any order and any number of times with one end state.

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { tillIn } from './till.ts';

const app = await startApp();
const till = tillIn(app);
afterAll(async () => expect(await till.unbalanced()).toEqual([]));

const gateway = await till.gateway({ callable: false });

describe('C29 a report is heard only', () => {
  test('signed by the secret of its connection, unaltered, and not older than five minutes', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    const report = {
      type: 'payment.captured',
      reference: payment.id,
      transactionReference: 'forged-1',
      amount: '30.00',
      currency: 'CNY',
      occurredAt: new Date().toISOString(),
    };
    const other = await till.gateway();
    const forged = { status: 401, json: { message: expect.stringContaining('not signed'), problems: [] } };
    expect(await gateway.send(report, { secret: other.secret })).toEqual(forged);
    expect(await gateway.send(report, { instead: JSON.stringify({ ...report, amount: '0.01' }) })).toEqual(
      forged,
    );
    expect(await gateway.send(report, { signedAt: new Date(Date.now() - 400_000) })).toEqual(forged);
    const nowhere = await fetch(`${app.origin}/hooks/payment/no-gateway`, { method: 'POST', body: '{}' });
    expect(nowhere.status).toBe(401);
    expect((await fetch(`${app.origin}${gateway.path}`)).status).toBe(405);
    expect(await till.account(order)).toMatchObject({ captured: '0.00', payments: [{ state: 'PENDING' }] });
  });

  test('well formed and at most 64 KiB long; what is wrong is said', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    const bad: [object | string, string | null][] = [
      ['no json', null],
      [{ type: 'payment.captured' }, 'reference'],
      [{ type: 'payment.stolen' }, 'type'],
    ];
    for (const [report, path] of bad) {
      const { status, json } = await gateway.send(report);
      expect(status).toBe(400);
      if (path)
        expect((json as { problems: { path: string[] }[] }).problems.map((one) => one.path[0])).toContain(
          path,
        );
    }
    for (const changes of [
      { amount: '30.005' },
      { amount: '3e1' },
      { currency: 'XXQ' },
      { occurredAt: 'today' },
      { reference: order.id },
    ])
      expect((await gateway.captured(payment, '30.00', changes)).status).toBe(400);
    const long = await gateway.failed(payment, { padding: 'x'.repeat(65_536) });
    expect(long.status).toBe(413);
    expect(await till.account(order)).toMatchObject({ payments: [{ state: 'PENDING', version: 1 }] });
  });

  test('of payments that its gateway was given: others look unknown, and are untouched', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    const other = await till.gateway();
    const early = Buffer.from(`Payment:${crypto.randomUUID()}`).toString('base64url');
    const unknown = { status: 404, json: { result: 'UNKNOWN' } };
    expect(await other.captured(payment, '30.00')).toEqual(unknown);
    expect(await other.captured({ id: early }, '30.00')).toEqual(unknown);
    const byHand = await till.record(order, '1.00');
    expect(await other.captured(byHand, '1.00')).toEqual(unknown);
    expect(await till.eventsOf('Payment', payment.id)).toEqual(['payment.started']);
    expect((await gateway.captured(payment, '30.00')).status).toBe(200);
  });
});

describe('C29 what differs changes no money, and is told to people once:', () => {
  const differing = async (changes: object, expected: { status: number; mismatch: string }) => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    const report = {
      type: 'payment.captured',
      reference: payment.id,
      transactionReference: `d-${payment.id.slice(-12)}`,
      amount: '30.00',
      currency: 'CNY',
      occurredAt: new Date().toISOString(),
      ...changes,
    };
    const id = `msg-${crypto.randomUUID()}`;
    const answer = { status: expected.status, json: { result: expected.mismatch } };
    expect(await gateway.send(report, { id })).toEqual(answer);
    expect(await gateway.send(report, { id })).toEqual(answer);
    expect(await till.eventsOf('Payment', payment.id)).toEqual(['payment.started', 'payment.mismatched']);
    expect(await till.account(order)).toMatchObject({
      captured: '0.00',
      payments: [{ state: 'PENDING', version: 2 }],
    });
    return payment;
  };

  test('the amount', () => differing({ amount: '0.01' }, { status: 422, mismatch: 'AMOUNT' }));
  test('the currency', () => differing({ currency: 'USD' }, { status: 422, mismatch: 'CURRENCY' }));
  test('the order', () => differing({ orderNumber: '1' }, { status: 422, mismatch: 'ORDER' }));

  test('the transaction, which paid another payment', async () => {
    const paid = await till.pay(await till.order(), gateway);
    const transactionReference = `in-${paid.id.slice(-12)}`;
    await differing({ transactionReference }, { status: 409, mismatch: 'TRANSACTION' });
  });

  test('the transaction of a payment that another one paid already', async () => {
    const order = await till.order();
    const payment = await till.pay(order, gateway);
    const again = await gateway.captured(payment, '30.00', { transactionReference: 'other' });
    expect(again).toEqual({ status: 409, json: { result: 'TRANSACTION' } });
    expect(await till.account(order)).toMatchObject({ captured: '30.00', refunding: '0.00' });
  });

  test('and the right report is taken in afterwards', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    expect((await gateway.captured(payment, '3.00')).status).toBe(422);
    const right = await gateway.captured(payment, '30.00', { orderNumber: order.number });
    expect(right).toEqual({ status: 200, json: { result: 'DONE' } });
    const wrongAgain = await gateway.captured(payment, '3.00');
    expect(wrongAgain).toEqual({ status: 422, json: { result: 'AMOUNT' } });
    expect(await till.account(order)).toMatchObject({ captured: '30.00', isCovered: true });
  });

  test('one transaction reported for two payments at the same moment pays one of them', async () => {
    const orders = [await till.order(), await till.order()];
    const payments = await Promise.all(orders.map((order) => till.start(order, gateway)));
    const answers = await Promise.all(
      payments.map((payment) => gateway.captured(payment, '30.00', { transactionReference: 'twins' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe('C29 reports come 0 to n times and in any order:', () => {
  test('a message id is applied once; with other content it is refused', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    const report = {
      type: 'payment.failed',
      reference: payment.id,
      reason: 'No funds',
      occurredAt: new Date().toISOString(),
    };
    const id = 'msg-once-and-for-all';
    expect((await gateway.send(report, { id })).json).toEqual({ result: 'DONE' });
    expect((await gateway.send(report, { id })).json).toEqual({ result: 'REPEATED' });
    expect(await gateway.send({ ...report, reason: 'Other' }, { id })).toMatchObject({
      status: 409,
      json: { problems: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] },
    });
    expect(await till.account(order)).toMatchObject({
      payments: [{ state: 'FAILED', failureReason: 'No funds' }],
    });
  });

  test('any order and repetition of captured and failed ends captured, once', async () => {
    const reports = fc.shuffledSubarray(['captured', 'failed', 'captured', 'failed', 'captured'] as const, {
      minLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(
        reports.filter((list) => list.includes('captured')),
        async (list) => {
          const order = await till.order({ quantity: 1 });
          const payment = await till.start(order, gateway);
          for (const report of list) {
            const sent = report === 'failed' ? gateway.failed(payment) : gateway.captured(payment, '10.00');
            const { status } = await sent;
            expect(status).toBe(200);
          }
          const account = await till.account(order);
          expect(account).toMatchObject({ captured: '10.00', refunding: '0.00', isCovered: true });
          expect(account.payments).toMatchObject([{ state: 'CAPTURED', failureReason: null }]);
        },
      ),
      { numRuns: 8 },
    );
  }, 60_000);

  test('twenty of them at the same moment take the money in once', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 4 === 3 ? gateway.failed(payment) : gateway.captured(payment, '30.00'),
      ),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await till.account(order)).toMatchObject({ captured: '30.00', refunding: '0.00' });
    const events = await till.eventsOf('Payment', payment.id);
    expect(events.filter((type) => type === 'payment.captured')).toHaveLength(1);
  });

  test('C26 money that comes for a cancelled order is taken in, and queued to go back', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    await gateway.failed(payment);
    await till.cancel(order);
    expect(await gateway.captured(payment, '30.00')).toEqual({ status: 200, json: { result: 'DONE' } });
    expect(await till.account(order)).toMatchObject({
      due: '0.00',
      captured: '30.00',
      refunding: '30.00',
      refunds: [{ reason: 'LATE_PAYMENT', state: 'TO_TRANSFER', amount: { amount: '30.00' } }],
    });
  });

  test('C26 cancelling and paying at the same moment: the money is kept for an open order or queued to go back', async () => {
    for (let round = 0; round < 6; round++) {
      const order = await till.order();
      const payment = await till.start(order, gateway);
      await Promise.all([till.cancel(order), gateway.captured(payment, '30.00')]);
      expect(await till.account(order)).toMatchObject({ due: '0.00', captured: '30.00', refunding: '30.00' });
    }
  });

  test('a rotated secret signs at once, and the former one in its overlap', async () => {
    const order = await till.order();
    const payment = await till.start(order, gateway);
    const { secret } = await app.admin.act<{ secret: string }>(
      'connectionRotate',
      { connectionId: gateway.connectionId, overlapHours: 1 },
      'secret',
    );
    const report = { type: 'payment.failed', reference: payment.id, occurredAt: new Date().toISOString() };
    expect((await gateway.send(report, { secret })).json).toEqual({ result: 'DONE' });
    expect((await gateway.send(report)).json).toEqual({ result: 'REPEATED' });
  });
});
