// The PostgreSQL session that migrates: its lock, its settings, and how it runs a whole file at once.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { runsOutsideTransaction } from './sql.ts';

/** Where progress and warnings go; a pino logger and `console` both fit. */
export type MigrationLog = { info(message: string): void; warn(message: string): void };

export type SessionOptions = {
  url: string;
  /** Hold Prisma's migration lock for as long as the session lives; other sessions wait for it. */
  lock: boolean;
  lockTimeoutMs: number;
  log: MigrationLog;
};

/** A file that PostgreSQL refused: its error, and how many of its statements had succeeded before. */
export type ScriptFailure = { sql: string; error: Error; statementsDone: number };

const MIGRATION_LOCK = 72707369; // the key that Prisma takes
const TRIES = 6;
const RETRIED = new Set(['55P03', '40P01']); // lock_timeout, deadlock

/**
 * Open the one session of a run. The engine takes the advisory lock again, which is free in the same session and
 * would wait for ever in another.
 */
export async function openSession({ url, lock, lockTimeoutMs, log }: SessionOptions): Promise<pg.Client> {
  const session = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    fallback_application_name: 'dayshift-migrate',
  });
  session.on('error', () => {}); // a lost connection surfaces in the query that needs it
  try {
    await session.connect();
    if (lock) await takeMigrationLock(session, log);
    await resetSettings(session, lockTimeoutMs);
    return session;
  } catch (error) {
    await session.end().catch(() => {});
    throw error;
  }
}

// Asks again and again rather than waiting inside one statement: a statement that waits holds a snapshot, and
// CREATE INDEX CONCURRENTLY of the process that migrates would wait for that snapshot in turn.
async function takeMigrationLock(session: pg.Client, log: MigrationLog): Promise<void> {
  const take = 'SELECT pg_try_advisory_lock($1) AS taken';
  for (let tries = 0; ; tries += 1) {
    const { rows } = await session.query<{ taken: boolean }>(take, [MIGRATION_LOCK]);
    if (rows[0]?.taken) return;
    if (tries % 150 === 2) log.info('Another process is migrating this database; waiting for it to finish.');
    await sleep(200);
  }
}

async function resetSettings(session: pg.Client, lockTimeoutMs: number): Promise<void> {
  await session.query(
    `${RESET} SET lock_timeout = ${lockTimeoutMs}; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0`,
  );
}

/**
 * Run a whole file as one simple query, which PostgreSQL makes one transaction. The migration's record is finished
 * in that transaction, so that a record without an end always means that nothing of the file was applied, even
 * after a crash. Waits at most lock_timeout for a lock, then tries again, so that requests which queue behind it
 * get through in between. Returns what went wrong.
 */
export async function runFile(
  session: pg.Client,
  sql: string,
  { lockTimeoutMs, log }: SessionOptions,
  recorded: boolean,
): Promise<ScriptFailure | undefined> {
  const alone = runsOutsideTransaction(sql);
  const text = recorded && !alone ? `${sql}\n;${FINISH_RECORD}` : sql;
  for (let attempt = 1; ; attempt += 1) {
    // CONCURRENTLY waits for every open transaction, but nobody waits for it.
    await resetSettings(session, alone ? 0 : lockTimeoutMs);
    const failure = await runOnce(session, text);
    if (!failure) return undefined;
    if (alone || attempt === TRIES || !RETRIED.has(codeOf(failure.error))) return { ...failure, sql };
    log.warn(`A migration could not get a lock (${failure.error.message}): attempt ${attempt} of ${TRIES}.`);
    await sleep((lockTimeoutMs / 6) * 2 ** (attempt - 1));
  }
}

// A file may change settings of the session (the output of pg_dump empties search_path): none outlives its file.
const RESET = 'RESET ALL; RESET ROLE;';
const FINISH_RECORD = `${RESET} UPDATE _prisma_migrations SET finished_at = clock_timestamp()
  WHERE finished_at IS NULL AND rolled_back_at IS NULL`;

async function runOnce(session: pg.Client, text: string): Promise<Omit<ScriptFailure, 'sql'> | undefined> {
  let statementsDone = 0;
  const count = () => {
    statementsDone += 1;
  };
  session.connection.on('commandComplete', count);
  try {
    await session.query(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error, statementsDone };
  } finally {
    session.connection.off('commandComplete', count);
  }
}

/** SQLSTATE or errno name of an error, or an empty string. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
