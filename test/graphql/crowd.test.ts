// Who is served at once: those whose operation runs, not those who send slowly or read slowly.

import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { BACKGROUND: 'off', SHEDDING: 'on', SLOW_READER_SECONDS: '2' } });
const port = Number(new URL(app.origin).port);
/** More than are served at once. */
const MANY = 50;

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** Connections that send a start, and read nothing of what is answered. */
async function connections(start: string, count = MANY): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').pause());
  open.push(...sockets);
  for (const socket of sockets) {
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.write(start, () => resolve()));
  }
  return sockets;
}

const head = (body: string, more = '') =>
  `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}Content-Length: ${body.length}\r\n\r\n`;
const served = async () => expect((await app.admin.run('{ viewer { id } }')).status).toBe(200);

test('G16 G19 whoever has begun to send a request keeps nobody else waiting', async () => {
  await connections(`${head('x'.repeat(1_000))}{`);
  for (let i = 0; i < 5; i++) await served();
});

const LONG = JSON.stringify({
  query: `{ titles { ${Array.from({ length: 59 }, (_, i) => `${'a'.repeat(90)}${i}: title`).join(' ')} } }`,
});

test('G16 G19 whoever does not read their answer keeps nobody else waiting', async () => {
  // Four answers each: more than the buffers between take.
  await connections((head(LONG) + LONG).repeat(4));
  for (let i = 0; i < 5; i++) await served();
});

test('G16 whoever does not read their answer is hung up on', async () => {
  const [slow] = await connections((head(LONG) + LONG).repeat(20), 1);
  let isClosed = false;
  slow?.once('close', () => {
    isClosed = true;
  });
  // Whoever reads nothing hears of it only when they write.
  await expect
    .poll(
      () => {
        slow?.write(' ');
        return isClosed;
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe(true);
}, 60_000);

test('G19 a query that accepts server-sent events has to wait like any other, on a connection that stays', async () => {
  const blocked = app.sql('BEGIN; LOCK TABLE post IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT');
  await expect
    .poll(() =>
      app.sql(
        `SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'post'::regclass`,
      ),
    )
    .toHaveLength(1);
  const asking = Array.from({ length: MANY }, () => app.admin.run('{ posts { edges { node { code } } } }'));
  const answer = await fetch(app.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${app.admin.token}`,
    },
    body: JSON.stringify({ query: '{ viewer { id } }' }),
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('connection')).toBe('keep-alive');
  await blocked;
  await Promise.all(asking);
}, 60_000);
