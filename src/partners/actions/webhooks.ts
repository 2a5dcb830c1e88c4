// Opening, changing and archiving webhooks, and their secrets, which are told once and stored sealed.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, refuseIf, staleProblems } from '../../core/errors.ts';
import { changesBetween, emitAll } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { seal } from '../../core/secrets.ts';
import { newSigningSecret } from '../../core/signed-messages.ts';
import { keysInReach } from '../access.ts';
import type { WebhookChange, WebhookOpen, WebhookRotate } from '../inputs/webhooks.ts';
import { isKeyLive } from '../rules/keys.ts';
import { WEBHOOKS_MAX } from '../rules/webhooks.ts';
import { partnersProblem } from '../texts.ts';
import { actorOfKey, keyRights } from './key-actors.ts';
import { rotateSecret } from './signing-secrets.ts';
import { sharingProblems, wishProblems } from './webhook-checks.ts';
import {
  actorOf,
  archivedProblems,
  lockWebhook,
  sendWaiting,
  tellWebhook,
  type WebhookRow,
  wakeWebhook,
  webhookEvent,
  withKey,
} from './webhook-rows.ts';

/** A webhook and the secret that is told only now. */
type Keyed = { id: string; secret: string };

/**
 * Open a webhook of a key, for what happens after a place in the log. Refuses with NOT_FOUND, KEY_ENDED, WEBHOOK_LIMIT,
 * with GRANT_EXCEEDS_OWN who may not read what the key may, and with what it cannot have: URL_INSECURE, URL_NOT_PUBLIC,
 * UNKNOWN_EVENT_TYPE, EVENT_BEYOND_KEY, DOCUMENT_INVALID, DOCUMENT_TOO_COSTLY, DOCUMENT_BEYOND_KEY.
 */
export async function openWebhook(
  tx: Tx,
  actor: Actor,
  { storeIds, ...input }: WebhookOpen & { listensAfter: bigint },
  at: Date,
): Promise<Keyed> {
  const key = await lockKeyOf(tx, actor, input.keyId);
  const live = { keyId: key.id, state: { not: 'ARCHIVED' } } as const;
  refuseIf([
    ...(isKeyLive(key, at) ? [] : [partnersProblem('KEY_ENDED', { path: ['keyId'] })]),
    ...((await tx.webhook.count({ where: live })) < WEBHOOKS_MAX
      ? []
      : [partnersProblem('WEBHOOK_LIMIT', { path: ['keyId'], params: { max: WEBHOOKS_MAX } })]),
    ...sharingProblems(actor, key, 'keyId'),
    ...(await wishProblems(tx, actorOfKey(key, actor), { ...input, storeIds })),
  ]);
  const id = newId();
  const secret = newSigningSecret();
  const webhook = await tx.webhook.create({
    data: {
      ...input,
      id,
      keyId: key.id,
      locale: input.locale ?? actor.locale,
      sealedSecret: seal(secret, id),
      createdAt: at,
      stores: { create: storeIds.map((storeId) => ({ storeId })) },
    },
    include: withKey,
  });
  const changes = changesBetween(null, factsOf(webhook), facts);
  await tellWebhook(tx, actor, 'webhook.opened', webhook, { changes }, at);
  return { id, secret };
}

