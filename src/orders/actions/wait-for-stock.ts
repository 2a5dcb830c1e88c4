// Paid orders of marketplaces that are not in stock: they wait, and get what comes in the order of their promises.

import { type Actor, systemActor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import type { OrderLine } from '../../generated/prisma/client.ts';
import { allocateAvailable } from '../../inventory/actions/allocate-stock.ts';
import { openUnits } from '../rules/moves.ts';
import { ownHolds } from '../texts.ts';
import { endHold, placeHold } from './change-order.ts';
import { emitOrder, type LockedOrder, lockOrderRow } from './lock-order.ts';

/**
 * Promise to an order what of its open units is in stock, and let it wait for the rest; end its waiting when nothing
 * is missing. The caller has locked the order and does nothing after, because the stock is locked here.
 */
export async function allocateOrWait(tx: Tx, actor: Actor, before: LockedOrder, at: Date): Promise<void> {
  const lines = await tx.orderLine.findMany({
    where: { orderId: before.id },
    orderBy: { position: 'asc' },
    include: { allocations: { where: { state: 'OPEN' }, select: { quantity: true } } },
  });
  const wanted = lines
    .map((line) => ({ orderLineId: line.id, variantId: line.variantId, quantity: unpromised(line) }))
    .filter(({ quantity }) => quantity > 0);
  const missing =
    wanted.length > 0
      ? await allocateAvailable(tx, actor, { id: before.id, storeId: before.storeId, lines: wanted }, at)
      : new Map<string, number>();
  if (missing.size > 0 && !before.awaitingStock)
    await beginWaiting(tx, actor, before, { lines, missing }, at);
  if (missing.size === 0 && before.awaitingStock) await endWaiting(tx, before, at);
}

type AllocatedLine = OrderLine & { allocations: { quantity: number }[] };

const unpromised = (line: AllocatedLine): number =>
  openUnits(line) - line.allocations.reduce((sum, { quantity }) => sum + quantity, 0);

async function beginWaiting(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  { lines, missing }: { lines: readonly OrderLine[]; missing: ReadonlyMap<string, number> },
  at: Date,
): Promise<void> {
  const after = await tx.order.update({
    where: { id: before.id },
    data: { awaitingStock: true, version: { increment: 1 } },
  });
  const short = lines.flatMap(({ id, sku }) => {
    const quantity = missing.get(id);
    return quantity ? [{ sku, quantity }] : [];
  });
  const payload = { number: after.number, lines: short };
  await emitOrder(tx, actor, 'order.stockAwaited', before, after, payload, at);
  const hold = { kind: 'STOCK', reason: ownHolds.awaitingStock } as const;
  await placeHold(tx, systemActor('orders.waitForStock'), { ...before, ...after }, hold, at);
}

async function endWaiting(tx: Tx, before: LockedOrder, at: Date): Promise<void> {
  const actor = systemActor('orders.waitForStock');
  const after = await tx.order.update({
    where: { id: before.id },
    data: { awaitingStock: false, version: { increment: 1 } },
  });
  await emitOrder(tx, actor, 'order.stockArrived', before, after, { number: after.number }, at);
  const hold = await tx.orderHold.findFirst({
    where: { orderId: before.id, kind: 'STOCK', releasedAt: null, reason: ownHolds.awaitingStock },
    select: { id: true, kind: true },
  });
  const reason = 'All goods are allocated. 商品已全部分配。';
  if (hold) await endHold(tx, actor, { ...before, ...after }, { hold, reason }, at);
}

/** Orders that one arrival of stock is given to at most; the next change of the stock goes on. */
const ORDERS_AT_ONCE = 200;

/**
 * Give stock of a variant that came to the orders that wait for it: those to be dispatched first, then those paid
 * first. All of them are locked first, then all stocks that they may take from, in the order that holds everywhere.
 */
export async function allocateToWaiting(tx: Tx, variantId: string, at: Date): Promise<void> {
  const waiting = await tx.order.findMany({
    where: { awaitingStock: true, lines: { some: { variantId } } },
    orderBy: [{ shipBy: { sort: 'asc', nulls: 'last' } }, { paidAt: 'asc' }, { id: 'asc' }],
    take: ORDERS_AT_ONCE,
    select: { id: true },
  });
  if (waiting.length === 0) return;
  const ids = waiting.map(({ id }) => id);
  await tx.$queryRaw`SELECT 1 FROM "order" WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  await tx.$queryRaw`
    SELECT 1 FROM stock
    WHERE variant_id IN (SELECT variant_id FROM order_line WHERE order_id = ANY (${ids}::uuid[]))
    ORDER BY variant_id, location_id FOR UPDATE`;
  const actor = systemActor('orders.allocateWaiting');
  for (const id of ids) {
    const order = await lockOrderRow(tx, id, { awaitingStock: true });
    if (order) await allocateOrWait(tx, actor, order, at);
  }
}
