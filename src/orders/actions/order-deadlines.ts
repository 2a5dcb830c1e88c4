// The clocks of an order: to pay, to confirm, to settle credit, to complete.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { addDays, addMinutes } from '../../core/time.ts';
import { type NewDeadline, startDeadline, startFirstDeadlines } from '../../deadlines/actions.ts';
import type { Store } from '../../generated/prisma/client.ts';
import type { PaymentTerms } from '../../generated/prisma/enums.ts';
import { waitsForPayment } from '../rules/moves.ts';
import type { LockedOrder } from './lock-order.ts';
import { emitOrder } from './order-events.ts';

interface Clocked {
  order: { id: string; totalMinor: bigint };
  store: Store;
  terms: PaymentTerms;
  /** True when all that is due came in. */
  isPaid: boolean;
}

/** Start the clocks of a new order, as the policies of its store say. */
export async function startDeadlines(
  tx: Tx,
  { order, store, terms, isPaid }: Clocked,
  at: Date,
): Promise<void> {
  const about = aboutOrder(order.id, store.id);
  const { payWithinMinutes, creditDays, confirmWithinMinutes } = store;
  const deadlines: NewDeadline[] = [];
  if (terms === 'PREPAID' && !isPaid && payWithinMinutes && store.expiryBy === 'DAYSHIFT')
    deadlines.push({ ...about, kind: 'order.payment', dueAt: addMinutes(at, payWithinMinutes) });
  if (terms === 'CREDIT' && creditDays)
    deadlines.push({ ...about, kind: 'order.credit', dueAt: addDays(at, creditDays) });
  if (confirmWithinMinutes && (isPaid || !waitsForPayment(store, terms)))
    deadlines.push({ ...about, kind: 'order.confirmation', dueAt: addMinutes(at, confirmWithinMinutes) });
  await startFirstDeadlines(tx, deadlines, at);
}

/** Start the clock of confirmation (审单) at the moment that counts: placement, or payment where that comes first. */
export async function startConfirmation(
  tx: Tx,
  { orderId, store, from }: { orderId: string; store: Store; from: Date },
  at: Date,
): Promise<void> {
  if (!store.confirmWithinMinutes) return;
  const dueAt = addMinutes(from, store.confirmWithinMinutes);
  await startDeadline(tx, { ...aboutOrder(orderId, store.id), kind: 'order.confirmation', dueAt }, at);
}

/** Start the clock after which a delivered order is completed by itself. */
export async function startCompletion(tx: Tx, orderId: string, store: Store, at: Date): Promise<void> {
  if (!store.completeAfterDays) return;
  const dueAt = addDays(at, store.completeAfterDays);
  await startDeadline(tx, { ...aboutOrder(orderId, store.id), kind: 'order.completion', dueAt }, at);
}

/** Tell everybody that a clock of an order ran out. The order itself goes on. */
export async function tellOverdue(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  type: 'order.confirmationOverdue' | 'order.creditOverdue',
  at: Date,
): Promise<void> {
  const after = await tx.order.update({ where: { id: before.id }, data: { version: { increment: 1 } } });
  await emitOrder(tx, actor, type, before, after, { number: after.number }, at);
}

const aboutOrder = (entityId: string, storeId: string) => ({ entityType: 'Order', entityId, storeId });
