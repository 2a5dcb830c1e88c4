// Where the benchmark's data are: a PostgreSQL of its own under .data/bench, filled once, cloned for each run.

import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { startEmbeddedPostgres } from '../../src/core/embedded-postgres.ts';
import { migrateJobs } from '../../src/core/jobs.ts';
import { project } from '../setup/source.ts';
import { fillDepartment } from './department.ts';

export const folder = join(project, '.data/bench');

export interface Place {
  /** A copy of the department in a database of its own. */
  clone(name: string): Promise<string>;
  /** An empty database. */
  empty(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Raised when the data change, so that they are written anew. */
const EDITION = 1;
const TEMPLATE = `department_${EDITION}`;

/** Start the server, and fill the department on the first run or when its data or tables have changed. */
export async function openPlace(say: (line: string) => void, isDurable: boolean): Promise<Place> {
  const server = await startEmbeddedPostgres({
    dataDirectory: join(folder, 'postgres'),
    durable: isDurable,
    settings: { max_connections: '200', shared_buffers: '512MB', track_commit_timestamp: 'on' },
  });
  const urlOf = (name: string): string => {
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  const anew = async (name: string, template = ''): Promise<string> => {
    await query(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await query(server.url, `CREATE DATABASE ${name} ${template}`);
    return urlOf(name);
  };
  const [kept] = await query(server.url, `SELECT 1 FROM pg_database WHERE datname = '${TEMPLATE}'`);
  if (!kept) {
    const started = performance.now();
    say('Writing the department, once:');
    const url = await anew('filling');
    await migrate({ url });
    await migrateJobs(url);
    await fillDepartment(url, say);
    await query(server.url, `ALTER DATABASE filling RENAME TO ${TEMPLATE}`);
    say(`  written in ${Math.round((performance.now() - started) / 1_000)} s\n`);
  } else {
    await migrate({ url: urlOf(TEMPLATE) });
    await migrateJobs(urlOf(TEMPLATE));
  }
  const made: string[] = [];
  return {
    async clone(name) {
      made.push(name);
      return anew(name, `TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
    },
    async empty(name) {
      made.push(name);
      return anew(name);
    },
    async stop() {
      for (const name of made) await query(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await server.stop();
    },
  };
}

export async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
