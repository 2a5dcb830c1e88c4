// What a store may sell: the stocks at the locations that serve it, and how much of them its listing allows.

import { soldVariants } from '../../catalog/actions/quote-lines.ts';
import type { Tx } from '../../core/db.ts';
import { uuids } from '../../core/sql-lists.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import {
  type Candidate,
  type Counters,
  type HeldStock,
  promisable,
  type StoreLimit,
  sellableToHolder,
  storeSellable,
} from '../rules.ts';

/** Who asks for units of variants in a store. */
export interface Seeker {
  storeId: string;
  variantIds: readonly string[];
  /** Live reservations whose units are the seeker's own; all others hold them against the seeker. */
  reservationIds?: readonly string[] | undefined;
}

interface StockRow extends Counters {
  stockId: string;
  variantId: string;
  priority: number;
}

type StoreStock = StockRow & HeldStock;

/** Stocks to take from, and the units of each variant that the store may promise to the seeker now. */
export interface Supply {
  candidates: Candidate[];
  caps: ReadonlyMap<string, number>;
}

/**
 * Lock the stocks of variants at the active locations of a store, by variant and location, and read what the store
 * may promise of them. What its orders and all reservations hold is counted once the locks are taken, so that no two
 * orders, and no order and a reservation, count on the same units.
 */
