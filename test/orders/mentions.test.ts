// Mentions: colleagues named in remarks, who learns of it, and who can be named.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { uniqueName } from '../setup/given.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [10_000]);
const clerk = await app.given.staff({ posts: ['order_clerk'] });

const ordered = () => shop.place(at.storeId, [{ variantId, quantity: 1 }]);
const colleague = (wishes: object = {}) => app.given.staff({ posts: ['customer_service'], ...wishes });

const remark = (orderId: string, text: string, named: readonly Client[], by: Client = clerk) =>
  by.act<{ orderRemark: { id: string } }>(
    'orderRemark',
    { orderId, text, mentionIds: named.map(({ staffId }) => staffId) },
    'orderRemark { id }',
  );

interface Mentions {
  totalCount: number;
  edges: { node: { id: string; readAt: string | null; version: number; remark: { text: string } } }[];
}

const mentionsOf = async (client: Client, where: object = {}): Promise<Mentions> =>
  (
    await client.ok<{ viewerMentions: Mentions }>(
      `query ($where: MentionWhere) { viewerMentions(where: $where) { totalCount edges { node {
        id readAt version remark { text author { name } order { id number } } } } } }`,
      { where },
    )
  ).viewerMentions;

const textsOf = ({ edges }: Mentions) => edges.map(({ node }) => node.remark.text);
const idsOf = ({ edges }: Mentions) => edges.map(({ node }) => node.id);

interface Watched {
  mentionEvents: { type: string; mention: { remark: { text: string } } | null };
}

const watch = async (client: Client, filter: object = {}) => {
  const stream = client.subscribe<Watched>(
    `subscription ($filter: MentionEventFilter) { mentionEvents(filter: $filter) {
      type mention { readAt remark { text order { number } } } } }`,
    { filter },
  );
  await stream.next(({ mentionEvents }) => mentionEvents.type === 'heartbeat');
  return stream;
};

const isEvent = ({ mentionEvents }: Watched) => mentionEvents.type !== 'heartbeat';

