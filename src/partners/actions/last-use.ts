// When and from where keys were last used: kept in memory, written for all of them at once.

import { db } from '../../core/db.ts';

interface Use {
  at: Date;
  address: string | null;
}

let uses = new Map<string, Use>();

/** Remember that a key was used. Costs no statement. */
export function noteUse(keyId: string, use: Use): void {
  uses.set(keyId, use);
}

/** Write the uses since the last call, in one statement; keeps them for the next call when that fails. */
export async function writeUses(): Promise<void> {
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
