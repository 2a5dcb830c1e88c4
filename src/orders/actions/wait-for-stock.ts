// Paid orders of marketplaces that are not in stock: they wait, and get what comes in the order of their promises.

import { type Actor, systemActor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { enqueue } from '../../core/jobs.ts';
import { type OrderLine, Prisma } from '../../generated/prisma/client.ts';
import { allocateAvailable } from '../../inventory/actions/allocate-stock.ts';
import {
  lockStocks,
  promisedUnits,
  reservedVariants,
  suppliedStores,
} from '../../inventory/actions/store-supply.ts';
import { openUnits } from '../rules/moves.ts';
import { ownReason } from '../texts.ts';
import { endHold, placeHold } from './change-order.ts';
import { type LockedOrder, lockOrderRow } from './lock-order.ts';
import { emitOrder } from './order-events.ts';

/**
 * Promise to an order what of its open units is in stock, and let it wait for the rest; end its waiting when nothing
 * is missing. The caller has locked the order and takes no lock after, because stock is locked here; holds and
 * deadlines of the order, which change after that, are guarded by its own lock.
 */
export async function allocateOrWait(tx: Tx, actor: Actor, before: LockedOrder, at: Date): Promise<void> {
  const { missing } = await serve(tx, actor, before, at);
  await lookAgain(tx, missing, at);
}

/** True when the order got something, and the variants of which it misses units. */
async function serve(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  at: Date,
): Promise<{ isServed: boolean; missing: string[] }> {
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
  const stillMissing = [...missing.values()].reduce((sum, units) => sum + units, 0);
  return {
    isServed: wanted.reduce((sum, { quantity }) => sum + quantity, 0) > stillMissing,
    missing: wanted.flatMap(({ orderLineId, variantId }) => (missing.has(orderLineId) ? variantId : [])),
  };
}

/** Seconds after which those who miss reserved units look again. */
const LOOK_AGAIN_SECONDS = 60;

/** That reserved units come free is no event: while units of missing variants are reserved, who misses them looks again. */
async function lookAgain(tx: Tx, missing: readonly string[], at: Date): Promise<void> {
  if (missing.length === 0) return;
  for (const variantId of await reservedVariants(tx, missing, at)) {
    const later = { key: `${variantId} reserved`, inSeconds: LOOK_AGAIN_SECONDS };
    await enqueue(tx, 'orders.allocateWaiting', { variantId }, later);
  }
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
  const hold = { kind: 'STOCK', reason: ownReason.awaitingStock } as const;
  await placeHold(tx, systemActor('orders.allocateWaiting'), { ...before, ...after }, hold, at);
}

async function endWaiting(tx: Tx, before: LockedOrder, at: Date): Promise<void> {
  const actor = systemActor('orders.allocateWaiting');
  const after = await tx.order.update({
    where: { id: before.id },
    data: { awaitingStock: false, version: { increment: 1 } },
  });
  await emitOrder(tx, actor, 'order.stockArrived', before, after, { number: after.number }, at);
  const hold = await tx.orderHold.findFirst({
    where: { orderId: before.id, kind: 'STOCK', releasedAt: null, reason: ownReason.awaitingStock },
    select: { id: true, kind: true },
  });
  const reason = ownReason.stockArrived;
  if (hold) await endHold(tx, actor, { ...before, ...after }, { hold, reason }, at);
}

/** Orders of one store that are served at once; what is left is served in another transaction. */
const ORDERS_AT_ONCE = 50;

/**
 * Give stock of a variant that came to the orders that miss it: those to be dispatched first, then those paid first.
 * All of them are locked first, then all stocks that they may take from, in the order that holds everywhere. True when
 * something was given and orders are left that may get more.
 */
export async function allocateToWaiting(tx: Tx, variantId: string, at: Date): Promise<boolean> {
  const storeIds = await suppliedStores(tx, variantId);
  const waiting = storeIds.length > 0 ? await ordersMissing(tx, variantId, storeIds) : [];
  if (waiting.length === 0) return false;
  const ids = waiting.map(({ id }) => id);
  await tx.$queryRaw`SELECT 1 FROM "order" WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  const lines = { where: { orderId: { in: ids } }, select: { variantId: true } } as const;
  await lockStocks(tx, await tx.orderLine.findMany(lines));
  const actor = systemActor('orders.allocateWaiting');
  let served = 0;
  let isMissing = false;
  for (const id of ids) {
    const order = await lockOrderRow(tx, id);
    if (!order.awaitingStock) continue;
    const { isServed, missing } = await serve(tx, actor, order, at);
    if (isServed) served++;
    isMissing ||= missing.includes(variantId);
  }
  await lookAgain(tx, isMissing ? [variantId] : [], at);
  return served > 0 && waiting.some(({ place }) => place === ORDERS_AT_ONCE);
}

/** Waiting orders of stores that miss units of a variant, in the order of their promises. */
const ordersMissing = (
  tx: Tx,
  variantId: string,
  storeIds: readonly string[],
): Promise<{ id: string; place: number }[]> => tx.$queryRaw`
    SELECT id, place FROM (
      SELECT o.id, o.ship_by, o.paid_at,
        (row_number() OVER (PARTITION BY o.store_id ORDER BY o.ship_by NULLS LAST, o.paid_at, o.id))::int AS place
      FROM "order" o
      WHERE o.awaiting_stock AND o.store_id = ANY (${storeIds}::uuid[])
        AND EXISTS (
          SELECT 1 FROM order_line l
          WHERE l.order_id = o.id AND l.variant_id = ${variantId}::uuid
            AND l.quantity - l.cancelled - l.dispatched > ${promisedUnits(Prisma.sql`l.id`)})
    ) missing
    WHERE place <= ${ORDERS_AT_ONCE}
    ORDER BY ship_by NULLS LAST, paid_at, id`;