test('T23 who is named in a remark is told live and finds it among what they have not read', async () => {
  const [anna, bo] = [await colleague(), await colleague()];
  const stream = await watch(anna);
  const order = await ordered();
  await remark(order.id, 'Can you call them?', [anna, bo]);
  expect((await stream.next(isEvent)).mentionEvents).toMatchObject({
    type: 'mention.made',
    mention: { readAt: null, remark: { text: 'Can you call them?', order: { number: order.number } } },
  });
  await remark(order.id, 'Anna only.', [anna]);
  expect(textsOf(await mentionsOf(anna, { unread: true }))).toEqual(['Anna only.', 'Can you call them?']);
  expect(textsOf(await mentionsOf(bo))).toEqual(['Can you call them?']);
  expect((await mentionsOf(clerk)).totalCount).toBe(0);
  const { node } = await clerk.ok<{ node: { remarks: { edges: { node: { mentioned: object[] } }[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on Order { remarks { edges { node { mentioned { nodeId name } } } } } } }`,
    { id: order.id },
  );
  const [annaShown, boShown] = [anna, bo].map(({ staffId }) => ({ nodeId: staffId, name: 'Somebody' }));
  expect(node.remarks.edges.map((edge) => edge.node.mentioned)).toEqual([[annaShown], [annaShown, boShown]]);
});

test('T23 a mention is read once, by the one it names, and keeps that moment', async () => {
  const [anna, bo] = [await colleague(), await colleague()];
  const stream = await watch(anna);
  const { id } = await ordered();
  await remark(id, 'First', [anna, bo]);
  await remark(id, 'Second', [anna]);
  const mentionIds = idsOf(await mentionsOf(anna));
  const read = (ids: readonly string[], by = anna) =>
    by.act<{ mentions: { id: string; readAt: string | null; version: number }[] }>(
      'mentionRead',
      { mentionIds: ids },
      'mentions { id readAt version }',
    );
  const [second = '', first = ''] = mentionIds;
  const { mentions } = await read([first]);
  expect(mentions).toEqual([{ id: first, readAt: expect.any(String), version: 2 }]);
  const both = await read([second, first]);
  expect(both.mentions).toEqual([{ id: second, readAt: expect.any(String), version: 2 }, mentions[0]]);
  expect((await mentionsOf(anna, { unread: true })).totalCount).toBe(0);
  expect(textsOf(await mentionsOf(anna, { unread: false }))).toEqual(['Second', 'First']);
  expect(
    brief(await bo.refusal('mentionRead', { mentionIds: [...idsOf(await mentionsOf(bo)), first] })),
  ).toEqual(['NOT_FOUND input.mentionIds.1']);
  expect((await mentionsOf(bo, { unread: true })).totalCount).toBe(1);
  const types: string[] = [];
  for (let i = 0; i < 4; i++) types.push((await stream.next(isEvent)).mentionEvents.type);
  expect(types).toEqual(['mention.made', 'mention.made', 'mention.read', 'mention.read']);
});

test('ten calls at once read a mention once', async () => {
  const anna = await colleague();
  await remark((await ordered()).id, 'Read me', [anna]);
  const mentionIds = idsOf(await mentionsOf(anna));
  await Promise.all(
    Array.from({ length: 10 }, () => anna.act('mentionRead', { mentionIds }, 'mentions { id }')),
  );
  expect((await mentionsOf(anna)).edges[0]?.node.version).toBe(2);
  const events = await app.sql(
    `SELECT type, version FROM event WHERE entity_type = 'Mention' AND actor_id = (
      SELECT staff_id FROM mention WHERE id = $1) ORDER BY seq`,
    [
      Buffer.from(mentionIds[0] ?? '', 'base64url')
        .toString()
        .split(':')[1],
    ],
  );
  expect(events).toEqual([{ type: 'mention.read', version: 2 }]);
});

test('only colleagues who may read the remark can be named: all others are refused at once and nothing is written', async () => {
  const elsewhere = await shop.open();
  const outsider = await colleague({ stores: [elsewhere.storeId] });
  const buyer = await app.given.staff({ posts: ['buyer'] });
  const left = await colleague();
  await app.admin.act('staffLeave', { staffId: left.staffId }, 'staff { id }');
  const insider = await colleague({ stores: [at.storeId] });
  const { id: orderId } = await ordered();
  const nobody = Buffer.from('Staff:01a205b4-a3e1-7b25-9801-ab4261580971').toString('base64url');
  const named = (ids: readonly unknown[]) => ({ orderId, text: 'Hello', mentionIds: ids });
  const refused = await clerk.refusal(
    'orderRemark',
    named([insider.staffId, outsider.staffId, buyer.staffId, left.staffId, nobody]),
  );
  expect(brief(refused)).toEqual([1, 2, 3, 4].map((i) => `NOT_FOUND input.mentionIds.${i}`));
  expect((await mentionsOf(insider)).totalCount).toBe(0);
  expect(brief(await clerk.refusal('orderRemark', named([insider.staffId, insider.staffId])))).toEqual([
    'DUPLICATE input.mentionIds.1',
  ]);
  const many = Array.from({ length: 21 }, () => insider.staffId);
  expect(brief(await clerk.refusal('orderRemark', named(many)))).toContain('TOO_LONG input.mentionIds');
  await clerk.act('orderRemark', named([insider.staffId, clerk.staffId]), 'orderRemark { id }');
  expect((await mentionsOf(insider)).totalCount).toBe(1);
});

test('C57 nobody but the one it names sees a mention: not as an object, not in a list, not in the feed', async () => {
  const [anna, bo] = [await colleague(), await colleague()];
  const stream = await watch(bo);
  const order = await ordered();
  await remark(order.id, 'For Anna', [anna]);
  const [mentionId = ''] = idsOf(await mentionsOf(anna));
  for (const other of [bo, app.admin]) {
    const answer = await other.run<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', {
      id: mentionId,
    });
    expect(answer.data?.node).toBeNull();
    expect(idsOf(await mentionsOf(other))).not.toContain(mentionId);
  }
  await remark(order.id, 'For Bo', [bo]);
  expect((await stream.next(isEvent)).mentionEvents.mention?.remark.text).toBe('For Bo');
});

test('C57 who no longer acts in the store loses the mentions on its orders', async () => {
  const elsewhere = await shop.open();
  const anna = await colleague({ stores: [at.storeId] });
  await remark((await ordered()).id, 'Still here?', [anna]);
  expect(idsOf(await mentionsOf(anna))).toHaveLength(1);
  const move = { staffId: anna.staffId, expectedVersion: 1, storeIds: [elsewhere.storeId] };
  await app.admin.act('staffChange', move, 'staff { id }');
  expect((await mentionsOf(anna)).totalCount).toBe(0);
});

test('a watcher of mentions names orders and stores', async () => {
  const anna = await colleague();
  const [one, two] = [await ordered(), await ordered()];
  const byOrder = await watch(anna, { orderIds: [two.id] });
  const byStore = await watch(anna, { storeIds: [at.storeId] });
  await remark(one.id, 'One', [anna]);
  await remark(two.id, 'Two', [anna]);
  expect((await byOrder.next(isEvent)).mentionEvents.mention?.remark.text).toBe('Two');
  expect((await byStore.next(isEvent)).mentionEvents.mention?.remark.text).toBe('One');
});

test('the colleagues of an order are those whom a remark on it can name, found by a part of their names', async () => {
  const elsewhere = await shop.open();
  const [here, there] = [
    await colleague({ stores: [at.storeId] }),
    await colleague({ stores: [elsewhere.storeId] }),
  ];
  const name = uniqueName('Zoë Müller');
  for (const { staffId } of [here, there])
    await app.admin.act('staffChange', { staffId, expectedVersion: 1, name }, 'staff { id }');
  const { id: orderId } = await ordered();
  const found = async (by: Client, where: object) =>
    (
      await by.ok<{ colleagues: { edges: { node: { nodeId: string; name: string } }[] } }>(
        'query ($where: ColleagueWhere) { colleagues(where: $where) { edges { node { nodeId name } } } }',
        { where },
      )
    ).colleagues.edges.map(({ node }) => node.nodeId);
  expect(await found(clerk, { orderId, name: 'zoë mü' })).toEqual([here.staffId]);
  expect(new Set(await found(clerk, { name }))).toEqual(new Set([here.staffId, there.staffId]));
  expect(await found(there, { name })).toEqual([there.staffId]);
  expect(await found(there, { orderId })).toEqual([]);
  for (const sign of ['%', '_', '\\']) expect(await found(clerk, { name: sign })).toEqual([]);
});
