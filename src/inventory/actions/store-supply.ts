// What a store may sell: the stocks at the locations that serve it, and how much of them its listing allows.

import { soldVariants } from '../../catalog/actions/quote-lines.ts';
import type { Tx } from '../../core/db.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import { type Candidate, type Counters, type StoreLimit, sellable, storeSellable } from '../rules.ts';

interface StoreStock extends Counters {
  stockId: string;
  variantId: string;
  priority: number;
}

/** Stocks to take from, and the units of each variant that the store may promise now. */
export interface Supply {
  candidates: Candidate[];
  caps: ReadonlyMap<string, number>;
}

/**
 * Lock the stocks of variants at the active locations of a store, by variant and location, and read what the store
 * may promise of them. What its orders hold is counted once the locks are taken, so that no two orders count the same.
 */
export async function lockSupply(tx: Tx, storeId: string, variantIds: readonly string[]): Promise<Supply> {
  const stocks = await stocksOf(tx, storeId, variantIds, Prisma.sql`FOR UPDATE OF s`);
  return {
    candidates: stocks.map((stock) => ({ ...stock, sellable: sellable(stock) })),
    caps: await capsOf(tx, storeId, stocks),
  };
}

/**
 * Lock all stocks of the variants of lines, by variant and location. For who changes them in several steps, each of
 * which keeps to that order only by itself.
 */
export async function lockStocks(tx: Tx, lines: readonly { variantId: string }[]): Promise<void> {
  const variantIds = lines.map((line) => line.variantId);
  await tx.$queryRaw`
    SELECT 1 FROM stock WHERE variant_id = ANY (${variantIds}::uuid[]) ORDER BY variant_id, location_id FOR UPDATE`;
}

/** Stores at whose active locations units of a variant are sellable, whatever their shares allow them. Reads only. */
export async function suppliedStores(tx: Tx, variantId: string): Promise<string[]> {
  const stocks = await tx.stock.findMany({
    where: { variantId, location: { archivedAt: null } },
    include: { location: { select: { stores: { select: { storeId: true } } } } },
  });
  const supplying = stocks.filter((stock) => sellable(stock) > 0);
  return [...new Set(supplying.flatMap(({ location }) => location.stores.map(({ storeId }) => storeId)))];
}

/** Units that a line of an order was promised and did not get yet, in SQL; `lineId` is the expression of its id. */
export const promisedUnits = (lineId: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT coalesce(sum(promised.quantity), 0) FROM allocation promised
  WHERE promised.order_line_id = ${lineId} AND promised.state = 'OPEN')`;

/** Units of each variant that a store may sell now; variants that are not on sale there are left out. Reads only. */
export async function storeAvailability(
  tx: Tx,
  storeId: string,
  variantIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const sold = [...(await soldVariants(tx, storeId, variantIds))];
  const caps = await capsOf(tx, storeId, await stocksOf(tx, storeId, sold, Prisma.empty));
  return new Map(sold.map((variantId) => [variantId, caps.get(variantId) ?? 0]));
}

const stocksOf = (
  tx: Tx,
  storeId: string,
  variantIds: readonly string[],
  lock: Prisma.Sql,
): Promise<StoreStock[]> => tx.$queryRaw`
    SELECT s.id AS "stockId", s.variant_id AS "variantId", sl.priority, s.on_hand AS "onHand", s.allocated, s.damaged,
      s.safety_stock AS "safetyStock"
    FROM stock s
    JOIN store_location sl ON sl.location_id = s.location_id AND sl.store_id = ${storeId}::uuid
    JOIN location l ON l.id = s.location_id AND l.archived_at IS NULL
    WHERE s.variant_id = ANY (${variantIds}::uuid[])
    ORDER BY s.variant_id, s.location_id
    ${lock}`;

async function capsOf(
  tx: Tx,
  storeId: string,
  stocks: readonly StoreStock[],
): Promise<ReadonlyMap<string, number>> {
  const byVariant = Map.groupBy(stocks, (stock) => stock.variantId);
  // The orders of a store are counted only where it has a share: without one there may be very many of them.
  const limits = await tx.$queryRaw<(StoreLimit & { variantId: string })[]>`
    SELECT i.variant_id AS "variantId", i.share_basis_points AS "shareBasisPoints", i.buffer_units AS "bufferUnits",
      held.units AS held
    FROM listing_item i
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(a.quantity), 0)::int AS units
      FROM stock s
      JOIN allocation a ON a.stock_id = s.id AND a.state = 'OPEN'
      JOIN "order" o ON o.id = a.order_id AND o.store_id = i.store_id
      WHERE i.share_basis_points IS NOT NULL AND s.variant_id = i.variant_id
        AND s.id = ANY (${stocks.map((stock) => stock.stockId)}::uuid[])
    ) held
    WHERE i.store_id = ${storeId}::uuid AND i.variant_id = ANY (${[...byVariant.keys()]}::uuid[])`;
  const limitOf = new Map(limits.map((limit) => [limit.variantId, limit]));
  return new Map(
    [...byVariant].map(([variantId, own]) => [variantId, storeSellable(own, limitOf.get(variantId))]),
  );
}
