// Instances that stop without dying: in the middle of a transaction, in the middle of relaying.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { poolConfig } from '../../src/core/pools.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { startInstance } from '../setup/instances.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [100_000]);
const lines = [{ variantId, quantity: 1 }];

const PLACE =
  'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
/** Five seconds are promised; the machine may have other work. */
const BOUND_MS = 15_000;

const watch = async () => {
  const feed = app.admin.subscribe<{ orderEvents: { nodeId: string | null } }>(
    'subscription { orderEvents { nodeId } }',
  );
  await feed.next();
  return feed;
};

test('G29 who stops while the log is locked holds up the feeds of the others for five seconds at most', async () => {
  const stopped = new pg.Client(poolConfig({ url: app.databaseUrl, name: 'stopped', max: 1 }));
  stopped.on('error', () => {});
  await stopped.connect();
  const feed = await watch();
  await stopped.query('BEGIN; SELECT seq FROM event_head FOR UPDATE');
  const order = await shop.place(at.storeId, lines);
  await feed.next((item) => item.orderEvents.nodeId === order.id, BOUND_MS);
  await expect(stopped.query('COMMIT')).rejects.toThrow();
  await feed.close();
}, 90_000);

test('G29 an instance that is stopped under load delays orders of the same goods and the feeds for five seconds at most, and goes on when it is woken', async () => {
  const { child, client } = await startInstance(app);
  let isLoading = true;
  const placed = new Set<string>();
  const load = Array.from({ length: 6 }, async () => {
    while (isLoading) {
      const input = shop.orderInput(at.storeId, lines);
      const { data, errors } = await client.run<{ orderPlace: { order: { id: string } } }>(PLACE, { input });
      if (data) placed.add(data.orderPlace.order.id);
      for (const { extensions } of errors) expect(extensions?.code).toBe('OVERLOADED');
    }
  });
  const feed = await watch();
  await expect.poll(() => placed.size, { timeout: 15_000, interval: 5 }).toBeGreaterThan(5);
  child.kill('SIGSTOP');
  const started = performance.now();
  const order = await shop.place(at.storeId, lines);
  await feed.next((item) => item.orderEvents.nodeId === order.id, BOUND_MS);
  expect(performance.now() - started).toBeLessThan(BOUND_MS);
  await sleep(100);
  child.kill('SIGCONT');
  isLoading = false;
  await Promise.all(load);
  await expect
    .poll(
      () => {
        const seen = new Set(feed.items.map((item) => item.orderEvents.nodeId));
        return [...placed].filter((id) => !seen.has(id));
      },
      { timeout: 15_000 },
    )
    .toEqual([]);
  await feed.close();
}, 90_000);

test('C56 a database that went back to an earlier state ends the instance, and cursors of what was lost are told to resync', async () => {
  const cursorNow = async () => (await app.admin.ok<{ eventCursor: string }>('{ eventCursor }')).eventCursor;
  const kept = await cursorNow();
  await shop.place(at.storeId, lines);
  const lost = await cursorNow();
  const other = await startInstance(app);
  const [head] = await app.sql<{ seq: string }>('SELECT seq FROM event_head');
  await app.stop();
  // As a restore in place does: the same database, system and timeline, a few events less.
  const left = Number(head?.seq) - 1;
  await app.sql(`SET session_replication_role = replica; DELETE FROM event WHERE seq > ${left};
    UPDATE event_head SET seq = ${left}`);
  expect(await other.gone).toBe(1);
  expect(other.output()).toContain('The database went back to an earlier state');
  const anew = await startInstance(app);
  for (let n = 0; n < 3; n++) await anew.client.ok(PLACE, { input: shop.orderInput(at.storeId, lines) });
  const watched = (after: string) =>
    anew.client.subscribe<{ orderEvents: { type: string } }>(
      'subscription ($after: EventCursor) { orderEvents(after: $after) { type } }',
      { after },
    );
  expect((await watched(lost).ended)[0]?.extensions).toMatchObject({ code: 'RESYNC_REQUIRED' });
  expect((await watched(kept).next((item) => item.orderEvents.type !== 'heartbeat')).orderEvents.type).toBe(
    'order.placed',
  );
}, 180_000);
