// Databases and folders of migrations for the tests of migrating.

import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, vi } from 'vitest';
import { migrate } from '../../prisma/migrate.ts';
import { StartupError } from '../../src/core/startup-error.ts';

export const serverUrl = inject('serverUrl');
export const log = { info: vi.fn<(message: string) => void>(), warn: vi.fn<(message: string) => void>() };

export let url: string;
export let directory: string;
export let client: pg.Client;

/** Give each test an empty database and a folder for its migrations. */
export function freshDatabases(): void {
  beforeEach(async () => {
    const name = `migrate_${randomBytes(8).toString('hex')}`;
    await onServer(`CREATE DATABASE ${name}`);
    url = withDatabase(name);
    directory = await mkdtemp(join(tmpdir(), 'dayshift-migrations-'));
    client = new pg.Client({ connectionString: url });
    await client.connect();
    log.info.mockClear();
    log.warn.mockClear();
  });

  afterEach(async () => {
    await client.end();
    await onServer(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
    await rm(directory, { recursive: true });
  });
}

const withDatabase = (name: string) => {
  const address = new URL(serverUrl);
  address.pathname = `/${name}`;
  return address.href;
};

export async function onServer(sql: string) {
  const server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  try {
    return (await server.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await server.end();
  }
}

export const rowsOf = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;

export async function write(name: string, sql: string) {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'migration.sql'), sql);
}

export const apply = (options: { lockTimeoutMs?: number } = {}) =>
  migrate({ url, directory, log, ...options });

export async function refusal(work: Promise<unknown>): Promise<StartupError> {
  const error = await work.then(() => undefined).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartupError);
  return error as StartupError;
}

export const FIRST = '20260101000000_first';
export const SECOND = '20260102000000_second';
export const THIRD = '20260103000000_third';
