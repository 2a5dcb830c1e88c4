// Issuing, rotating and revoking keys. A key is told once and stored as a keyed hash.

import { randomBytes } from 'node:crypto';
import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, problem, refuseIf } from '../../core/errors.ts';
import { changesBetween, emit, emitAll } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { hashToken } from '../../core/secrets.ts';
import type { ApiKey } from '../../generated/prisma/client.ts';
import { visibleKeys } from '../access.ts';
import type { KeyIssue, KeyRevoke, KeyRotate } from '../inputs/keys.ts';
import { overlapEnd } from '../rules/connections.ts';
import { isKeyLive, KEY_BYTES, keyOf, marksOf } from '../rules/keys.ts';
import { partnersProblem } from '../texts.ts';
import { holdPartner } from './hold-partner.ts';
import { excessProblems, grantProblems, type KeyRights } from './key-grants.ts';
import { moveWebhooks } from './webhooks.ts';

/**
 * Issue a key. Refuses with NOT_PERMITTED a key that ended meanwhile, with NOT_FOUND, PARTNER_ARCHIVED, UNKNOWN_SCOPE, KEY_REACHES_NOTHING, and GRANT_EXCEEDS_OWN
 * for what the actor does not have: permissions, stores, locations, and for a key that issues another also its time
 * and networks.
 */
export async function issueKey(tx: Tx, actor: Actor, input: KeyIssue, at: Date): Promise<IssuedKey> {
  const { partnerId, name, expiresAt = null, ...given } = input;
  const rights: KeyRights = { ...given, expiresAt };
  const unheld = await holdPartner(tx, actor, partnerId);
  await refuseEndedKey(tx, actor);
  refuseIf([...unheld, ...(await grantProblems(tx, actor, rights, at))]);
  return createKey(tx, actor, { partnerId, name, rights, replacesId: null }, at);
}

/**
 * Replace a key by a new one with the same rights. The former works until the overlap is over; its open streams end
 * now, because they were opened for longer, and may be opened again; its webhooks, which it answers, are the new one's. Refuses with
 * NOT_FOUND, KEY_ENDED, and GRANT_EXCEEDS_OWN where the key has rights that the actor has not.
 */
export async function rotateKey(
  tx: Tx,
  actor: Actor,
  input: KeyRotate,
  at: Date,
): Promise<IssuedKey & { webhookIds: string[] }> {
  const before = await lockKey(tx, actor, input.keyId);
  await refuseEndedKey(tx, actor);
  if (!isKeyLive(before, at)) throw new DomainError([partnersProblem('KEY_ENDED', { path: ['keyId'] })]);
  const { partnerId, name } = before;
  const rights = { ...rightsOf(before), expiresAt: input.expiresAt ?? before.expiresAt };
  refuseIf(await excessProblems(tx, actor, rights, at));
  const issued = await createKey(tx, actor, { partnerId, name, rights, replacesId: before.id }, at);
  const webhookIds = await moveWebhooks(tx, actor, { from: before.id, to: issued.id }, at);
  const after = await tx.apiKey.update({
    where: { id: before.id },
    data: {
      ...(input.overlapHours === 0
        ? { revokedAt: at }
        : { expiresAt: overlapEnd(at, input.overlapHours, before.expiresAt) }),
      version: { increment: 1 },
    },
  });
  await emit(tx, actor, {
    type: 'key.rotated',
    entityId: after.id,
    version: after.version,
    payload: { ...tellOf(after), replacedByNodeId: toGlobalId('ApiKey', issued.id) },
    changes: changesBetween<KeyEnd>(before, after, ['expiresAt', 'revokedAt']),
    occurredAt: at,
  });
  return { ...issued, webhookIds };
}

/**
 * End a key at once with every key that it issued or that these issued, and with them their open streams: whoever stole
 * a key is left with none. The key that acts and what it issued stay, when it ends the one that issued it. Keys that
 * have ended stay as they are.
 */
export async function revokeKey(tx: Tx, actor: Actor, input: KeyRevoke, at: Date): Promise<{ id: string }> {
  // No key of the partner is issued meanwhile.
  await tx.$queryRaw`
    SELECT 1 FROM partner WHERE id = (SELECT partner_id FROM api_key WHERE id = ${input.keyId}::uuid)
    FOR NO KEY UPDATE`;
  const { id } = await lockKey(tx, actor, input.keyId);
  const spared = actor.kind === 'KEY' ? actor.id : null;
  const issued = await issuedBy(tx, id, spared);
  await revokeKeys(tx, actor, { id: { in: [id, ...issued] } }, input.reason, at);
  return { id };
}

