// Goods of orders leaving, arriving, and the end of the order. Shipping calls these verbs.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { refuseIf } from '../../core/errors.ts';
import { toGlobalId } from '../../core/ids.ts';
import { cancelDeadlines, pauseDeadlines, settleDeadline } from '../../deadlines/actions.ts';
import type { OrderLine } from '../../generated/prisma/client.ts';
import { dispatchStock } from '../../inventory/actions/allocate-stock.ts';
import type { OrderComplete } from '../inputs/change.ts';
import { fulfilmentOf, openUnitProblems } from '../rules/moves.ts';
import { type LockedOrder, lockOrder, lockOrderRow } from './lock-order.ts';
import { startCompletion } from './order-deadlines.ts';
import { emitOrder } from './order-events.ts';

/**
 * Lock an order whose goods are to be packed or sent, with its lines. Refuses with NOT_FOUND, ILLEGAL_STATE unless it
 * is confirmed, ORDER_HELD, PAYMENT_REQUIRED unless it is paid or credit or payment on delivery was agreed, NOTHING_OPEN.
 */
export async function lockForFulfilment(
  tx: Tx,
  actor: Actor,
  orderId: string,
): Promise<LockedOrder & { lines: OrderLine[] }> {
  const order = await lockOrder(tx, actor, 'DISPATCH', { orderId });
  const lines = await tx.orderLine.findMany({ where: { orderId }, orderBy: { position: 'asc' } });
  return { ...order, lines };
}

interface Dispatching {
  orderId: string;
  locationId: string;
  /** Units to send by line of the order. */
  quantities: ReadonlyMap<string, number>;
}

/**
 * Let units of an order leave a location. Refuses as `lockForFulfilment` does, with NOT_FOUND for a line of another
 * order and QUANTITY_EXCEEDS_OPEN for more than is open (all lines at once), then with NOT_ALLOCATED_HERE. Locks the
 * order, then stock.
 */
export async function dispatchLines(
  tx: Tx,
  actor: Actor,
  { orderId, locationId, quantities }: Dispatching,
  at: Date,
): Promise<void> {
  const before = await lockForFulfilment(tx, actor, orderId);
  const wanted = [...quantities].map(([orderLineId, quantity]) => ({ orderLineId, quantity }));
  refuseIf(openUnitProblems(before.lines, wanted));
  await tx.$executeRaw`
    UPDATE order_line l SET dispatched = l.dispatched + d.units
    FROM unnest(${[...quantities.keys()]}::uuid[], ${[...quantities.values()]}::int[]) AS d (id, units)
    WHERE l.id = d.id`;
  const lines = before.lines.map((line) => ({
    ...line,
    dispatched: line.dispatched + (quantities.get(line.id) ?? 0),
  }));
  const fulfilmentState = fulfilmentOf(lines, before.fulfilmentState);
  const after = await tx.order.update({
    where: { id: orderId },
    data: {
      fulfilmentState,
      ...(fulfilmentState === 'DISPATCHED' ? { dispatchedAt: at } : {}),
      version: { increment: 1 },
    },
  });
  const sent = before.lines.filter((line) => quantities.has(line.id));
  const payload = {
    number: after.number,
    locationNodeId: toGlobalId('Location', locationId),
    lines: sent.map(({ id, sku }) => ({ sku, quantity: quantities.get(id) ?? 0 })),
  };
  await emitOrder(tx, actor, 'order.dispatched', before, after, payload, at);
  await dispatchStock(tx, actor, { id: orderId, locationId, quantities }, at);
}

/**
 * Record that all that was sent has arrived, and start the clock after which the order completes by itself. Does
 * nothing while units are open, and when it is recorded already.
 */
export async function deliverOrder(tx: Tx, actor: Actor, orderId: string, at: Date): Promise<void> {
  const before = await lockOrderRow(tx, orderId);
  if (before.state !== 'CONFIRMED' || before.fulfilmentState !== 'DISPATCHED') return;
  const after = await tx.order.update({
    where: { id: orderId },
    data: { fulfilmentState: 'DELIVERED', deliveredAt: at, version: { increment: 1 } },
  });
  await emitOrder(tx, actor, 'order.delivered', before, after, { number: after.number }, at);
  await startCompletion(tx, orderId, before.store, at);
  if (before.held) await pauseDeadlines(tx, orderId, ['order.completion'], at);
}

/**
 * Complete an order: the goods are with the customer. Refuses with ILLEGAL_STATE, ORDER_HELD, NOT_DISPATCHED,
 * STALE_VERSION, NOT_FOUND.
 */
export async function completeOrder(
  tx: Tx,
  actor: Actor,
  input: OrderComplete,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockOrder(tx, actor, 'COMPLETE', input);
  await endOrder(tx, actor, before, at);
  return { id: before.id };
}

/** Complete an order that the caller has locked. */
export async function endOrder(tx: Tx, actor: Actor, before: LockedOrder, at: Date): Promise<void> {
  const after = await tx.order.update({
    where: { id: before.id },
    data: {
      state: 'COMPLETED',
      fulfilmentState: 'DELIVERED',
      completedAt: at,
      deliveredAt: before.deliveredAt ?? at,
      version: { increment: 1 },
    },
  });
  await emitOrder(tx, actor, 'order.completed', before, after, { number: after.number }, at);
  await settleDeadline(tx, before.id, 'order.completion', 'MET', at);
  if (before.account.terms !== 'CREDIT') await cancelDeadlines(tx, before.id, at);
}
