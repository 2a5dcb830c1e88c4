// Feeds: what a subscriber sees, from when, after drops, and when it must stop.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const goods = await shop.variant(at, [10_000]);
const line = [{ variantId: goods.variantId, quantity: 1 }];

interface OrderItem {
  orderEvents: {
    cursor: string;
    type: string;
    version: number | null;
    nodeId: string | null;
    inFilter: boolean;
    order: { id: string; state: string } | null;
  };
}

const FEED = `subscription ($after: EventCursor, $filter: OrderEventFilter) {
  orderEvents(after: $after, filter: $filter) { cursor type version nodeId inFilter order { id state } }
}`;

const watch = (variables: object = {}, client = app.admin) =>
  client.subscribe<OrderItem>(FEED, { ...variables });
const cursor = async () => (await app.admin.ok<{ eventCursor: string }>('{ eventCursor }')).eventCursor;
const confirm = (orderId: string) => app.admin.act('orderConfirm', { orderId });

test('C55 C57 a feed starts with a heartbeat, then delivers each change with cursor, type, version and the order as it is', async () => {
  for (const feed of [watch(), app.admin.subscribeSse<OrderItem>(FEED)]) {
    expect((await feed.next()).orderEvents).toEqual({
      cursor: expect.any(String),
      type: 'heartbeat',
      version: null,
      nodeId: null,
      inFilter: true,
      order: null,
    });
    const order = await shop.place(at.storeId, line);
    await confirm(order.id);
    const placed = await feed.next((item) => item.orderEvents.nodeId === order.id);
    expect(placed.orderEvents).toMatchObject({ type: 'order.placed', version: 1, order: { id: order.id } });
    const confirmed = await feed.next();
    expect(confirmed.orderEvents).toMatchObject({
      type: 'order.confirmed',
      version: 2,
      order: { id: order.id, state: 'CONFIRMED' },
    });
    await feed.close();
  }
});

test('C56 who comes back with the last cursor gets what was missed, in order, once', async () => {
  const first = watch();
  await first.next();
  const order = await shop.place(at.storeId, line);
  const seen = await first.next((item) => item.orderEvents.nodeId === order.id);
  await first.close();
  await confirm(order.id);
  await app.admin.act('orderHold', { orderId: order.id, kind: 'OTHER', reason: 'x' });
  const again = watch({ after: seen.orderEvents.cursor });
  const types: string[] = [];
  while (types.length < 3) types.push((await again.next()).orderEvents.type);
  expect(types).toEqual(['heartbeat', 'order.confirmed', 'order.held']);
});

test('C56 a cursor older than seven days, of another database or ahead of the log ends with RESYNC_REQUIRED', async () => {
  const old = await cursor();
  await shop.place(at.storeId, line);
  const forged = (change: (parts: string[]) => string[]) =>
    Buffer.from(change(Buffer.from(old, 'base64url').toString().split('.')).join('.')).toString('base64url');
  const cases = [
    forged(([v = '', , ...place]) => [v, 'AAAAAAAAAAA', ...place]),
    forged(([v = '', epoch = '', , mark = '']) => [v, epoch, '999999999', mark]),
  ];
  for (const after of cases) {
    const errors = await watch({ after }).ended;
    expect(errors[0]?.extensions).toMatchObject({ code: 'RESYNC_REQUIRED' });
    const overSse = await app.admin.subscribeSse(FEED, { after }).ended;
    expect(JSON.stringify(overSse)).toContain('RESYNC_REQUIRED');
  }
  clock.pass({ days: 8 });
  expect((await watch({ after: old }).ended)[0]?.extensions).toMatchObject({ code: 'RESYNC_REQUIRED' });
});

test('a filter matches before or after the change, so leaving it is delivered as well', async () => {
  const feed = watch({ filter: { states: ['PENDING_CONFIRMATION'] } });
  await feed.next();
  const order = await shop.place(at.storeId, line);
  await confirm(order.id);
  await app.admin.act('orderHold', {
    orderId: order.id,
    kind: 'OTHER',
    reason: 'not in the filter any more',
  });
  const other = await shop.place(at.storeId, line);
  const items = [await feed.next(), await feed.next(), await feed.next()].map((item) => item.orderEvents);
  expect(items.map((item) => [item.type, item.nodeId, item.inFilter])).toEqual([
    ['order.placed', order.id, true],
    ['order.confirmed', order.id, false],
    ['order.placed', other.id, true],
  ]);
});

test('an empty list in a filter matches nothing, and unknown ids are refused', async () => {
  const none = watch({ filter: { storeIds: [] } });
  await none.next();
  const order = await shop.place(at.storeId, line);
  const all = watch({ after: undefined });
  await all.next();
  await confirm(order.id);
  await all.next((item) => item.orderEvents.nodeId === order.id);
  expect(none.items).toHaveLength(1);
  expect((await watch({ filter: { storeIds: ['nonsense'] } }).ended)[0]?.extensions).toMatchObject({
    code: 'BAD_INPUT',
  });
});

