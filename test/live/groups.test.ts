// Many subscribers who ask the same: told the same by one execution, each by their own rights, none delayed by another.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';
import { openBareSocket } from '../setup/socket.ts';
import type { Stream } from '../setup/stream.ts';

const app = await startApp({ env: { BACKGROUND: 'off', SLOW_READER_SECONDS: '5' } });
const { admin, given } = app;
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [10_000]);
const place = () => shop.place(at.storeId, [{ variantId, quantity: 1 }]);

interface Item {
  orderEvents: {
    type: string;
    cursor: string;
    version: number | null;
    skipped?: number;
    order: { id: string; contact: { name: string } } | null;
  };
}

const FEED = `subscription ($after: EventCursor, $filter: OrderEventFilter) {
  orderEvents(after: $after, filter: $filter) { type cursor version order { id state contact { name } store { name } } }
}`;

const clerks = (count: number, permissions: readonly string[] = ['orders.read']) =>
  Promise.all(Array.from({ length: count }, () => given.staff({ permissions })));

const watched = async (clients: readonly Client[], document = FEED, variables = {}) => {
  const streams = clients.map((client) => client.subscribe<Item>(document, variables));
  for (const stream of streams) await stream.next();
  return streams;
};

const heard = (streams: readonly Stream<Item>[], id: string) =>
  Promise.all(streams.map((stream) => stream.next(({ orderEvents: { order } }) => order?.id === id)));

describe('G25 those who ask the same with the same rights', () => {
  test('are told by one execution, however many they are', async () => {
    const statements = async (streams: readonly Stream<Item>[]) => {
      let id = '';
      const all = await app.statementsOf(async () => {
        ({ id } = await place());
        await heard(streams, id);
      });
      return all.length;
    };
    const few = await watched(await clerks(2));
    await statements(few);
    const forTwo = await statements(few);
    const many = await watched(await clerks(20));
    await statements(many);
    expect(await statements([...few, ...many])).toBe(forTwo);
  });

  test('and those with other rights, languages and filters are told what they may see', async () => {
    const masked = await given.staff({ permissions: ['orders.read'] });
    const open = await given.staff({ permissions: ['orders.read', 'contacts.read'] });
    const elsewhere = await given.staff({ permissions: ['orders.read'], stores: [await given.store()] });
    const english = await watched([masked, open, masked.speaking('en')]);
    const nothing = elsewhere.subscribe<Item>(FEED);
    await nothing.next();
    const { id } = await place();
    const names = (await heard(english, id)).map((item) => item.orderEvents.order?.contact.name);
    expect(names[0]).toBe(names[2]);
    expect(names[0]).toContain('*');
    expect(names[1]).not.toContain('*');
    expect(nothing.items).toHaveLength(1);
  });

  test('and a document that asks who reads it is told to each alone', async () => {
    const document = `subscription { mentionEvents { type mention { id } } }`;
    const clients = await Promise.all([1, 2].map(() => given.staff({ posts: ['customer_service'] })));
    const streams = clients.map((client) => client.subscribe<{ mentionEvents: { type: string } }>(document));
    for (const stream of streams) await stream.next();
    const { id } = await place();
    for (const round of [0, 1]) {
      const [named, other] = round === 0 ? clients : [...clients].reverse();
      await admin.act('orderRemark', {
        orderId: id,
        text: 'Look at this',
        mentionIds: [named?.staffId],
      });
      const stream = streams[clients.indexOf(named as Client)];
      const item = await stream?.next(({ mentionEvents }) => mentionEvents.type !== 'heartbeat');
      expect(item?.mentionEvents.type).toBe('mention.made');
      expect(streams[clients.indexOf(other as Client)]?.items).toHaveLength(1 + round);
    }
  });
});

test('G25 messages of every length and language are whole, between those that the protocol itself sends', async () => {
  const ids = ['1', 'x'.repeat(100), '订单'.repeat(50), 'y'.repeat(16_000), 'z'.repeat(100_000)];
  const sockets = await Promise.all(ids.map(() => openBareSocket(app.wsUrl)));
  for (const [i, bare] of sockets.entries()) {
    await bare.greet({ authorization: `Bearer ${admin.token}` });
    bare.send({ type: 'subscribe', id: ids[i] as string, payload: { query: FEED } });
    await bare.next();
  }
  const { id } = await place();
  for (const [i, bare] of sockets.entries()) {
    bare.send({ type: 'ping' });
    const two = [await bare.next(), await bare.next()] as { type: string; id?: string; payload?: unknown }[];
    const told = two.find(({ type }) => type === 'next');
    expect(two.some(({ type }) => type === 'pong')).toBe(true);
    expect(told?.id).toBe(ids[i]);
    expect(told?.payload).toMatchObject({ data: { orderEvents: { order: { id, contact: {} } } } });
    bare.close();
  }
});

