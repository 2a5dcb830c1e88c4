// What runs beside requests: webhooks are sent, old deliveries forgotten, uses of keys written, and streams of keys ended.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Chore } from '../core/chores.ts';
import { db, transact } from '../core/db.ts';
import type { LogEvent } from '../core/event-log.ts';
import { defineJob, enqueue } from '../core/jobs.ts';
import { log } from '../core/log.ts';
import type { ReactionDefinition } from '../core/reactions.ts';
import { addDays, now } from '../core/time.ts';
import { deliverRound } from './actions/deliver-webhooks.ts';
import { writeUses } from './actions/last-use.ts';
import { isAnyListening, queueEvents } from './actions/queue-webhooks.ts';
import { forgetDeliveries } from './actions/webhook-attempts.ts';
import { wakeWebhook } from './actions/webhook-rows.ts';
import { KEPT_DAYS } from './rules/webhooks.ts';

declare module '../core/jobs.ts' {
  interface JobMap {
    'webhooks.deliver': { webhookId: string };
  }
}

const WRITE_USES_MS = 60_000;

/** Write once a minute which keys were used. Returns the function that stops it and writes the rest. */
export function keepLastUses(): () => Promise<void> {
  const stopping = new AbortController();
  const writing = writeUsesUntil(stopping.signal);
  return async () => {
    stopping.abort();
    await writing;
    await writeUses();
  };
}

async function writeUsesUntil(signal: AbortSignal): Promise<void> {
  while (true) {
    await sleep(WRITE_USES_MS, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    await writeUses().catch((error: unknown) =>
      log.warn({ error }, 'the last use of keys could not be written'),
    );
  }
}

const endings = new Set(['key.revoked', 'key.rotated']);

/** Ids of the keys whose open streams an event ends. A partner who is archived has every key revoked. */
export const keysEndedBy = async (event: LogEvent): Promise<string[]> =>
  endings.has(event.type) ? [event.entityId] : [];

export const partnerReactions: readonly ReactionDefinition[] = [
  {
    name: 'webhooks.queueEvents',
    concerns: isAnyListening,
    handleMany: (tx, events) => queueEvents(tx, events, now()),
  },
];

const LATER_SECONDS = 300;

/** Queue the next round of a webhook for later. */
const queueRound = (webhookId: string, inSeconds: number): Promise<void> =>
  transact((tx) => enqueue(tx, 'webhooks.deliver', { webhookId }, { key: webhookId, inSeconds }));

/** Rounds of the webhooks of one key that an instance runs at once: receivers that answer late keep no others waiting. */
const ROUNDS_OF_KEY = 2;
/** Seconds after which a webhook that is not called before tries to get its turn. */
const TURN_SECONDS = 30;

const turns = new Map<string, { running: number; waiting: Set<string> }>();

/** Do the round of a webhook, or let it wait for the end of one of the same key. */
async function deliverInTurn(webhookId: string, signal: AbortSignal): Promise<void> {
  const { keyId } = await db.webhook.findUniqueOrThrow({
    where: { id: webhookId },
    select: { keyId: true },
  });
  const ofKey = turns.get(keyId) ?? { running: 0, waiting: new Set() };
  turns.set(keyId, ofKey);
  if (ofKey.running >= ROUNDS_OF_KEY) {
    ofKey.waiting.add(webhookId);
    return queueRound(webhookId, TURN_SECONDS);
  }
  ofKey.running++;
  ofKey.waiting.delete(webhookId);
  try {
    await deliverRound(webhookId, now, signal);
  } finally {
    ofKey.running--;
    const [next] = ofKey.waiting;
    if (next === undefined) {
      if (ofKey.running === 0) turns.delete(keyId);
    } else {
      ofKey.waiting.delete(next);
      await transact((tx) => wakeWebhook(tx, next));
    }
  }
}

export const partnerJobs = [
  // When a message is tried again stands with its delivery: the job itself fails only when the database does.
  defineJob({
    name: 'webhooks.deliver',
    retries: 20,
    retrySeconds: { first: 1, max: 60 },
    runSecondsMax: 60,
    alone: true,
    atOnce: 8,
    work: ({ webhookId }, signal) => deliverInTurn(webhookId, signal),
    giveUp: ({ webhookId }) => queueRound(webhookId, LATER_SECONDS),
  }),
];

/** Forget some deliveries of webhooks that are older than they are kept for. */
export const forgetOldDeliveries = (at: Date): Promise<number> =>
  transact((tx) => forgetDeliveries(tx, addDays(at, -KEPT_DAYS)));

export const partnerChores: readonly Chore[] = [
  { name: 'partners.forgetDeliveries', everySeconds: 3_600, forget: forgetOldDeliveries },
];
