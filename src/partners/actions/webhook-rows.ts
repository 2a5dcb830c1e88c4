// Webhooks as every verb of theirs finds them: locked, with their key; told by their events; woken when there is something to send.

import { type Actor, anonymous } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, type Problem } from '../../core/errors.ts';
import { type EventMap, emit, type FieldChange, type NewEvent } from '../../core/events.ts';
import { toGlobalId } from '../../core/ids.ts';
import { hasten } from '../../core/jobs.ts';
import { localeOf } from '../../core/texts.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { visibleWebhooks } from '../access.ts';
import { isKeyLive } from '../rules/keys.ts';
import { partnersProblem } from '../texts.ts';
import { actorOfKey, keyRights } from './key-actors.ts';

/** What is read with a webhook: its key, which decides what it may see, and its stores. */
export const withKey = {
  key: { select: keyRights },
  stores: { select: { storeId: true }, orderBy: { storeId: 'asc' } },
} as const satisfies Prisma.WebhookInclude;

export type WebhookRow = Prisma.WebhookGetPayload<{ include: typeof withKey }>;

/** Lock a webhook that the actor may see. Events are queued for it meanwhile. */
export async function lockWebhook(tx: Tx, actor: Actor, id: string): Promise<WebhookRow> {
  await tx.$queryRaw`SELECT 1 FROM webhook WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const where = { AND: [{ id }, visibleWebhooks(actor)] };
  const webhook = await tx.webhook.findFirst({ where, include: withKey });
  if (!webhook) throw new DomainError([notFound('Webhook', ['webhookId'])]);
  return webhook;
}

/** The key of a webhook acting for it. */
export const actorOf = ({ key, locale }: Pick<WebhookRow, 'key' | 'locale'>): Actor =>
  actorOfKey(key, anonymous({ source: 'webhook', locale: localeOf(locale) ?? 'en' }));

export const archivedProblems = ({ state }: WebhookRow): Problem[] =>
  state === 'ARCHIVED' ? [partnersProblem('WEBHOOK_ARCHIVED', { path: ['webhookId'] })] : [];

/** Why nothing can be sent: the webhook is archived, or its key ended. */
export const endedProblems = (webhook: WebhookRow, at: Date): Problem[] => [
  ...archivedProblems(webhook),
  ...(isKeyLive(webhook.key, at) ? [] : [partnersProblem('KEY_ENDED', { path: ['webhookId'] })]),
];

type WebhookEvent = Extract<keyof EventMap, `webhook.${string}`>;
type More<Type extends WebhookEvent> = Omit<EventMap[Type], 'partnerNodeId' | 'keyNodeId'>;

/** An event of a webhook. Its facets say who may see it: those who reach what the key does. */
export const webhookEvent = <Type extends WebhookEvent>(
  type: Type,
  { key, ...webhook }: WebhookRow,
  { changes = [], ...more }: More<Type> & { changes?: readonly FieldChange[] },
  at: Date,
): NewEvent<Type> => ({
  type,
  entityId: webhook.id,
  version: webhook.version,
  payload: {
    partnerNodeId: toGlobalId('Partner', key.partnerId),
    keyNodeId: toGlobalId('ApiKey', key.id),
    ...more,
  } as unknown as EventMap[Type],
  changes,
  facets: {
    webhookId: webhook.id,
    keyId: key.id,
    state: webhook.state,
    allStores: key.allStores,
    storeIds: key.stores.map(({ storeId }) => storeId),
    allLocations: key.allLocations,
    locationIds: key.locations.map(({ locationId }) => locationId),
  },
  occurredAt: at,
});

export const tellWebhook = <Type extends WebhookEvent>(
  tx: Tx,
  actor: Actor,
  type: Type,
  webhook: WebhookRow,
  more: More<Type> & { changes?: readonly FieldChange[] },
  at: Date,
): Promise<void> => emit(tx, actor, webhookEvent(type, webhook, more, at));

/** Let all that waits for a webhook be tried now, also what failed before. */
export async function sendWaiting(tx: Tx, webhookId: string, at: Date): Promise<void> {
  const where = { webhookId, state: 'PENDING', nextAttemptAt: { gt: at } } as const;
  await tx.webhookDelivery.updateMany({ where, data: { nextAttemptAt: at } });
  await wakeWebhook(tx, webhookId);
}

/** Let what is due of a webhook be sent now. */
export const wakeWebhook = (tx: Tx, webhookId: string): Promise<void> =>
  hasten(tx, 'webhooks.deliver', { webhookId }, webhookId);
