// Remarks on orders and flags: who writes and reads them, how they are found, and that they stay among colleagues.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [10_000]);
const clerk = await app.given.staff({ posts: ['order_clerk'] });

const ordered = () => shop.place(at.storeId, [{ variantId, quantity: 1 }]);

const remark = (orderId: string, text: string, by: Client = clerk) =>
  by.act<{ order: { version: number }; orderRemark: { id: string } }>(
    'orderRemark',
    { orderId, text },
    'order { version } orderRemark { id }',
  );

interface Remarks {
  totalCount: number;
  edges: { node: { text: string; author: { name: string; nodeId: string } } }[];
}

const remarksOf = async (orderId: string, by: Client = clerk): Promise<Remarks> =>
  (
    await by.ok<{ node: { remarks: Remarks } }>(
      `query ($id: ID!) { node(id: $id) { ... on Order { remarks { totalCount edges { node {
        text createdAt author { name nodeId } mentioned { name } order { id } } } } } } }`,
      { id: orderId },
    )
  ).node.remarks;

const textsOf = ({ edges }: Remarks) => edges.map(({ node }) => node.text);

const found = async (where: object, by: Client = clerk): Promise<string[]> =>
  (
    await by.ok<{ orders: { edges: { node: { number: string } }[] } }>(
      'query ($where: OrderWhere) { orders(first: 100, where: $where) { edges { node { number } } } }',
      { where: { storeId: at.storeId, ...where } },
    )
  ).orders.edges.map(({ node }) => node.number);

const flag = async (orderId: string, colour: string | null, by: Client = clerk) =>
  (
    await by.act<{ order: { flag: string | null; version: number } }>(
      'orderFlag',
      { orderId, ...(colour ? { flag: colour } : { withoutFlag: true }) },
      'order { flag version }',
    )
  ).order;

test('T23 remarks on an order are read newest first, each with its author, and raise its version', async () => {
  const order = await ordered();
  const service = await app.given.staff({ posts: ['customer_service'] });
  expect((await remark(order.id, 'Wants it before Friday.')).order.version).toBe(2);
  expect((await remark(order.id, '客户要求周五前送达。', service)).order.version).toBe(3);
  const { totalCount, edges } = await remarksOf(order.id);
  expect(totalCount).toBe(2);
  expect(edges.map(({ node }) => [node.text, node.author.nodeId])).toEqual([
    ['客户要求周五前送达。', service.staffId],
    ['Wants it before Friday.', clerk.staffId],
  ]);
  expect(edges[0]?.node).toMatchObject({
    author: { name: 'Somebody' },
    mentioned: [],
    order: { id: order.id },
  });
});

test('T23 a finished order can still be remarked on and flagged', async () => {
  const order = await ordered();
  const input = { idempotencyKey: newKey(), orderId: order.id, reason: 'DUPLICATE' };
  await app.admin.act('orderCancel', input, 'order { id }');
  await remark(order.id, 'The first one stays.');
  expect(await flag(order.id, 'BLUE')).toMatchObject({ flag: 'BLUE' });
});

