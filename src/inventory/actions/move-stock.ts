// The one writer of stock counters: counters, ledger and events change in a single statement.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import type { FieldChange } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { uuids } from '../../core/sql-lists.ts';
import type { StockCause } from '../../generated/prisma/enums.ts';
import { eventOfCause, type StockMoved } from '../events.ts';
import type { Counters } from '../rules.ts';

/** Changes of one stock's counters, in units; absent ones stay. */
export interface StockChange {
  stockId: string;
  onHand?: number;
  allocated?: number;
  damaged?: number;
  safetyStock?: number;
}

export interface StockCauseOf {
  cause: StockCause;
  /** Object that caused it, by GraphQL type and id. */
  causeType?: string;
  causeId?: string;
  reason?: string;
  /** Changes of other fields of the stock, shown by the event of the cause. */
  changes?: readonly FieldChange[];
}

export interface MovedStock extends Counters {
  id: string;
  variantId: string;
  locationId: string;
  /** True when the change would have broken an invariant. Then nothing at all was written. */
  refused: boolean;
}

const EVENTS_PER_CHANGE = 3;
const COUNTERS = 4;

/**
 * Change counters of one or more stocks, each named at most once. Locks their rows by variant and location, which is
 * the order everywhere; writes the ledger, the event of the cause and those of limits crossed; raises each version by
 * the number of its events. When one change is impossible none is made and `refused` marks the impossible ones; the
 * rows then carry the counters as they are. Belongs last in a transaction, because it holds the hottest locks.
 */
