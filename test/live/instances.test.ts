// Several instances on one database, and what happens when they die.

import { afterEach, expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { endInstances, startInstance } from '../setup/instances.ts';

const app = await startApp();
const shop = shopIn(app);

afterEach(endInstances);

const PLACE =
  'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';

test('C54 G21 kill -9 at any moment loses and invents nothing: every answered order has its event, every event its order', async () => {
  const at = await shop.open({ locations: 2 });
  const { variantId } = await shop.variant(at, [5_000, 5_000]);
  const feed = app.admin.subscribe<{ orderEvents: { nodeId: string | null } }>(
    'subscription { orderEvents { nodeId } }',
  );
  await feed.next();
  const answered = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const { client, end } = await startInstance(app);
    let alive = true;
    const load = Array.from({ length: 4 }, async () => {
      while (alive) {
        const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
        const answer = await client
          .run<{ orderPlace: { order: { id: string } } }>(PLACE, { input })
          .catch(() => null);
        if (!answer) return;
        if (answer.data) answered.add(answer.data.orderPlace.order.id);
      }
    });
    const before = answered.size;
    await expect.poll(() => answered.size - before, { timeout: 15_000, interval: 5 }).toBeGreaterThan(5);
    await end('SIGKILL');
    alive = false;
    await Promise.all(load);
  }
  const marker = await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  await feed.next((item) => item.orderEvents.nodeId === marker.id, 15_000);
  const seen = new Set(feed.items.map((item) => item.orderEvents.nodeId));
  expect(answered.size).toBeGreaterThan(10);
  expect([...answered].filter((id) => !seen.has(id))).toEqual([]);
  expect(
    await app.sql(
      `SELECT id FROM "order" o WHERE (SELECT count(*) FROM event WHERE entity_id = o.id) <> o.version`,
    ),
  ).toEqual([]);
  expect(
    await app.sql(
      `SELECT entity_id FROM event WHERE entity_type = 'Order' AND entity_id NOT IN (SELECT id FROM "order")`,
    ),
  ).toEqual([]);
  const orders = await app.sql<{ count: string }>(`SELECT count(*) FROM "order" WHERE store_id = $1`, [
    Buffer.from(at.storeId, 'base64url').toString().split(':')[1],
  ]);
  const allocated = [...(await shop.stocks(variantId)).values()].reduce(
    (sum, stock) => sum + stock.allocated,
    0,
  );
  expect(allocated).toBe(Number(orders[0]?.count));
}, 180_000);

test('G15 a call whose answer was lost is repeated on another instance and executes once', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  const { client } = await startInstance(app);
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 2 }], { idempotencyKey: newKey() });
  const first = await client.run<{ orderPlace: { order: { id: string } } }>(PLACE, { input });
  const again = await app.admin.run<{ orderPlace: { order: { id: string } } }>(PLACE, { input });
  expect(again.data?.orderPlace.order.id).toBe(first.data?.orderPlace.order.id);
  expect(again.extensions).toMatchObject({ idempotentReplay: true });
  expect([...(await shop.stocks(variantId)).values()][0]).toMatchObject({ allocated: 2 });
}, 90_000);

test('C56 a subscriber of one instance sees what happens on another, and comes back to either with its cursor', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  const other = await startInstance(app);
  const feed = other.client.subscribe<{ orderEvents: { nodeId: string | null; cursor: string } }>(
    'subscription { orderEvents { nodeId cursor } }',
  );
  await feed.next();
  const order = await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  const seen = await feed.next((item) => item.orderEvents.nodeId === order.id);
  await feed.close();
  await other.client.ok(
    'mutation ($input: OrderConfirmInput!) { orderConfirm(input: $input) { userErrors { code } } }',
    { input: { orderId: order.id } },
  );
  const here = app.admin.subscribe<{ orderEvents: { type: string } }>(
    'subscription ($after: EventCursor) { orderEvents(after: $after) { type } }',
    { after: seen.orderEvents.cursor },
  );
  expect((await here.next((item) => item.orderEvents.type !== 'heartbeat')).orderEvents.type).toBe(
    'order.confirmed',
  );
}, 90_000);

test('C57 a session that is revoked on one instance ends its streams on the others', async () => {
  const clerk = await app.given.staff({ posts: ['order_clerk'] });
  const other = await startInstance(app);
  const feed = other.clientFor(clerk.token).subscribe('subscription { orderEvents { type } }');
  await feed.next();
  await app.admin.act('staffLeave', { staffId: clerk.staffId });
  expect((await feed.closed).code).toBe(4403);
}, 90_000);

test('G42 an instance that is told to stop finishes what runs, closes sockets so that clients come back, and says so', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [100]);
  const { client, end, output } = await startInstance(app);
  const feed = client.subscribe('subscription { orderEvents { type } }');
  await feed.next();
  const inFlight = Array.from({ length: 10 }, () =>
    client.run<{ orderPlace: { order: object } }>(PLACE, {
      input: shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]),
    }),
  );
  await new Promise((done) => setTimeout(done, 30));
  const ended = end('SIGTERM');
  const answers = await Promise.all(inFlight);
  expect(answers.map((answer) => Boolean(answer.data?.orderPlace.order))).toEqual(Array(10).fill(true));
  expect((await feed.closed).code).toBe(1012);
  expect(await ended).toBe(0);
  expect(output()).toContain('Stopped.');
}, 90_000);
