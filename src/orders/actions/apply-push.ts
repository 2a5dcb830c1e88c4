// What a push changes of an order that is there: contents by the newest, facts whenever they come.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError } from '../../core/errors.ts';
import { earlier } from '../../core/time.ts';
import type { PlatformOrder } from '../../generated/prisma/client.ts';
import { lockAccount, setDue } from '../../payments/actions/accounts.ts';
import { mirrorRefund, recordPlatformPayment } from '../../payments/actions/platform-money.ts';
import type { OrderPush } from '../inputs/push.ts';
import { paidAtOf } from '../rules/platform.ts';
import { ownReason } from '../texts.ts';
import { cancelRest } from './cancel-order.ts';
import { placeHold } from './change-order.ts';
import { matchPayment } from './follow-payment.ts';
import { endOrder } from './fulfil-order.ts';
import { type LockedOrder, lockOrderRow } from './lock-order.ts';
import { updateContents } from './update-contents.ts';
import { allocateOrWait } from './wait-for-stock.ts';

interface Push {
  platform: PlatformOrder;
  input: OrderPush;
  /** True for the push that made the order, which has its contents already. */
  isNew: boolean;
}

/** Apply a push to its order, locked first: contents, then money, then the end of the order, and stock last. */
export async function applyPush(tx: Tx, actor: Actor, push: Push, at: Date): Promise<void> {
  const { platform, input, isNew } = push;
  const { orderId } = platform;
  const before = await lockOrderRow(tx, orderId);
  const paidAt = earlier(platform.paidAt, paidAtOf(input));
  const isFresh = isNew || input.asOf >= platform.asOf;
  const changeMinor =
    isNew || !isFresh ? null : await updateContents(tx, actor, before, { platform, input }, at);
  await tx.platformOrder.update({
    where: { orderId },
    data: {
      paidAt,
      ...(isFresh ? { asOf: input.asOf } : {}),
      ...(input.state === 'CLOSED' ? { closedAt: platform.closedAt ?? input.asOf } : {}),
      ...(input.state === 'COMPLETED' ? { completedAt: platform.completedAt ?? input.asOf } : {}),
    },
  });
  const wasPaid = platform.paidAt !== null;
  await takeMoney(tx, actor, { orderId, input, paidAt, changeMinor }, at);
  let order = await lockOrderRow(tx, orderId);
  order = await matchPayment(tx, actor, order, at, paidAt ?? at);
  if (input.state === 'CLOSED' && platform.closedAt === null) await close(tx, actor, order, at);
  if (input.state === 'COMPLETED' && platform.completedAt === null) await complete(tx, actor, order, at);
  order = await lockOrderRow(tx, orderId);
  const isOpen = order.state === 'PENDING_CONFIRMATION' || order.state === 'CONFIRMED';
  if (paidAt && !wasPaid && isOpen) await allocateOrWait(tx, actor, order, at);
}

interface Money {
  orderId: string;
  input: OrderPush;
  paidAt: Date | null;
  /** By how much what is received for the order differs from what was known; null when it does not. */
  changeMinor: bigint | null;
}

async function takeMoney(
  tx: Tx,
  actor: Actor,
  { orderId, input, paidAt, changeMinor }: Money,
  at: Date,
): Promise<void> {
  const { dueMinor } = await lockAccount(tx, orderId);
  const changed = dueMinor + (changeMinor ?? 0n);
  const due = changed > 0n ? changed : 0n;
  if (!paidAt) {
    await setDue(tx, actor, { orderId, dueMinor: due, reason: 'PLATFORM' }, at);
    return;
  }
  const { buyerPaidMinor, platformDiscountMinor } = await tx.platformOrder.findUniqueOrThrow({
    where: { orderId },
  });
  const amountMinor = buyerPaidMinor + platformDiscountMinor;
  const { reference } = input;
  await recordPlatformPayment(tx, actor, { orderId, dueMinor: due, amountMinor, reference, paidAt }, at);
  await mirrorRefunds(tx, actor, orderId, input, at);
}

async function mirrorRefunds(
  tx: Tx,
  actor: Actor,
  orderId: string,
  { refunds = [] }: OrderPush,
  at: Date,
): Promise<void> {
  if (refunds.length === 0) return;
  const lines = await tx.orderLine.findMany({
    where: { orderId },
    select: { id: true, platformReference: true },
  });
  const idOf = new Map(lines.map((line) => [line.platformReference, line.id]));
  for (const [i, refund] of refunds.entries()) {
    const told = {
      orderId,
      reference: refund.reference,
      amountMinor: refund.amount.minor,
      freightMinor: refund.freight?.minor ?? 0n,
      lines: (refund.lines ?? []).map(({ reference, quantity, amount }) => ({
        orderLineId: idOf.get(reference) ?? '',
        quantity,
        amountMinor: amount.minor,
      })),
      settledAt: refund.refundedAt,
    };
    await mirrorRefund(tx, actor, told, at).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      throw new DomainError(
        error.problems.map((found) => ({ ...found, path: ['refunds', i, ...found.path] })),
      );
    });
  }
}

/** The platform closed the order: so do we, unless goods are on their way, which people must see to. */
async function close(tx: Tx, actor: Actor, order: LockedOrder, at: Date): Promise<void> {
  if (order.state !== 'PENDING_CONFIRMATION' && order.state !== 'CONFIRMED') return;
  if (order.fulfilmentState === 'UNFULFILLED') await cancelRest(tx, actor, order, 'PLATFORM_CLOSED', at);
  else await placeHold(tx, actor, order, { kind: 'AFTER_SALES', reason: ownReason.closedLate }, at);
}

/** The platform completed the order: so do we, once all was dispatched and nothing holds it. */
async function complete(tx: Tx, actor: Actor, order: LockedOrder, at: Date): Promise<void> {
  const isSent = order.fulfilmentState === 'DISPATCHED' || order.fulfilmentState === 'DELIVERED';
  if (order.state === 'CONFIRMED' && isSent && !order.held) await endOrder(tx, actor, order, at);
}
