// Prisma's schema engine (its WebAssembly build) on a PostgreSQL session.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine, SchemaFilter } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { connectionProblem, engineProblem, invalidUrl, oldServer } from './errors.ts';
import {
  codeOf,
  type MigrationLog,
  openSession,
  runFile,
  type ScriptFailure,
  type SessionOptions,
} from './session.ts';

export type Engine = {
  schemaEngine: SchemaEngine;
  /** What PostgreSQL said about the last file that it refused; the engine itself keeps only a sentence of it. */
  lastFailure(): ScriptFailure | undefined;
};

/** No table or enum is left to other hands. */
export const NO_FILTER: SchemaFilter = { externalTables: [], externalEnums: [] };

/**
 * Connect, start an engine for `work`, and end both. Throws StartupError for what a person can mend: the address,
 * the password, the server, the user's rights.
 */
export async function withEngine<Result>(
  options: SessionOptions,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const server = describeServer(options.url);
  const session = await openSession(options).catch((error: unknown) =>
    Promise.reject(connectionProblem(error, server)),
  );
  try {
    const { rows } = await session.query<{ server_version: string }>('SHOW server_version');
    const version = rows[0]?.server_version ?? '';
    if (Number.parseInt(version, 10) < 15) throw oldServer(server, version);
    const engine = await openEngine(session, options);
    try {
      return await work(engine);
    } finally {
      engine.schemaEngine.free();
    }
  } catch (error) {
    throw engineProblem(error, server);
  } finally {
    await session.end();
  }
}

/** Host, port and database of an address, without the password. */
function describeServer(url: string): string {
  try {
    const { host, port, database } = new pg.Client({ connectionString: url });
    if (/^postgres(ql)?:\/\//.test(url)) return `${host}:${port}/${database ?? ''}`;
  } catch {
    // The parser's error quotes the address, password and all.
  }
  throw invalidUrl();
}

async function openEngine(session: pg.Client, options: SessionOptions): Promise<Engine> {
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
  const schemaEngine = await Constructor.new(
    { datamodels: [['datasource.prisma', datasource]] },
    report,
    adapters,
  );
  return { schemaEngine, lastFailure: () => failure };
}

// The engine logs a line of JSON for each thing that it does.
function reportProgress(line: string, log: MigrationLog): void {
  const name = /"message":"Applying `([^`"]+)`"/.exec(line)?.[1];
  if (name) log.info(`Applying migration ${name}.`);
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

function adapterError(error: Error): DriverAdapterError {
  const code = codeOf(error);
  const original = { originalCode: code, originalMessage: error.message };
  if (code === '42P01') return new DriverAdapterError({ kind: 'TableDoesNotExist', ...original });
  // No detail: Prisma would keep it in the record, and it quotes rows.
  const nothing = { detail: undefined, column: undefined, hint: undefined };
  return new DriverAdapterError({
    kind: 'postgres',
    severity: 'ERROR',
    code,
    message: error.message,
    ...nothing,
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
  instantiate(
    code: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

async function instantiate() {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const module = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const imports = Object.entries(module).map(([name, value]) => [
    name,
    name.startsWith('__wbg_setTimeout_') ? startIdleTimer : value,
  ]);
  const code = await readFile(join(folder, 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(code, {
    './schema_engine_bg.js': Object.fromEntries(imports),
  });
  const { __wbg_set_wasm: setInstance } = module as typeof module & {
    __wbg_set_wasm(exports: unknown): void;
  };
  setInstance(instance.exports);
  instance.exports.__wbindgen_start();
  return module;
}

// The engine never clears the timer of its wait for the lock, which would keep the process alive for ten seconds.
const startIdleTimer = (callback: () => void, milliseconds: number) =>
  setTimeout(callback, milliseconds).unref();
