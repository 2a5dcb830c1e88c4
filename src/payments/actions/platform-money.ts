// Money that a platform took and gives back: facts that are recorded here, never moved.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { refuseIf } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { formatMinor } from '../../core/money.ts';
import { captureProblems, creditOf, keptMinor, mirroredLineProblems } from '../rules.ts';
import { refundExceeds } from '../texts.ts';
import { lockAccount, setDue } from './accounts.ts';
import { emitPayment, emitRefund } from './money-events.ts';
import { moveAccount } from './move-account.ts';
import { type RefundedLine, refundablePayments } from './queue-refunds.ts';

/**
 * Record what a platform received for an order in all under one of its references, and what is due, because the
 * platform prices the order. A repeated message changes nothing; one with another amount corrects the first, and one
 * with nothing takes it back. Refuses
 * with REFUND_EXCEEDS_CAPTURED when more than the corrected amount went back already, and with AMOUNT_TOO_LARGE.
 */
export async function recordPlatformPayment(
  tx: Tx,
  actor: Actor,
  received: { orderId: string; dueMinor: bigint; amountMinor: bigint; reference: string; paidAt: Date },
  at: Date,
): Promise<void> {
  const { orderId, dueMinor, amountMinor, reference, paidAt } = received;
  const { storeId, currency, ...held } = await lockAccount(tx, orderId);
  const before = await tx.payment.findFirst({
    where: { orderId, method: 'PLATFORM', transactionReference: reference },
  });
  const formerMinor = before?.state === 'CAPTURED' ? before.amountMinor : 0n;
  const difference = amountMinor - formerMinor;
  const left = keptMinor(held);
  refuseIf([
    ...(left + difference < 0n ? [refundExceeds(left, currency, ['amount'])] : []),
    ...captureProblems({ ...held, currency }, difference, ['amount']),
  ]);
  const amount = formatMinor(amountMinor, currency);
  // A payment of nothing is none: the platform's vouchers can pay for everything.
  if (!before && difference > 0n) {
    const after = await tx.payment.create({
      data: {
        id: newId(),
        orderId,
        method: 'PLATFORM',
        state: 'CAPTURED',
        amountMinor,
        currency,
        transactionReference: reference,
        capturedAt: paidAt,
        createdAt: at,
      },
    });
    await moveAccount(tx, actor, orderId, { captured: difference }, { paymentId: after.id }, at);
    const payload = { amount, currency, method: after.method };
    await emitPayment(tx, actor, 'payment.captured', { storeId, before, after }, payload, at);
  }
  if (before && difference !== 0n) {
    const corrected =
      amountMinor > 0n
        ? ({ state: 'CAPTURED', amountMinor, capturedAt: before.capturedAt ?? paidAt } as const)
        : ({ state: 'CANCELLED', capturedAt: null } as const);
    const after = await tx.payment.update({
      where: { id: before.id },
      data: { ...corrected, version: { increment: 1 } },
    });
    await moveAccount(tx, actor, orderId, { captured: difference }, { paymentId: after.id }, at);
    const payload = { amount, currency, before: formatMinor(formerMinor, currency) };
    await emitPayment(tx, actor, 'payment.corrected', { storeId, before, after }, payload, at);
  }
  await setDue(tx, actor, { orderId, dueMinor, reason: 'OVERPAYMENT' }, at);
}

export interface PlatformRefund {
  orderId: string;
  /** The platform's own number of the refund. */
  reference: string;
  amountMinor: bigint;
  freightMinor: bigint;
  lines: readonly RefundedLine[];
  settledAt: Date;
}

/**
 * Record a refund that a platform made, once for each of its references. What it gives back beyond money that was not
 * due any more is a credit, and lowers what is due. Refuses with REFUND_EXCEEDS_CAPTURED, and with DUPLICATE and
 * REFUND_LINE_EXCEEDS for lines that do not fit the order or the refund.
 */
export async function mirrorRefund(tx: Tx, actor: Actor, told: PlatformRefund, at: Date): Promise<void> {
  const { orderId, reference, amountMinor, freightMinor, lines, settledAt } = told;
  const account = await lockAccount(tx, orderId);
  const { storeId, currency } = account;
  if ((await tx.refund.count({ where: { orderId, externalReference: reference } })) > 0) return;
  const left = keptMinor(account);
  refuseIf([
    ...(amountMinor > left ? [refundExceeds(left, currency, ['amount'])] : []),
    ...mirroredLineProblems(lines, { minor: amountMinor, currency }, await orderedUnits(tx, lines)),
  ]);
  const payments = await refundablePayments(tx, orderId);
  const payment = payments.find(({ leftMinor }) => leftMinor >= amountMinor) ?? payments[0];
  if (!payment) throw new Error(`order ${orderId} has money that no payment brought`);
  const refund = await tx.refund.create({
    data: {
      id: newId(),
      orderId,
      paymentId: payment.id,
      reason: 'PLATFORM',
      state: 'SUCCEEDED',
      amountMinor,
      freightMinor,
      currency,
      externalReference: reference,
      settledAt,
      createdAt: at,
    },
  });
  await tx.refundLine.createMany({
    data: lines.map((line) => ({ id: newId(), refundId: refund.id, ...line })),
  });
  const due = -creditOf(account, amountMinor);
  const cause = { paymentId: payment.id, refundId: refund.id };
  await moveAccount(tx, actor, orderId, { due, refunded: amountMinor }, cause, at);
  const payload = { amount: formatMinor(amountMinor, currency), currency, reason: refund.reason };
  await emitRefund(tx, actor, 'refund.succeeded', { storeId, before: null, after: refund }, payload, at);
}

/** Units that were ordered, by line. */
async function orderedUnits(tx: Tx, lines: readonly RefundedLine[]): Promise<ReadonlyMap<string, number>> {
  if (lines.length === 0) return new Map();
  const ids = lines.map(({ orderLineId }) => orderLineId);
  const ordered = await tx.orderLine.findMany({
    where: { id: { in: ids } },
    select: { id: true, quantity: true },
  });
  return new Map(ordered.map(({ id, quantity }) => [id, quantity]));
}
