// Deprecated parts of the API: which key still uses them, and when it last did.

import { type GraphQLInputObjectType, type GraphQLObjectType, isEnumType } from 'graphql';
import { afterAll, expect, test } from 'vitest';
import { writeUses } from '../../src/partners/actions/last-use.ts';
import { schema } from '../../src/schema.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import type { KeyClient } from '../setup/partners.ts';

// Nothing is deprecated yet, so a part of each kind is, before the server starts.
const order = schema.getType('Order') as GraphQLObjectType;
const where = schema.getType('OrderWhere') as GraphQLInputObjectType;
const states = schema.getType('OrderState');
const parts = [
  order.getFields().number,
  where.getFields().awaitingStock,
  isEnumType(states) ? states.getValue('CANCELLED') : undefined,
  schema
    .getQueryType()
    ?.getFields()
    .orders?.args.find(({ name }) => name === 'orderBy'),
].map((part) => {
  if (!part) throw new Error('the schema has changed');
  part.deprecationReason = 'Ends on 2099-01-01.';
  return part;
});
afterAll(() => {
  for (const part of parts) part.deprecationReason = undefined;
});

const app = await startApp({ env: { BACKGROUND: 'off' } });
const newKey = () => app.given.key({ scopes: ['orders:read'] });

async function usesOf(key: KeyClient): Promise<{ coordinate: string; lastUsedAt: string }[]> {
  await writeUses();
  const { viewerKey } = await key.ok<{ viewerKey: { deprecatedUses: never[] } }>(
    '{ viewerKey { deprecatedUses { coordinate lastUsedAt } } }',
  );
  return viewerKey.deprecatedUses;
}
const placesOf = async (key: KeyClient) => (await usesOf(key)).map(({ coordinate }) => coordinate).sort();

test.each([
  ['a field', '{ orders { edges { node { number } } } }', {}, ['Order.number']],
  [
    'a field in a fragment',
    '{ orders { edges { node { ...a } } } } fragment a on Order { number }',
    {},
    ['Order.number'],
  ],
  ['an argument', '{ orders(orderBy: NEWEST) { totalCount } }', {}, ['Query.orders(orderBy:)']],
  [
    'an input field and a value, written',
    '{ orders(where: { awaitingStock: true, states: [CANCELLED] }) { totalCount } }',
    {},
    ['OrderState.CANCELLED', 'OrderWhere.awaitingStock'],
  ],
  [
    'an input field and a value, in a variable',
    'query ($where: OrderWhere) { orders(where: $where) { totalCount } }',
    { where: { awaitingStock: false, states: ['CONFIRMED', 'CANCELLED'] } },
    ['OrderState.CANCELLED', 'OrderWhere.awaitingStock'],
  ],
  ['nothing', '{ orders(where: { states: [CONFIRMED] }) { edges { node { id } } } }', {}, []],
])('C53 a key that uses %s is known by it', async (_, document, variables, places) => {
  const key = await newKey();
  await key.ok(document, variables);
  expect(await placesOf(key)).toEqual(places);
});

test('C53 the last use counts, and each key is known by its own only', async () => {
  const [one, other] = [await newKey(), await newKey()];
  const document = '{ orders { edges { node { number } } } }';
  await one.ok(document);
  const [first] = await usesOf(one);
  clock.pass({ hours: 1 });
  const before = clock.now();
  await one.ok(document);
  const [last] = await usesOf(one);
  expect(new Date(first?.lastUsedAt ?? 0) < before).toBe(true);
  expect(new Date(last?.lastUsedAt ?? 0) >= before).toBe(true);
  expect(await usesOf(other)).toEqual([]);
});

test('C53 a subscription is a use as well, and an operation that is refused is none', async () => {
  const key = await newKey();
  const feed = key.subscribe('subscription { orderEvents { cursor order { number } } }');
  await feed.next();
  await feed.close();
  expect(await placesOf(key)).toEqual(['Order.number']);
  const refused = await newKey();
  await refused.codes('{ orders(first: 5000) { edges { node { number nothing } } } }');
  expect(await usesOf(refused)).toEqual([]);
});