/** Frames of 1.5 MB, because the kernel takes some for a reader who does not. */
const HEAVY = FEED.replace(
  'store { name }',
  `lines(first: 1) { edges { node { variant { product { publishedVersion { texts { ${Array.from({ length: 50 }, (_, i) => `d${i}: description`).join(' ')} } } } } } } }`,
).replace('version', 'version skipped');

describe('C58 G27 a reader who is too slow', () => {
  const change = async (orderId: string, times: number) => {
    for (let i = 0; i < times; i++) {
      await admin.act('orderHold', { orderId, kind: 'OTHER', reason: 'x' });
      const holds = await admin.ok<{ node: { holds: { edges: { node: { id: string } }[] } } }>(
        'query ($id: ID!) { node(id: $id) { ... on Order { holds(last: 1) { edges { node { id } } } } } }',
        { id: orderId },
      );
      const orderHoldId = holds.node.holds.edges[0]?.node.id;
      await admin.act('orderRelease', { orderHoldId, reason: 'y' });
    }
  };

  /** A reader over a bare socket that can stop to take what is sent. */
  const reader = async () => {
    const bare = await openBareSocket(app.wsUrl);
    await bare.greet({ authorization: `Bearer ${admin.token}` });
    const items: Item['orderEvents'][] = [];
    bare.socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data)) as { type: string; payload?: { data?: Item } };
      if (type === 'next' && payload?.data) items.push(payload.data.orderEvents);
    });
    bare.send({ type: 'subscribe', id: '1', payload: { query: HEAVY } });
    await expect.poll(() => items.length, { timeout: 5_000 }).toBe(1);
    return { ...bare, items };
  };

  test('delays nobody, is told the newest of each object once it reads again, and is closed when it does not', async () => {
    await app.sql(`UPDATE product_version_text SET description = repeat('字', 10000)`);
    const { id } = await place();
    const [slow, dead] = [await reader(), await reader()];
    const [quick] = await watched([admin]);
    for (const { socket } of [slow, dead]) socket.pause();
    // Longer than anybody may leave untaken what was sent, and not so long that the line is cut.
    const tooLong = sleep(8_000);
    await change(id, 12);
    const last = await quick?.next(({ orderEvents }) => orderEvents.version === 25, 20_000);
    expect(last).toBeTruthy();
    expect(quick?.items.slice(1).map(({ orderEvents }) => orderEvents.version)).toEqual(
      Array.from({ length: 24 }, (_, i) => i + 2),
    );
    slow.socket.resume();
    await expect.poll(() => slow.items.at(-1)?.version, { timeout: 20_000, interval: 100 }).toBe(25);
    const told = slow.items.slice(1);
    expect(told.length + told.reduce((sum, { skipped = 0 }) => sum + skipped, 0)).toBe(24);
    expect(told.some(({ skipped = 0 }) => skipped > 0)).toBe(true);
    const versions = told.map(({ version }) => version ?? 0);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    await tooLong;
    dead.socket.resume();
    expect((await dead.closed).code).toBe(1013);
    slow.close();
  }, 60_000);
});

test('C58 a burst on one variant is told as its latest state, with all that it changed and how many events it stands for', async () => {
  const stocks = [...(await shop.stocks(variantId)).entries()];
  const [locationId, stock] = stocks[0] ?? ['', { onHand: 0 }];
  const feed = admin.subscribe<{
    stockEvents: {
      type: string;
      skipped: number;
      changes: { field: string; before: unknown; after: unknown }[];
      stock: { onHand: number } | null;
    };
  }>('subscription { stockEvents { type skipped changes { field before after } stock { onHand } } }');
  await feed.next();
  const blocker = new pg.Client({ connectionString: app.databaseUrl });
  await blocker.connect();
  await blocker.query('BEGIN; SELECT 1 FROM event_head FOR UPDATE');
  for (let i = 0; i < 30; i++)
    await admin.act('stockAdjust', {
      idempotencyKey: newKey(),
      variantId,
      locationId,
      onHandDelta: -1,
      reason: 'CORRECTION',
    });
  await blocker.query('ROLLBACK');
  await blocker.end();
  const item = await feed.next(({ stockEvents }) => stockEvents.type !== 'heartbeat');
  expect(item.stockEvents).toMatchObject({ skipped: 29, stock: { onHand: stock.onHand - 30 } });
  expect(item.stockEvents.changes).toContainEqual({
    field: 'onHand',
    before: stock.onHand,
    after: stock.onHand - 30,
  });
});
