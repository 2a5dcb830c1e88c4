// Reactions: named consumers of the event log, each with a checkpoint that commits together with what it did.

import { db, type Tx, transact } from './db.ts';
import { eventsAfter, isClosed, type LogEvent, logTip, waitBeyond } from './event-log.ts';
import { log } from './log.ts';
import { now } from './time.ts';

interface Named {
  /** `<domain>.<whatItDoes>`; names the checkpoint, so it never changes. */
  name: string;
}

interface ReactionToEach extends Named {
  types: readonly string[];
  /** Runs in the transaction of the checkpoint: exactly once per event that commits. Calls no network. */
  handle(tx: Tx, event: LogEvent): Promise<void>;
}

/** For what events of nearly every type may concern: all that came is handled together. */
interface ReactionToMany extends Named {
  /** False when nothing would be done with these events: they are then passed over without a transaction. */
  concerns(events: readonly LogEvent[]): Promise<boolean>;
  /** As `handle`, for events in their order; after a failure for one at a time. */
  handleMany(tx: Tx, events: readonly LogEvent[]): Promise<void>;
}

export type ReactionDefinition = ReactionToEach | ReactionToMany;

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
      if ((await concerns(reaction, events)) || passed - at.checkpoint >= UNRECORDED_MAX) {
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

const concerns = async (reaction: ReactionDefinition, events: readonly LogEvent[]): Promise<boolean> =>
  'types' in reaction
    ? events.some((event) => reaction.types.includes(event.type))
    : events.length > 0 && (await reaction.concerns(events));

async function progressOf(reaction: ReactionDefinition): Promise<Progress> {
  await openReactions([reaction]);
  const { seq } = await db.reaction.findUniqueOrThrow({ where: { name: reaction.name } });
  return { checkpoint: seq, passed: seq };
}

/** Handle what comes next and concerns the reaction, or skip what does not. Null when another instance is at work. */
async function advance(reaction: ReactionDefinition): Promise<bigint | null> {
  return transact(async (tx) => {
    const [row] = await tx.$queryRaw<{ seq: bigint; failures: number }[]>`
      SELECT seq, failures FROM reaction WHERE name = ${reaction.name} FOR UPDATE SKIP LOCKED`;
    if (!row) return null;
    const events = await eventsAfter(row.seq);
    const next = nextOf(reaction, events, row.failures > 0);
    const seq = next.at(-1)?.seq ?? events.at(-1)?.seq ?? row.seq;
    await handle(tx, reaction, next);
    if (seq > row.seq) {
      await tx.reaction.updateMany({
        where: { name: reaction.name },
        data: { seq, failures: 0 },
      });
    }
    return seq;
  });
}

/** The events to handle now. After a failure one alone, so that it is known which one fails. */
function nextOf(
  reaction: ReactionDefinition,
  events: readonly LogEvent[],
  hasFailed: boolean,
): readonly LogEvent[] {
  if (!('types' in reaction)) return hasFailed ? events.slice(0, 1) : events;
  const next = events.find((event) => reaction.types.includes(event.type));
  return next ? [next] : [];
}

async function handle(tx: Tx, reaction: ReactionDefinition, events: readonly LogEvent[]): Promise<void> {
  const [first] = events;
  if (!first) return;
  const seq = { gte: first.seq, lte: events.at(-1)?.seq ?? first.seq };
  const parked = await tx.parkedEvent.findMany({ where: { reaction: reaction.name, seq } });
  const left = events.filter((event) => parked.every((one) => one.seq !== event.seq));
  try {
    if ('types' in reaction) for (const event of left) await reaction.handle(tx, event);
    else if (left.length > 0) await reaction.handleMany(tx, left);
  } catch (error) {
    throw events.length === 1 ? new ReactionError(first, error) : error;
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
