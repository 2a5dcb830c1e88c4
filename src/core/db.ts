// The database: one Prisma client per process, and the only way to open a transaction.

import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts';
import { DomainError, type Problem } from './errors.ts';
import { wakeRelay } from './event-log.ts';

export type Tx = Prisma.TransactionClient;

/** The process's client. Set by `connectDatabase` before anything serves. */
export let db: PrismaClient;

export type QueryObserver = (sql: string, milliseconds: number) => void;

/** Open the pool and warm it up, so that the first request pays nothing. */
export async function connectDatabase(options: {
  url: string;
  poolSize: number;
  onQuery?: QueryObserver;
}): Promise<void> {
  const adapter = new PrismaPg({
    connectionString: options.url,
    max: options.poolSize,
    application_name: 'dayshift',
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 10_000,
    connectionTimeoutMillis: 10_000,
  });
  const client = new PrismaClient({
    adapter,
    // Its other formats quote the arguments of the call in the message, and those may be personal.
    errorFormat: 'minimal',
    log: options.onQuery ? [{ emit: 'event', level: 'query' }] : [],
  });
  if (options.onQuery) {
    client.$on(
      'query' as never,
      ((event: Prisma.QueryEvent) => options.onQuery?.(event.query, event.duration)) as never,
    );
  }
  db = client;
  await client.$queryRaw`SELECT 1`;
}

export const disconnectDatabase = (): Promise<void> => db.$disconnect();

const ATTEMPTS = 12;

/**
 * Run `work` in one transaction and retry it as a whole on serialisation failures and deadlocks, with growing
 * jittered pauses, and once on a unique violation. `work` must therefore do nothing outside the database. Wakes the
 * relay after the commit.
 */
export async function transact<Result>(
  work: (tx: Tx) => Promise<Result>,
  options: { isolation?: 'ReadCommitted' | 'Serializable'; timeoutSeconds?: number } = {},
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await db.$transaction(work, {
        isolationLevel: options.isolation ?? 'ReadCommitted',
        maxWait: 10_000,
        timeout: (options.timeoutSeconds ?? 15) * 1_000,
      });
      wakeRelay();
      return result;
    } catch (error) {
      // Somebody took the same name meanwhile: a second attempt finds it taken and says so.
      const tookName = attempt === 1 && sqlStateOf(error) === '23505';
      if (attempt >= ATTEMPTS || !(tookName || isConflict(error))) throw error;
      await sleep(Math.random() * Math.min(500, 5 * 2 ** attempt));
    }
  }
}

/** What is locked by its name, because there is no row for it, or none yet. Taken before the locks of rows. */
type NamedLock =
  | 'category-tree'
  | 'deadline'
  | 'last-administrator'
  | 'parcel'
  | 'platform-order'
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

/** SQLSTATE of a database error however deep Prisma wrapped it. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let depth = 0, at = error; depth < 5 && typeof at === 'object' && at !== null; depth++) {
    const node = at as {
      originalCode?: unknown;
      cause?: unknown;
      meta?: { driverAdapterError?: unknown };
    };
    if (typeof node.originalCode === 'string') return node.originalCode;
    at = node.meta?.driverAdapterError ?? node.cause;
  }
  return undefined;
}

/** Name of the unique or check constraint that refused a statement. */
export function constraintOf(error: unknown): string | undefined {
  for (let depth = 0, at = error; depth < 5 && typeof at === 'object' && at !== null; depth++) {
    const node = at as {
      constraint?: { index?: string; fields?: string[] } | string;
      cause?: unknown;
      meta?: { driverAdapterError?: unknown };
    };
    const { constraint } = node;
    if (typeof constraint === 'string') return constraint;
    if (constraint?.index) return constraint.index;
    if (constraint?.fields) return constraint.fields.map((field) => field.replaceAll('"', '')).join('_');
    at = node.meta?.driverAdapterError ?? node.cause;
  }
  return undefined;
}

/** True where no connection was free in time. A moment later there may be one. */
export function isOverload(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  if (code === 'P2028') return /Unable to start a transaction/.test(message ?? '');
  return /timeout exceeded when trying to connect/.test(message ?? '');
}

/** True when another transaction won a race that a second attempt will see. */
function isConflict(error: unknown): boolean {
  const state = sqlStateOf(error);
  return (error as { code?: string } | null)?.code === 'P2034' || state === '40001' || state === '40P01';
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
