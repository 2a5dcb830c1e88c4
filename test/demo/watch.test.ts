// The watcher: what it tells while connections are cut, compared with the event log, and what it prints.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Board, OrderItem, ShipmentItem, StockItem } from '../../prisma/seed/replay/watch/feeds.ts';
import { type Follower, follow } from '../../prisma/seed/replay/watch/follow.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey } from '../setup/given.ts';
import { proxyTo } from './proxy.ts';

const app = await startApp();
const goods = await app.given.stockedVariant({ onHand: 100_000 });
const proxy = await proxyTo(Number(new URL(app.origin).port));
const viaProxy = `ws://127.0.0.1:${proxy.port}/graphql`;
const followers: Follower[] = [];

afterEach(async () => {
  proxy.open();
  for (const follower of followers.splice(0)) await follower.close();
});
afterAll(() => proxy.close());

interface Heard {
  events: string[];
  boards: Board[];
  told: string[];
  follower: Follower;
}

/** Follow through the proxy and keep all that is heard, with the feeds running. */
async function listen(token = app.admin.token ?? ''): Promise<Heard> {
  const events: string[] = [];
  const boards: Board[] = [];
  const told: string[] = [];
  const hear = (item: OrderItem | ShipmentItem | StockItem) =>
    events.push(`${item.nodeId} ${item.version} ${item.type}`);
  const follower = follow(
    { url: viaProxy, token },
    {
      order: hear,
      shipment: hear,
      stock: hear,
      board: (board) => boards.push(board),
      lost: (was) => told.push(`lost ${was}`),
      back: (count) => told.push(`back ${count}`),
      resynced: () => told.push('resynced'),
    },
  );
  followers.push(follower);
  follower.ended.catch(() => {});
  await expect.poll(() => boards.length).toBeGreaterThan(1);
  return { events, boards, told, follower };
}

const order = () =>
  app.given.order({ storeId: goods.storeId, lines: [{ variantId: goods.variantId, quantity: 1 }] });

async function sfExpress(): Promise<string> {
  const { carriers } = await app.admin.ok<{ carriers: { edges: { node: { id: string; code: string } }[] } }>(
    '{ carriers(first: 100) { edges { node { id code } } } }',
  );
  return carriers.edges.find(({ node }) => node.code === 'sf')?.node.id ?? '';
}

const tip = async (): Promise<string> => {
  await expect.poll(() => app.sql('SELECT 1 FROM event_outbox')).toEqual([]);
  const [head] = await app.sql<{ seq: string }>('SELECT seq FROM event_head');
  return head?.seq ?? '0';
};

/** The events of orders, parcels and stock after a place in the log, as the watcher tells them. */
async function logged(after: string): Promise<string[]> {
  const rows = await app.sql<{ entity_type: string; entity_id: string; version: number; type: string }>(
    `SELECT entity_type, entity_id, version, type FROM event WHERE seq > $1 AND entity_type IN ('Order', 'Shipment', 'Stock') ORDER BY seq`,
    [after],
  );
  return rows.map(
    ({ entity_type, entity_id, version, type }) =>
      `${Buffer.from(`${entity_type}:${entity_id}`).toString('base64url')} ${version} ${type}`,
  );
}

/** The feeds come side by side: each must be in the order of the log. */
const byFeed = (events: readonly string[]) => ({
  orders: events.filter((event) => event.includes(' order.')),
  shipments: events.filter((event) => event.includes(' shipment.')),
  stock: events.filter((event) => event.includes(' stock.')),
});

test('a watcher whose connection is cut again and again loses no event and repeats none', async () => {
  const { events, told } = await listen();
  const start = await tip();
  const work = (async () => {
    for (let i = 0; i < 60; i++) {
      const { id } = await order();
      if (i % 3 === 0) await app.admin.act('orderConfirm', { orderId: id });
      if (i % 5 === 0)
        await app.admin.act('orderCancel', { orderId: id, reason: 'OTHER', idempotencyKey: newKey() });
    }
  })();
  for (let cuts = 0; cuts < 4; cuts++) {
    await sleep(150);
    proxy.cut();
    await sleep(100);
    proxy.open();
    await expect
      .poll(() => told.filter((line) => line.startsWith('back')).length, { timeout: 15_000 })
      .toBe(cuts + 1);
  }
  await work;
  await tip();
  const expected = byFeed(await logged(start));
  await expect.poll(() => byFeed(events), { timeout: 15_000 }).toEqual(expected);
  expect(expected.orders.length).toBeGreaterThan(80);
  await sleep(300);
  expect(byFeed(events)).toEqual(expected);
});

test('it says that the connection is lost, and how many events it caught up when it is back', async () => {
  const { events, told } = await listen();
  proxy.cut();
  await expect.poll(() => told).toEqual(['lost OPEN']);
  const start = await tip();
  for (let i = 0; i < 3; i++) await order();
  await tip();
  const missed = await logged(start);
  proxy.open();
  await expect.poll(() => told, { timeout: 15_000 }).toEqual(['lost OPEN', `back ${missed.length}`]);
  expect(missed.length).toBe(6);
  expect(byFeed(events)).toEqual(byFeed(missed));
});

