// Webhooks that are disabled, by people or because nobody answers, and enabled again.

import { type Actor, systemActor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { refuseIf } from '../../core/errors.ts';
import { changesBetween } from '../../core/events.ts';
import type { WebhookDisabledReason } from '../../generated/prisma/enums.ts';
import type { WebhookDisable } from '../inputs/webhooks.ts';
import {
  archivedProblems,
  endedProblems,
  lockWebhook,
  sendWaiting,
  tellWebhook,
  type WebhookRow,
  withKey,
} from './webhook-rows.ts';

/**
 * Disable a webhook: nothing is sent and no new events are noted; what waits goes on when it is enabled. Repeating it
 * changes nothing. Refuses with NOT_FOUND, WEBHOOK_ARCHIVED.
 */
export async function disableWebhook(
  tx: Tx,
  actor: Actor,
  input: WebhookDisable,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockWebhook(tx, actor, input.webhookId);
  refuseIf(archivedProblems(before));
  await disable(tx, actor, before, 'BY_HAND', input.reason ?? null, at);
  return { id: before.id };
}

/** Disable a webhook to which sending is of no use. The row is locked. */
export const disableFailing = (
  tx: Tx,
  webhook: WebhookRow,
  reason: Exclude<WebhookDisabledReason, 'BY_HAND'>,
  at: Date,
): Promise<void> => disable(tx, systemActor('webhooks.deliver'), webhook, reason, null, at);

async function disable(
  tx: Tx,
  actor: Actor,
  before: WebhookRow,
  reason: WebhookDisabledReason,
  note: string | null,
  at: Date,
): Promise<void> {
  if (before.state !== 'ACTIVE') return;
  const after = await tx.webhook.update({
    where: { id: before.id },
    data: { state: 'DISABLED', disabledAt: at, disabledReason: reason, version: { increment: 1 } },
    include: withKey,
  });
  const { failures, failingSince } = before;
  const changes = changesBetween(before, after, ['state', 'disabledReason']);
  const told = { reason, failures, failingSince: failingSince?.toISOString() ?? null, note, changes };
  await tellWebhook(tx, actor, 'webhook.disabled', after, told, at);
}

/**
 * Enable a webhook, for what happens after a place in the log: what waited goes on at once, what happened meanwhile is
 * sent on `webhookReplay`. Repeating it changes nothing. Refuses with NOT_FOUND, WEBHOOK_ARCHIVED, KEY_ENDED.
 */
export async function enableWebhook(
  tx: Tx,
  actor: Actor,
  input: { webhookId: string; listensAfter: bigint },
  at: Date,
): Promise<{ id: string }> {
  const before = await lockWebhook(tx, actor, input.webhookId);
  refuseIf(endedProblems(before, at));
  if (before.state === 'ACTIVE') return { id: before.id };
  const after = await tx.webhook.update({
    where: { id: before.id },
    data: {
      state: 'ACTIVE',
      disabledAt: null,
      disabledReason: null,
      failures: 0,
      failingSince: null,
      pausedUntil: null,
      listensAfter: input.listensAfter,
      version: { increment: 1 },
    },
    include: withKey,
  });
  const changes = changesBetween(before, after, ['state', 'disabledReason']);
  await tellWebhook(tx, actor, 'webhook.enabled', after, { changes }, at);
  await sendWaiting(tx, after.id, at);
  return { id: after.id };
}
