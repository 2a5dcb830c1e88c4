// `GET /metrics`: who may read it, and what it tells.

import { expect, test } from 'vitest';
import { defineCounter } from '../../src/core/metrics.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';

const TOKEN = 'a token that only the tests know';
const app = await startApp({ env: { METRICS_TOKEN: TOKEN } });
const shop = shopIn(app);

const ask = (headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${app.origin}/metrics`, { headers, method });

/** Every sample by its name and labels, as Prometheus reads them. */
async function scrape(): Promise<Map<string, number>> {
  const text = await (await ask({ authorization: `Bearer ${TOKEN}` })).text();
  const rows = text.split('\n').filter((row) => row !== '' && !row.startsWith('#'));
  return new Map(
    rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ')))]),
  );
}

test('only who has the token reads the metrics', async () => {
  expect((await ask()).status).toBe(401);
  expect((await ask({ authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${app.admin.token}` })).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${TOKEN}` }, 'POST')).status).toBe(405);
  const answer = await ask({ authorization: `Bearer ${TOKEN}` });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
});

test('G44 the event loop, the pools, the log, reactions and jobs are measured', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  await app.admin.ok('{ board { stores { toConfirm } } }');
  await expect
    .poll(async () => (await scrape()).get('dayshift_feed_lag_seconds_count'), { timeout: 10_000 })
    .toBeGreaterThan(0);
  const samples = await scrape();
  const names = [...samples.keys()];
  for (const name of [
    'nodejs_eventloop_lag_p99_seconds',
    'dayshift_pool_connections{pool="dayshift",state="idle"}',
    'dayshift_pool_waiting{pool="dayshift-reads"}',
    'dayshift_outbox_lag_seconds',
    'dayshift_reaction_lag_events{reaction="orders.followPayments"}',
    'dayshift_parked_events{reaction="orders.followPayments"}',
  ])
    expect(names).toContain(name);
  expect(samples.get('dayshift_pool_wait_seconds_count{pool="dayshift"}')).toBeGreaterThan(10);
  expect(samples.get('dayshift_database_up')).toBe(1);
  // There is none.
  expect(names).not.toContain('dayshift_redis_up');
  expect(names.some((name) => name.startsWith('dayshift_jobs{queue='))).toBe(true);
});

test('G44 an event that is not in the log yet is seen, and how old it is', async () => {
  await app.sql(
    `CREATE FUNCTION hold_relay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'held'; END $$`,
  );
  await app.sql('CREATE TRIGGER hold BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION hold_relay()');
  await app.given.location();
  await expect.poll(async () => (await scrape()).get('dayshift_outbox_lag_seconds')).toBeGreaterThan(0.04);
  expect((await scrape()).get('dayshift_outbox_events')).toBe(1);
  await app.sql('DROP TRIGGER hold ON event');
  await expect.poll(async () => (await scrape()).get('dayshift_outbox_events'), { timeout: 10_000 }).toBe(0);
});

test('what anybody counts is told beside it, and the rest as well where the database does not answer', async () => {
  defineCounter('things_total', 'Things of a test.', ['kind']).inc({ kind: 'some' }, 3);
  expect((await scrape()).get('dayshift_things_total{kind="some"}')).toBe(3);
  await app.sql(
    'ALTER TABLE event_head RENAME TO event_head_away; ALTER TABLE event_outbox RENAME TO event_outbox_away',
  );
  const samples = await scrape();
  await app.sql(
    'ALTER TABLE event_head_away RENAME TO event_head; ALTER TABLE event_outbox_away RENAME TO event_outbox',
  );
  expect([...samples.keys()].filter((name) => /^dayshift_(reaction_lag|outbox)/.test(name))).toEqual([]);
  expect(samples.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
});
