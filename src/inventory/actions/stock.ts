// Receiving, adjusting, setting, transferring and planning stock.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, type Problem, problem, refuseIf } from '../../core/errors.ts';
import { changesBetween } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { visibleLocations } from '../access.ts';
import type { StockAdjust, StockPlan, StockReceive, StockSet, StockTransfer } from '../inputs.ts';
import { uncommitted } from '../rules.ts';
import { inventoryProblem } from '../texts.ts';
import { type MovedStock, moveStock } from './move-stock.ts';

/** Take goods in at a location. All lines or none. Refuses with NOT_FOUND and LOCATION_ARCHIVED. */
export async function receiveStock(
  tx: Tx,
  actor: Actor,
  input: StockReceive,
  at: Date,
): Promise<{ id: string; stockIds: string[] }> {
  refuseIf([
    ...(await locationProblems(tx, actor, input.locationId, 'locationId')),
    ...(await variantProblems(
      tx,
      input.lines.map((line) => line.variantId),
      (i) => ['lines', i, 'variantId'],
    )),
  ]);
  const stocks = await ensureStocks(
    tx,
    input.lines.map(({ variantId }) => ({ variantId, locationId: input.locationId })),
    at,
  );
  const changes = input.lines.map(({ quantity, damaged }, i) => ({
    stockId: stocks[i] ?? '',
    onHand: quantity,
    damaged: damaged ?? 0,
  }));
  refuseImpossible(
    await moveStock(
      tx,
      actor,
      changes,
      { cause: 'RECEIPT', causeType: 'Location', causeId: input.locationId, ...reasonOf(input.note) },
      at,
    ),
  );
  return { id: input.locationId, stockIds: stocks };
}

/**
 * Correct the record of one stock by a difference. Refuses with STOCK_COMMITTED when units that orders hold, or that
 * are damaged, would be missing.
 */
export async function adjustStock(
  tx: Tx,
  actor: Actor,
  input: StockAdjust,
  at: Date,
): Promise<{ id: string }> {
  const stockId = await stockAt(tx, actor, input, at);
  const change = { stockId, onHand: input.onHandDelta ?? 0, damaged: input.damagedDelta ?? 0 };
  const reason = [input.reason, input.note].filter(Boolean).join(': ');
  refuseImpossible(
    await moveStock(
      tx,
      actor,
      [change],
      { cause: 'ADJUSTMENT', causeType: 'Stock', causeId: stockId, reason },
      at,
    ),
  );
  return { id: stockId };
}

/**
 * Set the units on hand of one stock. Refuses with STALE_QUANTITY, which carries the current quantity, when it is not
 * the expected one; NOTHING_TO_DO when it is the wanted one already; STOCK_COMMITTED.
 */
export async function setStock(tx: Tx, actor: Actor, input: StockSet, at: Date): Promise<{ id: string }> {
  const stockId = await stockAt(tx, actor, input, at);
  const { onHand } = await lockStock(tx, stockId);
  if (input.expectedQuantity !== undefined && input.expectedQuantity !== onHand) {
    throw new DomainError([
      inventoryProblem('STALE_QUANTITY', {
        path: ['expectedQuantity'],
        params: { current: onHand },
        type: 'StaleQuantity',
        data: { currentQuantity: onHand },
      }),
    ]);
  }
  if (input.quantity === onHand)
    throw new DomainError([inventoryProblem('NOTHING_TO_DO', { path: ['quantity'] })]);
  const blind = input.expectedQuantity === undefined ? 'overwritten without an expected quantity' : undefined;
  const reason = reasonOf([blind, input.note].filter(Boolean).join(': '));
  refuseImpossible(
    await moveStock(
      tx,
      actor,
      [{ stockId, onHand: input.quantity - onHand }],
      { cause: 'COUNT', causeType: 'Stock', causeId: stockId, ...reason },
      at,
    ),
  );
  return { id: stockId };
}

/** Carry units from one location to another, at once. Refuses with STOCK_COMMITTED, SAME_LOCATION, NOT_FOUND. */
export async function transferStock(
  tx: Tx,
  actor: Actor,
  input: StockTransfer,
  at: Date,
): Promise<{ id: string }> {
  refuseIf([
    ...(input.fromLocationId === input.toLocationId
      ? [inventoryProblem('SAME_LOCATION', { path: ['toLocationId'] })]
      : []),
    ...(await locationProblems(tx, actor, input.fromLocationId, 'fromLocationId')),
    ...(await locationProblems(tx, actor, input.toLocationId, 'toLocationId')),
    ...(await variantProblems(tx, [input.variantId], () => ['variantId'])),
  ]);
  const { variantId, quantity } = input;
  const [from = '', to = ''] = await ensureStocks(
    tx,
    [
      { variantId, locationId: input.fromLocationId },
      { variantId, locationId: input.toLocationId },
    ],
    at,
  );
  const cause = { causeType: 'Stock', ...reasonOf(input.note) };
  // Both rows are locked in the common order before either is changed.
  await tx.$queryRaw`SELECT 1 FROM stock WHERE id = ANY (${[from, to]}::uuid[]) ORDER BY variant_id, location_id FOR UPDATE`;
  refuseImpossible(
    await moveStock(
      tx,
      actor,
      [{ stockId: from, onHand: -quantity }],
      { cause: 'TRANSFER_OUT', causeId: to, ...cause },
      at,
    ),
    'quantity',
  );
  refuseImpossible(
    await moveStock(
      tx,
      actor,
      [{ stockId: to, onHand: quantity }],
      { cause: 'TRANSFER_IN', causeId: from, ...cause },
      at,
    ),
    'quantity',
  );
  return { id: to };
}

