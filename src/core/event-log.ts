// The event log as one instance sees it: relays committed events into it, follows it, and serves it by position.
// No leader: every instance relays and polls, so any of them can die at any moment.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { FieldChange } from './events.ts';
import { log } from './log.ts';
import { now } from './time.ts';

/** One event at its place in the log. */
export interface LogEvent {
  seq: bigint;
  type: string;
  entityType: string;
  entityId: string;
  version: number;
  payloadVersion: number;
  payload: Record<string, unknown>;
  changes: FieldChange[];
  facets: Record<string, unknown>;
  actorKind: string;
  actorId: string | null;
  requestId: string;
  source: string;
  storeId: string | null;
  customerId: string | null;
  locationId: string | null;
  occurredAt: Date;
  loggedAt: Date;
}

const POLL_MS = 100;
const RELAY_BATCH = 1_000;
const READ_BATCH = 500;
const RING_SIZE = 10_000;
const CHANNEL = 'dayshift_events';

const COLUMNS = `seq, type, entity_type AS "entityType", entity_id AS "entityId", version, payload_version AS
  "payloadVersion", payload, changes, facets, actor_kind AS "actorKind", actor_id AS "actorId", request_id AS
  "requestId", source, store_id AS "storeId", customer_id AS "customerId", location_id AS "locationId", occurred_at
  AS "occurredAt", logged_at AS "loggedAt"`;

interface State {
  pool: pg.Pool;
  directUrl: string;
  epoch: string;
  /** The newest events, ending at `tip`. */
  ring: LogEvent[];
  tip: bigint;
  closed: boolean;
  waiters: Set<() => void>;
  followers: Set<(event: LogEvent) => void>;
  wake: () => void;
  loop: Promise<void>;
  listening: Promise<void>;
  listener: pg.Client | null;
}

let state: State | null = null;

const opened = (): State => {
  if (!state) throw new Error('the event log is not open');
  return state;
};

/** Start relaying and following. `directUrl` must reach PostgreSQL without a pooler, because LISTEN needs a session. */
export async function openEventLog(options: { url: string; directUrl: string }): Promise<void> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: 3,
    application_name: 'dayshift-log',
    statement_timeout: 5_000,
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', (error) => log.warn({ error }, 'a connection of the event log was lost'));
  const identity = await pool.query<{ id: string; seq: string }>(
    `SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
       (SELECT timeline_id FROM pg_control_checkpoint()),
       (SELECT oid FROM pg_database WHERE datname = current_database())) AS id,
       (SELECT seq FROM event_head) AS seq`,
  );
  const row = identity.rows[0];
  if (!row) throw new Error('the event log has no head');
  state = {
    pool,
    directUrl: options.directUrl,
    epoch: createHash('sha256').update(row.id).digest('base64url').slice(0, 11),
    ring: [],
    tip: BigInt(row.seq),
    closed: false,
    waiters: new Set(),
    followers: new Set(),
    wake: () => {},
    loop: Promise.resolve(),
    listening: Promise.resolve(),
    listener: null,
  };
  state.loop = relayAndFollow(state);
  state.listening = listen(state);
}

/** Stop relaying and release every waiting reader. */
export async function closeEventLog(): Promise<void> {
  const open = state;
  if (!open) return;
  open.closed = true;
  open.wake();
  await open.listener?.end().catch(() => {});
  for (const waiter of [...open.waiters]) waiter();
  await Promise.allSettled([open.loop, open.listening]);
  await open.pool.end();
  state = null;
}

/** Identity of the database's history. A cursor of another epoch cannot be resumed. */
export const logEpoch = (): string => opened().epoch;

/** Position of the newest event this instance has read. */
export const logTip = (): bigint => opened().tip;

/** Position of the newest event in the log, relaying what has committed before the call. */
export async function currentHead(): Promise<bigint> {
  const open = opened();
  const result = await open.pool.query<{ head: string; moved: number }>(
    'SELECT head, moved FROM relay_events($1, $2)',
    [RELAY_BATCH, now()],
  );
  const { head, moved } = result.rows[0] ?? { head: '0', moved: 0 };
  open.wake();
  return moved === RELAY_BATCH ? currentHead() : BigInt(head);
}

/** Tell the relay that something committed. Calls made meanwhile are one. */
export function wakeRelay(): void {
  state?.wake();
}

/** Call `follower` with each event from now on, in order. Returns the function that stops it. */
export function followLog(follower: (event: LogEvent) => void): () => void {
  const { followers } = opened();
  followers.add(follower);
  return () => followers.delete(follower);
}

