// Timers: what happens when a deadline is breached. Rows of the database, so that no crash and no restart loses one.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Actor, systemActor } from '../core/actor.ts';
import { db, type Tx, transact, tryLockName } from '../core/db.ts';
import { log } from '../core/log.ts';
import { now } from '../core/time.ts';
import type { Deadline } from '../generated/prisma/client.ts';
import { breachDeadline, postponeDeadline } from './actions.ts';

export interface Timer {
  kind: string;
  /** Locks the row of what the deadline is about: everybody else who changes that row locks it before its deadlines. */
  lock(tx: Tx, entityId: string): Promise<unknown>;
  /** Does what follows from the breach, in the transaction that breached it: once, however often it is tried. */
  fire(tx: Tx, actor: Actor, deadline: Deadline, at: Date): Promise<void>;
}

/** A clock that was moved, deadlines of other instances and restarts are noticed within this time. */
const SLEEP_MS_MAX = 1_000;
const BATCH = 100;

/** Fire what is due until the signal fires. Instances share the work; each deadline is fired by one of them. */
export async function runTimers(timers: readonly Timer[], signal: AbortSignal): Promise<void> {
  const byKind = new Map(timers.map((timer) => [timer.kind, timer]));
  while (!signal.aborted) {
    const idleMs = await fireDue(byKind, signal).catch((error: unknown) => {
      log.warn({ error }, 'the timers had an error; they go on');
      return SLEEP_MS_MAX;
    });
    await sleep(idleMs, undefined, { signal }).catch(() => {});
  }
}

/** Fire what is due now. Milliseconds until there is more to do, as far as can be seen. */
async function fireDue(timers: ReadonlyMap<string, Timer>, signal: AbortSignal): Promise<number> {
  const at = now();
  const soon = { lte: new Date(at.getTime() + SLEEP_MS_MAX) };
  const deadlines = await db.deadline.findMany({
    where: {
      kind: { in: [...timers.keys()] },
      state: 'RUNNING',
      dueAt: soon,
      OR: [{ retryAt: null }, { retryAt: soon }],
    },
    orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
    take: BATCH,
  });
  let fired = false;
  let nextMs = SLEEP_MS_MAX;
  for (const deadline of deadlines) {
    const timer = timers.get(deadline.kind);
    const waitMs = dueMs(deadline) - at.getTime();
    if (waitMs > 0) nextMs = Math.min(nextMs, waitMs);
    else if (timer && !signal.aborted) fired = (await fire(timer, deadline)) || fired;
  }
  return fired ? 0 : nextMs;
}

const dueMs = ({ dueAt, retryAt }: Deadline): number => Math.max(dueAt.getTime(), retryAt?.getTime() ?? 0);

/** Fire one deadline, or put it off when that fails. False when another instance is at work on it. */
async function fire(timer: Timer, { id, entityId }: Deadline): Promise<boolean> {
  const at = now();
  try {
    return await transact(async (tx) => {
      // Another instance is at work on it.
      if (!(await tryLockName(tx, 'deadline', id))) return false;
      await timer.lock(tx, entityId);
      const breached = await breachDeadline(tx, id, at);
      if (breached) await timer.fire(tx, systemActor(timer.kind), breached, at);
      return true;
    });
  } catch (error) {
    log.error({ error, deadlineId: id, kind: timer.kind }, 'a timer failed; it is tried again');
    await transact((tx) => postponeDeadline(tx, id, at));
    return true;
  }
}
