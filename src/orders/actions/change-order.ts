// Confirming, holding and releasing orders.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { pauseDeadlines, resumeDeadlines, settleDeadline } from '../../deadlines/actions.ts';
import type { OrderHoldKind } from '../../generated/prisma/enums.ts';
import { visibleOrders } from '../access.ts';
import type { OrderConfirm, OrderHoldPlace, OrderRelease } from '../inputs/change.ts';
import { orderProblem } from '../texts.ts';
import { type LockedOrder, lockOrder } from './lock-order.ts';
import { emitOrder } from './order-events.ts';

/** Clocks that stand still while anything holds an order. */
const stoppedByHold = ['order.completion'] as const;

/**
 * Confirm an order (审单). Refuses with ILLEGAL_STATE, ORDER_HELD, PAYMENT_REQUIRED where the store confirms after
 * payment, STALE_VERSION, NOT_FOUND.
 */
export async function confirmOrder(
  tx: Tx,
  actor: Actor,
  input: OrderConfirm,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockOrder(tx, actor, 'CONFIRM', input);
  const after = await tx.order.update({
    where: { id: before.id },
    data: { state: 'CONFIRMED', confirmedAt: at, version: { increment: 1 } },
  });
  await emitOrder(tx, actor, 'order.confirmed', before, after, { number: after.number }, at);
  await settleDeadline(tx, before.id, 'order.confirmation', 'MET', at);
  return { id: after.id };
}

/** Stop an order with a reason. It may have several holds; each is released on its own. */
export async function holdOrder(
  tx: Tx,
  actor: Actor,
  input: OrderHoldPlace,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockOrder(tx, actor, 'HOLD', input);
  await placeHold(tx, actor, before, { kind: input.kind, reason: input.reason }, at);
  return { id: before.id };
}

/** Put a hold on an order that the caller has locked. Answers the order as it is then. */
export async function placeHold(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  { kind, reason }: { kind: OrderHoldKind; reason: string },
  at: Date,
): Promise<LockedOrder> {
  await tx.orderHold.create({ data: { id: newId(), orderId: before.id, kind, reason, placedAt: at } });
  const after = await tx.order.update({
    where: { id: before.id },
    data: { held: true, version: { increment: 1 } },
  });
  await emitOrder(tx, actor, 'order.held', before, after, { number: after.number, kind, reason }, at);
  await pauseDeadlines(tx, before.id, stoppedByHold, at);
  return { ...before, ...after, openHolds: [...before.openHolds, kind] };
}

/** Release one hold with the way it was settled. The order goes on when it was the last. */
export async function releaseOrder(
  tx: Tx,
  actor: Actor,
  input: OrderRelease,
  at: Date,
): Promise<{ id: string }> {
  const hold = await tx.orderHold.findFirst({
    where: { id: input.orderHoldId, order: visibleOrders(actor) },
  });
  if (!hold) throw new DomainError([notFound('OrderHold', ['orderHoldId'])]);
  const before = await lockOrder(tx, actor, 'RELEASE', { orderId: hold.orderId });
  if (hold.kind === 'STOCK' && before.awaitingStock)
    throw new DomainError([orderProblem('AWAITING_STOCK', { path: ['orderHoldId'] })]);
  await endHold(tx, actor, before, { hold, reason: input.reason }, at);
  return { id: before.id };
}

/** End one open hold of an order that the caller has locked. Refuses with NOT_HELD when it has ended already. */
export async function endHold(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  { hold, reason }: { hold: { id: string; kind: OrderHoldKind }; reason: string },
  at: Date,
): Promise<LockedOrder> {
  const { count } = await tx.orderHold.updateMany({
    where: { id: hold.id, releasedAt: null },
    data: { releasedAt: at, releaseReason: reason },
  });
  if (count === 0) throw new DomainError([orderProblem('NOT_HELD', { path: ['orderHoldId'] })]);
  const openHolds = before.openHolds.toSpliced(before.openHolds.indexOf(hold.kind), 1);
  const after = await tx.order.update({
    where: { id: before.id },
    data: { held: openHolds.length > 0, version: { increment: 1 } },
  });
  const payload = { number: after.number, kind: hold.kind, reason };
  await emitOrder(tx, actor, 'order.released', before, after, payload, at);
  if (openHolds.length === 0) await resumeDeadlines(tx, before.id, stoppedByHold, at);
  return { ...before, ...after, openHolds };
}