/** Lock the key of a new webhook: the named one, or that which acts. */
async function lockKeyOf(tx: Tx, actor: Actor, named: string | undefined) {
  const own = actor.kind === 'KEY' ? actor.id : null;
  const id = named ?? own ?? '';
  if (id !== '') await tx.$queryRaw`SELECT 1 FROM api_key WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const reached = own === null ? keysInReach(actor) : { id: own };
  const key =
    id === '' ? null : await tx.apiKey.findFirst({ where: { AND: [{ id }, reached] }, select: keyRights });
  if (!key) throw new DomainError([notFound('ApiKey', ['keyId'])]);
  return key;
}

/**
 * Change what a webhook sends, and where. A new URL begins without the failures of the former one. Refuses with
 * NOT_FOUND, WEBHOOK_ARCHIVED, STALE_VERSION, and like `openWebhook`.
 */
export async function changeWebhook(
  tx: Tx,
  actor: Actor,
  input: WebhookChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockWebhook(tx, actor, input.webhookId);
  refuseIf([
    ...archivedProblems(before),
    ...staleProblems(before, input.expectedVersion),
    ...sharingProblems(actor, before.key, 'webhookId'),
    ...(await wishProblems(tx, actorOf(before), input)),
  ]);
  const { url, types, storeIds, locale } = input;
  const document = input.withoutDocument ? null : input.document;
  if (storeIds) await tx.webhookStore.deleteMany({ where: { webhookId: before.id } });
  const after = await tx.webhook.update({
    where: { id: before.id },
    data: {
      ...(url ? { url, failures: 0, failingSince: null, pausedUntil: null } : {}),
      ...(types ? { types } : {}),
      ...(locale ? { locale } : {}),
      ...(document === undefined ? {} : { document }),
      ...(storeIds ? { stores: { create: storeIds.map((storeId) => ({ storeId })) } } : {}),
      version: { increment: 1 },
    },
    include: withKey,
  });
  const changes = changesBetween(factsOf(before), factsOf(after), facts);
  await tellWebhook(tx, actor, 'webhook.changed', after, { changes }, at);
  if (url) await sendWaiting(tx, after.id, at);
  return { id: after.id };
}

/**
 * Give a webhook a new secret. The former one signs as well until the overlap is over; one that was former before ends
 * now. Refuses with NOT_FOUND, WEBHOOK_ARCHIVED.
 */
export async function rotateWebhook(tx: Tx, actor: Actor, input: WebhookRotate, at: Date): Promise<Keyed> {
  const before = await lockWebhook(tx, actor, input.webhookId);
  refuseIf(archivedProblems(before));
  const { secret, data, changes } = rotateSecret(before, input.overlapHours, at);
  const after = await tx.webhook.update({ where: { id: before.id }, data, include: withKey });
  await tellWebhook(tx, actor, 'webhook.rotated', after, { changes }, at);
  return { id: after.id, secret };
}

/** Archive a webhook: nothing is sent any more, and what waits is withheld. Repeating it changes nothing. Refuses with NOT_FOUND. */
export async function archiveWebhook(
  tx: Tx,
  actor: Actor,
  webhookId: string,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockWebhook(tx, actor, webhookId);
  if (before.state === 'ARCHIVED') return { id: webhookId };
  const after = await tx.webhook.update({
    where: { id: webhookId },
    data: { state: 'ARCHIVED', disabledAt: null, disabledReason: null, version: { increment: 1 } },
    include: withKey,
  });
  const changes = changesBetween(before, after, ['state']);
  await tellWebhook(tx, actor, 'webhook.archived', after, { changes }, at);
  await wakeWebhook(tx, webhookId);
  return { id: webhookId };
}

/** Let the webhooks of a key go over to the one that replaces it, which has the same rights. Answers their ids. */
export async function moveWebhooks(
  tx: Tx,
  actor: Actor,
  { from, to }: { from: string; to: string },
  at: Date,
): Promise<string[]> {
  await tx.webhook.updateMany({
    where: { keyId: from, state: { not: 'ARCHIVED' } },
    data: { keyId: to, version: { increment: 1 } },
  });
  const moved = await tx.webhook.findMany({ where: { keyId: to }, include: withKey, orderBy: { id: 'asc' } });
  const changes = [
    { field: 'key', before: toGlobalId('ApiKey', from), after: toGlobalId('ApiKey', to) },
  ] as const;
  await emitAll(
    tx,
    actor,
    moved.map((webhook) => webhookEvent('webhook.changed', webhook, { changes }, at)),
  );
  return moved.map(({ id }) => id);
}

const facts = ['url', 'types', 'stores', 'document', 'locale'] as const;

/** A webhook as its events tell it. */
const factsOf = ({ stores, ...webhook }: WebhookRow) => ({
  ...webhook,
  stores: stores.map(({ storeId }) => toGlobalId('Store', storeId)),
});
