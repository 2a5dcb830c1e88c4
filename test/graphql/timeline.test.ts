// Histories: read with their objects or for themselves, they are the same.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given, sql } = app;

interface History {
  totalCount: number;
  edges: { cursor: string; node: Record<string, unknown> }[];
  pageInfo: Record<string, unknown>;
}

const FIELDS = `totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node {
    cursor type title payload occurredAt actor { kind name nodeId } nodeId version changes { field before after withheld }
    requestId source
  } }`;

/** A store that was changed some times, and the changes moved to the log. */
async function storeWithHistory(changes: number): Promise<string> {
  const id = await given.store();
  for (let i = 1; i <= changes; i++)
    await admin.act('storeChange', { storeId: id, expectedVersion: i, lineQuantityMax: i });
  await historyOf(id, '(first: 1)');
  return id;
}

const readsHistory = (sql: string): boolean => /FROM "event" .*ORDER BY/.test(sql);

/** A history that is read with its store: it comes first. With another before it, it is read for itself. */
async function historyOf(storeId: string, args: string, before = ''): Promise<History> {
  const { node } = await admin.ok<{ node: { history: History } }>(
    `query ($id: ID!) { node(id: $id) { ... on Store { ${before} history: timeline${args} { ${FIELDS} } } } }`,
    { id: storeId },
  );
  return node.history;
}

