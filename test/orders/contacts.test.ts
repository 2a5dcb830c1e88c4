// Contacts of orders: who sees them masked and who in clear, and revealing one for a reason.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { platformIn } from './platform.ts';
import { CONTACT, clear, masked, receiverIn } from './receiver.ts';

const app = await startApp();
const { shop, ordered, contactOf, timelineOf } = await receiverIn(app);

const staff = (posts: string[]) => app.given.staff({ posts });

test('T25 C57 the contact of an order is masked for every post but those that write to the customer', async () => {
  const { id } = await ordered();
  for (const post of ['warehouse', 'customer_service', 'administrator'])
    expect(await contactOf(id, await staff([post])), post).toEqual(clear);
  for (const post of [
    'order_clerk',
    'after_sales',
    'store_manager',
    'supervisor',
    'finance',
    'analyst',
    'marketing',
  ])
    expect(await contactOf(id, await staff([post])), post).toEqual(masked);
});

test('T25 lists and feeds mask as a single order does', async () => {
  const clerk = await staff(['order_clerk']);
  const stream = clerk.subscribe<{ orderEvents: { type: string; order: object } }>(
    `subscription { orderEvents { type order { ${CONTACT} } } }`,
  );
  await stream.next(({ orderEvents }) => orderEvents.type === 'heartbeat');
  const { number } = await ordered();
  expect(
    (await stream.next(({ orderEvents }) => orderEvents.type === 'order.placed')).orderEvents.order,
  ).toEqual({
    contact: masked,
  });
  const { orders } = await clerk.ok<{ orders: { edges: object[] } }>(
    `query ($number: String) { orders(where: { number: $number }) { edges { node { ${CONTACT} } } } }`,
    { number },
  );
  expect(orders.edges).toEqual([{ node: { contact: masked } }]);
});

test('T25 the shopper who ordered sees the contact as it was given, a stranger none at all', async () => {
  const [customer, guest] = [await app.given.customer(), app.given.guest()];
  for (const shopper of [customer, guest]) {
    const { id } = await ordered(shopper);
    expect(await contactOf(id, shopper)).toEqual(clear);
    for (const stranger of [await app.given.customer(), app.given.guest(), app.anonymous]) {
      const read = await stranger.run<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', { id });
      expect(read.data?.node ?? null).toBeNull();
    }
  }
});

test('T25 a masked contact is revealed for a reason, which is recorded under the name of who asked', async () => {
  const { id, number } = await ordered();
  const clerk = await staff(['order_clerk']);
  const reveal = () =>
    clerk.act<{ contact: object; order: { version: number; contact: object } }>(
      'contactReveal',
      { orderId: id, reason: 'The building is missing; calling them.' },
      `${CONTACT} order { version ${CONTACT} }`,
    );
  expect(await reveal()).toMatchObject({ contact: clear, order: { version: 2, contact: masked } });
  expect(await reveal()).toMatchObject({ contact: clear, order: { version: 3 } });
  expect(await contactOf(id, clerk)).toEqual(masked);
  const event = {
    type: 'order.contactRevealed',
    payload: { number, reason: 'The building is missing; calling them.' },
    actor: { nodeId: clerk.staffId },
    changes: [],
  };
  expect((await timelineOf(id)).slice(1)).toEqual([event, event]);
});

test('T2 T25 what a marketplace masked stays as it came, for all posts, and cannot be revealed further', async () => {
  const store = await shop.open({ platform: 'TMALL' });
  const goods = await shop.variant(store, [10]);
  const { id } = await platformIn(app).push(store.storeId, {
    state: 'PAID',
    receiver: { name: '张*', phone: '138****1234', city: '杭州市', lines: ['文三路***'], masked: true },
    lines: [{ sku: goods.skus[0], quantity: 1, unitPrice: '10.00' }],
    buyerPaid: '10.00',
  });
  const contact = { name: '张*', phone: '138****1234', masked: true };
  const warehouse = await staff(['warehouse']);
  expect(await contactOf(id, warehouse)).toMatchObject({ ...contact, address: { lines: ['文三路***'] } });
  const clerk = await staff(['order_clerk']);
  expect(await contactOf(id, clerk)).toMatchObject(contact);
  const reveal = { orderId: id, reason: 'To see what there is.' };
  expect(await clerk.act('contactReveal', reveal, CONTACT)).toMatchObject({ contact });
});

test('T25 a reveal needs a reason, the permission and an order of the caller’s stores', async () => {
  const { id: orderId } = await ordered();
  const clerk = await staff(['order_clerk']);
  expect(brief(await clerk.refusal('contactReveal', { orderId, reason: ' ' }))).toEqual([
    'REQUIRED input.reason',
  ]);
  const elsewhere = await shop.open();
  const stranger = await app.given.staff({ posts: ['order_clerk'], stores: [elsewhere.storeId] });
  expect(brief(await stranger.refusal('contactReveal', { orderId, reason: 'Curious' }))).toEqual([
    'NOT_FOUND input.orderId',
  ]);
  const answer = await (await staff(['finance'])).run(
    `mutation ($input: ContactRevealInput!) { contactReveal(input: $input) { ${CONTACT} } }`,
    { input: { orderId, reason: 'Curious' } },
  );
  expect(answer.errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', requiredPermission: 'contacts.reveal' });
  expect((await timelineOf(orderId)).map(({ type }) => type)).toEqual(['order.placed']);
});
