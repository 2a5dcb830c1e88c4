// Several instances with a Redis between them, and what happens when it is emptied, killed, stopped and started again.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { startInstance } from '../setup/instances.ts';
import { findRedis, startRedis } from '../setup/redis.ts';

// Skipped on machines that have none.
const withRedis = test.skipIf(!findRedis());
const redis = await startRedis();
const MAXIMUM = 20_000;
const app = await startApp({
  env: { REDIS_URL: redis.url, COST_MAXIMUM: String(MAXIMUM), COST_RESTORE: '1000' },
});
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [1_000]);

const other = await startInstance(app);
const place = async () => (await shop.place(at.storeId, [{ variantId, quantity: 1 }])).id;

/** Connections that listen to the database because no Redis answers. */
const listeners = async () =>
  (
    await app.sql(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'dayshift-listen' AND datname = current_database()`,
    )
  ).length;

withRedis(
  'G29 instances show each other’s changes, and a Redis that is emptied, killed and started again loses nothing',
  async () => {
    await expect.poll(listeners, { timeout: 10_000 }).toBe(0);
    const feed = other.client.subscribe<{ orderEvents: { type: string; nodeId: string | null } }>(
      'subscription { orderEvents { type nodeId } }',
    );
    await feed.next();
    const placed = [await place()];
    await redis.client.flushall();
    placed.push(await place());
    await redis.kill();
    placed.push(await place());
    await expect.poll(listeners, { timeout: 10_000 }).toBe(2);
    placed.push(await place());
    await redis.start();
    placed.push(await place());
    await expect.poll(listeners, { timeout: 15_000 }).toBe(0);
    placed.push(await place());
    await feed.next((item) => item.orderEvents.nodeId === placed.at(-1), 15_000);
    const seen = feed.items.map(({ orderEvents }) => orderEvents);
    expect(seen.filter(({ type }) => type === 'order.placed').map(({ nodeId }) => nodeId)).toEqual(placed);
  },
  180_000,
);

withRedis(
  'G37 logins are counted by all instances together, and without names or addresses in Redis',
  async () => {
    // Where a machine is so busy that Redis seems to be away, each counts for itself for a moment: then once more.
    let tries = 0;
    const codes = async () => {
      const email = `tried-everywhere-${tries++}@test.example`;
      const told: unknown[] = [];
      for (let n = 0; n < 12; n++) {
        const caller = n % 2 ? app.anonymous : other.clientFor(null);
        told.push((await caller.refusal('sessionOpen', { email, password: 'a wrong password' }))[0]?.code);
      }
      return told;
    };
    const failed = Array.from({ length: 10 }, () => 'LOGIN_FAILED');
    await expect.poll(codes, { timeout: 30_000 }).toEqual([...failed, 'LOGIN_THROTTLED', 'LOGIN_THROTTLED']);
    const keys = await redis.client.keys('*');
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.join()).not.toMatch(/tried|127\.0\.0\.1|example/);
    for (const key of keys) expect(await redis.client.pttl(key)).not.toBe(-1);
  },
  90_000,
);

/** 19,249 objects, none of which come back: the error keeps them. */
const DEAR = `{ node(id: "!") { id } ${Array.from(
  { length: 24 },
  (_, n) => `s${n}: stores(first: 100) { edges { node { texts { name } paymentMethods { terms } } } }`,
).join(' ')} }`;

interface Cost {
  actualQueryCost: number;
  throttleStatus: { currentlyAvailable: number };
}

withRedis(
  'G31 what somebody asks of several instances fills one bucket, unfilled places come back to it, and without Redis each has its own',
  async () => {
    const here = await app.given.staff({ posts: ['administrator'] });
    const there = other.clientFor(here.token);
    const balance = async (caller: typeof there) => {
      const { extensions } = await caller.run('{ stores(first: 100) { edges { node { id } } } }');
      return (extensions as { cost: Cost }).cost;
    };
    for (let n = 0; n < 10; n++) {
      const { actualQueryCost, throttleStatus } = await balance(n % 2 ? there : here);
      expect(actualQueryCost).toBeLessThan(20);
      expect(throttleStatus.currentlyAvailable).toBeGreaterThan(MAXIMUM - 201);
    }
    const spent = async () => {
      const staff = await app.given.staff({ posts: ['administrator'] });
      const first = await staff.run(DEAR);
      const second = await other.clientFor(staff.token).run(DEAR);
      return [first.status, second.status, second.errors[0]?.extensions?.code];
    };
    await expect.poll(spent, { timeout: 30_000 }).toEqual([200, 429, 'RATE_LIMITED']);
    const somebody = await app.given.staff({ posts: ['administrator'] });
    expect(await somebody.codes(DEAR)).not.toContain('RATE_LIMITED');
    const keys = await redis.client.keys('*:cost:*');
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) expect(await redis.client.pttl(key)).not.toBe(-1);
    redis.signal('SIGSTOP');
    expect(await there.codes(DEAR)).not.toContain('RATE_LIMITED');
    expect(await there.codes(DEAR)).toContain('RATE_LIMITED');
    expect(await here.codes(DEAR)).not.toContain('RATE_LIMITED');
    redis.signal('SIGCONT');
    await expect.poll(listeners, { timeout: 15_000 }).toBe(0);
  },
  180_000,
);

withRedis(
  'a Redis that hangs hinders nobody: each instance counts for itself until it answers again',
  async () => {
    const email = 'tried-alone@test.example';
    const attempt = async () =>
      (await app.anonymous.refusal('sessionOpen', { email, password: 'a wrong password' }))[0]?.code;
    redis.signal('SIGSTOP');
    const codes: unknown[] = [];
    for (let n = 0; n < 11; n++) codes.push(await attempt());
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 'LOGIN_FAILED'), 'LOGIN_THROTTLED']);
    await expect.poll(listeners, { timeout: 10_000 }).toBe(2);
    redis.signal('SIGCONT');
    await expect.poll(listeners, { timeout: 15_000 }).toBe(0);
    await expect.poll(attempt, { timeout: 10_000 }).toBe('LOGIN_FAILED');
  },
  180_000,
);

test('an instance starts and works where the Redis it is told of is not there, and says so once', async () => {
  const alone = await startInstance(app, { REDIS_URL: 'redis://127.0.0.1:1', LOG_LEVEL: 'warn' });
  const { eventCursor } = await alone.client.ok<{ eventCursor: string }>('{ eventCursor }');
  expect(eventCursor).toMatch(/^[\w-]+$/);
  expect(alone.output().match(/Redis/g)).toHaveLength(1);
}, 90_000);
