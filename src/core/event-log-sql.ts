// The statements of the event log, each one alone: an instance that stops in the middle of one holds nothing.

import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { LogEvent } from './event-log.ts';

const COLUMNS = `seq, event_id AS "eventId", type, entity_type AS "entityType", entity_id AS "entityId", version,
  payload_version AS "payloadVersion", payload, changes, facets, actor_kind AS "actorKind", actor_id AS "actorId",
  request_id AS "requestId", source, store_id AS "storeId", customer_id AS "customerId", location_id AS "locationId",
  occurred_at AS "occurredAt", logged_at AS "loggedAt"`;

/** What names the database, the newest place in its log, and the id of the event there. */
export async function openingOf(pool: pg.Pool): Promise<{ epoch: string; tip: bigint; tipId: string }> {
  const { rows } = await pool.query<{ identity: string; seq: string; eventId: string }>(
    `SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
       (SELECT timeline_id FROM pg_control_checkpoint()),
       (SELECT oid FROM pg_database WHERE datname = current_database())) AS identity,
       h.seq, coalesce((SELECT event_id::text FROM event e WHERE e.seq = h.seq), '') AS "eventId"
     FROM event_head h`,
  );
  const [row] = rows;
  if (!row) throw new Error('the event log has no head');
  const epoch = createHash('sha256').update(row.identity).digest('base64url').slice(0, 11);
  return { epoch, tip: BigInt(row.seq), tipId: row.eventId };
}

/** Move what has committed into the log: its newest place then, and how many events were moved. */
export async function relayEvents(
  pool: pg.Pool,
  batch: number,
  at: Date,
): Promise<{ head: bigint; moved: number }> {
  const { rows } = await pool.query<{ head: string; moved: number }>(
    'SELECT head, moved FROM relay_events($1, $2)',
    [batch, at],
  );
  const { head = '0', moved = 0 } = rows[0] ?? {};
  return { head: BigInt(head), moved };
}

/** The events after a place, oldest first. */
export async function readEvents(pool: pg.Pool, after: bigint, limit: number): Promise<LogEvent[]> {
  const { rows } = await pool.query<LogEvent & { seq: string }>(
    `SELECT ${COLUMNS} FROM event WHERE seq > $1 ORDER BY seq LIMIT ${limit}`,
    [after],
  );
  return rows.map((row) => ({ ...row, seq: BigInt(row.seq) }));
}

/** The id of the event at a place; undefined where there is none. */
export async function readEventId(pool: pg.Pool, seq: bigint): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string }>('SELECT event_id AS id FROM event WHERE seq = $1', [seq]);
  return rows[0]?.id;
}

/** When the event after a place was logged; null when there is none. */
export async function readLoggedAfter(pool: pg.Pool, seq: bigint): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date }>(
    'SELECT logged_at AS at FROM event WHERE seq > $1 ORDER BY seq LIMIT 1',
    [seq],
  );
  return rows[0]?.at ?? null;
}
