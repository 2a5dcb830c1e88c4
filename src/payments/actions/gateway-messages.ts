// What payment gateways report, in any order and any number of times: verified, then applied once.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { refuseIf } from '../../core/errors.ts';
import { once } from '../../core/idempotency.ts';
import { earlier } from '../../core/time.ts';
import type { Mismatch } from '../events.ts';
import type { GatewayMessage } from '../inputs.ts';
import { captureProblems, type Difference, differenceOf, isAtGateway } from '../rules.ts';
import { emitPayment, emitRefund } from './money-events.ts';
import { capturePayment, failPayment, type LockedPayment, lockPayment } from './payments.ts';
import { failRefund, type LockedRefund, lockRefund, succeedRefund } from './settle-refunds.ts';

/**
 * What became of a message. REPEATED: nothing was left to do. UNKNOWN: it is about nothing that this gateway was given,
 * or not yet. The others: it differs from what is known here, which is recorded for people and changes nothing else.
 */
export type MessageResult = 'DONE' | 'REPEATED' | 'UNKNOWN' | Mismatch;

type PaymentMessage = Extract<GatewayMessage, { type: `payment.${string}` }>;
type RefundMessage = Extract<GatewayMessage, { type: `refund.${string}` }>;

/**
 * Apply a message of a gateway. One that comes again, with the same id or another, changes nothing. Refuses an id that
 * had other content before with IDEMPOTENCY_KEY_REUSED, and more money than an account can hold with AMOUNT_TOO_LARGE.
 */
export async function applyGatewayMessage(
  tx: Tx,
  actor: Actor,
  {
    connection,
    messageId,
    message,
  }: { connection: { id: string; code: string }; messageId: string; message: GatewayMessage },
  at: Date,
): Promise<MessageResult> {
  const apply = await findSubject(tx, actor, connection.id, message, at);
  if (!apply) return 'UNKNOWN';
  const call = { mutation: `hooks/payment/${connection.code}`, key: messageId, input: message, at };
  const { outcome, replayed } = await once(tx, actor, call, async () => ({ result: await apply() }));
  return replayed && outcome.result === 'DONE' ? 'REPEATED' : outcome.result;
}

/** Lock what a message is about; what then applies the message to it. Null when the gateway was given no such thing. */
async function findSubject(
  tx: Tx,
  actor: Actor,
  connectionId: string,
  message: GatewayMessage,
  at: Date,
): Promise<(() => Promise<MessageResult>) | null> {
  if (isOfPayment(message)) {
    const payment = await lockPayment(tx, message.reference, connectionId);
    return payment && (() => applyToPayment(tx, actor, payment, message, at));
  }
  const refund = await lockRefund(tx, message.reference);
  if (refund?.payment.connection?.id !== connectionId) return null;
  return () => applyToRefund(tx, actor, refund, message, at);
}

const isOfPayment = (message: GatewayMessage): message is PaymentMessage =>
  message.type === 'payment.captured' || message.type === 'payment.failed';

async function applyToPayment(
  tx: Tx,
  actor: Actor,
  payment: LockedPayment,
  message: PaymentMessage,
  at: Date,
): Promise<MessageResult> {
  if (message.type === 'payment.failed') {
    if (payment.state !== 'PENDING') return 'REPEATED';
    await failPayment(tx, actor, payment, message.reason ?? '', at);
    return 'DONE';
  }
  const { transactionReference, occurredAt } = message;
  const known = {
    ...payment,
    isSettled: payment.state === 'CAPTURED',
    orderNumber: payment.account.order.number,
  };
  const difference =
    differenceOf(known, message) ?? (await differenceInUse(tx, payment, transactionReference));
  if (difference) {
    const { storeId } = payment.account;
    const after = await tx.payment.update({ where: { id: payment.id }, data: { version: { increment: 1 } } });
    await emitPayment(tx, actor, 'payment.mismatched', { storeId, before: payment, after }, difference, at);
    return difference.mismatch;
  }
  if (known.isSettled) return 'REPEATED';
  const { capturedMinor } = payment.account;
  refuseIf(captureProblems({ capturedMinor, currency: payment.currency }, payment.amountMinor, ['amount']));
  // Clocks of gateways may go ahead of ours.
  const capturedAt = earlier(occurredAt, at);
  await capturePayment(tx, actor, payment, { transactionReference, capturedAt }, at);
  return 'DONE';
}

/** The difference when a transaction paid another payment of the gateway already. */
async function differenceInUse(
  tx: Tx,
  { id, connectionId }: LockedPayment,
  transactionReference: string,
): Promise<Difference | null> {
  const others = await tx.payment.count({ where: { connectionId, transactionReference, id: { not: id } } });
  return others > 0 ? { mismatch: 'TRANSACTION', expected: null, reported: transactionReference } : null;
}

async function applyToRefund(
  tx: Tx,
  actor: Actor,
  refund: LockedRefund,
  message: RefundMessage,
  at: Date,
): Promise<MessageResult> {
  if (message.type === 'refund.failed') {
    if (!isAtGateway(refund.state)) return 'REPEATED';
    await failRefund(tx, actor, refund, message.reason ?? '', at);
    return 'DONE';
  }
  const { transactionReference, occurredAt } = message;
  const isSettled = refund.state === 'SUCCEEDED';
  const difference = differenceOf({ ...refund, isSettled }, message);
  if (difference) {
    const { storeId } = refund.account;
    const after = await tx.refund.update({ where: { id: refund.id }, data: { version: { increment: 1 } } });
    await emitRefund(tx, actor, 'refund.mismatched', { storeId, before: refund, after }, difference, at);
    return difference.mismatch;
  }
  if (isSettled) return 'REPEATED';
  const settledAt = earlier(occurredAt, at);
  await succeedRefund(tx, actor, refund, { transactionReference, settledAt }, at);
  return 'DONE';
}
