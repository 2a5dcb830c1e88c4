// Payments: started by whoever pays, recorded by staff, captured and failed as gateways report.

import type { Actor } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import { DomainError, notFound, type Problem, problem, refuseIf, takenProblem } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { aheadProblems } from '../../core/inputs.ts';
import { formatMinor } from '../../core/money.ts';
import type { Payment } from '../../generated/prisma/client.ts';
import type { PaymentRecord, PaymentStart } from '../inputs.ts';
import { captureProblems, outstandingMinor } from '../rules.ts';
import { paymentProblem } from '../texts.ts';
import { type LockedAccount, lockAccountInReach } from './accounts.ts';
import { emitPayment } from './money-events.ts';
import { moveAccount } from './move-account.ts';
import { queueSurplus } from './queue-refunds.ts';

const OPEN_ATTEMPTS_MAX = 10;

/** How long an attempt counts. It stays payable for longer: people come back to it days later. */
const ATTEMPT_MS = 3_600_000;

/**
 * Start a payment of what is outstanding at a gateway. Earlier attempts stay open: money that comes in for them counts
 * as well. Refuses with NOT_FOUND (order, connection), ORDER_CLOSED, PAID_ON_PLATFORM, NOTHING_TO_PAY,
 * TOO_MANY_ATTEMPTS.
 */
export async function startPayment(
  tx: Tx,
  actor: Actor,
  { orderId, connectionCode }: PaymentStart,
  at: Date,
): Promise<{ id: string }> {
  const connection = await tx.connection.findFirst({
    where: {
      code: connectionCode,
      kind: 'PAYMENT',
      archivedAt: null,
      partner: { kind: 'PAYMENT_GATEWAY' },
    },
    select: { id: true },
  });
  if (!connection) throw new DomainError([notFound('Connection', ['connectionCode'])]);
  const account = await lockAccountInReach(tx, actor, orderId);
  refuseIf(startProblems(account));
  const attempts = await tx.payment.count({
    where: { orderId, state: 'PENDING', createdAt: { gt: new Date(at.getTime() - ATTEMPT_MS) } },
  });
  if (attempts >= OPEN_ATTEMPTS_MAX) {
    const params = { max: OPEN_ATTEMPTS_MAX };
    throw new DomainError([paymentProblem('TOO_MANY_ATTEMPTS', { path: ['orderId'], params })]);
  }
  const { storeId, currency } = account;
  const payment = await tx.payment.create({
    data: {
      id: newId(),
      orderId,
      connectionId: connection.id,
      method: 'GATEWAY',
      amountMinor: outstandingMinor(account),
      currency,
      createdAt: at,
    },
  });
  const facts = { storeId, before: null, after: payment };
  await emitPayment(tx, actor, 'payment.started', facts, amountOf(payment), at);
  return { id: payment.id };
}

function startProblems(account: LockedAccount): Problem[] {
  const path = ['orderId'];
  if (account.order.state === 'CANCELLED') return [paymentProblem('ORDER_CLOSED', { path })];
  if (account.terms === 'PLATFORM') return [paymentProblem('PAID_ON_PLATFORM', { path })];
  return outstandingMinor(account) === 0n ? [paymentProblem('NOTHING_TO_PAY', { path })] : [];
}

/**
 * Record money that came in beside the gateways. Money that came in is never refused: what is more than due goes back.
 * Refuses with NOT_FOUND, CURRENCY_DIFFERS, OUT_OF_RANGE (received later than now), AMOUNT_TOO_LARGE (more than an
 * account can hold), ALREADY_EXISTS (the same transaction of this order).
 */
export async function recordPayment(
  tx: Tx,
  actor: Actor,
  input: PaymentRecord,
  at: Date,
): Promise<{ id: string }> {
  const { orderId, method, amount, transactionReference, receivedAt = at } = input;
  const account = await lockAccountInReach(tx, actor, orderId);
  const taken = takenProblem(['transactionReference'], transactionReference);
  const known = await tx.payment.count({
    where: { orderId, connectionId: null, method, transactionReference },
  });
  refuseIf([
    ...currencyProblems(account.currency, amount, ['amount', 'currency']),
    ...aheadProblems([[['receivedAt'], receivedAt]], at),
    ...captureProblems(account, amount.minor, ['amount', 'amount']),
    ...(known > 0 ? [taken] : []),
  ]);
  const write = tx.payment.create({
    data: {
      id: newId(),
      orderId,
      method,
      amountMinor: amount.minor,
      currency: amount.currency,
      transactionReference,
      note: input.note ?? null,
      createdAt: at,
    },
  });
  const payment = await writeUnique(write, { payment_transaction_by_hand: taken });
  await capturePayment(tx, actor, payment, { transactionReference, capturedAt: receivedAt }, at);
  return { id: payment.id };
}

/** Problems of an amount in another currency than the order's. */
export const currencyProblems = (
  currency: string,
  amount: { currency: string } | undefined,
  path: readonly (string | number)[],
): Problem[] =>
  amount === undefined || amount.currency === currency
    ? []
    : [problem('CURRENCY_DIFFERS', { path, params: { currency } })];

/**
 * Take in the money of a payment, whatever became of it before: money that really came is never lost. What is more
 * than due goes back. The caller holds the lock of the account and has seen that the payment was not captured yet.
 */
export async function capturePayment(
  tx: Tx,
  actor: Actor,
  before: Payment,
  { transactionReference, capturedAt }: { transactionReference: string; capturedAt: Date },
  at: Date,
): Promise<void> {
  const { id, orderId } = before;
  const after = await tx.payment.update({
    where: { id, state: { not: 'CAPTURED' } },
    data: {
      state: 'CAPTURED',
      transactionReference,
      capturedAt,
      failureReason: null,
      version: { increment: 1 },
    },
  });
  const account = await moveAccount(
    tx,
    actor,
    orderId,
    { captured: after.amountMinor },
    { paymentId: id },
    at,
  );
  const facts = { storeId: account.storeId, before, after };
  await emitPayment(tx, actor, 'payment.captured', facts, amountOf(after), at);
  const { state } = await tx.order.findUniqueOrThrow({ where: { id: orderId }, select: { state: true } });
  await queueSurplus(tx, actor, account, state === 'CANCELLED' ? 'LATE_PAYMENT' : 'OVERPAYMENT', at);
}

/** Lock a payment of a gateway, which is to lock its account; null when it has none. */
export async function lockPayment(tx: Tx, paymentId: string, connectionId: string) {
  await tx.$queryRaw`
    SELECT 1 FROM payment_account WHERE order_id = (SELECT order_id FROM payment WHERE id = ${paymentId}::uuid) FOR UPDATE`;
  return tx.payment.findFirst({
    where: { id: paymentId, connectionId },
    include: {
      account: { select: { storeId: true, capturedMinor: true, order: { select: { number: true } } } },
    },
  });
}

export type LockedPayment = NonNullable<Awaited<ReturnType<typeof lockPayment>>>;

/** Note that an attempt to pay failed. The caller has seen that it was pending. */
export async function failPayment(
  tx: Tx,
  actor: Actor,
  before: LockedPayment,
  reason: string,
  at: Date,
): Promise<void> {
  const { storeId } = before.account;
  const after = await tx.payment.update({
    where: { id: before.id, state: 'PENDING' },
    data: { state: 'FAILED', failureReason: reason || null, version: { increment: 1 } },
  });
  await emitPayment(tx, actor, 'payment.failed', { storeId, before, after }, { reason }, at);
}

const amountOf = ({ amountMinor, currency, method }: Payment) => ({
  amount: formatMinor(amountMinor, currency),
  currency,
  method,
});
