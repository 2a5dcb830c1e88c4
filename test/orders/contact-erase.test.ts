// Erasing the contacts of orders: one by one, and all of a customer who was erased.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { PASSWORD } from '../setup/given.ts';
import { CONTACT, clear, erased, receiverIn } from './receiver.ts';

const app = await startApp();
const { shop, ordered, cancel, contactOf, timelineOf } = await receiverIn(app);

const staff = (posts: string[]) => app.given.staff({ posts });

test('T25 the contact of a finished order is erased for good, once, and cannot be revealed any more', async () => {
  const { id: orderId } = await ordered();
  const supervisor = await staff(['supervisor']);
  const erase = () =>
    supervisor.act<{ order: { version: number; contact: object } }>(
      'contactErase',
      { orderId, reason: 'The customer asked for it.' },
      `order { version ${CONTACT} }`,
    );
  expect(brief(await supervisor.refusal('contactErase', { orderId, reason: 'Too early' }))).toEqual([
    'ILLEGAL_STATE input.orderId',
  ]);
  await cancel(orderId);
  const { order } = await erase();
  expect(order.contact).toEqual({ ...erased, masked: true });
  expect((await erase()).order).toEqual(order);
  expect(await contactOf(orderId, app.admin)).toEqual({ ...erased, masked: false });
  expect((await timelineOf(orderId)).at(-1)).toMatchObject({
    type: 'order.contactErased',
    actor: { nodeId: supervisor.staffId },
    changes: ['contact', 'address'].map((field) => ({ field, before: null, after: null, withheld: true })),
  });
  expect(brief(await supervisor.refusal('contactReveal', { orderId, reason: 'Who was it?' }))).toEqual([
    'CONTACT_ERASED input.orderId',
  ]);
});

test('ten erasures at once erase a contact once', async () => {
  const { id: orderId } = await ordered();
  await cancel(orderId);
  const input = { orderId, reason: 'The customer asked for it.' };
  await Promise.all(Array.from({ length: 10 }, () => app.admin.act('contactErase', input, 'order { id }')));
  const types = (await timelineOf(orderId)).map(({ type }) => type);
  expect(types.filter((type) => type === 'order.contactErased')).toHaveLength(1);
});

test('T25 an erasure needs the permission and an order of the caller’s stores', async () => {
  const { id: orderId } = await ordered();
  await cancel(orderId);
  const input = { orderId, reason: 'The customer asked for it.' };
  const elsewhere = await shop.open();
  const stranger = await app.given.staff({ posts: ['supervisor'], stores: [elsewhere.storeId] });
  expect(brief(await stranger.refusal('contactErase', input))).toEqual(['NOT_FOUND input.orderId']);
  const clerk = await staff(['order_clerk']);
  const answer = await clerk.run(
    'mutation ($input: ContactEraseInput!) { contactErase(input: $input) { userErrors { code } } }',
    { input },
  );
  expect(answer.errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', requiredPermission: 'contacts.erase' });
  expect(await contactOf(orderId, app.admin)).toEqual(clear);
});

test('an erasure that meets a cancellation comes after it, or is refused', async () => {
  for (let i = 0; i < 5; i++) {
    const { id: orderId } = await ordered();
    const erasing = () => app.admin.act('contactErase', { orderId, reason: 'At once.' });
    const [cancelled, erasure] = await Promise.allSettled([cancel(orderId), erasing()]);
    expect(cancelled.status).toBe('fulfilled');
    const isErased = erasure.status === 'fulfilled';
    expect(await contactOf(orderId, app.admin)).toEqual(isErased ? { ...erased, masked: false } : clear);
  }
});

test('T25 erasing a customer erases the contacts of all their orders, thousands of them, and of nobody else', async () => {
  const [customer, other] = [await app.given.customer(), await app.given.customer()];
  const { number } = await placeAndCancel(customer);
  const kept = await placeAndCancel(other);
  await repeatOrder(number, 1_200);
  await customer.act('customerErase', { customerId: customer.customerId, password: PASSWORD });
  const counted = async () => {
    const [row] = await app.sql<{ orders: number; erased: number; named: number; events: number }>(
      `SELECT count(*)::int AS orders, count(p.erased_at)::int AS erased,
         count(*) FILTER (WHERE p.name || p.city <> '' OR p.phone IS NOT NULL OR p.lines <> '{}')::int AS named,
         count(e.seq)::int AS events
       FROM "order" o JOIN person_order p ON p.order_id = o.id
       LEFT JOIN event e ON e.entity_id = o.id AND e.type = 'order.contactErased' AND e.version = o.version
       WHERE o.customer_id = (SELECT customer_id FROM "order" WHERE number = $1)`,
      [number],
    );
    return row;
  };
  const everything = { orders: 1_201, erased: 1_201, named: 0, events: 1_201 };
  await expect.poll(counted, { timeout: 30_000 }).toEqual(everything);
  expect(await contactOf(kept.id, other)).toEqual(clear);
}, 60_000);

async function placeAndCancel(by: Client) {
  const order = await ordered(by);
  await cancel(order.id);
  return order;
}

/** So many more orders like one that is there, faster than they could be placed. */
async function repeatOrder(number: string, times: number): Promise<void> {
  await app.sql(
    `WITH one AS (SELECT * FROM "order" WHERE number = $1),
       made AS (
         INSERT INTO "order"
         SELECT (jsonb_populate_record(one::"order", jsonb_build_object('id', gen_random_uuid(), 'number', $1 || '-' || n))).*
         FROM one, generate_series(1, $2::int) AS n
         RETURNING id
       )
     INSERT INTO person_order
     SELECT (jsonb_populate_record(p, jsonb_build_object('order_id', made.id))).*
     FROM made, person_order p JOIN one ON one.id = p.order_id`,
    [number, times],
  );
}
