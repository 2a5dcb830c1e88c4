// Confirming, holding, releasing, cancelling and completing orders.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, type Problem, problem, refuseIf } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { OrderLine } from '../../generated/prisma/client.ts';
import { dispatchStock, releaseStock } from '../../inventory/actions/allocate-stock.ts';
import { visibleOrders } from '../access.ts';
import type { OrderCancel, OrderComplete, OrderConfirm, OrderHoldPlace, OrderRelease } from '../inputs.ts';
import { cancellable, lineAmounts, orderTotals } from '../rules.ts';
import { orderProblem } from '../texts.ts';
import { emitOrder, lockOrder } from './lock-order.ts';

/** Confirm an order (审单). Refuses with ILLEGAL_STATE, ORDER_HELD, STALE_VERSION, NOT_FOUND. */
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
  await tx.orderHold.create({
    data: { id: newId(), orderId: before.id, kind: input.kind, reason: input.reason, placedAt: at },
  });
  const after = await tx.order.update({
    where: { id: before.id },
    data: { held: true, version: { increment: 1 } },
  });
  await emitOrder(
    tx,
    actor,
    'order.held',
    before,
    after,
    { number: after.number, kind: input.kind, reason: input.reason },
    at,
  );
  return { id: after.id };
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
  if (!hold)
    throw new DomainError([problem('NOT_FOUND', { path: ['orderHoldId'], params: { type: 'OrderHold' } })]);
  const before = await lockOrder(tx, actor, 'RELEASE', { orderId: hold.orderId });
  const { count } = await tx.orderHold.updateMany({
    where: { id: hold.id, releasedAt: null },
    data: { releasedAt: at, releaseReason: input.reason },
  });
  if (count === 0) throw new DomainError([orderProblem('NOT_HELD', { path: ['orderHoldId'] })]);
  const after = await tx.order.update({
    where: { id: before.id },
    data: { held: before.openHolds.length > 1, version: { increment: 1 } },
  });
  await emitOrder(
    tx,
    actor,
    'order.released',
    before,
    after,
    { number: after.number, kind: hold.kind, reason: input.reason },
    at,
  );
  return { id: after.id };
}

/**
 * Cancel an order, or some units of some lines, and give their stock back. When nothing is left the order is
 * cancelled. Refuses with QUANTITY_EXCEEDS_OPEN, NOT_FOUND, ILLEGAL_STATE, STALE_VERSION. Locks the order, then stock.
 */
export async function cancelOrder(
  tx: Tx,
  actor: Actor,
  input: OrderCancel,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockOrder(tx, actor, 'CANCEL', input);
  const lines = await tx.orderLine.findMany({ where: { orderId: before.id }, orderBy: { position: 'asc' } });
  const units = unitsToCancel(lines, input.lines);
  const changed = lines.map((line) => ({ ...line, cancelled: line.cancelled + (units.get(line.id) ?? 0) }));
  await writeCancelled(
    tx,
    changed.filter((line) => units.has(line.id)),
  );
  const whole = changed.every((line) => line.cancelled === line.quantity);
  if (whole) await releaseHolds(tx, before.id, at);
  const after = await tx.order.update({
    where: { id: before.id },
    data: {
      ...orderTotals(changed, whole ? 0n : before.freightMinor),
      ...(whole ? { state: 'CANCELLED', held: false, cancelReason: input.reason, cancelledAt: at } : {}),
      version: { increment: 1 },
    },
  });
  const what = { number: after.number, reason: input.reason, note: input.note ?? null };
  if (whole) await emitOrder(tx, actor, 'order.cancelled', before, after, what, at);
  else
    await emitOrder(
      tx,
      actor,
      'order.linesCancelled',
      before,
      after,
      { ...what, lines: named(lines, units) },
      at,
    );
  await releaseStock(tx, actor, { id: before.id, quantities: units }, at);
  return { id: after.id };
}

/**
 * Complete an order: the goods are with the customer. What was not dispatched before is handed over now and leaves
 * stock. Refuses with ILLEGAL_STATE, ORDER_HELD, STALE_VERSION, NOT_FOUND.
 */
export async function completeOrder(
  tx: Tx,
  actor: Actor,
  input: OrderComplete,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockOrder(tx, actor, 'COMPLETE', input);
  const lines = await tx.orderLine.findMany({ where: { orderId: before.id }, orderBy: { position: 'asc' } });
  const units = new Map(
    lines.map((line) => [line.id, cancellable(line)] as const).filter(([, open]) => open > 0),
  );
  await tx.$executeRaw`UPDATE order_line SET dispatched = quantity - cancelled WHERE order_id = ${before.id}::uuid`;
  const after = await tx.order.update({
    where: { id: before.id },
    data: { state: 'COMPLETED', fulfilmentState: 'DELIVERED', completedAt: at, version: { increment: 1 } },
  });
  await emitOrder(tx, actor, 'order.completed', before, after, { number: after.number }, at);
  await dispatchStock(tx, actor, { id: before.id, quantities: units }, at);
  return { id: after.id };
}

/** Nothing stops an order that is over. */
const releaseHolds = (tx: Tx, orderId: string, at: Date) =>
  tx.orderHold.updateMany({
    where: { orderId, releasedAt: null },
    data: { releasedAt: at, releaseReason: 'The order was cancelled.' },
  });

/** Units to cancel per line: those named, or all that are left. */
function unitsToCancel(lines: readonly OrderLine[], wanted: OrderCancel['lines']): Map<string, number> {
  if (!wanted)
    return new Map(lines.map((line) => [line.id, cancellable(line)] as const).filter(([, open]) => open > 0));
  const problems: Problem[] = [];
  wanted.forEach(({ orderLineId, quantity }, i) => {
    const line = lines.find((candidate) => candidate.id === orderLineId);
    if (!line)
      problems.push(
        problem('NOT_FOUND', { path: ['lines', i, 'orderLineId'], params: { type: 'OrderLine' } }),
      );
    else if (quantity > cancellable(line)) {
      problems.push(
        orderProblem('QUANTITY_EXCEEDS_OPEN', {
          path: ['lines', i, 'quantity'],
          params: { open: cancellable(line) },
        }),
      );
    }
  });
  refuseIf(problems);
  return new Map(wanted.map(({ orderLineId, quantity }) => [orderLineId, quantity]));
}

async function writeCancelled(tx: Tx, lines: readonly OrderLine[]): Promise<void> {
  const amounts = lines.map(lineAmounts);
  await tx.$executeRaw`
    UPDATE order_line l SET cancelled = c.cancelled, total_minor = c.total, tax_minor = c.tax
    FROM unnest(${lines.map((line) => line.id)}::uuid[], ${lines.map((line) => line.cancelled)}::int[],
      ${amounts.map((amount) => amount.totalMinor)}::bigint[], ${amounts.map((amount) => amount.taxMinor)}::bigint[])
      AS c (id, cancelled, total, tax)
    WHERE l.id = c.id`;
}

const named = (lines: readonly OrderLine[], units: ReadonlyMap<string, number>) =>
  lines
    .filter((line) => units.has(line.id))
    .map((line) => ({ sku: line.sku, quantity: units.get(line.id) ?? 0 }));
