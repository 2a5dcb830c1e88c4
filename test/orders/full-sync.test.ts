// The full sync of the README: the cursor, then the list page by page, then the feed from that cursor.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [10_000]);
const place = () => shop.place(at.storeId, [{ variantId, quantity: 1 }]);

const PAGE = `query ($after: String) {
  orders(first: 7, after: $after, orderBy: OLDEST) {
    edges { node { id version state } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Order {
  id: string;
  version: number;
  state: string;
}

interface Page {
  orders: { edges: { node: Order }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

test('C51 a full sync while the department works skips no order, and one that changed comes again', async () => {
  const partner = await app.given.key({ scopes: ['orders:read'] });
  const before = await Promise.all(Array.from({ length: 30 }, place));
  const { eventCursor } = await partner.ok<{ eventCursor: string }>('{ eventCursor }');

  let reading = true;
  const placedMeanwhile: string[] = [];
  const work = (async () => {
    for (let i = 0; reading; i++) {
      const orderId = before[(i * 7) % before.length]?.id ?? '';
      if (i % 3 === 0) placedMeanwhile.push((await place()).id);
      else if (i % 3 === 1) await app.admin.run(HOLD, { input: { orderId, kind: 'OTHER', reason: 'x' } });
      else await app.admin.run(CANCEL, { input: { orderId, reason: 'OTHER', idempotencyKey: newKey() } });
    }
  })();
  const listed: Order[] = [];
  let after: string | null = null;
  do {
    const { orders }: Page = await partner.ok<Page>(PAGE, { after });
    listed.push(...orders.edges.map(({ node }) => node));
    after = orders.pageInfo.hasNextPage ? orders.pageInfo.endCursor : null;
  } while (after);
  reading = false;
  await work;
  expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
  expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));

  const mirror = new Map(listed.map((order) => [order.id, order]));
  const feed = partner.subscribe<{ orderEvents: { order: Order | null } }>(
    'subscription ($after: EventCursor) { orderEvents(after: $after) { order { id version state } } }',
    { after: eventCursor },
  );
  const truth = new Map(
    (
      await app.sql<{ id: string; version: number; state: string }>('SELECT id, version, state FROM "order"')
    ).map((row) => [Buffer.from(`Order:${row.id}`).toString('base64url'), [row.version, row.state]]),
  );
  while ([...truth].some(([id, [version]]) => mirror.get(id)?.version !== version)) {
    const { orderEvents } = await feed.next(({ orderEvents: { order } }) => order !== null);
    if (orderEvents.order) mirror.set(orderEvents.order.id, orderEvents.order);
  }
  expect(new Map([...mirror].map(([id, { version, state }]) => [id, [version, state]]))).toEqual(truth);
  expect([...mirror.keys()]).toEqual(expect.arrayContaining(placedMeanwhile));
});

const HOLD = 'mutation ($input: OrderHoldInput!) { orderHold(input: $input) { userErrors { code } } }';
const CANCEL = 'mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { userErrors { code } } }';
