// A Redis of a test's own, which can be stopped, killed and started again on its port.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll } from 'vitest';

/** Path of the redis-server of this machine, where there is one. */
export const findRedis = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'redis-server'))
    .find((path) => existsSync(path));

export interface RedisServer {
  url: string;
  /** A connection of the test’s own. */
  client: Redis;
  signal(signal: NodeJS.Signals): void;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Start a Redis that keeps nothing on disk; where the machine has none, only its address. Ended after the file. */
export async function startRedis(): Promise<RedisServer> {
  const program = findRedis();
  const port = await freePort();
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 });
  client.on('error', () => {});
  let child: ChildProcess | null = null;
  const kill = async () => {
    const ending = child;
    child = null;
    if (!ending) return;
    ending.kill('SIGKILL');
    await once(ending, 'exit');
  };
  const start = async () => {
    const quiet = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning'];
    if (!program) return;
    child = spawn(program, ['--port', String(port), ...quiet], { stdio: 'ignore', cwd: '/' });
    if (client.status === 'wait') await client.connect().catch(() => {});
    while ((await client.ping().catch(() => '')) !== 'PONG') await sleep(20);
  };
  afterAll(async () => {
    client.disconnect();
    await kill();
  });
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    client,
    signal: (signal) => void child?.kill(signal),
    kill,
    start,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
