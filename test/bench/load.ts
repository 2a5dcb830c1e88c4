// Sends requests from a process of its own, as many at once as it was told, for as long as it was told.

import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

/** What to send. */
export interface Order {
  origin: string;
  token: string;
  requests: { path: string; body?: string }[];
  connections: number;
  milliseconds: number;
}

export interface Load {
  requests: number;
  seconds: number;
  /** Milliseconds of all requests, sorted. */
  times: number[];
}

const pools = new Map<string, Pool>();

function poolOf(origin: string, connections: number): Pool {
  const key = `${origin} ${connections}`;
  const pool = pools.get(key) ?? new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
  pools.set(key, pool);
  return pool;
}

async function send({ origin, token, requests, connections, milliseconds }: Order): Promise<Load> {
  const pool = poolOf(origin, connections);
  const times: number[] = [];
  const started = performance.now();
  let next = Math.floor(Math.random() * requests.length);
  const one = async () => {
    while (performance.now() - started < milliseconds) {
      const { path = '/', body } = requests[next++ % requests.length] ?? {};
      const from = performance.now();
      const response = await pool.request({
        path,
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        body: body?.replace('@key', randomUUID()) ?? null,
      });
      const text = await response.body.text();
      if (response.statusCode !== 200 || text.includes('"errors":[{') || text.includes('"userErrors":[{'))
        throw new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 500)}`);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  const seconds = (performance.now() - started) / 1_000;
  return { requests: times.length, seconds, times: times.sort((a, b) => a - b) };
}

process.on('message', ({ id, order }: { id: number; order?: Order }) => {
  if (!order) return;
  send(order).then(
    (result) => process.send?.({ id, result }),
    (error: Error) => process.send?.({ id, failure: error.message }),
  );
});
process.on('disconnect', () => process.exit());
