// What is true of keys: their form, what their scopes mean, where they may be used from. Pure: no database, no clock.

import { crc32 } from 'node:zlib';
import type { PermissionEntry } from '../../core/actor.ts';
import { isInNetworks, isWithinNetwork, networksOf } from '../../core/networks.ts';

const KEY_PREFIX = 'ds_key_';
const KEY = /^ds_key_[0-9A-Za-z]{33}$/;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;

/** Random bytes of a key: their 160 bits are 27 characters of base 62. */
export const KEY_BYTES = 20;

/** The key that random bytes make: prefix, 27 characters, and a checksum by which anybody can tell a mistyped one. */
export function keyOf(random: Buffer): string {
  const body = `${KEY_PREFIX}${base62(BigInt(`0x${random.toString('hex')}`), 27)}`;
  return body + checksumOf(body);
}

/** True when a token has the form of a key and its checksum is right. Says nothing about whether it was issued. */
export const isKey = (token: string): boolean =>
  KEY.test(token) && token.endsWith(checksumOf(token.slice(0, -CHECKSUM_LENGTH)));

export const claimsToBeKey = (token: string): boolean => token.startsWith(KEY_PREFIX);

const checksumOf = (text: string): string => base62(BigInt(crc32(text)), CHECKSUM_LENGTH);

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; rest > 0n; rest /= 62n) digits = BASE62.charAt(Number(rest % 62n)) + digits;
  return digits.padStart(length, '0');
}

/** What people recognise a key by. */
export const marksOf = (key: string): { prefix: string; lastFour: string } => ({
  prefix: key.slice(0, KEY_PREFIX.length + 4),
  lastFour: key.slice(-4),
});

/**
 * The permissions that a scope stands for: itself, or those of its domain and kind for a set like `orders:read`.
 * Guarded permissions are in no set. None when there is no such scope.
 */
export function permissionsOf(scope: string, every: readonly PermissionEntry[]): string[] {
  const [, domain, kind] = /^(\w+):(read|write)$/.exec(scope) ?? [];
  const isMeant = (permission: PermissionEntry): boolean =>
    kind === undefined
      ? permission.name === scope
      : permission.kind === kind && permission.name.startsWith(`${domain}.`);
  return every.filter(isMeant).map(({ name }) => name);
}

/** The permissions of several scopes, each once, by name. */
export const resolveScopes = (scopes: readonly string[], every: readonly PermissionEntry[]): string[] =>
  [...new Set(scopes.flatMap((scope) => permissionsOf(scope, every)))].sort();

/** True when a key would act in no store and at no location. */
export const reachesNothing = (key: {
  allStores: boolean;
  allLocations: boolean;
  storeIds: readonly string[];
  locationIds: readonly string[];
}): boolean =>
  !key.allStores && !key.allLocations && key.storeIds.length === 0 && key.locationIds.length === 0;

export interface KeyLife {
  revokedAt: Date | null;
  expiresAt: Date | null;
  partner: { archivedAt: Date | null };
}

/** True while a key works. */
export const isKeyLive = ({ revokedAt, expiresAt, partner }: KeyLife, at: Date): boolean =>
  revokedAt === null && partner.archivedAt === null && (expiresAt === null || expiresAt > at);

/** True when an address lies in one of the networks, or there are none to lie in. */
export const isAllowedFrom = (networks: readonly string[], address: string | null): boolean =>
  networks.length === 0 || isInNetworks(networksOf(networks), address);

/** Those of the wanted networks that do not lie in one of a giver's own, who has none when free to call from anywhere. */
export function networksBeyond(wanted: readonly string[], own: readonly string[]): string[] {
  if (own.length === 0) return [];
  return wanted.filter((text) => !own.some((wider) => isWithinNetwork(text, wider)));
}
