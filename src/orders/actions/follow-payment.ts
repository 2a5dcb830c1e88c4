// How an order follows its money: the axis of payment, and what starts or ends when it is paid.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { settleDeadline } from '../../deadlines/actions.ts';
import type { OrderPaymentState } from '../../generated/prisma/enums.ts';
import { lockAccount } from '../../payments/actions/accounts.ts';
import { isCovered, paymentStateOf } from '../../payments/rules.ts';
import { waitsForPayment } from '../rules/moves.ts';
import { ownReason } from '../texts.ts';
import { cancelRest } from './cancel-order.ts';
import { placeHold } from './change-order.ts';
import { type LockedOrder, lockOrderRow } from './lock-order.ts';
import { startConfirmation } from './order-deadlines.ts';
import { emitOrder } from './order-events.ts';

const eventOf = {
  UNPAID: 'order.unpaid',
  PARTIALLY_PAID: 'order.partiallyPaid',
  PAID: 'order.paid',
  PARTIALLY_REFUNDED: 'order.partiallyRefunded',
  REFUNDED: 'order.refunded',
} as const satisfies Record<OrderPaymentState, string>;

/** Bring an order's axis of payment up to its account. Changes nothing when it is. */
export async function followPayment(tx: Tx, actor: Actor, orderId: string, at: Date): Promise<void> {
  await matchPayment(tx, actor, await lockOrderRow(tx, orderId), at);
}

/**
 * The same for an order that the caller has locked and whose account it has just read. `paidAt` is the moment of the
 * payment where it is known. Answers the order as it is then.
 */
export async function matchPayment(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  at: Date,
  paidAt = at,
): Promise<LockedOrder> {
  const paymentState = paymentStateOf(before.account, { isCancelled: before.state === 'CANCELLED' });
  if (paymentState === before.paymentState) return before;
  // A platform may tell payment and refund at once: then it was paid, though its state never said so.
  const paidNow = before.paidAt === null && before.account.capturedMinor > 0n && isCovered(before.account);
  const after = await tx.order.update({
    where: { id: before.id },
    data: { paymentState, ...(paidNow ? { paidAt } : {}), version: { increment: 1 } },
  });
  await emitOrder(tx, actor, eventOf[paymentState], before, after, { number: after.number }, at);
  if (paidNow) await startAfterPayment(tx, { ...before, ...after }, at);
  return { ...before, ...after };
}

async function startAfterPayment(tx: Tx, order: LockedOrder, at: Date): Promise<void> {
  await settleDeadline(tx, order.id, 'order.payment', 'MET', at);
  await settleDeadline(tx, order.id, 'order.credit', 'MET', at);
  const waited = waitsForPayment(order.store, order.account.terms);
  if (waited && order.state === 'PENDING_CONFIRMATION')
    await startConfirmation(tx, { orderId: order.id, store: order.store, from: order.paidAt ?? at }, at);
}

/**
 * Close an order that was not paid in time: its stock is given back, once. Money that came in for a part of it makes
 * it a case for people. The caller has locked the order; the account is locked here, so a payment that comes at the
 * same moment is either seen or finds the order closed.
 */
export async function expireUnpaid(tx: Tx, actor: Actor, order: LockedOrder, at: Date): Promise<void> {
  if (order.state !== 'PENDING_CONFIRMATION' && order.state !== 'CONFIRMED') return;
  const account = await lockAccount(tx, order.id);
  if (isCovered(account)) return;
  if (account.capturedMinor > 0n || order.fulfilmentState !== 'UNFULFILLED')
    await placeHold(tx, actor, order, { kind: 'PAYMENT', reason: ownReason.paidInPart }, at);
  else await cancelRest(tx, actor, order, 'UNPAID', at);
}