export async function moveStock(
  tx: Tx,
  actor: Actor,
  changes: readonly StockChange[],
  { cause, causeType, causeId, reason, changes: alsoChanged = [] }: StockCauseOf,
  at: Date,
): Promise<MovedStock[]> {
  if (changes.length === 0) return [];
  const column = (counter: keyof Counters) => changes.map((change) => change[counter] ?? 0);
  const ids = (count: number) => Array.from({ length: changes.length * count }, newId);
  const causeNodeId = causeType && causeId ? toGlobalId(causeType, causeId) : null;
  const payload: StockMoved = { cause, causeNodeId, reason: reason ?? null };
  return tx.$queryRaw<MovedStock[]>`
    WITH wanted AS (
      SELECT * FROM unnest(${uuids(changes.map((change) => change.stockId))}, ${column('onHand')}::int[],
        ${column('allocated')}::int[], ${column('damaged')}::int[], ${column('safetyStock')}::int[])
        WITH ORDINALITY AS w (stock_id, on_hand_delta, allocated_delta, damaged_delta, safety_delta, position)
    ), locked AS MATERIALIZED (
      SELECT s.*, w.on_hand_delta, w.allocated_delta, w.damaged_delta, w.safety_delta, w.position
      FROM stock s JOIN wanted w ON w.stock_id = s.id
      ORDER BY s.variant_id, s.location_id
      FOR UPDATE OF s
    ), counted AS (
      SELECT *, greatest(0, on_hand - allocated - damaged - safety_stock) AS sellable_before,
        on_hand + on_hand_delta AS on_hand_after, allocated + allocated_delta AS allocated_after,
        damaged + damaged_delta AS damaged_after, safety_stock + safety_delta AS safety_after
      FROM locked
    ), judged AS (
      SELECT *, greatest(0, on_hand_after - allocated_after - damaged_after - safety_after) AS sellable_after,
        allocated_after < 0 OR damaged_after < 0 OR safety_after < 0 OR on_hand_after > 1000000000
          OR on_hand_after < allocated_after + damaged_after AS refused
      FROM counted
    ), flagged AS (
      SELECT *,
        CASE WHEN low_stock_at IS NULL THEN false WHEN sellable_after <= low_stock_at THEN true
          WHEN sellable_after >= recovered_at THEN false ELSE low END AS low_after,
        CASE WHEN sellable_after = 0 THEN true WHEN sellable_after >= back_in_stock_at THEN false
          ELSE sold_out END AS sold_out_after
      FROM judged
    ), updated AS (
      UPDATE stock s SET on_hand = f.on_hand_after, allocated = f.allocated_after, damaged = f.damaged_after,
        safety_stock = f.safety_after, low = f.low_after, sold_out = f.sold_out_after,
        version = s.version + 1 + (f.low <> f.low_after)::int + (f.sold_out <> f.sold_out_after)::int
      FROM flagged f
      WHERE s.id = f.id AND NOT EXISTS (SELECT 1 FROM flagged WHERE refused)
      RETURNING s.id
    ), ledger AS (
      INSERT INTO stock_ledger_entry (id, stock_id, counter, delta, after, cause, cause_type, cause_id, reason,
        actor_kind, actor_id, request_id, stock_version, occurred_at)
      SELECT (${ids(COUNTERS)}::uuid[])[(f.position - 1) * ${COUNTERS}::int + c.rank], f.id, c.counter::stock_counter,
        c.delta, c.after, ${cause}::stock_cause, ${causeType ?? null}, ${causeId ?? null}::uuid, ${payload.reason},
        ${actor.kind}, ${actor.id}::uuid, ${actor.requestId}::uuid, f.version + 1, ${at}
      FROM updated u JOIN flagged f USING (id)
      CROSS JOIN LATERAL (VALUES (1, 'ON_HAND', f.on_hand_delta, f.on_hand_after),
        (2, 'ALLOCATED', f.allocated_delta, f.allocated_after), (3, 'DAMAGED', f.damaged_delta, f.damaged_after),
        (4, 'SAFETY_STOCK', f.safety_delta, f.safety_after)) AS c (rank, counter, delta, after)
      WHERE c.delta <> 0
    ), happened AS (
      SELECT f.*, e.rank, e.type,
        row_number() OVER (PARTITION BY f.id ORDER BY e.rank) AS step
      FROM updated u JOIN flagged f USING (id)
      CROSS JOIN LATERAL (VALUES (1, ${eventOfCause[cause]}, true),
        (2, CASE WHEN f.low_after THEN 'stock.ranLow' ELSE 'stock.recovered' END, f.low <> f.low_after),
        (3, CASE WHEN f.sold_out_after THEN 'stock.soldOut' ELSE 'stock.backInStock' END,
          f.sold_out <> f.sold_out_after)) AS e (rank, type, occurs)
      WHERE e.occurs
    ), outbox AS (
      INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, payload, changes, facets, actor_kind,
        actor_id, request_id, source, location_id, occurred_at)
      SELECT (${ids(EVENTS_PER_CHANGE)}::uuid[])[(h.position - 1) * ${EVENTS_PER_CHANGE}::int + h.rank], h.type, 'Stock',
        h.id, h.version + h.step, ${JSON.stringify(payload)}::jsonb,
        CASE h.rank
          WHEN 1 THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_object('field', c.field, 'before', c.before, 'after', c.after)), '[]')
            FROM (VALUES ('onHand', h.on_hand, h.on_hand_after), ('allocated', h.allocated, h.allocated_after),
              ('damaged', h.damaged, h.damaged_after), ('safetyStock', h.safety_stock, h.safety_after),
              ('sellable', h.sellable_before, h.sellable_after)) AS c (field, before, after)
            WHERE c.before <> c.after) || ${JSON.stringify(alsoChanged)}::jsonb
          WHEN 2 THEN jsonb_build_array(jsonb_build_object('field', 'low', 'before', h.low, 'after', h.low_after))
          ELSE jsonb_build_array(jsonb_build_object('field', 'soldOut', 'before', h.sold_out, 'after', h.sold_out_after))
        END,
        jsonb_build_object('variantId', h.variant_id, 'locationId', h.location_id,
          'low', CASE WHEN h.rank >= 2 THEN h.low_after ELSE h.low END,
          'soldOut', CASE WHEN h.rank = 3 THEN h.sold_out_after ELSE h.sold_out END),
        ${actor.kind}, ${actor.id}::uuid, ${actor.requestId}::uuid, ${actor.source}, h.location_id, ${at}
      FROM happened h ORDER BY h.position, h.step
    )
    SELECT f.id, f.variant_id AS "variantId", f.location_id AS "locationId", f.refused,
      CASE WHEN u.id IS NULL THEN f.on_hand ELSE f.on_hand_after END AS "onHand",
      CASE WHEN u.id IS NULL THEN f.allocated ELSE f.allocated_after END AS "allocated",
      CASE WHEN u.id IS NULL THEN f.damaged ELSE f.damaged_after END AS "damaged",
      CASE WHEN u.id IS NULL THEN f.safety_stock ELSE f.safety_after END AS "safetyStock"
    FROM flagged f LEFT JOIN updated u USING (id) ORDER BY f.position`;
}