/** Ids of the keys that a key issued, and of those that these issued, but for one that is spared. What happened last is not in the log yet. */
async function issuedBy(tx: Tx, id: string, spared: string | null): Promise<string[]> {
  const keys = await tx.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE issued AS (
      SELECT ${id}::uuid AS id
      UNION
      SELECT e.entity_id FROM issued, LATERAL (
        SELECT entity_id FROM event
        WHERE actor_id = issued.id AND actor_kind = 'KEY' AND type = 'key.issued'
        UNION ALL
        SELECT entity_id FROM event_outbox
        WHERE actor_id = issued.id AND actor_kind = 'KEY' AND type = 'key.issued'
      ) e
      WHERE e.entity_id IS DISTINCT FROM ${spared}::uuid
    )
    SELECT id FROM issued WHERE id <> ${id}::uuid`;
  return keys.map((key) => key.id);
}

/** A key that was revoked while its request waited issues none. Call it with the partner locked. */
async function refuseEndedKey(tx: Tx, actor: Actor): Promise<void> {
  if (actor.kind !== 'KEY') return;
  const live = await tx.apiKey.count({ where: { id: actor.id ?? '', revokedAt: null } });
  if (live === 0) throw new DomainError([problem('NOT_PERMITTED')]);
}

/** End every key of a partner who is archived. */
export const revokeKeysOf = (tx: Tx, actor: Actor, partnerId: string, at: Date): Promise<void> =>
  revokeKeys(tx, actor, { partnerId }, null, at);

async function revokeKeys(
  tx: Tx,
  actor: Actor,
  which: { id: { in: string[] } } | { partnerId: string },
  reason: string | null,
  at: Date,
): Promise<void> {
  const ended = await tx.apiKey.updateManyAndReturn({
    where: { ...which, revokedAt: null },
    data: { revokedAt: at, version: { increment: 1 } },
  });
  const events = ended.map((key) => ({
    type: 'key.revoked' as const,
    entityId: key.id,
    version: key.version,
    payload: { ...tellOf(key), reason },
    changes: [{ field: 'revokedAt', before: null, after: at }],
    occurredAt: at,
  }));
  await emitAll(tx, actor, events);
}

type KeyEnd = Pick<ApiKey, 'expiresAt' | 'revokedAt'>;
type IssuedKey = { id: string; secret: string };

async function createKey(
  tx: Tx,
  actor: Actor,
  { rights, ...key }: { partnerId: string; name: string; rights: KeyRights; replacesId: string | null },
  at: Date,
): Promise<IssuedKey> {
  const secret = keyOf(randomBytes(KEY_BYTES));
  const { storeIds, locationIds, ...columns } = rights;
  const id = newId();
  const row = await tx.apiKey.create({
    data: {
      id,
      ...key,
      ...marksOf(secret),
      keyHash: hashToken(secret),
      ...columns,
      createdAt: at,
      stores: { create: storeIds.map((storeId) => ({ storeId })) },
      locations: { create: locationIds.map((locationId) => ({ locationId })) },
    },
  });
  await emit(tx, actor, {
    type: 'key.issued',
    entityId: id,
    version: 1,
    payload: { ...tellOf(row), replacesNodeId: key.replacesId && toGlobalId('ApiKey', key.replacesId) },
    changes: [
      ...changesBetween(null, row, ['name', 'scopes', 'allStores', 'allLocations', 'networks', 'expiresAt']),
      { field: 'stores', before: null, after: storeIds.map((storeId) => toGlobalId('Store', storeId)) },
      {
        field: 'locations',
        before: null,
        after: locationIds.map((locationId) => toGlobalId('Location', locationId)),
      },
    ],
    occurredAt: at,
  });
  return { id, secret };
}

/** What the events of a key say of it. */
const tellOf = ({ partnerId, prefix, lastFour }: Pick<ApiKey, 'partnerId' | 'prefix' | 'lastFour'>) => ({
  partnerNodeId: toGlobalId('Partner', partnerId),
  prefix,
  lastFour,
});

/** Lock a key that the actor manages; its partner first, so that it is not archived meanwhile. */
async function lockKey(tx: Tx, actor: Actor, id: string) {
  await tx.$queryRaw`
    SELECT 1 FROM partner WHERE id = (SELECT partner_id FROM api_key WHERE id = ${id}::uuid) FOR SHARE`;
  await tx.$queryRaw`SELECT 1 FROM api_key WHERE id = ${id}::uuid FOR UPDATE`;
  const key = await tx.apiKey.findFirst({
    where: { AND: [{ id }, visibleKeys(actor)] },
    include: {
      partner: { select: { archivedAt: true } },
      stores: { select: { storeId: true } },
      locations: { select: { locationId: true } },
    },
  });
  if (!key) throw new DomainError([notFound('ApiKey', ['keyId'])]);
  return key;
}

const rightsOf = (key: Awaited<ReturnType<typeof lockKey>>): KeyRights => ({
  scopes: key.scopes,
  allStores: key.allStores,
  allLocations: key.allLocations,
  storeIds: key.stores.map((row) => row.storeId),
  locationIds: key.locations.map((row) => row.locationId),
  networks: key.networks,
  expiresAt: key.expiresAt,
});
