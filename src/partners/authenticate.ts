// Turns the key of a request into an actor.

import { type Actor, callerOf, listPermissions, type RequestFacts } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { hashToken } from '../core/secrets.ts';
import { now } from '../core/time.ts';
import { noteUse } from './actions/last-use.ts';
import { isAllowedFrom, isKey, isKeyLive, resolveScopes } from './rules.ts';

/** The actor behind a key; null when it is not valid, or not from this address. A mistyped key costs no statement. */
export async function authenticateKey(token: string, facts: RequestFacts): Promise<Actor | null> {
  if (!isKey(token)) return null;
  const key = await db.apiKey.findUnique({
    where: { keyHash: hashToken(token) },
    select: {
      id: true,
      partnerId: true,
      scopes: true,
      allStores: true,
      allLocations: true,
      networks: true,
      expiresAt: true,
      revokedAt: true,
      partner: { select: { archivedAt: true } },
      stores: { select: { storeId: true } },
      locations: { select: { locationId: true } },
    },
  });
  const at = now();
  if (!key || !isKeyLive(key, at) || !isAllowedFrom(key.networks, facts.address)) return null;
  noteUse(key.id, { at, address: facts.address });
  return {
    ...callerOf(facts),
    kind: 'KEY',
    id: key.id,
    credentialId: key.id,
    partnerId: key.partnerId,
    expiresAt: key.expiresAt,
    permissions: new Set(resolveScopes(key.scopes, listPermissions())),
    stores: key.allStores ? 'ALL' : new Set(key.stores.map((row) => row.storeId)),
    locations: key.allLocations ? 'ALL' : new Set(key.locations.map((row) => row.locationId)),
  };
}
