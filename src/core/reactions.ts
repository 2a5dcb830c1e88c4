// Reactions: named consumers of the event log, each with a checkpoint that commits together with what it did.

import { db, type Tx, transact } from './db.ts';
import { eventsAfter, isClosed, type LogEvent, logTip, waitBeyond } from './event-log.ts';
import { log } from './log.ts';
import { now } from './time.ts';

export interface ReactionDefinition {
  /** `<domain>.<whatItDoes>`; names the checkpoint, so it never changes. */
  name: string;
  types: readonly string[];
  /** Runs in the transaction of the checkpoint: exactly once per event that commits. Calls no network. */
  handle(tx: Tx, event: LogEvent): Promise<void>;
}

const ATTEMPTS = 5;
const IDLE_MS = 5_000;
const UNRECORDED_MAX = 1_000n;

/**
 * Make the checkpoints of reactions that are new: they begin with the next event. Every instance does so before it
 * serves, also one that never reacts, so that nothing it does is missed by those that do.
 */
export async function openReactions(reactions: readonly ReactionDefinition[]): Promise<void> {
  const data = reactions.map(({ name }) => ({ name, seq: logTip() }));
  await db.reaction.createMany({ data, skipDuplicates: true });
}

/** Run a reaction until the signal fires. Instances share it: the checkpoint row is locked by whoever is at work. */
export async function runReaction(reaction: ReactionDefinition, signal: AbortSignal): Promise<void> {
  let at: Progress | null = null;
  while (!signal.aborted && !isClosed()) {
    try {
      at ??= await progressOf(reaction);
      const events = await eventsAfter(at.passed);
      const passed: bigint = events.at(-1)?.seq ?? at.passed;
      const concerned = events.some((event) => reaction.types.includes(event.type));
      if (concerned || passed - at.checkpoint >= UNRECORDED_MAX) {
        const seq = await advance(reaction);
        if (seq === null) await waitBeyond(logTip(), IDLE_MS, signal);
        else at = { checkpoint: seq, passed: seq };
      } else {
        at.passed = passed;
        await waitBeyond(passed, IDLE_MS, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      await fail(reaction, error, signal);
    }
  }
}

/** How far a reaction is. Events of others are passed over in memory: the checkpoint follows only now and then. */
interface Progress {
  checkpoint: bigint;
  passed: bigint;
}

async function progressOf(reaction: ReactionDefinition): Promise<Progress> {
  await openReactions([reaction]);
  const { seq } = await db.reaction.findUniqueOrThrow({ where: { name: reaction.name } });
  return { checkpoint: seq, passed: seq };
}

/** Handle the next event that concerns the reaction, or skip those that do not. Null when another instance is at work. */
async function advance(reaction: ReactionDefinition): Promise<bigint | null> {
  return transact(async (tx) => {
    const rows = await tx.$queryRaw<{ seq: bigint }[]>`
      SELECT seq FROM reaction WHERE name = ${reaction.name} FOR UPDATE SKIP LOCKED`;
    const from = rows[0]?.seq;
    if (from === undefined) return null;
    const events = await eventsAfter(from);
    const next = events.find((event) => reaction.types.includes(event.type));
    const seq = next?.seq ?? events.at(-1)?.seq ?? from;
    if (next) await handle(tx, reaction, next);
    if (seq > from) {
      await tx.reaction.updateMany({
        where: { name: reaction.name },
        data: { seq, failures: 0, retryAt: null },
      });
    }
    return seq;
  });
}

async function handle(tx: Tx, reaction: ReactionDefinition, event: LogEvent): Promise<void> {
  const parked = await tx.parkedEvent.count({ where: { reaction: reaction.name, seq: event.seq } });
  if (parked > 0) return;
  try {
    await reaction.handle(tx, event);
  } catch (error) {
    throw new ReactionError(event, error);
  }
}

class ReactionError extends Error {
  readonly event: LogEvent;
  constructor(event: LogEvent, cause: unknown) {
    super(`reaction to ${event.type} failed`, { cause });
    this.event = event;
  }
}

/** Count the failure; after the last attempt park the event, so that one poison event stops nothing. */
async function fail(reaction: ReactionDefinition, error: unknown, signal: AbortSignal): Promise<void> {
  log.warn({ error, reaction: reaction.name }, 'a reaction failed');
  const failures = await db.reaction
    .update({
      where: { name: reaction.name },
      data: { failures: { increment: 1 } },
      select: { failures: true },
    })
    .then((row) => row.failures)
    .catch(() => 0);
  if (failures >= ATTEMPTS && error instanceof ReactionError) {
    const { seq, type } = error.event;
    const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
    await db.parkedEvent.createMany({
      data: { reaction: reaction.name, seq, error: cause.slice(0, 2_000), parkedAt: now() },
      skipDuplicates: true,
    });
    log.error(
      { reaction: reaction.name, seq: seq.toString(), type },
      'an event was parked: the reaction cannot handle it',
    );
    return;
  }
  await waitBeyond(2n ** 62n, Math.min(10_000, 100 * 2 ** failures), signal);
}
