// What became of an attempt: logged with the delivery, counted with the webhook, which rests or is disabled when too many fail.

import type { Tx } from '../../core/db.ts';
import { newId } from '../../core/ids.ts';
import type { WebhookDelivery } from '../../generated/prisma/client.ts';
import type { WebhookDeliveryReason } from '../../generated/prisma/enums.ts';
import { type Attempt, GONE, isAccepted, isHopeless, pauseSeconds, retrySeconds } from '../rules/webhooks.ts';
import { type WebhookRow, withKey } from './webhook-rows.ts';
import { disableFailing } from './webhook-states.ts';

/** Record an attempt, and what follows from it: delivered, tried again later, or given up. The webhook is locked first. */
export async function recordAttempt(
  tx: Tx,
  delivery: WebhookDelivery,
  attempt: Attempt,
  at: Date,
): Promise<void> {
  const isTest = delivery.seq === null;
  const isOurs = attempt.failure === 'NO_PAYLOAD';
  if (!isTest && !isOurs) await countAttempt(tx, delivery.webhookId, attempt, at);
  const counts = { tries: { increment: 1 }, attemptCount: { increment: 1 } };
  const outcome = outcomeOf(attempt, isTest ? null : retrySeconds(delivery.tries + 1, Math.random()), at);
  const { id } = delivery;
  const [row] = await tx.webhookDelivery.updateManyAndReturn({
    where: { id, state: 'PENDING' },
    data: { ...counts, ...outcome },
    select: { attemptCount: true },
  });
  // Settled meanwhile by a round that took over, because this one was believed lost.
  const { attemptCount } = row ?? (await tx.webhookDelivery.update({ where: { id }, data: counts }));
  await tx.webhookAttempt.create({
    data: { id: newId(), deliveryId: id, number: attemptCount, at, ...attempt },
  });
}

/** What an attempt makes of a delivery. */
function outcomeOf(
  { status }: Attempt,
  retry: number | null,
  at: Date,
): (Settled & { settledAt: Date }) | { nextAttemptAt: Date } {
  if (isAccepted(status)) return { state: 'DELIVERED', settledAt: at };
  if (status === GONE) return { state: 'FAILED', reason: 'GONE', settledAt: at };
  if (retry === null) return { state: 'FAILED', reason: 'TRIES_OVER', settledAt: at };
  return { nextAttemptAt: later(at, retry) };
}

type Settled = { state: 'DELIVERED' } | { state: 'FAILED' | 'WITHHELD'; reason: WebhookDeliveryReason };

/** End a delivery that is pending. */
export async function settle(tx: Tx, id: string, settled: Settled, at: Date): Promise<void> {
  const where = { id, state: 'PENDING' } as const;
  await tx.webhookDelivery.updateMany({ where, data: { ...settled, settledAt: at } });
}

/** Withhold all that waits for a webhook that sends nothing any more. */
export async function withholdAll(
  tx: Tx,
  webhookId: string,
  reason: 'KEY_ENDED' | 'WEBHOOK_ARCHIVED',
  at: Date,
): Promise<void> {
  const where = { webhookId, state: 'PENDING' } as const;
  await tx.webhookDelivery.updateMany({ where, data: { state: 'WITHHELD', reason, settledAt: at } });
}

async function countAttempt(tx: Tx, id: string, { status }: Attempt, at: Date): Promise<void> {
  if (isAccepted(status)) {
    await tx.webhook.updateMany({
      where: { id, failures: { gt: 0 } },
      data: { failures: 0, failingSince: null, pausedUntil: null },
    });
    return;
  }
  const before = await lockRow(tx, id);
  const failures = before.failures + 1;
  const after = await tx.webhook.update({
    where: { id },
    data: {
      failures,
      failingSince: before.failingSince ?? at,
      pausedUntil: later(at, pauseSeconds(failures, Math.random())),
    },
    include: withKey,
  });
  if (status === GONE) await disableFailing(tx, after, 'GONE', at);
  else if (isHopeless(after, at)) await disableFailing(tx, after, 'FAILING', at);
}

/** Disable a webhook for which too much waits. */
export async function disableOverrun(tx: Tx, id: string, at: Date): Promise<void> {
  await disableFailing(tx, await lockRow(tx, id), 'BACKLOG', at);
}

async function lockRow(tx: Tx, id: string): Promise<WebhookRow> {
  await tx.$queryRaw`SELECT 1 FROM webhook WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return tx.webhook.findUniqueOrThrow({ where: { id }, include: withKey });
}

const later = (at: Date, seconds: number): Date => new Date(at.getTime() + Math.round(seconds * 1000));

const BATCH = 5_000;

/** Forget deliveries that were queued before a moment, with their attempts. Answers how many are forgotten. */
export async function forgetDeliveries(tx: Tx, before: Date): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM webhook_delivery WHERE id IN (
      SELECT id FROM webhook_delivery WHERE created_at < ${before}::timestamptz ORDER BY created_at, id LIMIT ${BATCH})`;
}
