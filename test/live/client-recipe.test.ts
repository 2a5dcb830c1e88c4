// The client's recipe of the README, run as it is printed: through lines that die loudly and silently.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { runRecipe } from '../setup/recipe.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { storeId, variantId } = await app.given.stockedVariant({ onHand: 1_000 });
const order = () => app.given.order({ storeId, lines: [{ variantId, quantity: 1 }] });

/** Run the recipe against a port, with a watchdog that waits two seconds instead of sixty. */
const run = (port: number, { token, after }: { token: string; after: string }) =>
  runRecipe(port, { token, after, silenceMs: 2_000 });

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
  const [version, , ...place] = Buffer.from(await cursorNow(), 'base64url')
    .toString()
    .split('.');
  return Buffer.from([version, 'AAAAAAAAAAA', ...place].join('.')).toString('base64url');
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
