// One PostgreSQL server for the run, and in it one migrated template database that every test file clones.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../prisma/migrate.ts';
import { seedPosts } from '../../prisma/seed/posts.ts';
import { connectDatabase, disconnectDatabase } from '../../src/core/db.ts';
import { startEmbeddedPostgres } from '../../src/core/embedded-postgres.ts';
import { migrateJobs } from '../../src/core/jobs.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's address of the server; its database is nobody's. */
    serverUrl: string;
    /** Name of the migrated database to clone. Nobody connects to it. */
    templateName: string;
  }
}

const RUN = 'dayshift-run-';
const sources = resolve(import.meta.dirname, '../../src');

interface Server {
  url: string;
  stop(): Promise<void>;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  const templateName = `dayshift_test_${randomBytes(6).toString('hex')}`;
  try {
    await makeTemplate(server.url, templateName);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('serverUrl', server.url);
  project.provide('templateName', templateName);
  return async () => {
    await dropDatabases(server.url, templateName);
    await server.stop();
  };
}

/** The server of `TEST_DATABASE_URL`, or one of our own that is gone afterwards. */
async function startServer(): Promise<Server> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  await removeRemains();
  const folder = await mkdtemp(join(tmpdir(), `${RUN}${process.pid}-`));
  const embedded = await startEmbeddedPostgres({
    dataDirectory: folder,
    durable: false,
    settings: { max_connections: '300' },
  });
  return {
    url: embedded.url,
    async stop() {
      await embedded.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

/** Stop the servers of runs that were killed, and remove their folders. The name of a folder has the process of its run. */
async function removeRemains(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(new RegExp(`^${RUN}(\\d+)-`).exec(name)?.[1]);
    if (!owner || isAlive(owner)) continue;
    const folder = join(tmpdir(), name);
    const left = await startEmbeddedPostgres({ dataDirectory: folder, durable: false }).catch(() => null);
    await left?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function makeTemplate(serverUrl: string, name: string): Promise<void> {
  await onServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate({ url: url.href });
  await migrateJobs(url.href);
  for (const domain of await readdir(sources)) {
    // Permissions, which the posts are made of.
    if (existsSync(join(sources, domain, 'access.ts'))) await import(`../../src/${domain}/access.ts`);
  }
  await connectDatabase({ url: url.href, poolSize: 2 });
  await seedPosts(new Date()).finally(disconnectDatabase);
}

/** Drop the template and every clone of it that a killed test left. */
async function dropDatabases(serverUrl: string, templateName: string): Promise<void> {
  const rows = await onServer(
    serverUrl,
    `SELECT datname FROM pg_database WHERE datname LIKE '${templateName}%'`,
  );
  for (const { datname } of rows) await onServer(serverUrl, `DROP DATABASE ${datname} WITH (FORCE)`);
}

async function onServer(serverUrl: string, sql: string): Promise<{ datname: string }[]> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    return (await client.query<{ datname: string }>(sql)).rows;
  } finally {
    await client.end();
  }
}