test('C57 a subscriber sees the events of its own stores and locations only', async () => {
  const elsewhere = await shop.open();
  const foreign = await shop.variant(elsewhere, [10]);
  const clerk = await app.given.staff({
    posts: ['order_clerk'],
    stores: [elsewhere.storeId],
    locations: [elsewhere.locationId],
  });
  const orders = watch({}, clerk);
  const stock = clerk.subscribe<{
    stockEvents: { type: string; stock: { location: { id: string } } | null };
  }>('subscription { stockEvents { type stock { location { id } } } }');
  await orders.next();
  await stock.next();
  await shop.place(at.storeId, line);
  const own = await shop.place(elsewhere.storeId, [{ variantId: foreign.variantId, quantity: 1 }]);
  expect((await orders.next()).orderEvents.nodeId).toBe(own.id);
  expect((await stock.next()).stockEvents).toEqual({
    type: 'stock.allocated',
    stock: { location: { id: elsewhere.locationId } },
  });
});

test('C57 who may not read orders cannot subscribe to them', async () => {
  const buyer = await app.given.staff({ permissions: ['stock.read'] });
  expect((await watch({}, buyer).ended)[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
    requiredPermission: 'orders.read',
  });
  expect((await watch({}, app.anonymous).ended)[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('G24 list then watch has no gap and no surprise while others write', async () => {
  let writing = true;
  const placed: string[] = [];
  const writer = (async () => {
    while (writing) placed.push((await shop.place(at.storeId, line)).id);
  })();
  for (let round = 0; round < 5; round++) {
    const { eventCursor, orders } = await app.admin.ok<{
      eventCursor: string;
      orders: { edges: { node: { id: string } }[] };
    }>(
      'query ($store: ID) { orders(first: 100, where: { storeId: $store }) { edges { node { id } } } eventCursor }',
      { store: at.storeId },
    );
    const listed = new Set(orders.edges.map((edge) => edge.node.id));
    const before = placed.length;
    const feed = watch({ after: eventCursor });
    await feed.next();
    await expect.poll(() => placed.length, { timeout: 10_000 }).toBeGreaterThan(before + 3);
    const target = placed.at(-1);
    await feed.next((item) => item.orderEvents.nodeId === target);
    const watched = new Set(feed.items.map((item) => item.orderEvents.nodeId));
    const newest = placed.slice(0, placed.indexOf(target ?? '') + 1).slice(-50);
    expect(newest.filter((id) => !listed.has(id) && !watched.has(id))).toEqual([]);
    await feed.close();
  }
  writing = false;
  await writer;
}, 60_000);

test('G22 one order’s versions arrive without gap or repetition however many write at once', async () => {
  const feed = watch();
  await feed.next();
  const order = await shop.place(at.storeId, line);
  const document = 'mutation ($input: OrderHoldInput!) { orderHold(input: $input) { userErrors { code } } }';
  await Promise.all(
    Array.from({ length: 25 }, (_, i) =>
      app.admin.ok(document, { input: { orderId: order.id, kind: 'OTHER', reason: `r${i}` } }),
    ),
  );
  await feed.next((item) => item.orderEvents.nodeId === order.id && item.orderEvents.version === 26);
  const versions = feed.items
    .filter((item) => item.orderEvents.nodeId === order.id)
    .map((item) => item.orderEvents.version);
  expect(versions).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
  const gaps = await app.sql(
    'SELECT seq FROM (SELECT seq, lag(seq) OVER (ORDER BY seq) AS before FROM event) e WHERE seq <> before + 1',
  );
  expect(gaps).toEqual([]);
});

test('G22 a transaction that stays open delays only its own events', async () => {
  const feed = watch();
  await feed.next();
  const pg = await import('pg');
  const slow = new pg.default.Client({ connectionString: app.databaseUrl });
  await slow.connect();
  await slow.query('BEGIN');
  await slow.query(`INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, payload, changes, facets, actor_kind, request_id, source, occurred_at)
    VALUES (gen_random_uuid(), 'order.held', 'Order', gen_random_uuid(), 1, '{}', '[]', '{}', 'SYSTEM', gen_random_uuid(), 'test', now())`);
  const order = await shop.place(at.storeId, line);
  await feed.next((item) => item.orderEvents.nodeId === order.id);
  await slow.query('ROLLBACK');
  await slow.end();
});

test('C57 logging out elsewhere ends the stream within two seconds', async () => {
  const clerk = await app.given.staff({ posts: ['order_clerk'] });
  const socket = watch({}, clerk);
  const sse = clerk.subscribeSse<OrderItem>(FEED);
  await socket.next();
  await sse.next();
  const { viewer } = await clerk.ok<{ viewer: { sessions: { edges: { node: { id: string } }[] } } }>(
    '{ viewer { sessions { edges { node { id } } } } }',
  );
  const started = Date.now();
  await app.admin.act('sessionRevoke', { sessionId: viewer.sessions.edges[0]?.node.id });
  expect((await socket.closed).code).toBe(4403);
  await sse.ended;
  expect(Date.now() - started).toBeLessThan(6_000);
  expect(await clerk.codes('{ viewer { id } }')).toEqual(['UNAUTHENTICATED']);
});

test('C54 stock and order events of one act carry one request id, and the ledger and the log agree', async () => {
  const key = newKey();
  await app.admin.act('orderPlace', { ...shop.orderInput(at.storeId, line), idempotencyKey: key });
  // Reading the end of the log relays what has committed.
  await app.admin.ok('{ eventCursor }');
  const rows = await app.sql<{ types: string[] }>(
    `SELECT array_agg(type ORDER BY seq) AS types FROM event WHERE request_id = (SELECT request_id FROM event ORDER BY seq DESC LIMIT 1)`,
  );
  expect(rows[0]?.types).toEqual(['order.placed', 'stock.allocated']);
});
