// The database restarted, killed, unreachable and full while orders are placed: the service comes back by itself, and
// what was acknowledged is there.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import type { App } from '../setup/app.ts';
import { placeOrders } from './fleet.ts';
import { type OwnServer, scratchFolder, startOn, startOwnServer } from './own-server.ts';

/** Place orders without a pause while something happens to the database, and see that all of them and their events are there. */
async function placeThrough(app: App, fault: () => Promise<unknown>): Promise<unknown[]> {
  const shop = shopIn(app);
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [1_000_000]);
  const load = placeOrders(app.admin, 6, () => shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]));
  await expect.poll(() => load.placed.size, { timeout: 30_000 }).toBeGreaterThan(20);
  await fault();
  const before = load.placed.size;
  await expect.poll(() => load.placed.size, { timeout: 60_000 }).toBeGreaterThan(before + 20);
  await load.stop();
  const placed = async () =>
    (
      await app.sql<{ id: string }>(
        `SELECT 'Order:' || entity_id AS id FROM event WHERE type = 'order.placed' AND store_id = $1 ORDER BY id`,
        [Buffer.from(at.storeId, 'base64url').toString().split(':')[1]],
      )
    ).map(({ id }) => Buffer.from(id).toString('base64url'));
  await expect
    .poll(async () => new Set(await placed()), { timeout: 30_000 })
    .toEqual(new Set(load.placed.values()));
  const [counters] = await app.sql<{ allocated: number }>(
    'SELECT sum(allocated)::int AS allocated FROM stock WHERE variant_id = $1',
    [Buffer.from(variantId, 'base64url').toString().split(':')[1]],
  );
  expect(counters?.allocated).toBe(load.placed.size);
  return [...load.refusals];
}

const postmasterOf = (server: OwnServer): number =>
  Number(readFileSync(join(server.folder, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]);

test('G43 a database that is restarted and one that is killed under load lose no acknowledged order and no event', async () => {
  const folder = await scratchFolder();
  chmodSync(folder, 0o755);
  const server = await startOwnServer(join(folder, 'postgres'));
  const { app, instance } = await startOn(server.url, folder);
  const refusals = await placeThrough(app, async () => {
    await server.stop();
    await sleep(1_000);
    await server.start();
    await sleep(1_000);
    process.kill(postmasterOf(server), 'SIGKILL');
    await sleep(1_000);
  });
  expect(refusals.filter((code) => code !== 'OVERLOADED')).toEqual([]);
  expect(await instance.end('SIGTERM')).toBe(0);
}, 180_000);

/** A disk of its own that is small; null where this user may not make one. */
function smallDisk(folder: string, megabytes: number): string | null {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', disk], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', disk]));
  return disk;
}

test('G43 a disk that is full under load is told clearly, and once there is space again the service goes on', async ({
  skip,
}) => {
  const folder = await scratchFolder();
  chmodSync(folder, 0o755);
  const disk = smallDisk(folder, 300);
  if (disk === null) return skip('this user may not mount a disk');
  const server = await startOwnServer(join(disk, 'postgres'), { max_wal_size: '64MB', wal_recycle: 'off' });
  const { app, instance } = await startOn(server.url, folder, { LOG_LEVEL: 'error' });
  const refusals = await placeThrough(app, async () => {
    const free = fillUp(disk);
    await sleep(5_000);
    free();
  });
  expect(refusals).toEqual(['OVERLOADED']);
  expect(instance.output()).toMatch(/the disk of the database is full|No space left on device/);
  expect(await instance.end('SIGTERM')).toBe(0);
  await server.stop();
  fillUp(disk);
  await expect(server.start()).rejects.toThrow(/the disk that holds .* is full/);
}, 180_000);

/** Take all the space that is left on a disk. Returns the function that gives it back. */
function fillUp(disk: string): () => void {
  const files: string[] = [];
  try {
    for (let n = 0; n < 1_000; n++) {
      files.push(join(disk, `ballast-${n}`));
      writeFileSync(files.at(-1) ?? '', Buffer.alloc(1 << 20));
    }
  } catch {
    // That is all there was.
  }
  return () => {
    for (const file of files) rmSync(file, { force: true });
  };
}
