// Starting, settling, pausing and firing deadlines. Callers hold the lock of the entity that the deadline is about.

import type { Tx } from '../core/db.ts';
import { newId } from '../core/ids.ts';
import type { Deadline } from '../generated/prisma/client.ts';
import { openStates, retryAfterMs } from './rules.ts';
import type { DeadlineKind } from './texts.ts';

export interface NewDeadline {
  kind: DeadlineKind;
  /** GraphQL type and id of what the deadline is about. */
  entityType: string;
  entityId: string;
  storeId: string | null;
  /** Moment at which it is breached, by the natural clock. */
  dueAt: Date;
}

/** Start a deadline. An open one of the same kind is cancelled: the new one takes its place. */
export async function startDeadline(tx: Tx, deadline: NewDeadline, at: Date): Promise<void> {
  await settleDeadline(tx, deadline.entityId, deadline.kind, 'CANCELLED', at);
  await startFirstDeadlines(tx, [deadline], at);
}

/** Start the deadlines of an entity that is new, and so has none that is open, in one statement. */
export async function startFirstDeadlines(
  tx: Tx,
  deadlines: readonly NewDeadline[],
  at: Date,
): Promise<void> {
  if (deadlines.length === 0) return;
  const rows = deadlines.map((deadline) => ({ id: newId(), ...deadline }));
  await tx.$executeRaw`
    INSERT INTO deadline (id, kind, entity_type, entity_id, store_id, started_at, due_at)
    SELECT id, kind, "entityType", "entityId", "storeId", ${at}, "dueAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, kind text, "entityType" text, "entityId" uuid,
      "storeId" uuid, "dueAt" timestamptz)`;
}

/** Settle the open deadline of a kind: what it asked for happened, or is no longer asked for. Does nothing when none is open. */
export async function settleDeadline(
  tx: Tx,
  entityId: string,
  kind: DeadlineKind,
  state: 'MET' | 'CANCELLED',
  at: Date,
): Promise<void> {
  await tx.deadline.updateMany({
    where: { entityId, kind, state: { in: [...openStates] } },
    data: { state, settledAt: at, pausedAt: null },
  });
}

/** Cancel every open deadline of an entity: it is over. */
export async function cancelDeadlines(tx: Tx, entityId: string, at: Date): Promise<void> {
  await tx.deadline.updateMany({
    where: { entityId, state: { in: [...openStates] } },
    data: { state: 'CANCELLED', settledAt: at, pausedAt: null },
  });
}

/** Stop the clocks of running deadlines. What is left of them stays. */
export async function pauseDeadlines(
  tx: Tx,
  entityId: string,
  kinds: readonly DeadlineKind[],
  at: Date,
): Promise<void> {
  await tx.deadline.updateMany({
    where: { entityId, kind: { in: [...kinds] }, state: 'RUNNING' },
    data: { state: 'PAUSED', pausedAt: at },
  });
}

/** Let paused deadlines run on: each is due later by the length of its pause. */
export async function resumeDeadlines(
  tx: Tx,
  entityId: string,
  kinds: readonly DeadlineKind[],
  at: Date,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE deadline SET state = 'RUNNING', due_at = due_at + (${at}::timestamptz - paused_at), paused_at = NULL
    WHERE entity_id = ${entityId}::uuid AND kind = ANY (${[...kinds]}) AND state = 'PAUSED'`;
}

/** Breach a deadline that is due. Null when it was settled, paused or moved since it was found. */
export async function breachDeadline(tx: Tx, deadlineId: string, at: Date): Promise<Deadline | null> {
  const [breached = null] = await tx.deadline.updateManyAndReturn({
    where: { id: deadlineId, state: 'RUNNING', dueAt: { lte: at } },
    data: { state: 'BREACHED', settledAt: at },
  });
  return breached;
}

/** Put off a deadline whose timer failed. It stays due; the timer is tried again later. */
export async function postponeDeadline(tx: Tx, deadlineId: string, at: Date): Promise<void> {
  const deadline = await tx.deadline.findUniqueOrThrow({ where: { id: deadlineId } });
  const failures = deadline.failures + 1;
  await tx.deadline.updateMany({
    where: { id: deadlineId, state: 'RUNNING' },
    data: { failures, retryAt: new Date(at.getTime() + retryAfterMs(failures)) },
  });
}
