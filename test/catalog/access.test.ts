// Who may do and see what in the catalog.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { goodsIn, nobodys, sku } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);

const price = { amount: '1', currency: 'CNY' };
const texts = [{ locale: 'en', name: 'x' }];
const acts: Record<string, { permission: string; input: Record<string, unknown> }> = {
  storeOpen: {
    permission: 'stores.manage',
    input: { code: 'x', platform: 'JD', texts, currencies: ['CNY'] },
  },
  storeChange: { permission: 'stores.manage', input: { storeId: nobodys('Store'), expectedVersion: 1 } },
  categoryDefine: { permission: 'categories.manage', input: { code: 'x', texts, taxRateBasisPoints: 0 } },
  categoryChange: {
    permission: 'categories.manage',
    input: { categoryId: nobodys('Category'), expectedVersion: 1 },
  },
  productCreate: {
    permission: 'products.edit',
    input: { categoryId: nobodys('Category'), texts, variants: [{ sku: sku() }] },
  },
  productEdit: {
    permission: 'products.edit',
    input: { productVersionId: nobodys('ProductVersion'), expectedVersion: 1 },
  },
  productRevise: { permission: 'products.edit', input: { productId: nobodys('Product') } },
  productSubmit: { permission: 'products.edit', input: { productVersionId: nobodys('ProductVersion') } },
  productApprove: { permission: 'products.review', input: { productVersionId: nobodys('ProductVersion') } },
  productReject: {
    permission: 'products.review',
    input: { productVersionId: nobodys('ProductVersion'), reason: 'x' },
  },
  productPublish: { permission: 'products.publish', input: { productVersionId: nobodys('ProductVersion') } },
  productWithdraw: { permission: 'products.publish', input: { productVersionId: nobodys('ProductVersion') } },
  variantAdd: {
    permission: 'products.edit',
    input: { productId: nobodys('Product'), variant: { sku: sku() } },
  },
  variantArchive: { permission: 'products.edit', input: { variantId: nobodys('Variant') } },
  priceSet: { permission: 'prices.set', input: { variantId: nobodys('Variant'), price } },
  listingSet: {
    permission: 'listings.set',
    input: { productId: nobodys('Product'), storeId: nobodys('Store'), state: 'OFF_SALE' },
  },
  listingItemSet: {
    permission: 'listings.set',
    input: { storeId: nobodys('Store'), variantId: nobodys('Variant') },
  },
  imageRequest: { permission: 'images.upload', input: {} },
};

test('each act needs its permission, and is refused to everybody else with its name', async () => {
  const permissions = Object.values(acts).map(({ permission }) => permission);
  for (const [name, { permission, input }] of Object.entries(acts)) {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code } } }`;
    const without = await app.given.staff({
      permissions: [...new Set(permissions)].filter((one) => one !== permission),
    });
    const { errors } = await without.run(document, { input });
    expect([name, errors[0]?.extensions]).toMatchObject([
      name,
      { code: 'FORBIDDEN', requiredPermission: permission },
    ]);
    expect([name, await app.anonymous.codes(document, { input })]).toEqual([name, ['UNAUTHENTICATED']]);
  }
  expect(
    await app.sql('SELECT 1 FROM store UNION ALL SELECT 1 FROM category UNION ALL SELECT 1 FROM image'),
  ).toEqual([]);
});

test('C45 an act on what is not there is refused with NOT_FOUND, never with an error of the request', async () => {
  for (const [name, { input }] of Object.entries(acts)) {
    const unknown = Object.keys(input).filter((field) => /Id$/.test(field));
    if (unknown.length === 0) continue;
    const refused = await app.admin.refusal(name, input);
    expect([name, refused.map(({ code }) => code)]).toEqual([name, expect.arrayContaining(['NOT_FOUND'])]);
  }
});

test('a draft is hidden on every way from who may not read it', async () => {
  const { productId, versionId, variantIds, skus } = await goods.draft();
  const store = await goods.store();
  await goods.list(productId, store, 'OFF_SALE');
  await goods.price(variantIds[0] ?? '', '5');
  const category = await app.admin.ok<{ node: { category: { id: string } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Product { category { id } } } }',
    { id: productId },
  );
  for (const caller of [app.anonymous, await app.given.staff({ permissions: [] })]) {
    for (const id of [productId, versionId, variantIds[0]]) {
      const { data } = await caller.run('query ($id: ID!) { node(id: $id) { id } }', { id });
      expect(data).toEqual({ node: null });
    }
    const { products, variants, variantBySku } = await caller.ok<Record<string, unknown>>(
      'query ($sku: String!, $category: ID!) { products(where: { categoryId: $category }) { totalCount } variants(where: { sku: $sku }) { totalCount } variantBySku(sku: $sku) { id } }',
      { sku: skus[0], category: category.node.category.id },
    );
    expect({ products, variants, variantBySku }).toEqual({
      products: { totalCount: 0 },
      variants: { totalCount: 0 },
      variantBySku: null,
    });
  }
  const seller = await app.given.staff({ permissions: ['listings.set'], stores: [store] });
  const { listings } = await seller.ok<{ listings: object }>(
    '{ listings { totalCount edges { node { product { id } } } } }',
  );
  expect(listings).toEqual({ totalCount: 0, edges: [] });
});

test('the version in work of a published product is hidden from shoppers', async () => {
  const { productId } = await goods.published();
  const { productVersion } = await app.admin.act<{ productVersion: { id: string } }>(
    'productRevise',
    { productId },
    'productVersion { id }',
  );
  const { node } = await app.anonymous.ok<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on Product { versionInWork { id } versions { totalCount edges { node { state author { id } product { listings { totalCount } } } } } } } }',
    { id: productId },
  );
  expect(node).toEqual({
    versionInWork: null,
    versions: {
      totalCount: 1,
      edges: [{ node: { state: 'PUBLISHED', author: null, product: { listings: { totalCount: 0 } } } }],
    },
  });
  const { data } = await app.anonymous.run('query ($id: ID!) { node(id: $id) { id } }', {
    id: productVersion.id,
  });
  expect(data).toEqual({ node: null });
});
