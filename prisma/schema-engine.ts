// Prisma's schema engine (its WebAssembly build) on one PostgreSQL session, and how that session runs a file.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { runsOutsideTransaction } from './migration-sql.ts';

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

export type Engine = {
  schemaEngine: SchemaEngine;
  /** What PostgreSQL said about the last file that it refused; the engine itself keeps only a sentence of it. */
  lastFailure(): ScriptFailure | undefined;
};

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
  await session.connect();
  if (lock) await takeMigrationLock(session, log);
  await resetSettings(session, lockTimeoutMs);
  return session;
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

// A file may change settings of the session (the output of pg_dump empties search_path): none outlives its file.
async function resetSettings(session: pg.Client, lockTimeoutMs: number): Promise<void> {
  await session.query(
    `RESET ALL; RESET ROLE; SET lock_timeout = ${lockTimeoutMs}; SET statement_timeout = 0; ` +
      'SET idle_in_transaction_session_timeout = 0',
  );
}

/** Start an engine on `session`. Free its `schemaEngine`, then end the session. */
export async function openEngine(session: pg.Client, options: SessionOptions): Promise<Engine> {
  let failure: ScriptFailure | undefined;
  const runWith = (client: pg.Client, recorded: boolean) => async (sql: string) => {
    failure = await runFile(client, sql, options, recorded);
    if (failure) throw adapterError(failure.error);
  };
  const adapters = bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => adapterFor(session, runWith(session, true)),
    connectToShadowDb: async () => {
      const shadow = await createShadowDatabase(session, options);
      return { ...adapterFor(shadow.session, runWith(shadow.session, false)), dispose: shadow.drop };
    },
  });
  const { SchemaEngine: Constructor } = await loadBindings();
  const datasource = 'datasource db {\n  provider = "postgresql"\n}';
  const report = (line: string) => reportProgress(line, options.log);
  const schemaEngine = await Constructor.new({ datamodels: [['datasource.prisma', datasource]] }, report, adapters);
  return { schemaEngine, lastFailure: () => failure };
}

