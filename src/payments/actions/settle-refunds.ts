// How refunds end: claimed by whoever asks the gateway, settled once, or failed and visible.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { formatMinor } from '../../core/money.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { isAtGateway } from '../rules.ts';
import { emitRefund } from './money-events.ts';
import { moveAccount } from './move-account.ts';

/** Lock a refund, which is to lock its account; null when there is none among the accounts. */
export async function lockRefund(tx: Tx, refundId: string, accounts: Prisma.PaymentAccountWhereInput = {}) {
  await tx.$queryRaw`
    SELECT 1 FROM payment_account WHERE order_id = (SELECT order_id FROM refund WHERE id = ${refundId}::uuid) FOR UPDATE`;
  return tx.refund.findFirst({
    where: { id: refundId, account: accounts },
    include: {
      account: { select: { storeId: true } },
      payment: {
        select: {
          id: true,
          transactionReference: true,
          connection: { select: { id: true, url: true, archivedAt: true } },
        },
      },
    },
  });
}

export type LockedRefund = NonNullable<Awaited<ReturnType<typeof lockRefund>>>;

/** Claim a refund before its gateway is asked. Null when it is not to be asked any more. */
export async function claimRefund(
  tx: Tx,
  actor: Actor,
  refundId: string,
  at: Date,
): Promise<LockedRefund | null> {
  const before = await lockRefund(tx, refundId);
  if (!before || !isAtGateway(before.state)) return null;
  const after = await tx.refund.update({
    where: { id: refundId },
    data: { state: 'PROCESSING', attempts: { increment: 1 }, version: { increment: 1 } },
  });
  const { storeId } = before.account;
  const payload = { attempt: after.attempts };
  await emitRefund(tx, actor, 'refund.sent', { storeId, before, after }, payload, at);
  return { ...before, ...after };
}

/** Settle a refund: its money is back where it came from. The caller has seen that it was not settled yet. */
export async function succeedRefund(
  tx: Tx,
  actor: Actor,
  before: LockedRefund,
  { transactionReference, settledAt }: { transactionReference: string; settledAt: Date },
  at: Date,
): Promise<void> {
  const { id, orderId, paymentId, amountMinor, currency, reason } = before;
  const after = await tx.refund.update({
    where: { id, state: { not: 'SUCCEEDED' } },
    data: {
      state: 'SUCCEEDED',
      transactionReference,
      settledAt,
      failureReason: null,
      version: { increment: 1 },
    },
  });
  const move = { refunding: -amountMinor, refunded: amountMinor };
  const { storeId } = await moveAccount(tx, actor, orderId, move, { paymentId, refundId: id }, at);
  const payload = { amount: formatMinor(amountMinor, currency), currency, reason };
  await emitRefund(tx, actor, 'refund.succeeded', { storeId, before, after }, payload, at);
}

/**
 * Note that a refund failed. Its money stays on its way: people try again or transfer it by hand. The caller has seen
 * that it was at the gateway.
 */
export async function failRefund(
  tx: Tx,
  actor: Actor,
  before: LockedRefund,
  reason: string,
  at: Date,
): Promise<void> {
  const after = await tx.refund.update({
    where: { id: before.id, state: { in: ['QUEUED', 'PROCESSING'] } },
    data: { state: 'FAILED', failureReason: reason || null, version: { increment: 1 } },
  });
  const { storeId } = before.account;
  await emitRefund(tx, actor, 'refund.failed', { storeId, before, after }, { reason }, at);
}
