// Instances restarted, killed and stopped under load, with and without a Redis between them: nothing that was
// acknowledged is lost, and nobody who watches misses anything or sees it twice.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { runRecipe } from '../setup/recipe.ts';
import { findRedis, startRedis } from '../setup/redis.ts';
import { project } from '../setup/source.ts';
import { type Fleet, placeOrders, startFleet } from './fleet.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const redis = await startRedis();

/** Restart every instance of a fleet, one after the other, as a new version is rolled out. */
async function roll(fleet: Fleet): Promise<void> {
  for (const [place, instance] of fleet.instances.entries()) {
    expect(await instance?.end('SIGTERM')).toBe(0);
    await fleet.start(place);
    await sleep(500);
  }
}

/** Kill one instance, and start it again a while later. */
async function kill(fleet: Fleet, place: number): Promise<void> {
  await fleet.instances[place]?.end('SIGKILL');
  await sleep(1_000);
  await fleet.start(place);
}

/** Stop one without its dying, for longer than its locks may last, and wake it. */
async function stall(fleet: Fleet, place: number): Promise<void> {
  fleet.instances[place]?.child.kill('SIGSTOP');
  await sleep(6_000);
  fleet.instances[place]?.child.kill('SIGCONT');
}

describe.each([
  { title: 'without Redis', env: {} as Record<string, string>, isAble: true },
  {
    title: 'with Redis',
    env: { REDIS_URL: redis.url } as Record<string, string>,
    isAble: Boolean(findRedis()),
  },
])('$title', ({ env, isAble }) => {
  test.skipIf(!isAble)(
    'G29 G42 a rolling restart under load, an instance killed and one stopped lose no acknowledged order and no event',
    async () => {
      const at = await shop.open({ locations: 2 });
      const { variantId } = await shop.variant(at, [1_000_000, 1_000_000]);
      const fleet = await startFleet(app, 3, { BACKGROUND: 'on', ...env });
      const { eventCursor } = await fleet.client.ok<{ eventCursor: string }>('{ eventCursor }');
      const token = app.admin.token ?? '';
      const watchers = Array.from({ length: 4 }, () =>
        runRecipe(fleet.port, { token, after: eventCursor, silenceMs: 40_000 }),
      );
      const inputOf = () => shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
      const load = placeOrders(fleet.client, 6, inputOf);
      await expect.poll(() => load.placed.size, { timeout: 30_000 }).toBeGreaterThan(20);
      await roll(fleet);
      if (env.REDIS_URL) await redis.client.flushall();
      await kill(fleet, 0);
      if (env.REDIS_URL) await redis.kill();
      await stall(fleet, 1);
      if (env.REDIS_URL) await redis.start();
      await kill(fleet, 2);
      await load.stop();
      const placed = new Set(load.placed.values());
      expect(placed.size).toBe(load.placed.size);
      expect([...load.refusals].filter((code) => code !== 'OVERLOADED')).toEqual([]);
      const rows = await app.sql<{ id: string }>(
        `SELECT 'Order:' || entity_id AS id FROM event WHERE type = 'order.placed' AND store_id = $1 ORDER BY seq`,
        [Buffer.from(at.storeId, 'base64url').toString().split(':')[1]],
      );
      const inOrder = rows.map(({ id }) => Buffer.from(id).toString('base64url'));
      expect(new Set(inOrder)).toEqual(placed);
      for (const { shown, anew, logins } of watchers) {
        await expect.poll(() => shown.length, { timeout: 30_000 }).toBe(inOrder.length);
        expect(shown).toEqual(inOrder);
        expect([anew, logins]).toEqual([[], []]);
      }
      for (const instance of fleet.instances) expect(await instance?.end('SIGTERM')).toBe(0);
    },
    400_000,
  );
});

test('G42 a stop that takes too long is cut off after 25 seconds', async () => {
  const program = `import { stopOnSignals } from ${JSON.stringify(join(project, 'src/core/process.ts'))};
    stopOnSignals(() => new Promise(() => {}), console.log); setInterval(() => {}, 1000); console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  await once(child.stdout, 'data');
  const started = performance.now();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(performance.now() - started).toBeGreaterThan(20_000);
}, 90_000);