/** The events after a position, oldest first, at most 500. Recent ones come from memory. */
export async function eventsAfter(seq: bigint): Promise<readonly LogEvent[]> {
  const open = opened();
  if (seq >= open.tip) return [];
  const first = open.ring[0];
  if (first && seq >= first.seq - 1n) {
    const from = Number(seq - first.seq + 1n);
    return open.ring.slice(from, from + READ_BATCH);
  }
  return readLog(open, seq);
}

/** Wait for an event after `seq`. False when `milliseconds` passed, the signal fired or the log closed first. */
export function waitBeyond(seq: bigint, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  const open = opened();
  if (open.closed || signal.aborted) return Promise.resolve(false);
  if (open.tip > seq) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = () => {
      if (open.tip <= seq && !open.closed && !signal.aborted && Date.now() < deadline) return;
      clearTimeout(timer);
      open.waiters.delete(settle);
      signal.removeEventListener('abort', settle);
      resolve(open.tip > seq);
    };
    const deadline = Date.now() + milliseconds;
    const timer = setTimeout(settle, Math.max(0, milliseconds) + 1);
    open.waiters.add(settle);
    signal.addEventListener('abort', settle);
  });
}

/** When the event after `seq` was logged; null when there is none. */
export async function loggedAfter(seq: bigint): Promise<Date | null> {
  const result = await opened().pool.query<{ at: Date }>(
    'SELECT logged_at AS at FROM event WHERE seq > $1 ORDER BY seq LIMIT 1',
    [seq],
  );
  return result.rows[0]?.at ?? null;
}

/** True when the log holds the event right after `seq`, or `seq` is its head: nothing between was dropped. */
export const isClosed = (): boolean => state === null || state.closed;

async function readLog(open: State, after: bigint): Promise<LogEvent[]> {
  const result = await open.pool.query<LogEvent & { seq: string }>(
    `SELECT ${COLUMNS} FROM event WHERE seq > $1 ORDER BY seq LIMIT ${READ_BATCH}`,
    [after],
  );
  return result.rows.map((row) => ({ ...row, seq: BigInt(row.seq) }));
}

async function relayAndFollow(open: State): Promise<void> {
  let woken = false;
  let proceed = () => {};
  open.wake = () => {
    woken = true;
    proceed();
  };
  let failures = 0;
  while (!open.closed) {
    woken = false;
    try {
      const result = await open.pool.query<{ head: string; moved: number }>(
        'SELECT head, moved FROM relay_events($1, $2)',
        [RELAY_BATCH, now()],
      );
      const row = result.rows[0];
      if (row && BigInt(row.head) > open.tip) await follow(open, BigInt(row.head));
      if (row?.moved === RELAY_BATCH) woken = true;
      failures = 0;
    } catch (error) {
      if (open.closed) return;
      if (failures++ % 50 === 0) log.warn({ error }, 'relaying events failed; trying again');
    }
    if (woken && failures === 0) continue;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, failures > 0 ? Math.min(1_000, POLL_MS * failures) : POLL_MS);
      proceed = () => {
        clearTimeout(timer);
        resolve();
      };
      if (open.closed) proceed();
    });
  }
}

async function follow(open: State, head: bigint): Promise<void> {
  while (open.tip < head) {
    const events = await readLog(open, open.tip);
    if (events.length === 0) return;
    open.ring.push(...events);
    if (open.ring.length > RING_SIZE * 1.2) open.ring = open.ring.slice(-RING_SIZE);
    open.tip = events.at(-1)?.seq ?? open.tip;
    for (const event of events) {
      for (const follower of open.followers) notify(follower, event);
    }
    for (const waiter of [...open.waiters]) waiter();
  }
}

function notify(follower: (event: LogEvent) => void, event: LogEvent): void {
  try {
    follower(event);
  } catch (error) {
    log.error({ error, seq: event.seq.toString() }, 'a follower of the event log failed');
  }
}

/** NOTIFY only shortens the wait; every read goes by position, so a lost connection costs at most one poll. */
async function listen(open: State): Promise<void> {
  while (!open.closed) {
    const client = new pg.Client({ connectionString: open.directUrl, application_name: 'dayshift-listen' });
    try {
      const ended = new Promise<void>((resolve) => {
        client.on('end', resolve);
        client.on('error', () => resolve());
      });
      client.on('notification', () => open.wake());
      await client.connect();
      open.listener = client;
      await client.query(`LISTEN ${CHANNEL}`);
      if (!open.closed) await ended;
    } catch (error) {
      if (!open.closed) log.debug({ error }, 'listening for events failed; polling goes on');
    }
    open.listener = null;
    await client.end().catch(() => {});
    if (!open.closed) await sleep(500);
  }
}