/** Set safety stock and the limits of low-stock and back-in-stock events. Events of limits that are crossed now follow. */
export async function planStock(tx: Tx, actor: Actor, input: StockPlan, at: Date): Promise<{ id: string }> {
  const stockId = await stockAt(tx, actor, input, at);
  await lockStock(tx, stockId);
  const before = await tx.stock.findUniqueOrThrow({ where: { id: stockId } });
  const off = input.withoutLowStock ?? false;
  const limits = {
    lowStockAt: off ? null : (input.lowStockAt ?? before.lowStockAt),
    recoveredAt: off ? null : (input.recoveredAt ?? before.recoveredAt),
    backInStockAt: input.backInStockAt ?? before.backInStockAt,
  };
  await tx.stock.updateMany({ where: { id: stockId }, data: limits });
  const safetyStock = input.safetyStock === undefined ? 0 : input.safetyStock - before.safetyStock;
  const changes = changesBetween(before, { ...before, ...limits }, [
    'lowStockAt',
    'recoveredAt',
    'backInStockAt',
  ]);
  const cause = { cause: 'PLAN', causeType: 'Stock', causeId: stockId, changes } as const;
  await moveStock(tx, actor, [{ stockId, safetyStock }], cause, at);
  return { id: stockId };
}

const reasonOf = (note: string | undefined): { reason?: string } => (note ? { reason: note } : {});

interface Place {
  variantId: string;
  locationId: string;
}

/** The stock of a variant at a location, made with zero counters when there is none yet. */
async function stockAt(tx: Tx, actor: Actor, place: Place, at: Date): Promise<string> {
  refuseIf([
    ...(await locationProblems(tx, actor, place.locationId, 'locationId')),
    ...(await variantProblems(tx, [place.variantId], () => ['variantId'])),
  ]);
  const [stockId = ''] = await ensureStocks(tx, [place], at);
  return stockId;
}

/** Ids of the stocks of places, in their order. Missing rows are made; concurrent callers get the same ones. */
export async function ensureStocks(tx: Tx, places: readonly Place[], at: Date): Promise<string[]> {
  const data = places.map(({ variantId, locationId }) => ({
    id: newId(),
    variantId,
    locationId,
    createdAt: at,
  }));
  const ordered = data.toSorted((a, b) =>
    `${a.variantId}${a.locationId}` < `${b.variantId}${b.locationId}` ? -1 : 1,
  );
  await tx.stock.createMany({ data: ordered, skipDuplicates: true });
  const rows = await tx.stock.findMany({
    where: { OR: places.map(({ variantId, locationId }) => ({ variantId, locationId })) },
    select: { id: true, variantId: true, locationId: true },
  });
  const ids = new Map(rows.map((row) => [`${row.variantId}/${row.locationId}`, row.id]));
  return places.map(({ variantId, locationId }) => ids.get(`${variantId}/${locationId}`) ?? '');
}

async function lockStock(tx: Tx, stockId: string): Promise<{ onHand: number; safetyStock: number }> {
  const rows = await tx.$queryRaw<{ onHand: number; safetyStock: number }[]>`
    SELECT on_hand AS "onHand", safety_stock AS "safetyStock" FROM stock WHERE id = ${stockId}::uuid FOR UPDATE`;
  return rows[0] ?? { onHand: 0, safetyStock: 0 };
}

async function locationProblems(tx: Tx, actor: Actor, id: string, field: string): Promise<Problem[]> {
  // Shared, so that nobody archives the location before this commits.
  await tx.$queryRaw`SELECT 1 FROM location WHERE id = ${id}::uuid FOR SHARE`;
  const location = await tx.location.findFirst({
    where: { AND: [{ id }, visibleLocations(actor)] },
    select: { archivedAt: true },
  });
  if (!location) return [problem('NOT_FOUND', { path: [field], params: { type: 'Location' } })];
  return location.archivedAt ? [inventoryProblem('LOCATION_ARCHIVED', { path: [field] })] : [];
}

async function variantProblems(
  tx: Tx,
  ids: readonly string[],
  pathOf: (i: number) => (string | number)[],
): Promise<Problem[]> {
  const rows = await tx.variant.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  const known = new Set(rows.map((row) => row.id));
  return ids.flatMap((id, i) =>
    known.has(id) ? [] : [problem('NOT_FOUND', { path: pathOf(i), params: { type: 'Variant' } })],
  );
}

/** Turn a refused change into the refusal that says how many units are free. */
function refuseImpossible(moved: readonly MovedStock[], field = 'onHandDelta'): void {
  refuseIf(
    moved
      .filter((stock) => stock.refused)
      .map((stock) =>
        inventoryProblem('STOCK_COMMITTED', { path: [field], params: { free: uncommitted(stock) } }),
      ),
  );
}
