// Long reads, for numbers and reports: on a few connections of their own, so that they keep no short one waiting.

import type pg from 'pg';
import type { Prisma } from '../generated/prisma/client.ts';
import type { QueryObserver } from './db.ts';
import { closePool, limitSeconds, openPool } from './pools.ts';
import { countStatement } from './sql-time.ts';

const CONNECTIONS = 2;

let state: { pool: pg.Pool; onQuery: QueryObserver | undefined } | null = null;

export function openLongReads(options: { url: string; onQuery?: QueryObserver | undefined }): void {
  const pool = openPool({
    url: options.url,
    name: 'dayshift-reads',
    max: CONNECTIONS,
    statementSeconds: limitSeconds.longRead,
  });
  state = { pool, onQuery: options.onQuery };
}

export async function closeLongReads(): Promise<void> {
  const closing = state;
  state = null;
  if (closing) await closePool(closing.pool);
}

/**
 * The rows of a query that may take long. Big integers come as decimal strings. What the caller's own transaction has
 * just written is not seen.
 */
export async function readLong<Row extends object>({ text, values }: Prisma.Sql): Promise<Row[]> {
  if (!state) throw new Error('long reads are not open');
  const { pool, onQuery } = state;
  const started = performance.now();
  const { rows } = await pool.query(text, values);
  const milliseconds = performance.now() - started;
  countStatement(milliseconds);
  onQuery?.(text, milliseconds);
  return rows as Row[];
}
