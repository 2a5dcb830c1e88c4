// Faults of the database under load: the service recovers by itself, and whoever was answered was answered right.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { type Proxy as Line, proxyTo } from '../demo/proxy.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';

let line: Line | undefined;
const app = await startApp({
  async through(databaseUrl) {
    const url = new URL(databaseUrl);
    line = await proxyTo(Number(url.port));
    url.port = String(line.port);
    return url.href;
  },
});
afterAll(() => line?.close());
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [100_000]);

const PLACE =
  'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
interface Placed {
  orderPlace: { order: { id: string } | null };
}

const READ =
  '{ orders(first: 5) { edges { node { id number lines(first: 3) { edges { node { sku } } } } } } }';

/** Orders placed and read by several callers without a pause until the fault is over; what was answered. */
async function underLoad(fault: () => Promise<unknown>) {
  const answered: string[] = [];
  const codes = new Set<unknown>();
  let isLoading = true;
  const note = (errors: readonly { extensions?: Record<string, unknown> }[]) => {
    for (const { extensions } of errors) codes.add(extensions?.code);
  };
  const placing = Array.from({ length: 4 }, async () => {
    while (isLoading) {
      const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
      const { data, errors } = await app.admin.run<Placed>(PLACE, { input });
      note(errors);
      // It may be done, and what was selected of it not be readable a moment later.
      if (data?.orderPlace.order) answered.push(data.orderPlace.order.id);
    }
  });
  const reading = Array.from({ length: 4 }, async () => {
    while (isLoading) note((await app.admin.run(READ)).errors);
  });
  const before = answered.length;
  await expect.poll(() => answered.length, { timeout: 15_000 }).toBeGreaterThan(before + 5);
  await fault();
  const after = answered.length;
  await expect.poll(() => answered.length, { timeout: 15_000 }).toBeGreaterThan(after + 5);
  isLoading = false;
  await Promise.all([...placing, ...reading]);
  return { answered, codes: [...codes] };
}

/** Every answered order is there, with the event that a feed from the start of the load brings. */
async function expectWhole(
  answered: readonly string[],
  feed: { items: readonly { orderEvents: { nodeId: string | null } }[] },
): Promise<void> {
  await expect
    .poll(
      () => {
        const seen = new Set(feed.items.map(({ orderEvents }) => orderEvents.nodeId));
        return answered.filter((id) => !seen.has(id));
      },
      { timeout: 15_000 },
    )
    .toEqual([]);
}

const watch = async () => {
  const feed = app.admin.subscribe<{ orderEvents: { nodeId: string | null } }>(
    'subscription { orderEvents { nodeId } }',
  );
  await feed.next();
  return feed;
};

test('G43 backends that are terminated under load cost no answered order and no event, and nothing is unexpected', async () => {
  const feed = await watch();
  const { answered, codes } = await underLoad(async () => {
    for (let round = 0; round < 5; round++) {
      await app.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'dayshift%'
         AND datname = current_database()`,
      );
      await sleep(150);
    }
  });
  expect(codes.filter((code) => code !== 'OVERLOADED')).toEqual([]);
  await expectWhole(answered, feed);
  await feed.close();
}, 60_000);

test('G43 connections that are cut, and refused for two seconds, cost no answered order and no event', async () => {
  const feed = await watch();
  const { answered, codes } = await underLoad(async () => {
    line?.cut();
    await sleep(2_000);
    line?.open();
  });
  expect(codes.filter((code) => code !== 'OVERLOADED')).toEqual([]);
  await expectWhole(answered, feed);
  expect(await (await fetch(`${app.origin}/ready`)).text()).toBe('ready\n');
  await feed.close();
}, 60_000);

test('G43 a full disk of the database is told as a passing hindrance, and nothing of the order is there', async () => {
  await app.sql(
    `CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100'; END $$`,
  );
  await app.sql(
    'CREATE TRIGGER full_disk BEFORE INSERT ON order_line FOR EACH ROW EXECUTE FUNCTION fill_disk()',
  );
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
  const refused = await app.admin.run(PLACE, { input });
  expect(refused.status).toBe(503);
  expect(refused.errors.map(({ extensions }) => extensions)).toEqual([{ code: 'OVERLOADED' }]);
  expect(JSON.stringify(refused.errors)).not.toMatch(/space|file|disk/);
  await app.sql('DROP TRIGGER full_disk ON order_line');
  const placed = await app.admin.ok<{ orderPlace: { order: { id: string } } }>(PLACE, { input });
  expect(placed.orderPlace.order.id).toBeTruthy();
});
