// Connections to the database: how long anything may take on them, and how busy they are.

import pg from 'pg';
import { log } from './log.ts';
import { defineDuration, defineGauge } from './metrics.ts';

/**
 * Seconds, each below the next. An instance that was stopped in a transaction holds its locks until it has been idle
 * for too long, and of its transactions that wait for those locks none gets one after the other: they gave up before.
 * A statement ends before the request that it is for.
 */
export const limitSeconds = {
  lock: 3,
  idleInTransaction: 4,
  connection: 8,
  statement: 15,
  longRead: 25,
  request: 30,
} as const;

/** Waits for an answer of a server that is gone without a word. */
const SILENCE_SECONDS = 5;

export interface PoolOptions {
  url: string;
  /** Shown by the database as the name of whoever is connected. */
  name: string;
  max: number;
  statementSeconds?: number;
  lockSeconds?: number;
}

/** The settings of a pool whose sessions end what takes too long. */
export const poolConfig = ({
  url,
  name,
  max,
  statementSeconds = limitSeconds.statement,
  lockSeconds = limitSeconds.lock,
}: PoolOptions): pg.PoolConfig & { connectionTimeoutMillis: number } => ({
  connectionString: url,
  application_name: name,
  max,
  keepAlive: true,
  connectionTimeoutMillis: limitSeconds.connection * 1_000,
  idle_in_transaction_session_timeout: limitSeconds.idleInTransaction * 1_000,
  lock_timeout: lockSeconds * 1_000,
  statement_timeout: statementSeconds * 1_000,
  query_timeout: (statementSeconds + SILENCE_SECONDS) * 1_000,
});

const pools = new Map<string, pg.Pool>();

/** Open a pool. What happens to a connection that nobody uses is logged, and another one takes its place. */
export function openPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool(poolConfig(options));
  pool.on('error', (error) => {
    const { code, message } = error as { code?: string; message: string };
    log.warn({ pool: options.name, code, reason: message }, 'a connection to the database was lost');
  });
  timeWaits(pool, options.name);
  pools.set(options.name, pool);
  return pool;
}

const waits = defineDuration('pool_wait_seconds', 'Time until a connection of the pool was had.', ['pool']);

type Connected = (error: Error | undefined, client: pg.PoolClient | undefined, done: () => void) => void;

function timeWaits(pool: pg.Pool, name: string): void {
  const connect = pool.connect.bind(pool) as unknown as (callback?: Connected) => Promise<pg.PoolClient>;
  const timed = (callback?: Connected): unknown => {
    const stop = waits.startTimer({ pool: name });
    if (!callback) return connect().finally(stop);
    return connect((error, client, done) => {
      stop();
      callback(error, client, done);
    });
  };
  pool.connect = timed as typeof pool.connect;
}

export async function closePool(pool: pg.Pool): Promise<void> {
  for (const [name, open] of pools) if (open === pool) pools.delete(name);
  await pool.end();
}

defineGauge('pool_connections', 'Connections of the pool.', ['pool', 'state'], () =>
  [...pools].flatMap(([pool, { totalCount, idleCount }]) => [
    { labels: { pool, state: 'busy' }, value: totalCount - idleCount },
    { labels: { pool, state: 'idle' }, value: idleCount },
  ]),
);
defineGauge('pool_waiting', 'Callers that wait for a connection of the pool.', ['pool'], () =>
  [...pools].map(([pool, { waitingCount }]) => ({ labels: { pool }, value: waitingCount })),
);
