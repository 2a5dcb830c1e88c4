// What the log and the metrics tell of operations: one line each, without secrets.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { ADMIN, startApp } from '../setup/app.ts';
import { startInstance } from '../setup/instances.ts';
import { findRedis, startRedis } from '../setup/redis.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const redis = await startRedis();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [100]);

interface Line {
  msg: string;
  level: number;
  operation: string;
  kind: string;
  source: string;
  principal: string;
  requestId: string;
  milliseconds: number;
  sql: { statements: number; milliseconds: number };
  cost: { requested: number; actual: number };
  errors?: string[];
}

const linesOf = (output: string): Line[] =>
  output
    .split('\n')
    .filter((row) => row.startsWith('{'))
    .map((row) => JSON.parse(row) as Line);

const TOKEN = 'a token that only the tests know';

test('G44 an operation is one line with its name, cost, SQL time and principal, whatever the door, and counted', async () => {
  const instance = await startInstance(app, { LOG_LEVEL: 'info', METRICS_TOKEN: TOKEN });
  const { client, clientFor, output, origin } = instance;
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
  await client.run(
    'mutation PlaceIt($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }',
    { input },
  );
  await client.run('query Several { orders(first: 5) { edges { node { id number } } } }');
  await clientFor(null).run('query Refused { orders(first: 5) { edges { node { id } } } }');
  const feed = client.subscribe('subscription Watch { orderEvents { type } }');
  await feed.next();
  // A start asks something itself, without a name.
  const told = () => linesOf(output()).filter(({ operation = 'anonymous' }) => operation !== 'anonymous');
  await expect
    .poll(() => told().map(({ operation }) => operation))
    .toEqual(['PlaceIt', 'Several', 'Refused', 'Watch']);
  const [place, several, refused, watch] = told();
  expect(place).toMatchObject({
    kind: 'mutation',
    source: 'http',
    principal: expect.stringMatching(/^STAFF:[0-9a-f-]{36}$/),
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    cost: { requested: expect.any(Number), actual: expect.any(Number) },
  });
  expect(place?.sql.statements).toBeGreaterThan(5);
  expect(place?.sql.milliseconds).toBeGreaterThan(0);
  expect(several?.sql.statements).toBeGreaterThanOrEqual(1);
  expect(several?.sql.statements).toBeLessThan(5);
  expect(several?.errors).toBeUndefined();
  expect(refused).toMatchObject({ errors: ['UNAUTHENTICATED'], sql: { statements: 0 } });
  expect(watch).toMatchObject({ kind: 'subscription', source: 'ws' });
  const metrics = await (
    await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
  ).text();
  for (const row of [
    'dayshift_operations_total{kind="mutation",field="orderPlace",outcome="ok"} 1',
    'dayshift_operations_total{kind="query",field="orders",outcome="UNAUTHENTICATED"} 1',
    'dayshift_sockets_open 1',
    'dayshift_streams_open 1',
  ])
    expect(metrics).toContain(row);
}, 180_000);

test('G44 passwords, tokens and keys never reach the log: not from variables, documents, headers, URLs or Redis', async () => {
  if (findRedis()) await redis.client.config('SET', 'requirepass', 'the right secret of Redis');
  const instance = await startInstance(app, {
    LOG_LEVEL: 'trace',
    REDIS_URL: redis.url.replace('redis://', 'redis://:a-wrong-secret-of-redis@'),
  });
  const { client, clientFor, output, origin } = instance;
  const secrets = [
    'a-wrong-secret-of-redis',
    ADMIN.password,
    'hush-password-1',
    'ds_key_hushhush',
    'ds_guest_hushhushhushhushhushhush',
  ];
  const nobody = clientFor(null);
  const opened = await nobody.act<{ token: string }>('sessionOpen', ADMIN, 'token');
  secrets.push(opened.token, opened.token.slice(11));
  await nobody.run(
    'mutation { sessionOpen(input: { email: "x@y.cn", password: "hush-password-1" }) { token userErrors { code } } }',
  );
  await nobody.run(
    'mutation ($p: Int!) { sessionOpen(input: { email: "x@y.cn", password: $p }) { token } }',
    { p: 'hush-password-1' },
  );
  await clientFor('ds_key_hushhush').run('{ viewer { id } }');
  await clientFor('ds_guest_hushhushhushhushhushhush').run('{ viewerOrders { edges { node { id } } } }');
  await fetch(`${origin}/graphql?query={viewer{id}}&token=hush-password-1`, {
    headers: { authorization: 'Bearer hush-password-1' },
  });
  await fetch(`${origin}/hooks/payment/nobody?secret=hush-password-1`, {
    method: 'POST',
    body: 'hush-password-1',
  });
  const feed = client.subscribe('subscription { orderEvents { type } }');
  await feed.next();
  await feed.close();
  // An error that is not ours to explain: its whole text goes to the log.
  await app.sql('ALTER TABLE location RENAME TO location_away');
  await client.run(
    'mutation ($input: LocationOpenInput!) { locationOpen(input: $input) { userErrors { code } } }',
    {
      input: { code: 'hush-password-1', texts: [{ locale: 'en', name: 'hush-password-1' }] },
    },
  );
  await app.sql('ALTER TABLE location_away RENAME TO location');
  await expect.poll(() => output()).toContain('unexpected error');
  for (const secret of secrets) expect(output()).not.toContain(secret);
}, 180_000);