export async function lockSupply(tx: Tx, seeker: Seeker, at: Date): Promise<Supply> {
  const { stocks, caps } = await supplyOf(tx, seeker, at, Prisma.sql`FOR UPDATE OF s`);
  return {
    candidates: stocks.map((stock) => ({ ...stock, sellable: sellableToHolder(stock) })),
    caps,
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

/**
 * Stores at whose active locations units of a variant may be promised, whatever their shares allow them and whoever has
 * reserved them. Reads only.
 */
export async function suppliedStores(tx: Tx, variantId: string): Promise<string[]> {
  const stocks = await tx.stock.findMany({
    where: { variantId, location: { archivedAt: null } },
    include: { location: { select: { stores: { select: { storeId: true } } } } },
  });
  const supplying = stocks.filter((stock) => promisable(stock) > 0);
  return [...new Set(supplying.flatMap(({ location }) => location.stores.map(({ storeId }) => storeId)))];
}

/** Units that a line of an order was promised and did not get yet, in SQL; `lineId` is the expression of its id. */
export const promisedUnits = (lineId: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT coalesce(sum(promised.quantity), 0) FROM allocation promised
  WHERE promised.order_line_id = ${lineId} AND promised.state = 'OPEN')`;

/** The one rule of when a line of a reservation holds its units, as a Prisma where. */
export const holdingAt = (at: Date) =>
  ({ heldUntil: { gt: at } }) satisfies Prisma.StockReservationLineWhereInput;

/** The same in SQL, where the alias of the line is `reserving`. */
const holdsAt = (at: Date): Prisma.Sql => Prisma.sql`reserving.held_until > ${at}`;

/** Units of stocks that reservations hold now, by stock; of all others they hold none. Reads only. */
export async function reservedUnits(
  tx: Tx,
  stockIds: readonly string[],
  at: Date,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.$queryRaw<{ stockId: string; units: number }[]>`
    SELECT reserving.stock_id AS "stockId", sum(reserving.quantity)::int AS units
    FROM stock_reservation_line reserving
    WHERE reserving.stock_id = ANY (${stockIds}::uuid[]) AND ${holdsAt(at)}
    GROUP BY 1`;
  return new Map(rows.map(({ stockId, units }) => [stockId, units]));
}

/** Those of variants of which reservations hold units now, in one order. Reads only. */
export async function reservedVariants(tx: Tx, variantIds: readonly string[], at: Date): Promise<string[]> {
  const rows = await tx.$queryRaw<{ variantId: string }[]>`
    SELECT DISTINCT s.variant_id AS "variantId"
    FROM stock s JOIN stock_reservation_line reserving ON reserving.stock_id = s.id AND ${holdsAt(at)}
    WHERE s.variant_id = ANY (${variantIds}::uuid[])
    ORDER BY 1`;
  return rows.map(({ variantId }) => variantId);
}

/** Units by variant that the live reservations of a holder have of a store's stock, but for some of them. Reads only. */
export async function unitsReservedBy(
  tx: Tx,
  holder: { limitedBy: string; storeId: string },
  but: readonly string[],
  at: Date,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.$queryRaw<{ variantId: string; units: number }[]>`
    SELECT s.variant_id AS "variantId", sum(reserving.quantity)::int AS units
    FROM stock_reservation r
    JOIN stock_reservation_line reserving ON reserving.stock_reservation_id = r.id AND ${holdsAt(at)}
    JOIN stock s ON s.id = reserving.stock_id
    WHERE r.limited_by = ${holder.limitedBy} AND r.expires_at > ${at} AND r.store_id = ${holder.storeId}::uuid
      AND r.id <> ALL (${but}::uuid[])
    GROUP BY 1`;
  return new Map(rows.map(({ variantId, units }) => [variantId, units]));
}

/**
 * Units of each variant that a store may sell to the seeker now; variants that are not on sale there are left out.
 * Reads only.
 */
export async function storeAvailability(
  tx: Tx,
  seeker: Seeker,
  at: Date,
): Promise<ReadonlyMap<string, number>> {
  const sold = [...(await soldVariants(tx, seeker.storeId, seeker.variantIds))];
  const { caps } = await supplyOf(tx, { ...seeker, variantIds: sold }, at, Prisma.empty);
  return new Map(sold.map((variantId) => [variantId, caps.get(variantId) ?? 0]));
}

async function supplyOf(
  tx: Tx,
  { storeId, variantIds, reservationIds = [] }: Seeker,
  at: Date,
  lock: Prisma.Sql,
): Promise<{ stocks: StoreStock[]; caps: ReadonlyMap<string, number> }> {
  const rows = await tx.$queryRaw<StockRow[]>`
    SELECT s.id AS "stockId", s.variant_id AS "variantId", sl.priority, s.on_hand AS "onHand", s.allocated, s.damaged,
      s.safety_stock AS "safetyStock"
    FROM stock s
    JOIN store_location sl ON sl.location_id = s.location_id AND sl.store_id = ${storeId}::uuid
    JOIN location l ON l.id = s.location_id AND l.archived_at IS NULL
    WHERE s.variant_id = ANY (${uuids(variantIds)})
    ORDER BY s.variant_id, s.location_id
    ${lock}`;
  const uses = await usesOf(tx, { storeId, reservationIds }, rows, at);
  const stocks = rows.map((row) => {
    const { reserved = 0, own = 0 } = uses.get(row.stockId) ?? {};
    return { ...row, reserved, own };
  });
  const caps = [...Map.groupBy(stocks, (stock) => stock.variantId)].map(
    ([variantId, of]) => [variantId, storeSellable(of, limitOf(of, uses))] as const,
  );
  return { stocks, caps: new Map(caps) };
}

/** How one stock is used: what reservations hold of it, and what the store has of it and may have of its variant. */
interface StockUse extends StoreLimit {
  stockId: string;
  reserved: number;
  own: number;
}

async function usesOf(
  tx: Tx,
  { storeId, reservationIds }: { storeId: string; reservationIds: readonly string[] },
  stocks: readonly StockRow[],
  at: Date,
): Promise<ReadonlyMap<string, StockUse>> {
  // The orders of a store are counted only where it has a share: without one there may be very many of them.
  const rows = await tx.$queryRaw<StockUse[]>`
    SELECT s.id AS "stockId", i.share_basis_points AS "shareBasisPoints", i.buffer_units AS "bufferUnits",
      r.units AS reserved, r.own, ordered.units + r.of_store AS held
    FROM stock s
    LEFT JOIN listing_item i ON i.store_id = ${storeId}::uuid AND i.variant_id = s.variant_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(reserving.quantity), 0)::int AS units,
        coalesce(sum(reserving.quantity) FILTER (
          WHERE reserving.stock_reservation_id = ANY (${reservationIds}::uuid[])), 0)::int AS own,
        coalesce(sum(reserving.quantity) FILTER (WHERE reserving.store_id = ${storeId}::uuid), 0)::int AS of_store
      FROM stock_reservation_line reserving
      WHERE reserving.stock_id = s.id AND ${holdsAt(at)}
    ) r
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(a.quantity), 0)::int AS units
      FROM allocation a
      JOIN "order" o ON o.id = a.order_id AND o.store_id = ${storeId}::uuid
      WHERE i.share_basis_points IS NOT NULL AND a.stock_id = s.id AND a.state = 'OPEN'
    ) ordered
    WHERE s.id = ANY (${uuids(stocks.map((stock) => stock.stockId))})`;
  return new Map(rows.map((row) => [row.stockId, row]));
}

/** What the listing of a store says of a variant, given how its stocks are used. */
function limitOf(stocks: readonly StoreStock[], uses: ReadonlyMap<string, StockUse>): StoreLimit | undefined {
  const [first, ...others] = stocks.flatMap(({ stockId }) => uses.get(stockId) ?? []);
  return first && { ...first, held: others.reduce((sum, { held }) => sum + held, first.held) };
}
