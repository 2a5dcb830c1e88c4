// A year of orders: its database migrates while it is used, restarts, and serves as one that is new.

import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { migrate } from '../../prisma/migrate.ts';
import { startInstance } from '../setup/instances.ts';
import { project } from '../setup/source.ts';
import { appOf, environmentOf, scratchFolder } from './own-server.ts';
import { fillYear } from './year-of-orders.ts';

const ORDERS = Number(process.env.YEAR_ORDERS ?? 500_000);
/** The schema into which the year is written; what came later is migrated with it. */
const WRITTEN_WITH = '20261123000100_invariants';

const migrations = join(project, 'prisma/migrations');

/** A folder of the migrations that were there by then, with some more. */
async function migrationsUntil(
  folder: string,
  last: string,
  more: Record<string, string> = {},
): Promise<string> {
  const directory = join(folder, `until-${last}-${Object.keys(more).length}`);
  await mkdir(directory);
  for (const name of await readdir(migrations))
    if (name <= last || name.endsWith('.toml'))
      await cp(join(migrations, name), join(directory, name), { recursive: true });
  for (const [name, sql] of Object.entries(more)) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'migration.sql'), sql);
  }
  return directory;
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Change an order again and again, as people do; the longest that it took. */
async function changeMeanwhile(url: string, work: () => Promise<unknown>): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let isGoingOn = true;
  let longest = 0;
  const changing = (async () => {
    while (isGoingOn) {
      const started = performance.now();
      await client.query(`UPDATE "order" SET held = held WHERE number = 'Y000000001'`);
      await client.query(
        `UPDATE order_line SET returned = returned WHERE order_id = (SELECT id FROM "order" LIMIT 1)`,
      );
      longest = Math.max(longest, performance.now() - started);
      await sleep(10);
    }
  })();
  await work();
  isGoingOn = false;
  await changing;
  await client.end();
  return longest;
}

test('G50 a database of a year of orders migrates while it is used, restarts and serves; a migration that fails leaves it as it was', async () => {
  const folder = await scratchFolder();
  const serverUrl = inject('serverUrl');
  await onServer(serverUrl, 'CREATE DATABASE a_year_of_orders');
  const address = new URL(serverUrl);
  address.pathname = '/a_year_of_orders';
  const url = address.href;
  try {
    await migrate({ url, directory: await migrationsUntil(folder, WRITTEN_WITH) });
    const filling = performance.now();
    await fillYear(url, ORDERS);
    console.log(`${ORDERS} orders written in ${Math.round((performance.now() - filling) / 1_000)} s`);

    const started = performance.now();
    const waited = await changeMeanwhile(url, () => migrate({ url }));
    console.log(
      `migrated in ${Math.round(performance.now() - started)} ms; a change waited ${Math.round(waited)} ms at most`,
    );
    expect(waited).toBeLessThan(9_000);

    const newest =
      (await readdir(migrations))
        .filter((name) => !name.endsWith('.toml'))
        .sort()
        .at(-1) ?? '';
    const failing = await migrationsUntil(folder, newest, {
      '99990101000000_fails': 'ALTER TABLE "order" ADD COLUMN "half" integer; SELECT 1 / 0;',
    });
    await expect(migrate({ url, directory: failing })).rejects.toThrow();
    await expect(onServer(url, 'SELECT half FROM "order" LIMIT 1')).rejects.toThrow('does not exist');

    const env = { ...environmentOf(url, folder), LOG_LEVEL: 'error' };
    for (let round = 0; round < 2; round++) {
      const before = performance.now();
      const instance = await startInstance({ env, admin: { token: null } });
      console.log(`started in ${Math.round(performance.now() - before)} ms`);
      const app = await appOf(instance, env);
      const { orders } = await app.admin.ok<{ orders: { totalCount: number; edges: object[] } }>(
        `{ orders(first: 20) { totalCount edges { node { id number state lines(first: 5) { edges { node { sku } } }
           timeline(first: 5) { edges { node { type } } } paymentState total { amount } } } }
           board { stores { toConfirm ordersToday } } }`,
      );
      expect(orders.totalCount).toBe(ORDERS);
      expect(orders.edges).toHaveLength(20);
      const seconds = await secondsOf(() =>
        app.admin.ok(
          '{ orders(first: 100, where: { states: [PENDING_CONFIRMATION] }) { edges { node { id number } } } }',
        ),
      );
      expect(seconds).toBeLessThan(3);
      const next = app.admin.subscribe('subscription { orderEvents { type } }');
      await next.next();
      const [order] = await app.sql<{ id: string }>(
        `SELECT id FROM "order" WHERE state = 'PENDING_CONFIRMATION' ORDER BY number LIMIT 1`,
      );
      const orderId = Buffer.from(`Order:${order?.id}`).toString('base64url');
      await app.admin.act('orderConfirm', { orderId }, 'order { state }');
      await next.next(
        (item) => (item as { orderEvents: { type: string } }).orderEvents.type === 'order.confirmed',
      );
      await next.close();
      expect(await instance.end('SIGTERM')).toBe(0);
      expect(instance.output()).not.toContain('"level":50');
    }
  } finally {
    await onServer(serverUrl, 'DROP DATABASE a_year_of_orders WITH (FORCE)');
  }
}, 600_000);

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
