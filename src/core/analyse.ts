// What the database knows of its tables, where much is written at once.

import { Prisma } from '../generated/prisma/client.ts';
import type { Tx } from './db.ts';

/**
 * Let the database look at tables one of which has doubled since it did: it plans by what it saw, which may have been
 * next to nothing, and by itself it looks again only after minutes.
 */
export async function analyseGrown(tx: Tx, tables: readonly string[]): Promise<void> {
  const [grown] = await tx.$queryRaw<object[]>`
    SELECT 1 FROM pg_class
    WHERE oid = ANY (SELECT to_regclass(quote_ident(name)) FROM unnest(${[...tables]}::text[]) AS name)
      AND pg_relation_size(oid) > 8192 * CASE WHEN reltuples > 0 THEN 2 * greatest(relpages, 8) ELSE 8 END LIMIT 1`;
  if (!grown) return;
  await tx.$executeRaw`ANALYZE ${Prisma.raw(tables.map((name) => `"${name}"`).join(', '))}`;
}
