// What operations cost: counted before they run, settled after, within what a caller may ask for over time.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';

const MAXIMUM = 5_000;
const app = await startApp({ env: { COST_MAXIMUM: String(MAXIMUM), COST_RESTORE: '1000' } });
const { admin, anonymous, given, url } = app;

interface Cost {
  requestedQueryCost: number;
  actualQueryCost: number | null;
  throttleStatus: {
    maximumAvailable: number;
    currentlyAvailable: number;
    restoreRate: number;
    resetsInSeconds: number;
  };
}

const costOf = async (
  client: Client,
  document: string,
  variables?: Record<string, unknown>,
): Promise<Cost> => {
  const answer = await client.run(document, variables);
  expect(answer.errors ?? []).toEqual([]);
  return (answer.extensions as { cost: Cost }).cost;
};

const requested = async (document: string, variables?: Record<string, unknown>) =>
  (await costOf(admin, document, variables)).requestedQueryCost;

describe('C47 G31 an operation costs the objects that it asks for', () => {
  test.each<[what: string, document: string, variables: Record<string, unknown>, objects: number]>([
    ['1 at least', '{ __typename eventCursor }', {}, 1],
    ['10 for a count', '{ a: stores { totalCount } b: stores { totalCount } }', {}, 22],
    ['500 for the schema', '{ __schema { types { name } } __type(name: "Order") { name } }', {}, 550],
    ['every title of the enums', '{ titles { title } }', {}, 300],
    ['1 for an object', '{ viewer { id name } }', {}, 1],
    [
      'its page, edge and node for each place of a list',
      '{ stores(first: 5) { edges { node { id } } } }',
      {},
      11,
    ],
    ['no edges where none are asked for', '{ stores(first: 5) { pageInfo { hasNextPage } } }', {}, 2],
    ['the default page without a size', '{ stores { edges { node { id } } } }', {}, 41],
    [
      'a page of the variable’s size',
      'query ($n: Int) { stores(first: $n) { edges { node { id } } } }',
      { n: 7 },
      15,
    ],
    ['the variable’s default', 'query ($n: Int = 3) { stores(first: $n) { edges { node { id } } } }', {}, 7],
    [
      'what is included only',
      'query ($a: Boolean!) { viewer { id } stores @include(if: $a) { edges { cursor } } }',
      { a: false },
      1,
    ],
    ['the same field once', '{ viewer { id } ...V } fragment V on Query { viewer { name } }', {}, 1],
    ['each alias', '{ a: viewer { id } b: viewer { id } }', {}, 2],
    [
      'the dearest alternative',
      '{ node(id: "U3RvcmU6") { ... on Store { texts { name } paymentMethods { terms } } ... on Product { category { id } } } }',
      {},
      7,
    ],
    ['as many nodes as ids', 'query ($i: [ID!]!) { nodes(ids: $i) { id } }', { i: ['a', 'b', 'c'] }, 3],
  ])('%s', async (_, document, variables, objects) => {
    expect((await admin.run(document, variables)).extensions).toMatchObject({
      cost: { requestedQueryCost: objects },
    });
  });

  test('and a mutation what it does for each item of its lists', async () => {
    const of = async (lines: number) => {
      const answer = await admin.run(
        'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { userErrors { code } } }',
        {
          input: shopIn(app).orderInput(
            'U3RvcmU6',
            Array(lines).fill({ variantId: 'VmFyaWFudDo=', quantity: 1 }),
          ),
        },
      );
      return (answer.extensions as { cost: Cost }).cost.requestedQueryCost;
    };
    expect((await of(40)) - (await of(1))).toBe(39);
  });

  test('and one that is refused only what it was asked to do and its userErrors', async () => {
    const lines = 'order { lines(first: 100) { edges { node { id } } } }';
    const cost = await costOf(
      admin,
      `mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { ${lines} problems: userErrors { code } } }`,
      { input: shopIn(app).orderInput('U3RvcmU6', [{ variantId: 'VmFyaWFudDo=', quantity: 1 }]) },
    );
    // The act, its two lines (of goods, of the address) and its payload; an error for the store and one for the variant.
    expect(cost).toMatchObject({ requestedQueryCost: 218, actualQueryCost: 15 });
  });
});

test('G31 a subscription asks for at most a thousand objects, because each event costs them again', async () => {
  const ask = (first: number) =>
    `subscription { orderEvents { order { lines(first: ${first}) { edges { node { variant { product { variants(first: 10) { edges { node { sku } } } } } } } } } } }`;
  const [error] = await admin.subscribe(ask(100)).ended;
  expect(error?.extensions).toMatchObject({ code: 'TOO_COSTLY', max: 1_000 });
  await admin.subscribe(ask(10)).next();
});

test('G31 what is refused for its cost says at the place where every answer does what it would have cost', async () => {
  const staff = await given.staff({ posts: ['administrator'] });
  const { errors, extensions } = await staff.run(
    '{ stores(first: 100) { edges { node { listings(first: 100) { edges { node { id } } } } } } }',
  );
  expect(errors).toMatchObject([{ extensions: { code: 'TOO_COSTLY', cost: extensions.cost } }]);
  expect(extensions).toMatchObject({
    cost: {
      requestedQueryCost: errors[0]?.extensions?.objects,
      actualQueryCost: null,
      throttleStatus: { maximumAvailable: MAXIMUM, currentlyAvailable: MAXIMUM, resetsInSeconds: 0 },
    },
  });
});

