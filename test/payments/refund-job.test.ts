// Refunds at the gateway: asked outside of any transaction, executed once, visible when they fail.

import { afterAll, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { type Gateway, succeeded, tillIn } from './till.ts';

const app = await startApp();
const till = tillIn(app);
afterAll(async () => expect(await till.unbalanced()).toEqual([]));

/** An order that was paid at a gateway and then cancelled: its refund is queued. */
async function cancelled(gateway: Gateway) {
  const order = await till.order();
  const payment = await till.pay(order, gateway);
  await till.cancel(order);
  return { order, payment };
}

const reportOf = (refund: { id: string }, changes: object = {}) => ({
  type: 'refund.succeeded',
  reference: refund.id,
  transactionReference: `back-${refund.id.slice(-12)}`,
  amount: '30.00',
  currency: 'CNY',
  occurredAt: new Date().toISOString(),
  ...changes,
});

/** Why the refund of an order failed, in the words that a reader of each language finds. */
async function failureOf(order: { id: string }) {
  const read = async (language: string) =>
    (await till.account(order, app.admin.speaking(language))).refunds[0]?.failureReason;
  return { en: await read('en'), zh: await read('zh') };
}

const retry = (refund: { id: string }) =>
  app.admin.act('refundRetry', { idempotencyKey: newKey(), refundId: refund.id });

test('C36 a refund is asked for with its own reference and settled by the answer', async () => {
  const gateway = await till.gateway();
  const { order, payment } = await cancelled(gateway);
  const refund = await till.reaches(order, 'SUCCEEDED');
  expect(gateway.asked).toEqual([
    {
      type: 'refund.requested',
      refundReference: refund.id,
      paymentReference: payment.id,
      transactionReference: `in-${payment.id.slice(-12)}`,
      amount: '30.00',
      currency: 'CNY',
    },
  ]);
  expect(refund).toMatchObject({ reason: 'CANCELLATION', attempts: 1, failureReason: null });
  expect(await till.account(order)).toMatchObject({
    refunding: '0.00',
    refunded: '30.00',
    captured: '30.00',
  });
  expect(await till.eventsOf('Refund', refund.id)).toEqual([
    'refund.created',
    'refund.sent',
    'refund.succeeded',
  ]);
  await till.shop.reaches(order.id, { paymentState: 'REFUNDED' });
});

test('C36 G41 a gateway that fails, hangs up or talks nonsense is asked again for the same refund', async () => {
  const gateway = await till.gateway();
  const replies = [
    { status: 500, body: {} },
    'HANG_UP',
    { status: 200, body: { status: 'PERHAPS' } },
  ] as const;
  gateway.reply((asked) => replies[gateway.asked.length - 1] ?? succeeded(asked));
  const { order } = await cancelled(gateway);
  // The pauses grow to 15 minutes; here nobody waits for them.
  const hurry = setInterval(
    () =>
      void app.sql(`UPDATE pgboss.job SET start_after = created_on WHERE state = 'retry'`).catch(() => {}),
    200,
  );
  const refund = await till.reaches(order, 'SUCCEEDED').finally(() => clearInterval(hurry));
  expect(refund.attempts).toBe(4);
  expect(new Set(gateway.asked.map(({ refundReference }) => refundReference))).toEqual(new Set([refund.id]));
  expect(await till.account(order)).toMatchObject({ refunding: '0.00', refunded: '30.00' });
}, 60_000);

test('C36 a refusal is visible at once, and people try again or settle it by hand', async () => {
  const gateway = await till.gateway();
  gateway.reply(() => ({ status: 200, body: { status: 'FAILED', reason: 'Account closed' } }));
  const { order } = await cancelled(gateway);
  const refund = await till.reaches(order, 'FAILED');
  expect(refund).toMatchObject({
    failureReason: 'Account closed',
    attempts: 1,
    allowedActions: [
      { action: 'RETRY', allowed: true },
      { action: 'SETTLE', allowed: true },
    ],
  });
  expect(await till.account(order)).toMatchObject({ refunding: '30.00', refunded: '0.00' });
  const { refunds } = await app.admin.ok<{ refunds: { totalCount: number } }>(
    'query ($id: ID!) { refunds(where: { orderId: $id, states: [FAILED] }) { totalCount } }',
    { id: order.id },
  );
  expect(refunds.totalCount).toBe(1);
  gateway.reply(() => ({ status: 403, body: {} }));
  await retry(refund);
  await till.reaches(order, 'FAILED');
  const [english, chinese] = ['The gateway refused with status 403.', '支付网关拒绝，状态码 403。'];
  expect(await failureOf(order)).toEqual({ en: english, zh: chinese });
  const { node } = await app.admin.speaking('zh').ok<{ node: object }>(
    `query ($id: ID!) { node(id: $id) { ... on Refund { timeline(last: 1) { edges { node {
      type payload changes { field after } } } } } } }`,
    { id: refund.id },
  );
  const changes = expect.arrayContaining([{ field: 'failureReason', after: chinese }]);
  expect(node).toMatchObject({
    timeline: { edges: [{ node: { type: 'refund.failed', payload: { reason: chinese }, changes } }] },
  });
  gateway.reply(succeeded);
  await retry(refund);
  expect(await till.reaches(order, 'SUCCEEDED')).toMatchObject({ attempts: 3, failureReason: null });
  const again = { idempotencyKey: newKey(), refundId: refund.id };
  expect(brief(await app.admin.refusal('refundRetry', again))).toEqual(['ILLEGAL_STATE input.refundId']);
  expect(await till.eventsOf('Refund', refund.id)).toEqual([
    'refund.created',
    'refund.sent',
    'refund.failed',
    'refund.retried',
    'refund.sent',
    'refund.failed',
    'refund.retried',
    'refund.sent',
    'refund.succeeded',
  ]);
});

test('C36 a gateway that needs time reports later; a repeated, late or differing report changes nothing', async () => {
  const gateway = await till.gateway();
  gateway.reply(() => ({ status: 202, body: { status: 'PENDING' } }));
  const { order } = await cancelled(gateway);
  const refund = await till.reaches(order, 'PROCESSING');
  expect(await gateway.send(reportOf(refund, { amount: '3.00' }))).toEqual({
    status: 422,
    json: { result: 'AMOUNT' },
  });
  const other = await till.gateway();
  expect(await other.send(reportOf(refund))).toEqual({ status: 404, json: { result: 'UNKNOWN' } });
  expect(await gateway.send(reportOf(refund))).toEqual({ status: 200, json: { result: 'DONE' } });
  expect(await gateway.send(reportOf(refund))).toEqual({ status: 200, json: { result: 'REPEATED' } });
  const failed = { type: 'refund.failed', reference: refund.id, occurredAt: new Date().toISOString() };
  expect(await gateway.send(failed)).toEqual({ status: 200, json: { result: 'REPEATED' } });
  expect(await gateway.send(reportOf(refund, { transactionReference: 'two' }))).toEqual({
    status: 409,
    json: { result: 'TRANSACTION' },
  });
  expect(await till.account(order)).toMatchObject({ refunding: '0.00', refunded: '30.00' });
  expect(
    (await till.eventsOf('Refund', refund.id)).filter((type) => type === 'refund.succeeded'),
  ).toHaveLength(1);
});

test('C36 a report that overtakes the answer, and the answer after it, settle once', async () => {
  const gateway = await till.gateway();
  const reported: Promise<unknown>[] = [];
  gateway.reply((asked) => {
    reported.push(gateway.send(reportOf({ id: asked.refundReference })));
    return succeeded(asked);
  });
  const { order } = await cancelled(gateway);
  const refund = await till.reaches(order, 'SUCCEEDED');
  await Promise.all(reported);
  expect(await till.account(order)).toMatchObject({ refunding: '0.00', refunded: '30.00' });
  expect(
    (await till.eventsOf('Refund', refund.id)).filter((type) => type === 'refund.succeeded'),
  ).toHaveLength(1);
});

test('C36 G41 a crash between call and record is made good: the job runs again, the gateway executes once', async () => {
  const gateway = await till.gateway();
  const executed = new Set<string>();
  gateway.reply((asked) => {
    executed.add(asked.refundReference);
    return { status: 200, body: { status: 'PENDING' } };
  });
  const { order } = await cancelled(gateway);
  const refund = await till.reaches(order, 'PROCESSING');
  await expect
    .poll(() => app.sql(`SELECT 1 FROM pgboss.job WHERE data->>'refundId' IS NOT NULL AND state = 'active'`))
    .toEqual([]);
  // As a dead instance leaves it: asked, nothing recorded, the job lost to nobody.
  gateway.reply(succeeded);
  await app.sql(
    `INSERT INTO pgboss.job (id, name, data, policy, retry_limit, retry_delay, expire_seconds)
     SELECT gen_random_uuid(), name, data, policy, retry_limit, retry_delay, expire_seconds FROM pgboss.job
     WHERE name = 'payments.refund' ORDER BY created_on DESC LIMIT 1`,
  );
  expect(await till.reaches(order, 'SUCCEEDED')).toMatchObject({ id: refund.id, attempts: 2 });
  expect([...executed]).toEqual([refund.id]);
  expect(await till.account(order)).toMatchObject({ refunding: '0.00', refunded: '30.00' });
});

test('C36 after the last try a refund is failed, for people to see', async () => {
  const gateway = await till.gateway();
  gateway.reply(() => ({ status: 503, body: {} }));
  const { order } = await cancelled(gateway);
  const last = setInterval(
    () =>
      void app
        .sql(
          `UPDATE pgboss.job SET retry_limit = retry_count WHERE state IN ('created', 'retry', 'active') AND name = 'payments.refund'`,
        )
        .catch(() => {}),
    20,
  );
  await till.reaches(order, 'FAILED').finally(() => clearInterval(last));
  expect(await failureOf(order)).toEqual({
    en: 'The gateway could not be reached.',
    zh: '无法连接支付网关。',
  });
  expect(await till.account(order)).toMatchObject({ refunding: '30.00', refunded: '0.00' });
}, 40_000);

test('C36 a gateway that is archived before it answered is not asked again', async () => {
  const gateway = await till.gateway();
  gateway.reply(() => ({ status: 503, body: {} }));
  const { order } = await cancelled(gateway);
  await expect.poll(() => gateway.asked.length).toBe(1);
  await app.admin.act('connectionArchive', { connectionId: gateway.connectionId });
  await till.reaches(order, 'FAILED');
  expect(gateway.asked).toHaveLength(1);
  expect(await failureOf(order)).toEqual({
    en: 'The gateway is not called any more.',
    zh: '该支付网关已不再调用。',
  });
});

test('what a gateway says is told as it says it, also when it looks like a reason of the product', async () => {
  const gateway = await till.gateway();
  const said = '#gatewayRefused {"status":200}';
  gateway.reply(() => ({ status: 200, body: { status: 'FAILED', reason: ` ${said}` } }));
  const { order } = await cancelled(gateway);
  await till.reaches(order, 'FAILED');
  expect(await failureOf(order)).toEqual({ en: said, zh: said });
});

test('a refund of a gateway that is archived is settled by hand', async () => {
  const gateway = await till.gateway();
  const order = await till.order();
  await till.pay(order, gateway);
  await app.admin.act('connectionArchive', { connectionId: gateway.connectionId });
  await till.cancel(order);
  const [refund] = (await till.account(order)).refunds;
  expect(refund?.state).toBe('TO_TRANSFER');
  expect(gateway.asked).toEqual([]);
});

test('G41 what is rolled back queues nothing: a refused call leaves no job', async () => {
  const gateway = await till.gateway();
  const order = await till.order();
  await till.pay(order, gateway);
  const count = async () =>
    (await app.sql<{ count: string }>(`SELECT count(*) FROM pgboss.job WHERE name = 'payments.refund'`))[0]
      ?.count;
  const before = await count();
  const input = { ...till.refundInput(order, { amount: till.cny('99.00') }) };
  await app.admin.refusal('refundCreate', input);
  expect(await count()).toBe(before);
});
