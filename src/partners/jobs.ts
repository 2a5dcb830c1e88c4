// What runs beside requests: webhooks are sent, uses of keys written, and streams of keys that ended are closed.

import { db, transact } from '../core/db.ts';
import type { LogEvent } from '../core/event-log.ts';
import { defineJob, enqueue } from '../core/jobs.ts';
import type { ReactionDefinition } from '../core/reactions.ts';
import { repeat } from '../core/repeat.ts';
import { addDays, now } from '../core/time.ts';
import { deliverRound } from './actions/deliver-webhooks.ts';
import { writeUses } from './actions/last-use.ts';
import { isAnyListening, queueEvents } from './actions/queue-webhooks.ts';
import { forgetDeliveries } from './actions/webhook-attempts.ts';
import { wakeWebhook } from './actions/webhook-rows.ts';
import { KEPT_DAYS } from './rules/webhooks.ts';

const WRITE_USES_MS = 60_000;

/** Write once a minute which keys were used. Returns the function that stops it and writes the rest. */
export function keepLastUses(): () => Promise<void> {
  const stop = repeat(WRITE_USES_MS, writeUses, 'the last use of keys could not be written');
  return async () => {
    await stop();
    await writeUses();
  };
}

const endings = new Set(['key.revoked', 'key.rotated']);

/** Ids of the keys whose open streams an event ends. A partner who is archived has every key revoked. */
export const endedBy = async (event: LogEvent): Promise<string[]> =>
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

const FORGET_MS = 3_600_000;

/** Forget deliveries of webhooks that are older than they are kept for. */
export async function forgetOldDeliveries(): Promise<void> {
  const before = addDays(now(), -KEPT_DAYS);
  while ((await transact((tx) => forgetDeliveries(tx, before))) > 0);
}

/** Forget old deliveries once an hour. Returns the function that stops it. */
export const keepDeliveriesShort = (): (() => Promise<void>) =>
  repeat(FORGET_MS, forgetOldDeliveries, 'old deliveries could not be forgotten');
