// Keys as actors: what a key may do, for its own requests and for what is done on its behalf.

import { type Actor, listPermissions } from '../../core/actor.ts';
import { resolveScopes } from '../rules/keys.ts';

/** The columns of a key that say what it may do, and whether it still works. */
export const keyRights = {
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
} as const;

interface Key {
  id: string;
  partnerId: string;
  scopes: string[];
  allStores: boolean;
  allLocations: boolean;
  expiresAt: Date | null;
  stores: readonly { storeId: string }[];
  locations: readonly { locationId: string }[];
}

/** The actor that a key makes of a caller. */
export const actorOfKey = (key: Key, caller: Actor): Actor => ({
  ...caller,
  kind: 'KEY',
  id: key.id,
  credentialId: key.id,
  partnerId: key.partnerId,
  expiresAt: key.expiresAt,
  permissions: new Set(resolveScopes(key.scopes, listPermissions())),
  stores: key.allStores ? 'ALL' : new Set(key.stores.map((row) => row.storeId)),
  locations: key.allLocations ? 'ALL' : new Set(key.locations.map((row) => row.locationId)),
});
