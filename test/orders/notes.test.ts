// What colleagues write for each other stays among them: no partner and no shopper reads it, whatever way they take.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [1_000]);

/** Words that stand in every note of this file. */
const WORDS = 'Sesame opens';

/** An order on which everything was noted that can be. */
async function noted(by: Client = app.admin): Promise<{ id: string; remarkId: string }> {
  const { id } = await shop.place(at.storeId, [{ variantId, quantity: 3 }], by);
  const { orderRemark } = await app.admin.act<{ orderRemark: { id: string } }>(
    'orderRemark',
    { orderId: id, text: `${WORDS} for remarks`, mentionIds: [app.admin.staffId] },
    'orderRemark { id }',
  );
  await app.admin.act('orderFlag', { orderId: id, flag: 'RED' });
  await app.admin.act('contactReveal', { orderId: id, reason: `${WORDS} contacts` });
  const hold = { orderId: id, kind: 'RISK', reason: `${WORDS} holds`, idempotencyKey: newKey() };
  const { order } = await app.admin.act<{ order: { holds: { edges: { node: { id: string } }[] } } }>(
    'orderHold',
    hold,
    'order { holds { edges { node { id } } } }',
  );
  const orderHoldId = order.holds.edges[0]?.node.id;
  await app.admin.act('orderRelease', { orderHoldId, reason: `${WORDS} doors`, idempotencyKey: newKey() });
  const lines = await app.admin.ok<{ node: { lines: { edges: { node: { id: string } }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { lines { edges { node { id } } } } } }',
    { id },
  );
  const line = { orderLineId: lines.node.lines.edges[0]?.node.id, quantity: 1 };
  for (const part of [{ lines: [line] }, {}])
    await app.admin.act('orderCancel', {
      ...part,
      idempotencyKey: newKey(),
      orderId: id,
      reason: 'FRAUD',
      note: `${WORDS} eyes`,
    });
  return { id, remarkId: orderRemark.id };
}

const NODE = 'query ($id: ID!) { node(id: $id) { id } }';

const everyScope = async (): Promise<string[]> => {
  const { permissions } = await app.admin.ok<{ permissions: { name: string }[] }>('{ permissions { name } }');
  return permissions.map(({ name }) => name);
};

test('O58 a partner’s key with every permission reads no note, in objects, lists, feeds or the audit log', async () => {
  const key = await app.given.key({ scopes: await everyScope() });
  const stream = key.subscribe<{ orderEvents: { type: string; payload: object | null } }>(
    'subscription { orderEvents { type payload changes { field before after } } }',
  );
  await stream.next(({ orderEvents }) => orderEvents.type === 'heartbeat');
  const { id, remarkId } = await noted();
  await stream.next(({ orderEvents }) => orderEvents.type === 'order.cancelled');
  const read = await key.ok(
    `query ($id: ID!, $words: String!) {
      node(id: $id) { ... on Order {
        flag remarks { totalCount edges { node { text } } } holds { edges { node { kind reason releaseReason } } }
        timeline { edges { node { type payload } } } } }
      events(where: { nodeId: $id }) { edges { node { type payload changes { field before after } } } }
      orders(where: { remark: $words }) { totalCount }
      colleagues { totalCount }
      viewerMentions { totalCount }
    }`,
    { id, words: WORDS },
  );
  expect(JSON.stringify([stream.items, read])).not.toContain(WORDS);
  expect(read).toMatchObject({
    node: {
      flag: 'RED',
      remarks: { totalCount: 0, edges: [] },
      holds: { edges: [{ node: { kind: 'RISK', reason: '', releaseReason: '' } }] },
    },
    orders: { totalCount: 0 },
    colleagues: { totalCount: 0 },
    viewerMentions: { totalCount: 0 },
  });
  const remark = await key.run(NODE, { id: remarkId });
  expect(remark.data).toEqual({ node: null });
  expect(brief(await key.refusal('orderRemark', { orderId: id, text: 'From outside' }))).toEqual([
    'NOT_PERMITTED input',
  ]);
});

test('the notes of events are there for colleagues', async () => {
  const { id } = await noted();
  const { node } = await app.admin.ok<{
    node: { timeline: { edges: { node: { type: string; payload: object } }[] } };
  }>('query ($id: ID!) { node(id: $id) { ... on Order { timeline { edges { node { type payload } } } } } }', {
    id,
  });
  const payloads = Object.fromEntries(node.timeline.edges.map((edge) => [edge.node.type, edge.node.payload]));
  expect(payloads).toMatchObject({
    'order.contactRevealed': { reason: `${WORDS} contacts` },
    'order.held': { kind: 'RISK', reason: `${WORDS} holds` },
    'order.released': { kind: 'RISK', reason: `${WORDS} doors` },
    'order.linesCancelled': { reason: 'FRAUD', note: `${WORDS} eyes` },
    'order.cancelled': { reason: 'FRAUD', note: `${WORDS} eyes` },
  });
});

test('C57 shoppers read nothing of their own order that colleagues noted on it', async () => {
  for (const shopper of [await app.given.customer(), app.given.guest()]) {
    const { id, remarkId } = await noted(shopper);
    const document = `query ($id: ID!) { node(id: $id) { ... on Order { flag
      remarks { totalCount edges { node { text } } } holds { totalCount edges { node { reason releaseReason } } }
      timeline { totalCount edges { node { payload } } } } } }`;
    const none = { totalCount: 0, edges: [] };
    expect(await shopper.ok(document, { id })).toEqual({
      node: { flag: null, remarks: none, holds: none, timeline: none },
    });
    const remark = await shopper.run(NODE, { id: remarkId });
    expect(remark.data).toEqual({ node: null });
    expect(await shopper.codes('{ viewerMentions { totalCount } }')).toEqual(['FORBIDDEN']);
    const [refusal] = await shopper.subscribe('subscription { mentionEvents { type } }').ended;
    expect(refusal?.extensions?.code).toBe('FORBIDDEN');
  }
});
