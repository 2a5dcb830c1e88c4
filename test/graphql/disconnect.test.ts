// Callers that hang up: what they asked for is no longer worked on, what they ordered is done.

import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { db } from '../../src/core/db.ts';
import { readLong } from '../../src/core/long-reads.ts';
import { limitSeconds } from '../../src/core/pools.ts';
import { Prisma } from '../../src/generated/prisma/client.ts';
import { requestTexts } from '../../src/graphql/request-errors.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';

const METRICS_TOKEN = 'a token that only the tests know';
const app = await startApp({ env: { BACKGROUND: 'off', METRICS_TOKEN } });
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [100]);
await shop.place(at.storeId, [{ variantId, quantity: 1 }]);

const blocker = new pg.Client({ connectionString: app.databaseUrl });
await blocker.connect();
blocker.on('error', () => {});
afterAll(() => blocker.end());

/** A metric by the beginning of its line. */
async function metric(name: string): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const lines = (await (await fetch(`${app.origin}/metrics`, { headers })).text()).split('\n');
  return Number(
    lines
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1) ?? 0,
  );
}

/** Queries whose callers hung up. */
const hungUp = () => metric('dayshift_operations_total{kind="query",field="orders",outcome="HUNG_UP"}');
const openStreams = () => metric('dayshift_streams_open');

/** Ask while a table is locked, hang up once that is waited for, and let go of the table once it was noticed. */
async function hangUp(
  table: string,
  query: string,
  {
    variables = {},
    isNoticed = async () => true,
  }: { variables?: object; isNoticed?: () => Promise<boolean> },
): Promise<void> {
  await blocker.query(`BEGIN; LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
  const caller = new AbortController();
  const asked = fetch(app.url, {
    method: 'POST',
    signal: caller.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${app.admin.token}` },
    body: JSON.stringify({ query, variables }),
  });
  await expect
    .poll(
      async () =>
        (await blocker.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = '"${table}"'::regclass`))
          .rowCount,
    )
    .toBeGreaterThan(0);
  caller.abort();
  await expect(asked).rejects.toThrow();
  await expect.poll(isNoticed).toBe(true);
  await blocker.query('ROLLBACK');
}

test('G11 a query whose caller hung up sends no further statement', async () => {
  const QUERY = '{ orders(first: 1) { edges { node { id } } totalCount } }';
  const isCount = (sql: string) => /count\(\*\).*"order"/.test(sql);
  const whole = await app.statementsOf(() => app.admin.ok(QUERY));
  expect(whole.filter(isCount)).toHaveLength(1);
  const cut = await app.statementsOf(async () => {
    await hangUp('order', QUERY, { isNoticed: async () => (await hungUp()) === 1 });
    await app.anonymous.run('{ __typename }');
    await app.sql('SELECT pg_sleep(0.2)');
  });
  expect(cut.some((sql) => sql.includes('"order"'))).toBe(true);
  expect(cut.filter(isCount)).toEqual([]);
});

test('G11 a mutation whose caller hung up is done all the same', async () => {
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
  const PLACE =
    'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
  await hangUp('order', PLACE, { variables: { input } });
  await expect
    .poll(
      async () =>
        (
          await app.sql(`SELECT FROM idempotency_record WHERE key = $1 AND result IS NOT NULL`, [
            input.idempotencyKey,
          ])
        ).length,
      { timeout: 10_000 },
    )
    .toBe(1);
});

test('G11 a lock, a transaction that sits idle, a statement and a long read end one before the other, all before the request', async () => {
  const { lock, idleInTransaction, statement, longRead, request } = limitSeconds;
  const seconds = [lock, idleInTransaction, statement, longRead, request];
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  const asked = Prisma.sql`SELECT current_setting('lock_timeout') AS lock,
    current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('statement_timeout') AS statement`;
  const settings = { lock: '3s', idle: '4s', statement: '15s' };
  expect(await db.$queryRaw(asked)).toEqual([settings]);
  expect(await readLong(asked)).toEqual([{ ...settings, statement: '25s' }]);
});

test('G11 a query that is kept waiting is told to come back, and the connection goes on', async () => {
  await blocker.query('BEGIN; LOCK TABLE "order" IN ACCESS EXCLUSIVE MODE');
  const answer = await app.admin.run('{ orders(first: 1) { edges { node { id } } } }');
  await blocker.query('ROLLBACK');
  expect(answer.status).toBe(503);
  expect(answer.errors.map(({ extensions }) => extensions?.code)).toEqual(['OVERLOADED']);
  await app.admin.ok('{ orders(first: 1) { edges { node { id } } } }');
});

const FEED = 'subscription { stockEvents { cursor } }';

/** Subscribe by a bare request. */
const subscribe = (
  client: Client,
  accept: string,
  { language = 'en', signal = null as AbortSignal | null } = {},
) =>
  fetch(app.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'accept-language': language,
      accept,
      authorization: `Bearer ${client.token}`,
    },
    body: JSON.stringify({ query: FEED }),
    signal,
  });

test('G31 a subscription that takes no stream is refused in words before a place is taken, however often', async () => {
  const clerk = await app.given.staff({ posts: ['warehouse'] });
  const before = await openStreams();
  for (const accept of [
    'application/json',
    'application/graphql-response+json',
    'multipart/mixed',
    'text/html',
  ]) {
    const answers = await Promise.all(Array.from({ length: 60 }, () => subscribe(clerk, accept)));
    for (const answer of answers) {
      expect(answer.status, accept).toBe(406);
      expect(await answer.json()).toEqual({
        errors: [{ message: requestTexts.STREAM_ONLY.en, extensions: { code: 'NOT_ACCEPTABLE' } }],
      });
    }
  }
  expect(await openStreams()).toBe(before);
  const stream = clerk.subscribeSse(FEED);
  await stream.next();
  expect(await openStreams()).toBe(before + 1);
  await stream.close();
  await expect.poll(openStreams).toBe(before);
  const chinese = await subscribe(clerk, 'application/json', { language: 'zh' });
  expect(await chinese.json()).toMatchObject({ errors: [{ message: requestTexts.STREAM_ONLY.zh }] });
});

test.each(['text/event-stream', '*/*', 'text/*', 'application/json, text/event-stream;q=0.5'])(
  'G31 G28 a stream for who accepts %s gives its place back when they leave, and ends with its session',
  async (accept) => {
    const clerk = await app.given.staff({ posts: ['warehouse'] });
    const before = await openStreams();
    const caller = new AbortController();
    const left = await subscribe(clerk, accept, { signal: caller.signal });
    expect(left.headers.get('content-type')).toBe('text/event-stream');
    await expect.poll(openStreams).toBe(before + 1);
    caller.abort();
    await expect.poll(openStreams).toBe(before);
    const ended = await subscribe(clerk, accept);
    const { viewer } = await clerk.ok<{ viewer: { sessions: { edges: { node: { id: string } }[] } } }>(
      '{ viewer { sessions { edges { node { id } } } } }',
    );
    await clerk.act('sessionRevoke', { sessionId: viewer.sessions.edges[0]?.node.id });
    expect(await ended.text()).toContain('UNAUTHENTICATED');
    await expect.poll(openStreams).toBe(before);
  },
);

test('G31 a stream that the door opened and cannot send gives its place back', async () => {
  const clerk = await app.given.staff({ posts: ['warehouse'] });
  const before = await openStreams();
  const answer = await subscribe(clerk, 'text/event-stream;charset=utf-16');
  expect(answer.status).toBe(406);
  await expect.poll(openStreams).toBe(before);
});
