// What a key may do and where, and that the log says which key it was.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey, uniqueName } from '../setup/given.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given } = app;

describe('a key may', () => {
  test('G36 C49 do what its scopes say; a refusal names the missing one', async () => {
    const key = await given.key({ scopes: ['orders:read'] });
    await key.ok('{ orders { totalCount } }');
    const attempts = [
      ['{ stocks { totalCount } }', 'stock.read'],
      ['{ partners { totalCount } }', 'partners.read'],
      ['{ events { totalCount } }', 'events.read'],
      [
        `mutation { partnerOpen(input: { code: "x", kind: OTHER, texts: [{ locale: en, name: "X" }] }) { userErrors { code } } }`,
        'partners.manage',
      ],
    ];
    for (const [document = '', requiredPermission] of attempts) {
      const { errors } = await key.run(document);
      expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN', requiredPermission }]);
    }
  });

  test('G36 act only in its stores: elsewhere it sees nothing and places nothing', async () => {
    const [here, there] = [await given.stockedVariant(), await given.stockedVariant()];
    const order = (goods: typeof here) => ({
      storeId: goods.storeId,
      lines: [{ variantId: goods.variantId, quantity: 1 }],
    });
    const [mine, other] = [await given.order(order(here)), await given.order(order(there))];
    const key = await given.key({
      scopes: ['orders:read', 'orders.place'],
      stores: [here.storeId],
      locations: [],
    });
    const { orders } = await key.ok<{ orders: { totalCount: number; edges: { node: { id: string } }[] } }>(
      '{ orders { totalCount edges { node { id } } } }',
    );
    expect([orders.totalCount, orders.edges.map(({ node }) => node.id)]).toEqual([1, [mine.id]]);
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect((await key.run(node, { id: other.id })).data).toEqual({ node: null });
    await given.order({ ...order(here), by: key });
    expect(brief(await key.refusal('orderPlace', given.orderInput(order(there))))).toEqual([
      'NOT_FOUND input.storeId',
    ]);
  });

  test('G36 act only at its locations', async () => {
    const [here, there] = [await given.stockedVariant(), await given.stockedVariant()];
    const key = await given.key({
      scopes: ['stock:read', 'stock:write'],
      stores: [],
      locations: [here.locationId],
    });
    const { stocks } = await key.ok<{ stocks: { edges: { node: { location: { id: string } } }[] } }>(
      '{ stocks { edges { node { location { id } } } } }',
    );
    expect(stocks.edges.map(({ node }) => node.location.id)).toEqual([here.locationId]);
    const receive = ({ variantId, locationId }: typeof here) => ({
      idempotencyKey: newKey(),
      locationId,
      lines: [{ variantId, quantity: 1 }],
    });
    await key.act('stockReceive', receive(here));
    expect(brief(await key.refusal('stockReceive', receive(there)))).toEqual(['NOT_FOUND input.locationId']);
  });

  test('G36 be used from its networks only', async () => {
    const scopes = ['orders:read'];
    const local = await given.key({ scopes, networks: ['192.0.2.0/24', '127.0.0.0/8'] });
    const foreign = await given.key({ scopes, networks: ['192.0.2.0/24', '2001:db8::/32'] });
    await local.ok('{ __typename }');
    const { status, errors } = await foreign.run('{ __typename }');
    expect([status, errors.map(({ extensions }) => extensions?.code)]).toEqual([401, ['UNAUTHENTICATED']]);
    await expect(foreign.subscribe('subscription { orderEvents { type } }').closed).resolves.toMatchObject({
      code: 4401,
    });
  });

  test('C8 order only what is published and on sale, like everybody', async () => {
    const sold = await given.stockedVariant();
    const draft = await given.product({ state: 'APPROVED' });
    const off = await given.stockedVariant({ store: sold.storeId, location: sold.locationId });
    await given.listing(off.productId, sold.storeId, 'OFF_SALE');
    const withdrawn = await given.stockedVariant({ store: sold.storeId, location: sold.locationId });
    await admin.act('productWithdraw', { productVersionId: withdrawn.productVersionId });
    const key = await given.key({ scopes: ['orders:read', 'orders:write'], stores: [sold.storeId] });
    const lines = [sold, draft, off, withdrawn].map(({ variantId }) => ({ variantId, quantity: 1 }));
    const refusal = await key.refusal('orderPlace', given.orderInput({ storeId: sold.storeId, lines }));
    expect(brief(refusal)).toEqual([1, 2, 3].map((line) => `VARIANT_NOT_SOLD input.lines.${line}.variantId`));
  });
});