// The engine logs a line of JSON for each thing that it does.
function reportProgress(line: string, log: MigrationLog): void {
  const name = /"message":"Applying `([^`"]+)`"/.exec(line)?.[1];
  if (name) log.info(`Applying migration ${name}.`);
}

/**
 * Run a whole file as one simple query, which PostgreSQL makes one transaction. The migration's record is finished
 * in that transaction, so that a record without an end always means that nothing of the file was applied, even
 * after a crash. Waits at most lock_timeout for a lock, then tries again, so that requests which queue behind it
 * get through in between. Returns what went wrong.
 */
async function runFile(
  session: pg.Client,
  sql: string,
  { lockTimeoutMs, log }: SessionOptions,
  recorded: boolean,
): Promise<ScriptFailure | undefined> {
  const alone = runsOutsideTransaction(sql);
  const text = recorded && !alone ? `${sql}\n;\n${FINISH_RECORD}` : sql;
  for (let attempt = 1; ; attempt += 1) {
    // CONCURRENTLY waits for every open transaction, but nobody waits for it.
    await resetSettings(session, alone ? 0 : lockTimeoutMs);
    const failure = await runOnce(session, text);
    if (!failure) break;
    if (alone || attempt === TRIES || !RETRIED.has(codeOf(failure.error))) return { ...failure, sql };
    log.warn(`A migration could not get a lock (${failure.error.message}): attempt ${attempt} of ${TRIES}.`);
    await sleep((lockTimeoutMs / 6) * 2 ** (attempt - 1));
  }
  await resetSettings(session, lockTimeoutMs);
  return undefined;
}

const FINISH_RECORD =
  'UPDATE _prisma_migrations SET finished_at = clock_timestamp() WHERE finished_at IS NULL AND rolled_back_at IS NULL';

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

// Not @prisma/adapter-pg, because that one cuts files at every semicolon, which breaks functions and atomicity,
// opens further sessions, and does not know "char", a type that PostgreSQL's own catalogue uses (7.10.0).
function adapterFor(session: pg.Client, executeScript: SqlDriverAdapter['executeScript']): SqlDriverAdapter {
  const run = ({ sql, args }: SqlQuery) =>
    session
      .query<unknown[]>({ text: sql, values: args, rowMode: 'array', types: { getTypeParser: parserFor } })
      .catch((error: unknown) => Promise.reject(error instanceof Error ? adapterError(error) : error));
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    executeScript,
    executeRaw: async (query) => (await run(query)).rowCount ?? 0,
    queryRaw: async (query) => {
      const { fields, rows } = await run(query);
      const columnTypes = fields.map(({ dataTypeID }) => COLUMN_TYPES.get(dataTypeID) ?? ColumnTypeEnum.Text);
      return { columnNames: fields.map(({ name }) => name), columnTypes, rows };
    },
    startTransaction: () => Promise.reject(new Error('The schema engine has no use for transactions.')),
    getConnectionInfo: () => ({ supportsRelationJoins: true }),
    dispose: () => Promise.resolve(),
  };
}

const { BOOL, CHAR, INT2, INT4, INT8, OID, TIMESTAMPTZ } = pg.types.builtins;
const COLUMN_TYPES = new Map<number, (typeof ColumnTypeEnum)[keyof typeof ColumnTypeEnum]>([
  [BOOL, ColumnTypeEnum.Boolean],
  [CHAR, ColumnTypeEnum.Character],
  [INT2, ColumnTypeEnum.Int32],
  [INT4, ColumnTypeEnum.Int32],
  [INT8, ColumnTypeEnum.Int64],
  [OID, ColumnTypeEnum.Int64],
  [TIMESTAMPTZ, ColumnTypeEnum.DateTime],
  [1002, ColumnTypeEnum.CharacterArray], // char[]
  [1003, ColumnTypeEnum.TextArray], // name[]
  [1005, ColumnTypeEnum.Int32Array], // int2[]
  [1007, ColumnTypeEnum.Int32Array], // int4[]
  [1009, ColumnTypeEnum.TextArray], // text[]
  [1015, ColumnTypeEnum.TextArray], // varchar[]
]);

const parserFor: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === TIMESTAMPTZ ? (text: string) => new Date(text).toISOString() : pg.types.getTypeParser(oid, format);

/** SQLSTATE or errno name of an error, or an empty string. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

function adapterError(error: Error): DriverAdapterError {
  const code = codeOf(error);
  const original = { originalCode: code, originalMessage: error.message };
  if (code === '42P01') return new DriverAdapterError({ kind: 'TableDoesNotExist', ...original });
  const { detail, column, hint } = error instanceof pg.DatabaseError ? error : {};
  return new DriverAdapterError({
    kind: 'postgres',
    severity: 'ERROR',
    code,
    message: error.message,
    detail,
    column,
    hint,
    ...original,
  });
}

async function createShadowDatabase(session: pg.Client, options: SessionOptions) {
  const name = `dayshift_shadow_${randomUUID().replaceAll('-', '')}`;
  await session.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(options.url);
  url.pathname = `/${name}`;
  const shadow = await openSession({ ...options, url: url.href, lock: false });
  const drop = async () => {
    await shadow.end();
    await session.query(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { session: shadow, drop };
}

// Loaded by hand because importing a .wasm file prints an experimental warning, and once per process because the
// bindings keep the instance in a variable of their module.
let bindings: ReturnType<typeof instantiate> | undefined;
const loadBindings = () => {
  bindings ??= instantiate();
  return bindings;
};

// TypeScript declares WebAssembly only for browsers.
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

async function instantiate() {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const module = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const code = await readFile(join(folder, 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(code, { './schema_engine_bg.js': { ...module } });
  const { __wbg_set_wasm: setInstance } = module as typeof module & { __wbg_set_wasm(exports: unknown): void };
  setInstance(instance.exports);
  instance.exports.__wbindgen_start();
  return module;
}
