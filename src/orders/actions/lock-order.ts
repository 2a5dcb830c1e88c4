// Finding and locking an order before it changes.

import { type Actor, isShopper } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, refuseIf, staleProblems } from '../../core/errors.ts';
import type { Order, PaymentAccount, Store } from '../../generated/prisma/client.ts';
import type { OrderHoldKind } from '../../generated/prisma/enums.ts';
import { seesOrder } from '../access.ts';
import { factsOfRows, type OrderAction, type OrderFacts, refusals } from '../rules/moves.ts';

export type LockedOrder = Order & { openHolds: OrderHoldKind[]; account: PaymentAccount; store: Store };

/**
 * Lock an order's row for an act. Refuses with NOT_FOUND when the actor may not see it, STALE_VERSION when it is not
 * the expected one, and with what the rules say of the act. Its lock comes before those of its account and stock.
 */
export async function lockOrder(
  tx: Tx,
  actor: Actor,
  action: OrderAction,
  { orderId, expectedVersion }: { orderId: string; expectedVersion?: number | undefined },
): Promise<LockedOrder> {
  const order = await lockVisibleOrder(tx, actor, orderId);
  refuseIf(staleProblems(order, expectedVersion));
  refuseIf(refusals(action, factsOf(actor, order)));
  return order;
}

/** Lock an order's row for what is possible in every state. Refuses with NOT_FOUND when the actor may not see it. */
export async function lockVisibleOrder(tx: Tx, actor: Actor, orderId: string): Promise<LockedOrder> {
  const order = await lockRow(tx, orderId);
  if (!order || !seesOrder(actor, order)) throw new DomainError([notFound('Order', ['orderId'])]);
  return order;
}

/** Lock the row of an order that is known to be there, whatever its state. */
export async function lockOrderRow(tx: Tx, orderId: string): Promise<LockedOrder> {
  const order = await lockRow(tx, orderId);
  if (!order) throw new Error(`there is no order ${orderId}`);
  return order;
}

async function lockRow(tx: Tx, orderId: string): Promise<LockedOrder | null> {
  await tx.$queryRaw`SELECT 1 FROM "order" WHERE id = ${orderId}::uuid FOR UPDATE`;
  const found = await tx.order.findUnique({
    where: { id: orderId },
    include: { holds: { where: { releasedAt: null }, select: { kind: true } }, account: true, store: true },
  });
  if (!found) return null;
  const { holds, account, ...order } = found;
  if (!account) throw new Error(`order ${orderId} has no payment account`);
  return { ...order, account, openHolds: holds.map((hold) => hold.kind) };
}

/** What decides about acts of an actor on an order. */
export const factsOf = (actor: Actor, order: LockedOrder): OrderFacts =>
  factsOfRows(order, { ...order, holds: order.openHolds.map((kind) => ({ kind })) }, isShopper(actor));
