// When and from where keys were last used, and what they still use that is deprecated: kept in memory, written for all at once.

import type { Actor } from '../../core/actor.ts';
import { db } from '../../core/db.ts';

interface Use {
  at: Date;
  address: string | null;
}

let uses = new Map<string, Use>();
let deprecatedUses = new Map<string, { keyId: string; coordinate: string; at: Date }>();

/** Remember that a key was used. Costs no statement. */
export function noteUse(keyId: string, use: Use): void {
  uses.set(keyId, use);
}

/** Remember which deprecated parts of the schema a key used. Of others nothing is kept. Costs no statement. */
export function noteDeprecatedUse(
  { kind, id: keyId }: Actor,
  coordinates: readonly string[],
  at: Date,
): void {
  if (kind !== 'KEY' || !keyId) return;
  for (const coordinate of coordinates)
    deprecatedUses.set(`${keyId} ${coordinate}`, { keyId, coordinate, at });
}

/** Write the uses since the last call; those that cannot be written are kept for the next one. */
export async function writeUses(): Promise<void> {
  await Promise.all([writeLastUses(), writeDeprecatedUses()]);
}

async function writeLastUses(): Promise<void> {
  if (uses.size === 0) return;
  const noted = uses;
  uses = new Map();
  const all = [...noted];
  try {
    await db.$executeRaw`
      UPDATE api_key SET last_used_at = used.at, last_used_address = used.address
      FROM unnest(
        ${all.map(([keyId]) => keyId)}::uuid[],
        ${all.map(([, { at }]) => at)}::timestamptz[],
        ${all.map(([, { address }]) => address)}::text[]
      ) AS used (id, at, address)
      WHERE api_key.id = used.id AND (api_key.last_used_at IS NULL OR api_key.last_used_at < used.at)`;
  } catch (error) {
    uses = new Map([...noted, ...uses]);
    throw error;
  }
}

async function writeDeprecatedUses(): Promise<void> {
  if (deprecatedUses.size === 0) return;
  const noted = deprecatedUses;
  deprecatedUses = new Map();
  const all = [...noted.values()];
  try {
    await db.$executeRaw`
      INSERT INTO deprecated_use (api_key_id, coordinate, last_used_at)
      SELECT * FROM unnest(
        ${all.map(({ keyId }) => keyId)}::uuid[],
        ${all.map(({ coordinate }) => coordinate)}::text[],
        ${all.map(({ at }) => at)}::timestamptz[]
      )
      ORDER BY 1, 2
      ON CONFLICT (api_key_id, coordinate) DO UPDATE
      SET last_used_at = greatest(deprecated_use.last_used_at, excluded.last_used_at)`;
  } catch (error) {
    deprecatedUses = new Map([...noted, ...deprecatedUses]);
    throw error;
  }
}
