// The client's recipe of the README, run as it is printed: through lines that die loudly and silently.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { storeId, variantId } = await app.given.stockedVariant({ onHand: 1_000 });
const order = () => app.given.order({ storeId, lines: [{ variantId, quantity: 1 }] });

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const printed = /### The client's recipe[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';

interface Running {
  client: Client;
  shown: string[];
  anew: string[];
  logins: number[];
}

const running: Running[] = [];
afterAll(() => Promise.all(running.map(({ client }) => client.dispose())));

/** Run the recipe against a port, with a watchdog that waits two seconds instead of sixty. */
function run(port: number, { token, after }: { token: string; after: string }): Running {
  const code = printed
    .replace('127.0.0.1:4000', `127.0.0.1:${port}`)
    .replace('< 60_000', '< 2_000')
    .replace('5_000);', '100);');
  const heard = { shown: [] as string[], anew: [] as string[], logins: [] as number[] };
  const start = new Function(
    ...['createClient', 'token', 'firstCursor', 'show', 'startAnew', 'logInAgain'],
    `${code}\nreturn client;`,
  );
  const client = start(
    createClient,
    token,
    after,
    ({ id }: { id: string }) => heard.shown.push(id),
    (problem: string) => heard.anew.push(problem),
    ({ code: closed }: { code: number }) => heard.logins.push(closed),
  ) as Client;
  const one = { client, ...heard };
  running.push(one);
  return one;
}

/** A line to the server that can be cut, or fall silent with nobody being told. */
async function lineTo(target: number) {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (!isOpen) return void incoming.resetAndDestroy();
    const outgoing = connect(target, '127.0.0.1');
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  afterAll(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut: () => {
      isOpen = false;
      cut();
    },
    open: () => {
      isOpen = true;
    },
  };
}

const portOf = (origin: string): number => Number(new URL(origin).port);
const cursorNow = async () => (await app.admin.ok<{ eventCursor: string }>('{ eventCursor }')).eventCursor;
/** A cursor of another database. */
const foreignCursor = async () => {
  const [version, , seq] = Buffer.from(await cursorNow(), 'base64url')
    .toString()
    .split('.');
  return Buffer.from([version, 'AAAAAAAAAAA', seq].join('.')).toString('base64url');
};
const token = app.admin.token ?? '';

test('the recipe shows every order once and in order, through a line that is cut and one that falls silent', async () => {
  const line = await lineTo(portOf(app.origin));
  const after = await cursorNow();
  const first = await order();
  const { shown } = run(line.port, { token, after });
  await expect.poll(() => shown, { timeout: 20_000 }).toEqual([first.id]);
  line.silence();
  const second = await order();
  await expect.poll(() => shown, { timeout: 20_000 }).toEqual([first.id, second.id]);
  line.cut();
  const third = await order();
  await sleep(1_000);
  line.open();
  await expect.poll(() => shown, { timeout: 20_000 }).toEqual([first.id, second.id, third.id]);
});

test('the recipe starts anew where a cursor cannot be continued', async () => {
  const { anew, shown } = run(portOf(app.origin), { token, after: await foreignCursor() });
  await expect.poll(() => anew[0], { timeout: 20_000 }).toBe('RESYNC_REQUIRED');
  expect(shown).toEqual([]);
});

test('the recipe logs in again when the session is over', async () => {
  const clerk = await app.given.staff({ posts: ['order_clerk'] });
  const { shown, logins } = run(portOf(app.origin), { token: clerk.token ?? '', after: await cursorNow() });
  const { id } = await order();
  await expect.poll(() => shown, { timeout: 20_000 }).toEqual([id]);
  await app.admin.act('staffLeave', { staffId: clerk.staffId });
  await expect.poll(() => logins, { timeout: 20_000 }).toEqual([4401]);
});