const STORES = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Store {
  id timeline(first: 5) { totalCount edges { node { version } } } } } }`;

test('a page of a history is the same whether it is read with its object or for itself', async () => {
  const id = await storeWithHistory(5);
  const whole = await historyOf(id, '');
  expect(whole.edges.map(({ node }) => node.version)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(whole.totalCount).toBe(6);
  const cursors = whole.edges.map(({ cursor }) => `"${cursor}"`);
  const pages: [args: string, versions: number[]][] = [
    ['(first: 2)', [1, 2]],
    ['(first: 0)', []],
    ['(last: 2)', [5, 6]],
    [`(first: 2, after: ${cursors[1]})`, [3, 4]],
    [`(first: 9, after: ${cursors[3]})`, [5, 6]],
    [`(last: 2, before: ${cursors[4]})`, [3, 4]],
    [`(last: 9, before: ${cursors[1]})`, [1]],
    [`(first: 3, after: ${cursors[5]})`, []],
  ];
  for (const [args, versions] of pages) {
    const withStore = await app.statementsOf(async () => {
      expect((await historyOf(id, args)).edges.map(({ node }) => node.version)).toEqual(versions);
    });
    const alone = await app.statementsOf(async () => {
      const other = 'other: timeline(first: 7) { edges { node { type } } }';
      expect(await historyOf(id, args, other)).toEqual(await historyOf(id, args));
    });
    expect(alone.filter(readsHistory)).toHaveLength(2 + 1);
    expect(withStore.filter(readsHistory)).toHaveLength(1);
  }
});

test('one page of a history under two names is read once, with all that either asks of it', async () => {
  const id = await storeWithHistory(1);
  const document = `query ($id: ID!) { node(id: $id) { ... on Store {
    short: timeline(first: 2) { edges { node { type } } }
    long: timeline(first: 2) { edges { node { version changes { field after } payload } } }
  } } }`;
  const statements = await app.statementsOf(async () => {
    const { node } = await admin.ok<{ node: { short: History; long: History } }>(document, { id });
    expect(node.short.edges.map((edge) => edge.node.type)).toEqual(['store.opened', 'store.changed']);
    expect(node.long.edges[1]?.node.changes).toEqual([{ field: 'lineQuantityMax', after: 1 }]);
  });
  // The session, and the store with its history.
  expect(statements).toHaveLength(2);
});

test('C55 what committed is in the history at once, also while it waits to be logged', async () => {
  const id = await storeWithHistory(1);
  const columns = `type, entity_type, entity_id, payload, changes, facets, payload_version, actor_kind, actor_id,
    request_id, source, store_id, occurred_at`;
  // Nobody is told of it, as when the instance that wrote it has stopped.
  await sql(`INSERT INTO event_outbox (event_id, version, ${columns})
    SELECT gen_random_uuid(), version + 1, ${columns} FROM event ORDER BY seq DESC LIMIT 1`);
  const { edges } = await historyOf(id, '(last: 2)');
  expect(edges.map(({ node }) => [node.version, node.changes])).toEqual(
    [2, 3].map((version) => [
      version,
      [{ field: 'lineQuantityMax', before: 10_000, after: 1, withheld: false }],
    ]),
  );
});

test('of two acts in one operation each is told the history up to itself', async () => {
  const id = await storeWithHistory(0);
  const change = (name: string) =>
    `${name}: storeChange(input: $${name}) { userErrors { code } store { timeline { edges { node { version } } } } }`;
  const input = { storeId: id, lineQuantityMax: 5 };
  const told = await admin.ok<Record<string, { store: { timeline: History } }>>(
    `mutation ($a: StoreChangeInput!, $b: StoreChangeInput!) { ${change('a')} ${change('b')} }`,
    {
      a: { ...input, expectedVersion: 1 },
      b: { ...input, expectedVersion: 2, lineQuantityMax: 6 },
    },
  );
  const versions = Object.values(told).map(({ store }) =>
    store.timeline.edges.map(({ node }) => node.version),
  );
  expect(versions).toEqual([
    [1, 2],
    [1, 2, 3],
  ]);
});

test('objects of a page have their own histories, also inside of others', async () => {
  const ids = [await storeWithHistory(2), await storeWithHistory(0)];
  const { nodes } = await admin.ok<{ nodes: { id: string; timeline: History }[] }>(STORES, { ids });
  expect(nodes.map(({ id, timeline }) => [id, timeline.edges.map(({ node }) => node.version)])).toEqual([
    [ids[0], [1, 2, 3]],
    [ids[1], [1]],
  ]);
  const product = await given.product();
  await admin.act('listingSet', { productId: product.productId, storeId: ids[0], state: 'OFF_SALE' });
  const { listings } = await admin.ok<{ listings: { edges: { node: { store: { timeline: History } } }[] } }>(
    '{ listings { edges { node { store { timeline(last: 1) { edges { node { version } } } } } } } }',
  );
  expect(listings.edges.map(({ node }) => node.store.timeline.edges)).toEqual([[{ node: { version: 3 } }]]);
});

test('who is not of the department finds histories empty', async () => {
  const id = await storeWithHistory(1);
  const customer = await given.customer();
  const { nodes } = await customer.ok<{ nodes: { timeline: History }[] }>(STORES, { ids: [id] });
  expect(nodes.map(({ timeline }) => [timeline.totalCount, timeline.edges])).toEqual([[0, []]]);
});

test('a history that another field read in part is read whole for whoever asks for more of it', async () => {
  const id = await storeWithHistory(1);
  const product = await given.product();
  await admin.act('listingSet', { productId: product.productId, storeId: id, state: 'OFF_SALE' });
  const more = 'timeline(first: 2) { edges { node { payload changes { after } } } }';
  // What the second store wants is not planned: its lists, or one of its histories, are not those of the first.
  const documents = [
    `a: store { listings(first: 1) { edges { cursor } } timeline(first: 2) { edges { node { type } } } }
     b: store { listings(first: 2) { edges { cursor } } history: ${more} }`,
    `a: store { timeline(first: 2) { edges { node { type } } } }
     b: store { timeline(first: 1) { edges { node { type } } } history: ${more} }`,
  ];
  for (const fields of documents) {
    const { listings } = await admin.ok<{ listings: { edges: { node: { b: { history: History } } }[] } }>(
      `{ listings(where: { storeId: "${id}" }) { edges { node { ${fields} } } } }`,
    );
    const changes = listings.edges.map(({ node }) => node.b.history.edges[1]?.node.changes);
    expect(changes).toEqual([[{ after: 1 }]]);
  }
});

test('a row that its history makes too wide for one statement is read without it, and the history after it', async () => {
  const shop = shopIn(app);
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [1]);
  await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  // Each adds one column at most, so no width is left out.
  const moments = ['cancelledAt', 'confirmedAt', 'dispatchedAt', 'deliveredAt', 'completedAt', 'paidAt'];
  const names = ['state', 'held', 'awaitingStock', 'externalReference', 'cancelReason', ...moments];
  const customer = ['phone', 'locale', 'createdAt', 'state', 'version', 'externalReference', 'erasedAt'];
  const wide = `number version paymentState fulfilmentState afterSalesState flag placedAt
    lines(first: 1) { edges { cursor } } holds(first: 1) { edges { cursor } } shipments(first: 1) { edges { cursor } }
    freight { amount } merchandise { amount } total { amount } tax { amount }
    contact { name phone email address { country region city district lines postalCode } }
    store { name code version timeZone currencies lineQuantityMax freight { amount } freightFreeFrom { amount } platform
      policies { payWithinMinutes cashOnDelivery completeAfterDays confirmWithinMinutes confirmation creditDays expiryBy refundsBy } }
    platformOrder { asOf closedAt completedAt paidAt reference buyerPaid { amount } discrepancy { amount }
      merchantDiscount { amount } platformDiscount { amount } }
    payment { captured { amount } due { amount } isCovered refunded { amount } refunding { amount } terms }`;
  const ways: string[] = [];
  for (let width = 0; width <= names.length + customer.length; width++) {
    const statements = await app.statementsOf(async () => {
      const { orders } = await admin.ok<{
        orders: { edges: { node: { timeline: History } }[] };
      }>(`{ orders(first: 1) {
        edges { node { ${names.slice(0, width).join(' ')} ${wide}
          customer { id name email ${customer.slice(0, Math.max(0, width - names.length)).join(' ')} }
          timeline(first: 1) { edges { node { type } } } } } } }`);
      expect(orders.edges[0]?.node.timeline.edges).toEqual([{ node: { type: 'order.placed' } }]);
    });
    const reading = statements.find((sql) => sql.includes('"order"')) ?? '';
    const isOurs = reading.startsWith('SELECT json_build_array');
    ways.push(!isOurs ? 'by Prisma' : readsHistory(reading) ? 'with its history' : 'before its history');
  }
  expect(ways.filter((way, i) => way !== ways[i - 1])).toEqual([
    'with its history',
    'before its history',
    'by Prisma',
  ]);
});

test('what is wrong with the arguments of a history is told at its place, and the rest is answered', async () => {
  const ids = [await storeWithHistory(0), await given.location()];
  const { data, errors } = await admin.run(
    `query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on Store { timeline(first: 101) { totalCount } }
      ... on Location { id } } }`,
    { ids },
  );
  expect(data).toEqual({ nodes: [null, { id: ids[1] }] });
  expect(errors?.map(({ path }) => path)).toEqual([['nodes', 0, 'timeline']]);
});