test('a watcher goes on when the server loses its connections to the database', async () => {
  const { events } = await listen();
  const start = await tip();
  for (let i = 0; i < 3; i++) {
    proxy.cut();
    await app.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'dayshift%'`,
    );
    proxy.open();
    await expect
      .poll(() =>
        order().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  }
  await tip();
  const expected = byFeed(await logged(start));
  await expect.poll(() => byFeed(events), { timeout: 15_000 }).toEqual(expected);
});

test('a feed that cannot be continued is read anew and goes on', async () => {
  const { events, boards, told } = await listen();
  await order();
  await expect.poll(() => events.length).toBe(2);
  proxy.cut();
  await order();
  const before = await tip();
  clock.pass({ days: 8 });
  const boardsBefore = boards.length;
  proxy.open();
  await expect.poll(() => told, { timeout: 15_000 }).toContain('resynced');
  expect(told.filter((line) => line === 'resynced')).toHaveLength(1);
  await expect.poll(() => boards.length).toBeGreaterThan(boardsBefore);
  const start = await tip();
  await order();
  await tip();
  const fresh = byFeed(await logged(start));
  // Deadlines fall due meanwhile as well: what was told since the feeds began anew is the end of the log, without a gap.
  const heard = () => byFeed(events.slice(2));
  const logEnd = async () => {
    const all = byFeed(await logged(before));
    const end = (feed: keyof typeof all) => all[feed].slice(all[feed].length - heard()[feed].length);
    return { orders: end('orders'), shipments: end('shipments'), stock: end('stock') };
  };
  for (const feed of ['orders', 'stock'] as const)
    await expect.poll(() => heard()[feed], { timeout: 15_000 }).toEqual(expect.arrayContaining(fresh[feed]));
  await expect.poll(async () => isDeepStrictEqual(heard(), await logEnd())).toBe(true);
});

test('a watcher that starts before the server can be reached waits for it', async () => {
  proxy.cut();
  const told: string[] = [];
  const boards: Board[] = [];
  const nothing = () => {};
  const follower = follow(
    { url: viaProxy, token: app.admin.token ?? '' },
    {
      order: nothing,
      shipment: nothing,
      stock: nothing,
      board: (board) => boards.push(board),
      lost: (was) => told.push(was),
      back: nothing,
      resynced: nothing,
    },
  );
  followers.push(follower);
  await expect.poll(() => told).toEqual(['NEVER']);
  proxy.open();
  await expect.poll(() => boards.length, { timeout: 15_000 }).toBeGreaterThan(0);
  expect(boards[0]?.stores).toHaveLength(1);
});

test('an ended session ends the watcher with an error that says so', async () => {
  const person = await app.given.staff({
    permissions: ['orders.read', 'shipments.read', 'stock.read', 'board.read'],
  });
  const { follower } = await listen(person.token ?? '');
  await app.admin.act('staffLeave', { staffId: person.staffId });
  await expect(follower.ended).rejects.toThrow(/login is not accepted/);
});

test('npm run watch prints one aligned line for each event, and ends on Ctrl-C', async () => {
  const script = resolve(import.meta.dirname, '../../prisma/seed/replay/watch.ts');
  const watcher = spawn(process.execPath, [script, '--url', app.origin, '--token', app.admin.token ?? ''], {
    env: { ...process.env, NO_COLOR: '1', LANG: 'en_GB.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  watcher.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await expect.poll(() => printed, { timeout: 15_000 }).toContain('A store');
  await sleep(500);
  const { id: orderId, number } = await order();
  // A line shows its order as it is when the event is told: each step waits for the line of the one before.
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/ placed /);
  await app.admin.act('orderConfirm', { orderId });
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/ confirmed {6,}/);
  await app.admin.act('paymentRecord', {
    idempotencyKey: newKey(),
    orderId,
    method: 'BANK_TRANSFER',
    amount: { amount: '10.00', currency: 'CNY' },
    transactionReference: 'transfer-1',
  });
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/ paid /);
  await app.admin.act('shipmentPrepare', {
    idempotencyKey: newKey(),
    orderId,
    locationId: goods.locationId,
    carrierId: await sfExpress(),
    trackingNumber: 'SF10001',
    dispatch: true,
  });
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/dispatched/);
  await app.admin.act('shipmentTrack', {
    carrierCode: 'sf',
    trackingNumber: 'SF10001',
    events: [{ status: 'PICKED_UP', occurredAt: new Date().toISOString() }],
  });
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/picked up/);
  await app.admin.act('stockSet', {
    idempotencyKey: newKey(),
    variantId: goods.variantId,
    locationId: goods.locationId,
    quantity: 500_000,
    overwrite: true,
  });
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/counted/);
  watcher.kill('SIGINT');
  expect(await once(watcher, 'exit')).toEqual([0, null]);
  const lines = printed.split('\n').filter((line) => /^\d\d:\d\d:\d\d/.test(line));
  const begin = (what: string, amount: string) =>
    `${number.padEnd(10)}${what.padEnd(15)}${amount.padStart(13)}  `;
  const line = (what: string, state: string) => `${begin(what, 'CN¥10.00')}${state.padEnd(19)}  A store`;
  expect(lines.map((printedLine) => printedLine.slice(10))).toEqual([
    line('placed', 'to confirm, unpaid'),
    line('confirmed', 'confirmed, unpaid'),
    line('paid', 'confirmed'),
    line('dispatched', 'confirmed'),
    `${begin('picked up', '')}SF Express SF10001`,
    expect.stringMatching(/^SKU-\d+ +counted +499,\d{3} left {2}Product-\d+$/),
  ]);
  for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
