// The database: one Prisma client per process, and the only way to open a transaction.

import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts';
import { DISK_FULL, isAway, LOCK_TIMEOUT, layersOf, sqlStateOf } from './db-errors.ts';
import { DomainError, type Problem } from './errors.ts';
import { wakeRelay } from './event-log.ts';
import { log } from './log.ts';
import { closePool, limitSeconds, openPool } from './pools.ts';
import { type Send, withReads } from './reads/client.ts';
import { tablesOf } from './reads/tables.ts';
import { countStatement } from './sql-time.ts';
import { statementNames } from './statement-names.ts';

export type Tx = Prisma.TransactionClient;

/**
 * The process's client. Set by `connectDatabase` before anything serves. Its `findMany`, `findFirst` and `count` are sent
 * as statements of our own (`reads/client.ts`), with Prisma's answers; all else, and everything on a `Tx`, is Prisma's.
 */
export let db: PrismaClient;

export type QueryObserver = (sql: string, milliseconds: number) => void;

/** Open the pool and warm it up, so that the first request pays nothing. */
export async function connectDatabase(options: {
  url: string;
  poolSize: number;
  onQuery?: QueryObserver;
  /** Behind a pooler of transactions nothing can be prepared: the next statement may go to another connection. */
  isPooled?: boolean;
}): Promise<void> {
  const pool = openPool({ url: options.url, name: 'dayshift', max: options.poolSize });
  const nameOf = statementNames();
  const adapter = new PrismaPg(
    pool,
    // Undefined sends a statement without a name, which the types of the library do not tell.
    options.isPooled ? {} : { statementNameGenerator: ({ sql }) => nameOf(sql) as string },
  );
  const client = new PrismaClient({
    adapter,
    // Its other formats quote the arguments of the call in the message, and those may be personal.
    errorFormat: 'minimal',
    log: [{ emit: 'event', level: 'query' }],
  });
  const tell = (sql: string, milliseconds: number) => {
    countStatement(milliseconds);
    options.onQuery?.(sql, milliseconds);
  };
  client.$on('query', ({ query, duration }) => tell(query, duration));
  const read: Send = async (text, values) => {
    const started = performance.now();
    const name = options.isPooled ? undefined : nameOf(text);
    const result = await pool.query<unknown[]>({ name, text, values, rowMode: 'array' });
    tell(text, performance.now() - started);
    return result;
  };
  db = withReads(client, tablesOf(Reflect.get(client, '_runtimeDataModel').models), read);
  disconnect = async () => {
    await client.$disconnect();
    await closePool(pool);
  };
  const [session] = await client.$queryRaw<{ isolation: string }[]>`
    SELECT current_setting('default_transaction_isolation') AS isolation`;
  begin = session?.isolation === 'read committed' ? {} : { isolationLevel: 'ReadCommitted' };
}

let disconnect = async (): Promise<void> => {};

/** What a transaction is begun with. Naming the level that the database has by itself would take a statement more. */
let begin: { isolationLevel?: Prisma.TransactionIsolationLevel } = {};

export const disconnectDatabase = (): Promise<void> => disconnect();

const TRANSACTION_SECONDS = 15;
const PATIENCE_SECONDS = 10;
/** Why a transaction is tried again, and how many times at most. */
const retriesMax = { conflict: 11, taken: 1, locked: 100, away: 100 };

/**
 * Run `work` in one transaction and retry it as a whole, with growing jittered pauses: on serialisation failures and
 * deadlocks, once on a unique violation, and for ten seconds (a longer transaction: for its time) while a lock is not
 * to be had or the database is away, unless the transaction may have committed. `work` must therefore do nothing
 * outside the database. Wakes the relay after the commit.
 */
export async function transact<Result>(
  work: (tx: Tx) => Promise<Result>,
  options: { timeoutSeconds?: number } = {},
): Promise<Result> {
  const patientUntil = performance.now() + (options.timeoutSeconds ?? PATIENCE_SECONDS) * 1_000;
  const retries = { conflict: 0, taken: 0, locked: 0, away: 0 };
  for (let attempt = 1; ; attempt++) {
    let committing = false;
    const whole = async (tx: Tx) => {
      const result = await work(tx);
      committing = true;
      return result;
    };
    try {
      const result = await db.$transaction(whole, {
        ...begin,
        maxWait: limitSeconds.connection * 1_000,
        timeout: (options.timeoutSeconds ?? TRANSACTION_SECONDS) * 1_000,
      });
      wakeRelay();
      return result;
    } catch (error) {
      const why = whyRetry(error);
      if (!why || ++retries[why] > retriesMax[why]) throw error;
      const isWaiting = why === 'away' || why === 'locked';
      if (isWaiting && (committing || performance.now() > patientUntil)) throw error;
      await sleep(Math.random() * Math.min(500, 5 * 2 ** attempt));
    }
  }
}

function whyRetry(error: unknown): keyof typeof retriesMax | null {
  if (isAway(error)) return 'away';
  const state = sqlStateOf(error);
  if (state === DISK_FULL) log.error({ error }, 'the disk of the database is full: free some space');
  if (state === LOCK_TIMEOUT) return 'locked';
  // Somebody took the same name meanwhile: a second attempt finds it taken and says so.
  if (state === UNIQUE_VIOLATION) return 'taken';
  // Another transaction won a race that a second attempt will see.
  const isConflict = state === '40001' || state === '40P01' || layersOf(error)[0]?.code === 'P2034';
  return isConflict ? 'conflict' : null;
}

/** What is locked by its name, because there is no row for it, or none yet. Taken before the locks of rows. */
type NamedLock =
  | 'category-tree'
  | 'deadline'
  | 'last-administrator'
  | 'order-import'
  | 'parcel'
  | 'platform-order'
  | 'product-reference'
  | 'reservations'
  | 'sample'
  | 'shopper';

/** Wait for a name, and have it until the transaction ends. */
export async function lockName(tx: Tx, kind: NamedLock, name = ''): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`dayshift.${kind} ${name}`}, 0))`;
}

/** Take a name until the transaction ends; false when somebody else has it. */
export async function tryLockName(tx: Tx, kind: NamedLock, name: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ taken: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`dayshift.${kind} ${name}`}, 0)) AS taken`;
  return row?.taken === true;
}

/** Name of the unique or check constraint that refused a statement. */
export function constraintOf(error: unknown): string | undefined {
  for (const { constraint } of layersOf<{ constraint?: Constraint | string }>(error)) {
    if (typeof constraint === 'string') return constraint;
    if (constraint?.index) return constraint.index;
    if (constraint?.fields) return constraint.fields.map((field) => field.replaceAll('"', '')).join('_');
  }
  return undefined;
}

interface Constraint {
  index?: string;
  fields?: string[];
}

const UNIQUE_VIOLATION = '23505';

/** Write; a unique value that another transaction took since it was checked refuses like the check, by the name of its index. */
export async function writeUnique<Result>(
  write: Promise<Result>,
  problems: Readonly<Record<string, Problem>>,
): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    const taken = sqlStateOf(error) === UNIQUE_VIOLATION ? problems[constraintOf(error) ?? ''] : undefined;
    throw taken ? new DomainError([taken]) : error;
  }
}
