// What a person reads who starts Dayshift where it cannot start.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import { readEnv } from '../../src/core/env.ts';
import { startDatabase } from '../setup/app.ts';

const main = join(resolve(import.meta.dirname, '../..'), 'src/main.ts');
const SECRET_KEY = 'a secret key that only the tests know';

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
      LOG_LEVEL: '',
    });
  expect(read).toThrow(/DATABASE_URL +must look like postgresql/);
  expect(read).toThrow(/PORT +must be a whole number/);
  expect(read).toThrow(/SECRET_KEY +must have at least 32 characters/);
  expect(read).toThrow(/MIGRATE/);
  expect(() => readEnv({ DATABASE_URL: 'postgresql://a@b/c' })).toThrow(
    /SECRET_KEY +is required with DATABASE_URL/,
  );
  expect(() => readEnv({ ADMIN_EMAIL: 'a@b.cn' })).toThrow(/ADMIN_PASSWORD +is required as well/);
});

test('a port in use is said with the port and a way out, and nothing is left running', async () => {
  const database = await startDatabase();
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
