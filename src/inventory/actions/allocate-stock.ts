// Promising stock to orders, giving it back, and letting it leave the building.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, refuseIf } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { StockCause } from '../../generated/prisma/enums.ts';
import {
  type Giving,
  planAllocation,
  planDispatch,
  planRelease,
  type Taking,
  type WantedLine,
} from '../rules.ts';
import { inventoryProblem } from '../texts.ts';
import { endReservations } from './end-reservations.ts';
import { moveStock } from './move-stock.ts';
import { lockSupply, type Seeker } from './store-supply.ts';

/** Lines of an order that want stock of the locations of its store. */
interface WantingOrder {
  id: string;
  storeId: string;
  lines: readonly WantedLine[];
}

/**
 * Promise stock of a store's locations to the lines of an order, within the store's share: all of it or nothing.
 * Refuses with INSUFFICIENT_STOCK, which lists every short line with what was requested and what is available. Units
 * of the order's own reservations are free for it; they end with it, whether it takes all of them or not. Locks the
 * stocks of all variants by variant and location before it plans, so concurrent orders neither oversell nor deadlock.
 */
export async function allocateStock(
  tx: Tx,
  actor: Actor,
  { reservations = [], ...order }: WantingOrder & { reservations?: readonly { id: string }[] },
  at: Date,
): Promise<void> {
  const takings = await planWhole(tx, { ...order, reservations }, at);
  await endReservations(tx, actor, reservations, order.id, at);
  await promiseStock(tx, actor, order.id, takings, at);
}

/**
 * From which stocks all units of lines are to be taken. Refuses with INSUFFICIENT_STOCK. Locks the stocks; the caller
 * promises the units in the same transaction.
 */
export async function planWhole(
  tx: Tx,
  {
    storeId,
    lines,
    reservations,
  }: Pick<WantingOrder, 'storeId' | 'lines'> & { reservations: readonly { id: string }[] },
  at: Date,
): Promise<Taking[]> {
  const reservationIds = reservations.map(({ id }) => id);
  const { takings, short } = await planFor(tx, { storeId, lines, reservationIds }, at);
  if (short.length === 0) return takings;
  throw new DomainError([
    inventoryProblem('INSUFFICIENT_STOCK', {
      path: ['lines'],
      params: { lines: short.length },
      type: 'InsufficientStock',
      data: { lines: short },
    }),
  ]);
}

/**
 * Promise to the lines of an order what there is, in the order of the lines and within the store's share. Answers how
 * many units each line that is still short misses; changes nothing when there is nothing. Locks like `allocateStock`.
 */
export async function allocateAvailable(
  tx: Tx,
  actor: Actor,
  order: WantingOrder,
  at: Date,
): Promise<Map<string, number>> {
  const { takings, short } = await planFor(tx, order, at);
  await promiseStock(tx, actor, order.id, takings, at);
  return new Map(short.map(({ orderLineId, requested, available }) => [orderLineId, requested - available]));
}

/** Give back what lines of an order hold beyond the units they keep. The caller holds the order's lock. */
export async function releaseStock(
  tx: Tx,
  actor: Actor,
  order: { id: string; keep: ReadonlyMap<string, number> },
  at: Date,
): Promise<void> {
  const open = await openAllocations(tx, order.id, [...order.keep.keys()]);
  const givings = planRelease(open, order.keep);
  await closeAllocations(tx, givings, 'RELEASED');
  await moveGiven(tx, actor, order.id, givings, 'RELEASE', (units) => ({ allocated: -units }), at);
}

/**
 * Let units that lines of an order hold at a location leave the building. Refuses with NOT_ALLOCATED_HERE for every
 * line that holds fewer there, at `['lines', i, 'quantity']` by its place in `quantities`. The caller holds the
 * order's lock.
 */
export async function dispatchStock(
  tx: Tx,
  actor: Actor,
  order: { id: string; locationId: string; quantities: ReadonlyMap<string, number> },
  at: Date,
): Promise<void> {
  const open = await openAllocations(tx, order.id, [...order.quantities.keys()], order.locationId);
  const { givings, short } = planDispatch(open, order.quantities);
  refuseIf(
    short.map(({ line, allocated }) =>
      inventoryProblem('NOT_ALLOCATED_HERE', { path: ['lines', line, 'quantity'], params: { allocated } }),
    ),
  );
  await closeAllocations(tx, givings, 'DISPATCHED');
  const leaving = (units: number) => ({ allocated: -units, onHand: -units });
  await moveGiven(tx, actor, order.id, givings, 'DISPATCH', leaving, at);
}

async function planFor(
  tx: Tx,
  {
    storeId,
    lines,
    reservationIds,
  }: Pick<WantingOrder, 'storeId' | 'lines'> & Pick<Seeker, 'reservationIds'>,
  at: Date,
) {
  const variantIds = [...new Set(lines.map((line) => line.variantId))];
  const { candidates, caps } = await lockSupply(tx, { storeId, variantIds, reservationIds }, at);
  return planAllocation(lines, candidates, caps);
}

async function promiseStock(
  tx: Tx,
  actor: Actor,
  orderId: string,
  takings: readonly Taking[],
  at: Date,
): Promise<void> {
  if (takings.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO allocation (id, stock_id, order_id, order_line_id, quantity, created_at)
    SELECT id, stock_id, ${orderId}::uuid, order_line_id, quantity, ${at}
    FROM unnest(${takings.map(newId)}::uuid[], ${takings.map((taking) => taking.stockId)}::uuid[],
      ${takings.map((taking) => taking.orderLineId)}::uuid[], ${takings.map((taking) => taking.quantity)}::int[])
      AS t (id, stock_id, order_line_id, quantity)`;
  const changes = sumByStock(takings).map(([stockId, units]) => ({ stockId, allocated: units }));
  await moveStock(tx, actor, changes, { cause: 'ALLOCATION', causeType: 'Order', causeId: orderId }, at);
}

const openAllocations = (tx: Tx, orderId: string, orderLineIds: string[], locationId?: string) =>
  tx.allocation.findMany({
    where: {
      orderId,
      state: 'OPEN',
      orderLineId: { in: orderLineIds },
      ...(locationId ? { stock: { locationId } } : {}),
    },
    orderBy: { id: 'asc' },
    select: { id: true, orderLineId: true, stockId: true, quantity: true },
  });

async function closeAllocations(
  tx: Tx,
  givings: readonly Giving[],
  state: 'RELEASED' | 'DISPATCHED',
): Promise<void> {
  if (givings.length === 0) return;
  await tx.$executeRaw`
    UPDATE allocation a SET quantity = a.quantity - g.units,
      state = CASE WHEN a.quantity = g.units THEN ${state}::allocation_state ELSE a.state END
    FROM unnest(${givings.map((giving) => giving.allocationId)}::uuid[], ${givings.map((giving) => giving.quantity)}::int[])
      AS g (id, units)
    WHERE a.id = g.id`;
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

/** Units by stock. */
export function sumByStock(
  parts: readonly { stockId: string; quantity: number }[],
): [stockId: string, units: number][] {
  const sums = new Map<string, number>();
  for (const { stockId, quantity } of parts) sums.set(stockId, (sums.get(stockId) ?? 0) + quantity);
  return [...sums];
}
