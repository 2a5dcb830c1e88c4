// What the department sells to everybody: its own sites, what is on sale in them, and at which price.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { goodsIn } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const site = await goods.store();
const tmall = await goods.store({ platform: 'TMALL' });
const shopper = app.anonymous;
const everybody = [shopper, app.given.guest(), await app.given.customer()];

interface Ids {
  totalCount: number;
  edges: { node: { id: string } }[];
}

test('T1 C57 everybody sees the own sites and no store on a platform', async () => {
  for (const caller of everybody) {
    const { stores } = await caller.ok<{ stores: Ids }>(
      '{ stores { totalCount edges { node { id code name currencies freight { amount } lineQuantityMax } } } }',
    );
    expect(stores).toMatchObject({ totalCount: 1, edges: [{ node: { id: site } }] });
    const onTmall = '{ stores(where: { platform: TMALL }) { totalCount } }';
    expect(await caller.ok(onTmall)).toEqual({ stores: { totalCount: 0 } });
    const byId = 'query ($id: ID!) { node(id: $id) { id } }';
    expect(await caller.ok(byId, { id: site })).toEqual({ node: { id: site } });
    expect((await caller.run(byId, { id: tmall })).data).toEqual({ node: null });
  }
});

test('T1 everybody sees the listings of own sites that are on sale, and no others', async () => {
  const sold = await goods.sold(site);
  const taken = await goods.sold(site);
  await goods.list(taken.productId, site, 'OFF_SALE');
  const withdrawn = await goods.sold(site);
  await app.admin.act('productWithdraw', { productVersionId: withdrawn.versionId });
  const elsewhere = await goods.sold(tmall);
  const { listings } = await shopper.ok<{ listings: { edges: { node: object }[] } }>(
    '{ listings { totalCount edges { node { state store { id } product { id } } } } }',
  );
  const shown = { state: 'ON_SALE', store: { id: site }, product: { id: sold.productId } };
  expect(listings).toEqual({ totalCount: 1, edges: [{ node: shown }] });
  const inStore = 'query ($id: ID!) { products(where: { storeId: $id }) { edges { node { id } } } }';
  expect(await shopper.ok(inStore, { id: site })).toEqual({
    products: { edges: [{ node: { id: sold.productId } }] },
  });
  expect(await shopper.ok(inStore, { id: tmall })).toEqual({ products: { edges: [] } });

  const all = await app.admin.ok<{
    listings: { edges: { node: { id: string; product: { id: string } } }[] };
  }>('{ listings { edges { node { id product { id } } } } }');
  const hidden = all.listings.edges.filter(({ node }) => node.product.id !== sold.productId);
  expect(hidden.map(({ node }) => node.product.id).sort()).toEqual(
    [taken, withdrawn, elsewhere].map(({ productId }) => productId).sort(),
  );
  for (const { node } of hidden) {
    const { data } = await shopper.run('query ($id: ID!) { node(id: $id) { id } }', { id: node.id });
    expect(data).toEqual({ node: null });
  }
});

test('the listings inside a store and a product follow the same rule', async () => {
  const store = await goods.store();
  const { productId } = await goods.sold(store);
  await goods.list(productId, tmall);
  const taken = await goods.sold(store);
  await goods.list(taken.productId, store, 'OFF_SALE');
  const within = `query ($store: ID!, $product: ID!) {
    store: node(id: $store) { ... on Store { listings { totalCount edges { node { product { id } } } } } }
    product: node(id: $product) { ... on Product { listings { totalCount edges { node { store { id } } } } } } }`;
  expect(await shopper.ok(within, { store, product: productId })).toEqual({
    store: { listings: { totalCount: 1, edges: [{ node: { product: { id: productId } } }] } },
    product: { listings: { totalCount: 1, edges: [{ node: { store: { id: store } } }] } },
  });
});

test('T1 everybody reads the price of an own site, its own or the general one, and of no other store', async () => {
  const [dear = ''] = (await goods.sold(site, '20.00')).variantIds;
  await goods.price(dear, '18.00', { storeId: site });
  await goods.price(dear, '15.00', { storeId: tmall });
  const [plain = ''] = (await goods.sold(site, '20.00')).variantIds;
  const prices = `query ($ids: [ID!]!, $site: ID!, $tmall: ID!) { nodes(ids: $ids) { ... on Variant {
    general: price(currency: "CNY") { amount } site: price(storeId: $site, currency: "CNY") { amount }
    tmall: price(storeId: $tmall, currency: "CNY") { amount } } } }`;
  expect(await shopper.ok(prices, { ids: [dear, plain], site, tmall })).toEqual({
    nodes: [
      { general: { amount: '20.00' }, site: { amount: '18.00' }, tmall: null },
      { general: { amount: '20.00' }, site: { amount: '20.00' }, tmall: null },
    ],
  });
});
