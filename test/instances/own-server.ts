// A PostgreSQL of a test's own, which may be restarted, killed and filled up, and an instance on it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { startEmbeddedPostgres } from '../../src/core/embedded-postgres.ts';
import { ADMIN, type App } from '../setup/app.ts';
import { type Client, clientAt } from '../setup/client.ts';
import { givenIn } from '../setup/given.ts';
import { type Instance, startInstance } from '../setup/instances.ts';

export interface OwnServer {
  url: string;
  /** Folder of its data; `cluster` in it is PostgreSQL's own. */
  folder: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A folder that is removed after the test. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-proof-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }));
  return folder;
}

/** Start a server in a folder, one that keeps what it committed when it is killed. Stopped after the test. */
export async function startOwnServer(
  folder: string,
  settings: Record<string, string> = {},
): Promise<OwnServer> {
  const open = () => startEmbeddedPostgres({ dataDirectory: folder, settings });
  let postgres = await open();
  const server: OwnServer = {
    url: postgres.url,
    folder,
    async start() {
      postgres = await open();
    },
    stop: () => postgres.stop(),
  };
  onTestFinished(() => server.stop());
  return server;
}

/** Variables with which an instance starts on a database of its own. */
export const environmentOf = (databaseUrl: string, folder: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  DATA_DIR: join(folder, 'files'),
  SECRET_KEY: 'a secret key that only the tests know',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  SAMPLE: 'off',
  COST_RESTORE: '1000000',
  SHEDDING: 'off',
  LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
});

/** Log in to a running instance, as tests know their app. */
export async function appOf(instance: Instance, env: Record<string, string>): Promise<App> {
  const url = `${instance.origin}/graphql`;
  const wsUrl = url.replace('http', 'ws');
  const clientFor: App['clientFor'] = (token, identity = {}) => clientAt({ url, wsUrl, token }, identity);
  const anonymous = clientFor(null);
  const login = async (email: string, password: string): Promise<Client> => {
    const { token } = await anonymous.act<{ token: string }>('sessionOpen', { email, password }, 'token');
    const { viewer } = await clientFor(token).ok<{ viewer: { id: string } }>('{ viewer { id } }');
    return clientFor(token, { staffId: viewer.id });
  };
  const databaseUrl = env.DATABASE_URL ?? '';
  const sql: App['sql'] = async (query, params = []) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return (await client.query(query, [...params]).finally(() => client.end())).rows;
  };
  const app = {
    ...{ origin: instance.origin, url, wsUrl, databaseUrl, env, anonymous, clientFor, login, sql },
    admin: await login(ADMIN.email, ADMIN.password),
    statementsOf: () => Promise.reject(new Error('another process sends them')),
    stop: async () => void (await instance.end('SIGTERM')),
  };
  return { ...app, given: givenIn(app) };
}

/** The first instance on a database, which it migrates. */
export async function startOn(
  databaseUrl: string,
  folder: string,
  own: Record<string, string> = {},
): Promise<{ app: App; instance: Instance }> {
  const env = { ...environmentOf(databaseUrl, folder), ...own };
  const instance = await startInstance({ env, admin: { token: null } });
  return { app: await appOf(instance, env), instance };
}