test('G31 variables that no operation declares cost nothing, nor does what is nested beyond all input types', async () => {
  const junk = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`v${i}`, 1]));
  const fields = Array.from({ length: 29 }, (_, i) => `a${i}: stores(first: $n) { totalCount }`);
  const started = performance.now();
  const answer = await anonymous.run(`query ($n: Int) { ${fields.join(' ')} }`, { n: 1, ...junk });
  expect(answer.status).toBe(200);
  // It took ten seconds when each argument looked at all variables.
  expect(performance.now() - started).toBeLessThan(3_000);
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  const document = 'mutation ($input: StoreOpenInput!) { storeOpen(input: $input) { userErrors { code } } }';
  expect(await admin.codes(document, { input: deep })).toEqual(['BAD_REQUEST']);
  const [error] = await admin.subscribe(
    'subscription ($f: OrderEventFilter) { orderEvents(filter: $f) { type } }',
    {
      f: { storeIds: deep },
    },
  ).ended;
  expect(error?.extensions?.code).toBe('BAD_REQUEST');
});

describe('G31 what a list did not fill is given back', () => {
  const stores = '{ stores(first: 100) { edges { node { id } } } }';

  test('and the answer says what it came to and what is left', async () => {
    const staff = await given.staff({ posts: ['administrator'] });
    await given.store();
    const cost = await costOf(staff, stores);
    const count = (await staff.ok<{ stores: { edges: unknown[] } }>(stores)).stores.edges.length;
    expect(cost).toMatchObject({
      requestedQueryCost: 201,
      actualQueryCost: 1 + 2 * count,
      throttleStatus: { maximumAvailable: MAXIMUM, restoreRate: 1_000 },
    });
    expect(cost.throttleStatus.currentlyAvailable).toBeGreaterThanOrEqual(MAXIMUM - 1 - 2 * count);
  });

  test('but never after an error', async () => {
    const answer = await admin.run('{ stores(first: 100) { edges { node { id } } } node(id: "!") { id } }');
    expect(answer.errors).toHaveLength(1);
    expect(answer.extensions).toMatchObject({ cost: { requestedQueryCost: 202, actualQueryCost: null } });
  });
});

describe('C47 G31 a caller who asks for too much over time', () => {
  /** 802 objects, none of which come back: the error keeps them. */
  const dear =
    '{ node(id: "!") { id } stores(first: 100) { edges { node { texts { name } paymentMethods { terms } } } } }';

  const spend = async (client: Client): Promise<number> => {
    for (let done = 0; done < 50; done++)
      if ((await client.codes(dear)).includes('RATE_LIMITED')) return done;
    throw new Error('never throttled');
  };

  test('has to wait as long as the answer says, on every door, and others do not', async () => {
    const spender = await given.staff({ posts: ['administrator'] });
    const other = await given.staff({ posts: ['administrator'] });
    expect(await requested(dear.replace('node(id: "!") { id } ', ''))).toBeGreaterThan(800);
    await spend(spender);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${spender.token}` },
      body: JSON.stringify({ query: dear }),
    });
    const { errors, extensions } = (await response.json()) as {
      errors: { extensions: Record<string, unknown> }[];
      extensions: unknown;
    };
    expect(extensions).toEqual({ cost: errors[0]?.extensions.cost });
    expect(response.status).toBe(429);
    const seconds = Number(response.headers.get('retry-after'));
    expect(errors[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: seconds,
      cost: { actualQueryCost: null },
    });
    const stream = spender.subscribe(dear);
    await stream.ended;
    expect(stream.errors[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await other.codes(dear)).not.toContain('RATE_LIMITED');
    await sleep(seconds * 1_000 + 200);
    expect(await spender.codes(dear)).not.toContain('RATE_LIMITED');
  });

  test('is counted by key, and by address where nobody is known', async () => {
    const keys = [
      await given.key({ scopes: ['products.read'] }),
      await given.key({ scopes: ['products.read'] }),
    ];
    await spend(keys[0] as Client);
    expect(await (keys[1] as Client).codes('{ __typename }')).toEqual([]);
    const guests = [given.guest(), given.guest()];
    await spend(guests[0] as Client);
    expect(await (guests[1] as Client).codes(dear)).toContain('RATE_LIMITED');
    expect(await anonymous.codes(dear)).toContain('RATE_LIMITED');
  });

  test('pays once for a subscription: its first item says what, and no other', async () => {
    const staff = await given.staff({ posts: ['administrator'] });
    const body = JSON.stringify({ query: 'subscription { stockEvents { cursor stock { id } } }' });
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${staff.token}`,
      },
      body,
    });
    let text = '';
    const items = () => text.match(/"cursor"/g)?.length ?? 0;
    for await (const chunk of response.body ?? []) {
      const before = items();
      text += Buffer.from(chunk).toString();
      if (items() >= 2) break;
      if (before === 0 && items() === 1) await given.stockedVariant({ onHand: 1 });
    }
    expect(text.match(/"requestedQueryCost":\d+/g)).toEqual(['"requestedQueryCost":2']);
  });
});
