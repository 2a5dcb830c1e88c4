// The numbers of the board, computed from live tables: one statement for orders and one for stock, for all stores.

import { readLong } from '../core/long-reads.ts';
import { startOfDay } from '../core/time.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { OrderState } from '../generated/prisma/enums.ts';

export interface StoreNumbers {
  ordersByState: { state: OrderState; count: number }[];
  toConfirm: number;
  toDispatch: number;
  awaitingStock: number;
  onHold: number;
  overdue: number;
  withDiscrepancy: number;
  ordersToday: number;
  salesToday: { minor: bigint; currency: string }[];
  lowStock: number;
  soldOut: number;
}

interface OrderRow {
  storeId: string;
  state: OrderState;
  currency: string;
  today: boolean;
  held: boolean;
  count: string;
  total: string;
  toConfirm: string;
  toDispatch: string;
  awaitingStock: string;
  overdue: string;
  withDiscrepancy: string;
}

type Counted = 'count' | 'toConfirm' | 'toDispatch' | 'awaitingStock' | 'overdue' | 'withDiscrepancy';

interface StockRow {
  storeId: string;
  low: string;
  soldOut: string;
}

/**
 * Numbers of stores at a moment. A day is cut in the store's time zone. Open orders count whatever their age;
 * completed and cancelled ones only when they were placed today, so that the cost follows the work and not the history.
 * What can be confirmed and dispatched is what `orders` lets people confirm and dispatch, in SQL.
 */
export async function storeNumbers(
  stores: readonly { id: string; timeZone: string }[],
  at: Date,
): Promise<Map<string, StoreNumbers>> {
  const ids = stores.map((store) => store.id);
  const days = stores.map((store) => startOfDay(at, store.timeZone));
  const [orders, stocks] = await Promise.all([
    readLong<OrderRow>(Prisma.sql`
      SELECT o.store_id AS "storeId", o.state::text AS state, o.currency, o.placed_at >= d.start AS today, o.held,
        count(*) AS count, sum(o.total_minor)::text AS total,
        count(*) FILTER (WHERE o.state = 'PENDING_CONFIRMATION' AND NOT o.held
          AND (s.confirmation <> 'AFTER_PAYMENT' OR a.released)) AS "toConfirm",
        count(*) FILTER (WHERE o.state = 'CONFIRMED' AND NOT o.held AND a.released
          AND o.fulfilment_state IN ('UNFULFILLED', 'PARTIALLY_DISPATCHED')) AS "toDispatch",
        count(*) FILTER (WHERE i.open AND o.awaiting_stock) AS "awaitingStock",
        count(*) FILTER (WHERE o.state = 'PENDING_CONFIRMATION' AND EXISTS (
          SELECT FROM deadline l
          WHERE l.entity_id = o.id AND l.kind = 'order.confirmation' AND l.state = 'BREACHED')) AS overdue,
        count(*) FILTER (WHERE i.open AND p.discrepancy_minor <> 0) AS "withDiscrepancy"
      FROM unnest(${ids}::uuid[], ${days}::timestamptz[]) AS d (store_id, start)
      JOIN store s ON s.id = d.store_id
      JOIN "order" o ON o.store_id = d.store_id
        AND (o.state IN ('PENDING_CONFIRMATION', 'CONFIRMED') OR o.placed_at >= d.start)
      CROSS JOIN LATERAL (SELECT o.state IN ('PENDING_CONFIRMATION', 'CONFIRMED') AS open) i
      LEFT JOIN platform_order p ON p.order_id = o.id
      LEFT JOIN LATERAL (
        SELECT terms IN ('CREDIT', 'CASH_ON_DELIVERY')
          OR captured_minor - refunding_minor - refunded_minor >= due_minor AS released
        FROM payment_account WHERE order_id = o.id
      ) a ON i.open
      GROUP BY 1, 2, 3, 4, 5`),
    readLong<StockRow>(Prisma.sql`
      SELECT sl.store_id AS "storeId", count(*) FILTER (WHERE s.low) AS low, count(*) FILTER (WHERE s.sold_out) AS "soldOut"
      FROM store_location sl JOIN stock s ON s.location_id = sl.location_id
      WHERE sl.store_id = ANY (${ids}::uuid[]) AND (s.low OR s.sold_out)
      GROUP BY 1`),
  ]);
  return new Map(
    ids.map((id) => [
      id,
      numbersOf(
        orders.filter((row) => row.storeId === id),
        stocks.find((row) => row.storeId === id),
      ),
    ]),
  );
}

function numbersOf(rows: readonly OrderRow[], stock: StockRow | undefined): StoreNumbers {
  const count = (some: readonly OrderRow[], what: Counted = 'count') =>
    some.reduce((sum, row) => sum + Number(row[what]), 0);
  const states: OrderState[] = ['PENDING_CONFIRMATION', 'CONFIRMED', 'COMPLETED', 'CANCELLED'];
  const sold = rows.filter((row) => row.today && row.state !== 'CANCELLED');
  return {
    ordersByState: states.map((state) => ({
      state,
      count: count(rows.filter((row) => row.state === state)),
    })),
    toConfirm: count(rows, 'toConfirm'),
    toDispatch: count(rows, 'toDispatch'),
    awaitingStock: count(rows, 'awaitingStock'),
    overdue: count(rows, 'overdue'),
    withDiscrepancy: count(rows, 'withDiscrepancy'),
    onHold: count(
      rows.filter((row) => row.held && (row.state === 'PENDING_CONFIRMATION' || row.state === 'CONFIRMED')),
    ),
    ordersToday: count(rows.filter((row) => row.today)),
    salesToday: [...Map.groupBy(sold, (row) => row.currency)].map(([currency, some]) => ({
      currency,
      minor: some.reduce((sum, row) => sum + BigInt(row.total), 0n),
    })),
    lowStock: Number(stock?.low ?? 0),
    soldOut: Number(stock?.soldOut ?? 0),
  };
}
