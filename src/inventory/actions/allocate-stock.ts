// Promising stock to orders, giving it back, and letting it leave the building.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { StockCause } from '../../generated/prisma/enums.ts';
import { type Candidate, type Giving, planAllocation, planRelease, type WantedLine } from '../rules.ts';
import { inventoryProblem } from '../texts.ts';
import { moveStock } from './move-stock.ts';

/**
 * Promise stock of a store's locations to the lines of an order: all of it or nothing. Refuses with
 * INSUFFICIENT_STOCK, which lists every short line with what was requested and what is available. Locks the stocks of
 * all variants by variant and location before it plans, so concurrent orders neither oversell nor deadlock.
 */
export async function allocateStock(
  tx: Tx,
  actor: Actor,
  order: { id: string; storeId: string; lines: readonly WantedLine[] },
  at: Date,
): Promise<void> {
  const variantIds = [...new Set(order.lines.map((line) => line.variantId))];
  const candidates = await tx.$queryRaw<Candidate[]>`
    SELECT s.id AS "stockId", s.variant_id AS "variantId", sl.priority,
      greatest(0, s.on_hand - s.allocated - s.damaged - s.safety_stock) AS sellable
    FROM stock s
    JOIN store_location sl ON sl.location_id = s.location_id AND sl.store_id = ${order.storeId}::uuid
    JOIN location l ON l.id = s.location_id AND l.archived_at IS NULL
    WHERE s.variant_id = ANY (${variantIds}::uuid[])
    ORDER BY s.variant_id, s.location_id
    FOR UPDATE OF s`;
  const { takings, short } = planAllocation(order.lines, candidates);
  if (short.length > 0) {
    throw new DomainError([
      inventoryProblem('INSUFFICIENT_STOCK', {
        path: ['lines'],
        params: { lines: short.length },
        type: 'InsufficientStock',
        data: { lines: short },
      }),
    ]);
  }
  await tx.allocation.createMany({
    data: takings.map(({ orderLineId, stockId, quantity }) => ({
      id: newId(),
      stockId,
      orderId: order.id,
      orderLineId,
      quantity,
      createdAt: at,
    })),
  });
  const changes = sumByStock(takings).map(([stockId, units]) => ({ stockId, allocated: units }));
  await moveStock(tx, actor, changes, { cause: 'ALLOCATION', causeType: 'Order', causeId: order.id }, at);
}

/** Give back what lines of an order hold. The caller holds the order's lock. */
export async function releaseStock(
  tx: Tx,
  actor: Actor,
  order: { id: string; quantities: ReadonlyMap<string, number> },
  at: Date,
): Promise<void> {
  const givings = await closeAllocations(tx, order, 'RELEASED');
  await moveGiven(tx, actor, order.id, givings, 'RELEASE', (units) => ({ allocated: -units }), at);
}

/** Let what lines of an order hold leave the building. The caller holds the order's lock. */
export async function dispatchStock(
  tx: Tx,
  actor: Actor,
  order: { id: string; quantities: ReadonlyMap<string, number> },
  at: Date,
): Promise<void> {
  const givings = await closeAllocations(tx, order, 'DISPATCHED');
  await moveGiven(
    tx,
    actor,
    order.id,
    givings,
    'DISPATCH',
    (units) => ({ allocated: -units, onHand: -units }),
    at,
  );
}

async function closeAllocations(
  tx: Tx,
  order: { id: string; quantities: ReadonlyMap<string, number> },
  state: 'RELEASED' | 'DISPATCHED',
): Promise<Giving[]> {
  const open = await tx.allocation.findMany({
    where: { orderId: order.id, state: 'OPEN', orderLineId: { in: [...order.quantities.keys()] } },
    orderBy: { id: 'asc' },
    select: { id: true, orderLineId: true, stockId: true, quantity: true },
  });
  const givings = planRelease(open, order.quantities);
  await tx.$executeRaw`
    UPDATE allocation a SET quantity = a.quantity - g.units,
      state = CASE WHEN a.quantity = g.units THEN ${state}::allocation_state ELSE a.state END
    FROM unnest(${givings.map((giving) => giving.allocationId)}::uuid[], ${givings.map((giving) => giving.quantity)}::int[])
      AS g (id, units)
    WHERE a.id = g.id`;
  return givings;
}

async function moveGiven(
  tx: Tx,
  actor: Actor,
  orderId: string,
  givings: readonly Giving[],
  cause: StockCause,
  changeOf: (units: number) => { allocated: number; onHand?: number },
  at: Date,
): Promise<void> {
  const changes = sumByStock(givings).map(([stockId, units]) => ({ stockId, ...changeOf(units) }));
  const moved = await moveStock(tx, actor, changes, { cause, causeType: 'Order', causeId: orderId }, at);
  if (moved.some((stock) => stock.refused))
    throw new Error(`allocations of order ${orderId} do not match its stock`);
}

function sumByStock(
  parts: readonly { stockId: string; quantity: number }[],
): [stockId: string, units: number][] {
  const sums = new Map<string, number>();
  for (const { stockId, quantity } of parts) sums.set(stockId, (sums.get(stockId) ?? 0) + quantity);
  return [...sums];
}
