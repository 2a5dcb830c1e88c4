// A running Dayshift for one test file: the real thing on a database of its own, and callers of it.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, inject } from 'vitest';
import { type Env, readEnv } from '../../src/core/env.ts';
import { startDayshift } from '../../src/main.ts';
import { type Client, clientAt, type Identity } from './client.ts';
import { clock } from './clock.ts';
import { type Given, givenIn } from './given.ts';
import { closeStreams } from './stream.ts';

export interface AppOptions {
  /** Environment variables beside those of every test. */
  env?: Partial<Record<keyof Env, string>>;
  /** Makes of the address of the database the one under which the app is to reach it. */
  through?: (databaseUrl: string) => Promise<string>;
}

export type Sql = <Row extends pg.QueryResultRow = Record<string, unknown>>(
  query: string,
  params?: readonly unknown[],
) => Promise<Row[]>;

export interface App {
  /** Root of the server: `http://127.0.0.1:40001`. */
  origin: string;
  /** The endpoint over HTTP. */
  url: string;
  /** The endpoint over WebSocket. */
  wsUrl: string;
  databaseUrl: string;
  /** Variables with which another instance on the same database would start. */
  env: Record<string, string>;
  /** The administrator, logged in. Has every permission, every store and location. */
  admin: Client;
  anonymous: Client;
  clientFor(token: string | null, identity?: Identity): Client;
  /** Log in by e-mail and password. */
  login(email: string, password: string): Promise<Client>;
  /** Rows of a query on the database, for what the API does not show. */
  sql: Sql;
  /** SQL statements that Prisma sent during `work`, without transaction control. Run nothing else meanwhile. */
  statementsOf(work: () => Promise<unknown>): Promise<string[]>;
  given: Given;
  stop(): Promise<void>;
}

export const ADMIN = { email: 'admin@test.example', password: 'correct horse battery staple' };

/** Start Dayshift on a clone of the template. Stopped, and the clone dropped, after the file. Call it once in a file, at its top. */
export async function startApp({ env: own = {}, through }: AppOptions = {}): Promise<App> {
  const database = await cloneTemplate();
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-app-'));
  const env = {
    DATABASE_URL: (await through?.(database.url)) ?? database.url,
    DATA_DIR: folder,
    DATABASE_POOL_SIZE: '10',
    PORT: '0',
    // Of one file only: tests share a process, and what is counted under the keys of one must not hold for another.
    SECRET_KEY: `a secret key that only the tests know ${randomBytes(8).toString('hex')}`,
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    MIGRATE: 'off',
    // The partners of the tests are on this machine; those of the guard set their own.
    EGRESS_PRIVATE: 'allow',
    // Tests ask for more than any caller does; those of the limit set their own.
    COST_RESTORE: '1000000',
    SHEDDING: 'off',
    ...own,
  };
  let watched: string[] | null = null;
  const dayshift = await startDayshift(readEnv(env), undefined, (sql) => watched?.push(sql)).catch(
    async (error) => {
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      throw error;
    },
  );
  const url = `${dayshift.url}/graphql`;
  const wsUrl = url.replace('http', 'ws');
  const clientFor = (token: string | null, identity: Identity = {}) =>
    clientAt({ url, wsUrl, token }, identity);
  const anonymous = clientFor(null);
  const login = async (email: string, password: string) => {
    const { token } = await anonymous.act<{ token: string }>('sessionOpen', { email, password }, 'token');
    const { viewer } = await clientFor(token).ok<{ viewer: { id: string } }>('{ viewer { id } }');
    return clientFor(token, { staffId: viewer.id });
  };
  const { sql, end } = connectSql(database.url);
  const stop = async () => {
    await closeStreams();
    await dayshift.stop();
  };
  afterEach(() => clock.reset());
  afterAll(async () => {
    await stop();
    await end();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const app: Omit<App, 'given'> = {
    origin: dayshift.url,
    url,
    wsUrl,
    databaseUrl: database.url,
    env,
    admin: await login(ADMIN.email, ADMIN.password),
    anonymous,
    clientFor,
    login,
    sql,
    async statementsOf(work) {
      const statements: string[] = [];
      watched = statements;
      try {
        await work();
      } finally {
        watched = null;
      }
      return statements.filter((sql) => !/^(BEGIN|COMMIT|ROLLBACK|SET )/.test(sql));
    },
    stop,
  };
  return { ...app, given: givenIn(app) };
}

/** A database of its own for a file that needs no server: a clone of the template, dropped after the file. */
export async function startDatabase(): Promise<{ url: string; sql: Sql }> {
  const database = await cloneTemplate();
  const { sql, end } = connectSql(database.url);
  afterAll(async () => {
    await end();
    await database.drop();
  });
  return { url: database.url, sql };
}

function connectSql(url: string): { sql: Sql; end(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => {});
  // The end of the pool does not wait for its connections, which the drop of the database then cuts.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    sql: async <Row extends pg.QueryResultRow>(query: string, params: readonly unknown[] = []) =>
      (await pool.query<Row>(query, [...params])).rows,
    end: () => pool.end(),
  };
}

async function cloneTemplate(): Promise<{ url: string; drop(): Promise<void> }> {
  const serverUrl = inject('serverUrl');
  const template = inject('templateName');
  const name = `${template}_${randomBytes(4).toString('hex')}`;
  await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function onServer(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