test('the event of a remark tells where it is and how many it names, and none of its words', async () => {
  const order = await ordered();
  const { orderRemark } = await remark(order.id, 'Unmistakable words of a remark.');
  const { node } = await clerk.ok<{ node: { timeline: { edges: { node: object }[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on Order { timeline { edges { node {
      type version payload changes { field } actor { nodeId } } } } } } }`,
    { id: order.id },
  );
  expect(node.timeline.edges[1]?.node).toEqual({
    type: 'order.remarked',
    version: 2,
    payload: { number: order.number, orderRemarkNodeId: orderRemark.id, mentionCount: 0 },
    changes: [],
    actor: { nodeId: clerk.staffId },
  });
  const kept = await app.sql('SELECT payload::text AS event FROM event WHERE type = $1', ['order.remarked']);
  expect(JSON.stringify(kept)).not.toContain('Unmistakable');
});

test('a remark is trimmed, has words, and ends at 2000 characters', async () => {
  const { id: orderId } = await ordered();
  await remark(orderId, `  ${'字'.repeat(2_000)}\n`);
  expect(textsOf(await remarksOf(orderId))).toEqual(['字'.repeat(2_000)]);
  const refused = async (text: string) => brief(await clerk.refusal('orderRemark', { orderId, text }));
  expect(await refused('字'.repeat(2_001))).toEqual(['TOO_LONG input.text']);
  expect(await refused(' \n ')).toEqual(['REQUIRED input.text']);
  expect(await refused('a\u0000b')).toEqual(['INVALID input.text']);
});

test('a remark with an idempotency key is written once, however often it is sent', async () => {
  const { id: orderId } = await ordered();
  const input = { idempotencyKey: newKey(), orderId, text: 'Only once.' };
  const send = () => clerk.act<{ orderRemark: { id: string } }>('orderRemark', input, 'orderRemark { id }');
  const ids = (await Promise.all([send(), send(), send()])).map(({ orderRemark }) => orderRemark.id);
  expect(new Set(ids).size).toBe(1);
  expect((await remarksOf(orderId)).totalCount).toBe(1);
});

test('twenty remarks at once are twenty remarks and twenty versions', async () => {
  const order = await ordered();
  const texts = Array.from({ length: 20 }, (_, i) => `Remark ${i}`);
  await Promise.all(texts.map((text) => remark(order.id, text)));
  expect(textsOf(await remarksOf(order.id)).sort()).toEqual(texts.sort());
  const events = await clerk.ok<{ node: { timeline: { edges: { node: { version: number } }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { timeline(first: 100) { edges { node { version } } } } } }',
    { id: order.id },
  );
  expect(events.node.timeline.edges.map(({ node }) => node.version)).toEqual(
    Array.from({ length: 21 }, (_, i) => i + 1),
  );
});

test('T23 orders are found by the words of one of their remarks, Chinese and English', async () => {
  const [first, second, third] = [await ordered(), await ordered(), await ordered()];
  await remark(first.id, 'Gift wrapping, please: birthday on Sunday');
  await remark(second.id, '客户要求礼品包装');
  await remark(third.id, 'Gift card only');
  await remark(third.id, 'No wrapping');
  expect(await found({ remark: 'gift WRAPPING' })).toEqual([first.number]);
  expect(await found({ remark: '礼品包装' })).toEqual([second.number]);
  expect(await found({ remark: '品包' })).toEqual([second.number]);
  expect(new Set(await found({ remark: 'wrapping' }))).toEqual(new Set([first.number, third.number]));
  expect(await found({ remark: 'wrapping', states: ['CANCELLED'] })).toEqual([]);
  expect(await found({ remark: '!?' })).toEqual([]);
  expect(await found({ remark: 'nothing of the kind' })).toEqual([]);
});

test('T23 an order is marked with one flag, which is changed and taken off, each time as an event', async () => {
  const order = await ordered();
  expect(await flag(order.id, 'RED')).toEqual({ flag: 'RED', version: 2 });
  expect(await flag(order.id, 'RED')).toEqual({ flag: 'RED', version: 2 });
  expect(await flag(order.id, 'GREEN')).toEqual({ flag: 'GREEN', version: 3 });
  expect(await flag(order.id, null)).toEqual({ flag: null, version: 4 });
  expect(await flag(order.id, null)).toEqual({ flag: null, version: 4 });
  const { node } = await clerk.ok<{ node: { timeline: { edges: { node: object }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { timeline { edges { node { type changes { field before after } } } } } } }',
    { id: order.id },
  );
  const change = (before: string | null, after: string | null) => ({
    type: 'order.flagged',
    changes: [{ field: 'flag', before, after }],
  });
  expect(node.timeline.edges.slice(1).map((edge) => edge.node)).toEqual([
    change(null, 'RED'),
    change('RED', 'GREEN'),
    change('GREEN', null),
  ]);
  expect(brief(await clerk.refusal('orderFlag', { orderId: variantId }))).toEqual([
    'INVALID_ID input.orderId',
    'REQUIRED input.flag',
  ]);
});

test('T23 a flag is taken off only by who says so', async () => {
  const order = await ordered();
  await flag(order.id, 'RED');
  const refused = async (input: object) =>
    brief(await clerk.refusal('orderFlag', { orderId: order.id, ...input }));
  for (const input of [{}, { flag: null }, { withoutFlag: false }])
    expect(await refused(input)).toEqual(['REQUIRED input.flag']);
  expect(await refused({ flag: 'BLUE', withoutFlag: true })).toEqual(['INVALID input.withoutFlag']);
  expect(await found({ number: order.number, flags: ['RED'] })).toEqual([order.number]);
  expect(await flag(order.id, null)).toEqual({ flag: null, version: 3 });
});

test('T23 orders are listed and watched by their flags; one that loses its flag is told once more', async () => {
  const [red, purple] = [await ordered(), await ordered()];
  const stream = clerk.subscribe<{
    orderEvents: { type: string; inFilter: boolean; order: { number: string } };
  }>(
    `subscription ($filter: OrderEventFilter) { orderEvents(filter: $filter) { type inFilter order { number flag } } }`,
    { filter: { storeIds: [at.storeId], flags: ['PURPLE'] } },
  );
  await stream.next(({ orderEvents }) => orderEvents.type === 'heartbeat');
  await flag(red.id, 'RED');
  await flag(purple.id, 'PURPLE');
  expect(await found({ flags: ['PURPLE'] })).toEqual([purple.number]);
  expect(new Set(await found({ flags: ['PURPLE', 'RED'] }))).toEqual(new Set([red.number, purple.number]));
  expect(await found({ flags: [] })).toEqual([]);
  await flag(purple.id, 'YELLOW');
  const isChange = ({ orderEvents }: { orderEvents: { type: string } }) => orderEvents.type !== 'heartbeat';
  expect((await stream.next(isChange)).orderEvents).toMatchObject({
    type: 'order.flagged',
    inFilter: true,
    order: { number: purple.number },
  });
  expect((await stream.next(isChange)).orderEvents).toMatchObject({
    inFilter: false,
    order: { number: purple.number, flag: 'YELLOW' },
  });
});

test('T24 who acts in another store neither writes, reads, finds nor flags', async () => {
  const order = await ordered();
  const { orderRemark } = await remark(order.id, 'For this store only, says Unicornia.');
  const elsewhere = await shop.open();
  const stranger = await app.given.staff({ posts: ['order_clerk'], stores: [elsewhere.storeId] });
  const { id: orderId } = order;
  expect(brief(await stranger.refusal('orderRemark', { orderId, text: 'Hello' }))).toEqual([
    'NOT_FOUND input.orderId',
  ]);
  expect(brief(await stranger.refusal('orderFlag', { orderId, flag: 'RED' }))).toEqual([
    'NOT_FOUND input.orderId',
  ]);
  const read = await stranger.run<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', {
    id: orderRemark.id,
  });
  expect(read.data?.node).toBeNull();
  expect(
    (
      await stranger.ok<{ orders: { totalCount: number } }>(
        '{ orders(where: { remark: "Unicornia" }) { totalCount } }',
      )
    ).orders.totalCount,
  ).toBe(0);
});

test('C57 without the permission remarks are neither read, searched nor written, wherever they lie', async () => {
  const order = await ordered();
  const { orderRemark } = await remark(order.id, 'Not for everybody.');
  const buyer = await app.given.staff({ posts: ['buyer'] });
  const REMARKS =
    'query ($id: ID!) { node(id: $id) { ... on Order { number remarks { totalCount edges { node { text } } } } } }';
  expect(await buyer.ok(REMARKS, { id: order.id })).toEqual({
    node: { number: order.number, remarks: { totalCount: 0, edges: [] } },
  });
  const node = await buyer.run<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', {
    id: orderRemark.id,
  });
  expect(node.data?.node).toBeNull();
  expect(await buyer.codes('{ orders(where: { remark: "everybody" }) { totalCount } }')).toEqual([
    'BAD_INPUT',
  ]);
  const write = await buyer.run(
    'mutation ($input: OrderRemarkInput!) { orderRemark(input: $input) { userErrors { code } } }',
    { input: { orderId: order.id, text: 'Hello' } },
  );
  expect(write.errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', requiredPermission: 'orders.remark' });
});
