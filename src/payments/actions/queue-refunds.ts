// Refunds as they come to be: money beyond what is due goes back to the payments that it came from.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { newId } from '../../core/ids.ts';
import { enqueue } from '../../core/jobs.ts';
import { formatMinor } from '../../core/money.ts';
import type { PaymentAccount } from '../../generated/prisma/client.ts';
import type { RefundReason } from '../../generated/prisma/enums.ts';
import { isCallable, spreadOverPayments, surplusMinor } from '../rules.ts';
import { emitRefund } from './money-events.ts';
import { moveAccount } from './move-account.ts';

/** Units of an order line that a refund pays back. */
export interface RefundedLine {
  orderLineId: string;
  quantity: number;
  amountMinor: bigint;
}

export interface NewRefund {
  amountMinor: bigint;
  freightMinor?: bigint;
  lines?: readonly RefundedLine[];
  reason: RefundReason;
  note?: string | null;
}

/**
 * Send back what was paid beyond what is due, where the store leaves that to us. The account is locked; as it is
 * after.
 */
export async function queueSurplus(
  tx: Tx,
  actor: Actor,
  account: PaymentAccount,
  reason: RefundReason,
  at: Date,
): Promise<PaymentAccount> {
  const amountMinor = surplusMinor(account);
  if (amountMinor === 0n) return account;
  const store = await tx.store.findUniqueOrThrow({
    where: { id: account.storeId },
    select: { refundsBy: true },
  });
  if (store.refundsBy === 'PLATFORM') return account;
  return (await queueRefunds(tx, actor, account, { amountMinor, reason }, at)).account;
}

/**
 * Create refunds of an amount: from the newest payment first, one for each payment that it takes. A gateway that we
 * can call is asked by a job; other money somebody transfers by hand. Lines belong to the first refund, and freight
 * to the first that hold it. The account is locked, and not asked whether the amount is left on it.
 */
export async function queueRefunds(
  tx: Tx,
  actor: Actor,
  account: PaymentAccount,
  { amountMinor, freightMinor = 0n, lines = [], reason, note = null }: NewRefund,
  at: Date,
): Promise<{ account: PaymentAccount; refundIds: string[] }> {
  const { orderId, storeId, currency } = account;
  const payments = await refundablePayments(tx, orderId);
  let after = account;
  let freightLeft = freightMinor;
  const refundIds: string[] = [];
  for (const { payment, share } of spreadOverPayments(amountMinor, payments)) {
    const freight = freightLeft < share ? freightLeft : share;
    const refund = await tx.refund.create({
      data: {
        id: newId(),
        orderId,
        paymentId: payment.id,
        reason,
        state: isCallable(payment.connection) ? 'QUEUED' : 'TO_TRANSFER',
        amountMinor: share,
        freightMinor: freight,
        currency,
        note,
        createdAt: at,
      },
    });
    if (refundIds.length === 0)
      await tx.refundLine.createMany({
        data: lines.map((line) => ({ id: newId(), refundId: refund.id, ...line })),
      });
    const cause = { paymentId: payment.id, refundId: refund.id };
    after = await moveAccount(tx, actor, orderId, { refunding: share }, cause, at);
    const payload = { amount: formatMinor(share, currency), currency, reason };
    await emitRefund(tx, actor, 'refund.created', { storeId, before: null, after: refund }, payload, at);
    if (refund.state === 'QUEUED')
      await enqueue(tx, 'payments.refund', { refundId: refund.id }, { key: refund.id });
    freightLeft -= freight;
    refundIds.push(refund.id);
  }
  return { account: after, refundIds };
}

/** Payments of an order that came in, newest first, with what is left of each after its refunds. */
export async function refundablePayments(tx: Tx, orderId: string) {
  const payments = await tx.payment.findMany({
    where: { orderId, state: 'CAPTURED' },
    orderBy: [{ capturedAt: 'desc' }, { id: 'desc' }],
    select: {
      id: true,
      amountMinor: true,
      connection: { select: { url: true, archivedAt: true } },
      refunds: { select: { amountMinor: true } },
    },
  });
  return payments.map(({ refunds, ...payment }) => ({
    ...payment,
    leftMinor: refunds.reduce((left, refund) => left - refund.amountMinor, payment.amountMinor),
  }));
}
