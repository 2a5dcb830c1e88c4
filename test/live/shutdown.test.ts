// Stopping an instance: with many sockets open, with work under way, and by somebody who does not want to wait.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { endInstances, startInstance } from '../setup/instances.ts';
import { openBareSocket } from '../setup/socket.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [1_000]);
afterEach(endInstances);

const PLACE =
  'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
const OPEN =
  'mutation ($input: LocationOpenInput!) { locationOpen(input: $input) { location { id } userErrors { code } } }';

test('G42 two hundred sockets are closed with a code on which clients come back, and what runs is finished, with jobs and reactions at work', async () => {
  const { client, origin, end } = await startInstance(app, { BACKGROUND: 'on' });
  const wsUrl = `${origin.replace('http', 'ws')}/graphql`;
  const authorization = `Bearer ${app.admin.token}`;
  const sockets = await Promise.all(Array.from({ length: 200 }, () => openBareSocket(wsUrl)));
  for (const socket of sockets) await socket.greet({ authorization });
  const feeds = Array.from({ length: 20 }, () => client.subscribe('subscription { orderEvents { type } }'));
  await Promise.all(feeds.map((feed) => feed.next()));
  const inFlight = Array.from({ length: 20 }, () =>
    client.run<{ orderPlace: { order: object } }>(PLACE, {
      input: shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]),
    }),
  );
  await sleep(30);
  const ended = end('SIGTERM');
  const answers = await Promise.all(inFlight);
  expect(answers.map(({ data }) => Boolean(data?.orderPlace.order))).toEqual(Array(20).fill(true));
  const closings = await Promise.all([...sockets, ...feeds].map(({ closed }) => closed));
  expect(new Set(closings.map(({ code }) => code))).toEqual(new Set([1012]));
  expect(await ended).toBe(0);
}, 180_000);

test('a second Ctrl-C ends it at once; one that npm passes on in the same moment does not', async () => {
  const blocker = new pg.Client({ connectionString: app.databaseUrl });
  blocker.on('error', () => {});
  await blocker.connect();
  const { child, client, gone, output } = await startInstance(app);
  await blocker.query('BEGIN; LOCK TABLE location IN ACCESS EXCLUSIVE MODE');
  const input = { code: uniqueName('late'), texts: [{ locale: 'en', name: 'Late' }] };
  const waiting = client.run(OPEN, { input }).catch(() => 'cut');
  await expect
    .poll(async () => (await blocker.query(`SELECT FROM pg_locks WHERE NOT granted`)).rowCount)
    .toBeGreaterThan(0);
  child.kill('SIGINT');
  child.kill('SIGINT');
  await expect.poll(output).toContain('Stopping');
  await sleep(1_200);
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  expect(await gone).toBe(130);
  expect(output()).not.toContain('Stopped.');
  expect(await waiting).toBe('cut');
  await blocker.end();
}, 180_000);
