// What a person reads who starts Dayshift where it cannot start.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { readEnv } from '../../src/core/env.ts';
import { startDatabase } from '../setup/app.ts';
import { clientAt } from '../setup/client.ts';

const main = join(resolve(import.meta.dirname, '../..'), 'src/main.ts');
const SECRET_KEY = 'a secret key that only the tests know';
const database = await startDatabase();
const other = await startDatabase();

const problemOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (problem) {
    return problem;
  }
};

/** Start with these variables alone; what it printed to its end, and its exit code. */
async function start(variables: Record<string, string>): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH ?? '', LOG_LEVEL: 'silent', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'exit')) as [number];
  return { code, said };
}

test('every problem of the configuration is named at once, each with its variable', () => {
  const read = () =>
    readEnv({
      DATABASE_URL: 'mysql://x',
      PORT: 'eighty',
      ADMIN_EMAIL: 'a@b.cn',
      SECRET_KEY: 'short',
      MIGRATE: 'maybe',
      REDIS_URL: 'localhost:6379',
      METRICS_TOKEN: 'short',
      LOG_LEVEL: '',
    });
  expect(read).toThrow(/DATABASE_URL +must look like postgresql/);
  expect(read).toThrow(/PORT +must be a whole number/);
  expect(read).toThrow(/SECRET_KEY +must have at least 32 characters/);
  expect(read).toThrow(/MIGRATE/);
  expect(read).toThrow(/REDIS_URL +must look like redis:/);
  expect(read).toThrow(/METRICS_TOKEN +must have at least 16 characters/);
  expect(() => readEnv({ DATABASE_URL: 'postgresql://a@b/c' })).toThrow(
    /SECRET_KEY +is required with DATABASE_URL/,
  );
  expect(() => readEnv({ ADMIN_EMAIL: 'a@b.cn' })).toThrow(/ADMIN_PASSWORD +is required as well/);
});

test('a number out of bounds is told both of them, once, and the least and most themselves are taken', () => {
  const bounds = {
    PORT: [0, 65_535],
    DATABASE_POOL_SIZE: [2, 200],
    COST_MAXIMUM: [500, 1_000_000_000],
    COST_RESTORE: [1, 1_000_000_000],
    SLOW_READER_SECONDS: [1, 3_600],
    OTEL_TRACES_SAMPLER_ARG: [0, 1],
  };
  for (const [name, [least = 0, most = 0]] of Object.entries(bounds)) {
    const told = new RegExp(`^  ${name}  must be a (whole )?number from ${least} to ${most}$`, 'gm');
    for (const wrong of [least - 1, least - 0.5, most + 1, 'many', 'Infinity']) {
      const said = String(problemOf(() => readEnv({ [name]: String(wrong) })));
      expect(said.match(told), `${name}=${wrong}`).toHaveLength(1);
    }
    for (const right of [least, most])
      expect(readEnv({ [name]: String(right) })).toMatchObject({ [name]: right });
  }
});

test('a port in use is said with the port and a way out, and nothing is left running', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { code, said } = await start({ DATABASE_URL: database.url, SECRET_KEY, PORT: String(port) });
  taken.close();
  expect(code).toBe(1);
  expect(said).toContain(`Port ${port} is in use by another program.`);
  expect(said).toContain(`PORT=${port + 1} npm start`);
  expect(said).not.toMatch(/\n +at /);
}, 30_000);

test('a promise that failed and that nobody waited for does not end the process', async () => {
  const program = `import { outliveRejections } from './src/core/process.ts';
    outliveRejections();
    void Promise.reject(new Error('stray'));
    setTimeout(() => console.log('still there'), 50);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: resolve(main, '../..'),
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'exit')) as [number];
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('still there') });
  expect(said).toContain('stray');
});

test('a database that cannot be reached is said without the password', async () => {
  const url = new URL(inject('serverUrl'));
  url.port = '1';
  url.password = 'do-not-print-me';
  const { code, said } = await start({ DATABASE_URL: url.href, SECRET_KEY });
  expect(code).toBe(1);
  expect(said).not.toContain('do-not-print-me');
  expect(said).not.toMatch(/\n +at /);
  expect(said.length).toBeGreaterThan(20);
}, 60_000);

test('G46 a start on an empty folder answers its first query within 15 s, a later one within 3 s, on the same data', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-start-'));
  await chmod(folder, 0o755);
  const variables = { DATA_DIR: join(folder, 'data'), PORT: '0', SAMPLE: 'on' };
  const found: number[] = [];
  // Bounds of a second and more are tested at three times: the machine may have other work.
  for (const bound of [45_000, 9_000]) {
    const started = Date.now();
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH ?? '', LOG_LEVEL: 'silent', ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGINT'));
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    await expect.poll(() => said, { timeout: bound, interval: 20 }).toMatch(/serves http\S+/);
    const url = /serves (http\S+)/.exec(said)?.[1] ?? '';
    const [email, password] = [/e-mail +(\S+)/.exec(said)?.[1], /password +(\S+)/.exec(said)?.[1]];
    const anonymous = clientAt({ url, wsUrl: url.replace('http', 'ws'), token: null });
    const { token } = await anonymous.act<{ token: string }>('sessionOpen', { email, password }, 'token');
    const client = clientAt({ url, wsUrl: url.replace('http', 'ws'), token });
    const { orders } = await client.ok<{ orders: { totalCount: number } }>('{ orders { totalCount } }');
    found.push(orders.totalCount);
    expect(Date.now() - started).toBeLessThan(bound);
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  }
  expect(found[0]).toBeGreaterThan(10);
  expect(found[1]).toBe(found[0]);
  await rm(folder, { recursive: true, force: true });
}, 90_000);

test('G40 a test file works on a PostgreSQL database of its own, cloned from a template that was migrated once', async () => {
  expect(database.url).not.toBe(other.url);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ migrations: string; version: string }>(
    `SELECT (SELECT count(*) FROM _prisma_migrations) AS migrations, current_setting('server_version_num') AS version`,
  );
  await client.end();
  expect(Number(rows[0]?.migrations)).toBeGreaterThanOrEqual(2);
  expect(Number(rows[0]?.version)).toBeGreaterThanOrEqual(150_000);
});
