// The event log as one instance sees it: relays committed events into it, follows it, and serves it by position.
// No leader: every instance relays and polls, so any of them can die at any moment.

import type pg from 'pg';
import type { LogPlace } from './cursor.ts';
import { openingOf, readEventId, readEvents, readLoggedAfter, relayEvents } from './event-log-sql.ts';
import type { FieldChange } from './events.ts';
import { momentOf } from './ids.ts';
import { log } from './log.ts';
import { defineDuration } from './metrics.ts';
import { closePool, openPool } from './pools.ts';
import { type RelayWakes, wakesOf } from './relay-wakes.ts';
import { now } from './time.ts';

/** One event at its place in the log. */
export interface LogEvent {
  seq: bigint;
  eventId: string;
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
const STATEMENT_SECONDS = 5;

interface State {
  pool: pg.Pool;
  epoch: string;
  /** The newest events, ending at `tip`. */
  ring: LogEvent[];
  tip: bigint;
  /** Id of the event at `tip`; empty at the very beginning. */
  tipId: string;
  closed: boolean;
  waiters: Set<() => void>;
  followers: Set<(event: LogEvent) => void>;
  wake: () => void;
  loop: Promise<void>;
  wakes: RelayWakes;
}

let state: State | null = null;

const opened = (): State => {
  if (!state) throw new Error('the event log is not open');
  return state;
};

/**
 * Start relaying and following. `directUrl` must reach PostgreSQL without a pooler, because LISTEN needs a session.
 * `onRewritten` is called, and nothing is followed any more, when the database has gone back to an earlier state under
 * this process: what it remembers of the log is then wrong.
 */
export async function openEventLog(options: {
  url: string;
  directUrl: string;
  onRewritten?: () => void;
}): Promise<void> {
  const pool = openPool({
    url: options.url,
    name: 'dayshift-log',
    max: 3,
    statementSeconds: STATEMENT_SECONDS,
  });
  const { epoch, tip, tipId } = await openingOf(pool);
  const open: State = {
    pool,
    epoch,
    ring: [],
    tip,
    tipId,
    closed: false,
    waiters: new Set(),
    followers: new Set(),
    wake: () => {},
    loop: Promise.resolve(),
    wakes: wakesOf({ directUrl: options.directUrl, epoch, wake: () => open.wake() }),
  };
  state = open;
  open.loop = relayAndFollow(open, options.onRewritten);
}

/** Stop relaying and release every waiting reader. */
export async function closeEventLog(): Promise<void> {
  const open = state;
  if (!open) return;
  open.closed = true;
  open.wake();
  for (const waiter of [...open.waiters]) waiter();
  await Promise.allSettled([open.loop, open.wakes.stop()]);
  await closePool(open.pool);
  state = null;
}

/** Identity of the database's history. A cursor of another epoch cannot be resumed. */
export const logEpoch = (): string => opened().epoch;

/** Position of the newest event this instance has read. */
export const logTip = (): bigint => opened().tip;

/** Position of the newest event in the log, relaying what has committed before the call. */
export async function currentHead(): Promise<bigint> {
  const open = opened();
  const { head, moved } = await relay(open);
  open.wake();
  return moved === RELAY_BATCH ? currentHead() : head;
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
  return readEvents(open.pool, seq, READ_BATCH);
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

/** The place in the log that is `seq`, for a cursor. What was read lately needs no statement. */
export function placeAt(seq: bigint): LogPlace | Promise<LogPlace> {
  const { epoch, ring } = opened();
  const recent = seq === 0n ? { eventId: '' } : ring[Number(seq - (ring[0]?.seq ?? seq))];
  if (recent) return { epoch, seq, mark: markOf(recent.eventId) };
  return readEventId(opened().pool, seq).then((eventId) => ({ epoch, seq, mark: markOf(eventId ?? '') }));
}

/** The place of an event in the log, for a cursor. */
export const placeOf = ({ seq, eventId }: { seq: bigint; eventId: string }): LogPlace => ({
  epoch: opened().epoch,
  seq,
  mark: markOf(eventId),
});

/** What is random in an event's id. */
const markOf = (eventId: string): string => eventId.slice(-12);

/**
 * True when a place is one of this log, or ahead of it. False for one of another database, and for one of a history
 * that was lost when the database was restored to an earlier state: another event has that number now.
 */
export async function isOfThisLog({ epoch, seq, mark }: LogPlace): Promise<boolean> {
  if (epoch !== opened().epoch) return false;
  if (seq === 0n) return mark === '';
  const eventId = await readEventId(opened().pool, seq);
  return eventId === undefined || markOf(eventId) === mark;
}

/** When the event after `seq` was logged; null when there is none. */
export const loggedAfter = (seq: bigint): Promise<Date | null> => readLoggedAfter(opened().pool, seq);

/** True when nothing is relayed or followed here any more, or not yet. */
export const isClosed = (): boolean => state === null || state.closed;

async function relay(open: State): Promise<{ head: bigint; moved: number }> {
  const result = await relayEvents(open.pool, RELAY_BATCH, now());
  if (result.moved > 0) open.wakes.tell();
  return result;
}

async function relayAndFollow(open: State, onRewritten: (() => void) | undefined): Promise<void> {
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
      const { head, moved } = await relay(open);
      if (head < open.tip || (failures > 0 && !(await isTipInLog(open)))) {
        log.fatal('the database went back to an earlier state while this instance was running');
        onRewritten?.();
        return;
      }
      if (head > open.tip) await follow(open, head);
      if (moved === RELAY_BATCH) woken = true;
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

const lag = defineDuration('feed_lag_seconds', 'Time from a change until this instance tells its feeds.');

/** False after a restore or a failover that lost events, whatever was written since. */
const isTipInLog = async ({ pool, tip, tipId }: State): Promise<boolean> =>
  tip === 0n || (await readEventId(pool, tip)) === tipId;

async function follow(open: State, head: bigint): Promise<void> {
  while (open.tip < head) {
    const events = await readEvents(open.pool, open.tip, READ_BATCH);
    if (events.length === 0) return;
    open.ring.push(...events);
    if (open.ring.length > RING_SIZE * 1.2) open.ring = open.ring.slice(-RING_SIZE);
    const last = events.at(-1);
    open.tip = last?.seq ?? open.tip;
    open.tipId = last?.eventId ?? open.tipId;
    if (last) lag.observe(Math.max(0, Date.now() - momentOf(last.eventId).getTime()) / 1_000);
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