describe('C60 the log says', () => {
  test('which key did what, by the names of partner and key, and finds it again by the key', async () => {
    const { storeId, variantId } = await given.stockedVariant();
    const partner = await given.partner({ name: 'Marketplace' });
    const name = uniqueName('Order import');
    const key = await given.key({ partner, name, scopes: ['orders:read', 'orders:write'] });
    const order = await given.order({ storeId, lines: [{ variantId, quantity: 2 }], by: key });
    const EVENT = 'type nodeId source actor { kind name nodeId }';
    const { node } = await admin.ok<{ node: { timeline: { edges: { node: object }[] } } }>(
      `query ($id: ID!) { node(id: $id) { ... on Order { timeline { edges { node { ${EVENT} } } } } } }`,
      { id: order.id },
    );
    const placed = {
      type: 'order.placed',
      nodeId: order.id,
      source: 'http',
      actor: { kind: 'KEY', name: `Marketplace · ${name}`, nodeId: key.keyId },
    };
    expect(node.timeline.edges[0]?.node).toEqual(placed);
    const { events } = await admin.ok<{ events: { edges: { node: typeof placed }[] } }>(
      `query ($id: ID!) { events(where: { keyId: $id }) { edges { node { ${EVENT} } } } }`,
      { id: key.keyId },
    );
    expect(events.edges.map((edge) => edge.node)).toContainEqual(placed);
    expect(new Set(events.edges.map((edge) => edge.node.actor.nodeId))).toEqual(new Set([key.keyId]));
  });

  test('C57 a key who of the department acted only with staff.read', async () => {
    const { storeId, variantId } = await given.stockedVariant();
    const order = await given.order({ storeId, lines: [{ variantId, quantity: 1 }] });
    const actorsFor = async (scopes: string[]) => {
      const { node } = await (await given.key({ scopes })).ok<{
        node: { timeline: { edges: { node: { actor: object } }[] } };
      }>(
        'query ($id: ID!) { node(id: $id) { ... on Order { timeline { edges { node { actor { kind name nodeId } } } } } } }',
        { id: order.id },
      );
      return node.timeline.edges[0]?.node.actor;
    };
    expect(await actorsFor(['orders:read'])).toEqual({ kind: 'STAFF', name: null, nodeId: null });
    expect(await actorsFor(['orders:read', 'staff.read'])).toEqual({
      kind: 'STAFF',
      name: 'Administrator',
      nodeId: admin.staffId,
    });
  });

  test('who gave which rights to a key', async () => {
    const store = await given.store();
    const { keyId } = await given.key({ name: 'Import', scopes: ['orders:read'], stores: [store] });
    const { node } = await admin.ok<{ node: { timeline: { edges: { node: object }[] } } }>(
      `query ($id: ID!) { node(id: $id) { ... on ApiKey { timeline { edges { node {
        type actor { kind } changes { field before after }
      } } } } } }`,
      { id: keyId },
    );
    expect(node.timeline.edges.map((edge) => edge.node)).toEqual([
      {
        type: 'key.issued',
        actor: { kind: 'STAFF' },
        changes: [
          { field: 'name', before: null, after: 'Import' },
          { field: 'scopes', before: null, after: ['orders:read'] },
          { field: 'allStores', before: null, after: false },
          { field: 'allLocations', before: null, after: true },
          { field: 'networks', before: null, after: [] },
          { field: 'stores', before: null, after: [store] },
          { field: 'locations', before: null, after: [] },
        ],
      },
    ]);
  });

  test('the names of twenty keys with no more statements than that of one', async () => {
    const { storeId, variantId } = await given.stockedVariant({ onHand: 200 });
    for (let i = 0; i < 20; i++) {
      const by = await given.key({ scopes: ['orders:read', 'orders:write'] });
      await given.order({ storeId, lines: [{ variantId, quantity: 1 }], by });
    }
    const QUERY = `query ($first: Int) { events(first: $first, where: { types: ["order.placed"] }) {
      edges { node { actor { name nodeId } } } } }`;
    const [one, many] = [
      await app.statementsOf(() => admin.ok(QUERY, { first: 1 })),
      await app.statementsOf(() => admin.ok(QUERY, { first: 20 })),
    ];
    expect(many.length).toBe(one.length);
  });
});
