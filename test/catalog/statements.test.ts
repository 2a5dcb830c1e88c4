// How many SQL statements reads of the catalog send, whatever the number of rows.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { colour, goodsIn, inColour } from './goods.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const goods = goodsIn(app);
const storeId = await goods.store();
const categoryId = await goods.category();

/** Enough products for pages of 1, 10 and 100: every tenth published and priced, the others drafts. */
async function stock(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const wishes = { categoryId, options: [colour], variants: [inColour('red'), inColour('green')] };
    if (i % 10 === 0) await goods.sold(storeId, '10.00', wishes);
    else await goods.draft(wishes);
  }
}

/** Documents, and the most statements each may send; the session is one of them. */
const reads: [name: string, most: number, document: string][] = [
  [
    'products with all that hangs on them',
    7,
    `query ($first: Int!, $storeId: ID!) { products(first: $first) { totalCount edges { node {
      category { name parent { name } }
      publishedVersion { name options { name values { name } } images { url } author { name } }
      versionInWork { state author { name } lastEditor { name } reviewer { name } allowedActions { action allowed } }
      versions(first: 5) { totalCount edges { node { number texts { name } } } }
      variants(first: 5) { totalCount edges { node { sku options { value } general: price(currency: "CNY") { amount }
        own: price(storeId: $storeId, currency: "CNY") { amount }
        prices(first: 2) { totalCount edges { node { amount { amount } store { name } } } } } } }
      listings(first: 5) { totalCount edges { node { state store { name } } } }
    } } } }`,
  ],
  [
    'variants with product and price',
    3,
    `query ($first: Int!, $storeId: ID!) { variants(first: $first) { edges { node {
      sku price(storeId: $storeId, currency: "CNY") { amount }
      product { name category { name } publishedVersion { name lastEditor { name } } } } } } }`,
  ],
  [
    'listings with store and product',
    2,
    `query ($first: Int!) { listings(first: $first) { edges { node {
      state store { name freight { amount } listings { totalCount } } product { publishedVersion { name } } } } } }`,
  ],
  [
    'categories with parents and children',
    2,
    `query ($first: Int!) { categories(first: $first) { edges { node {
      name parent { name } children(first: 3) { totalCount edges { node { name } } } } } } }`,
  ],
];

test('C46 no read of the catalog sends more statements for 100 rows than for 1', {
  timeout: 120_000,
}, async () => {
  await stock(100);
  for (let i = 0; i < 20; i++) await goods.category({ parentId: categoryId });
  for (const [name, most, document] of reads) {
    for (const first of [1, 10, 100]) {
      const statements = await app.statementsOf(() => app.admin.ok(document, { first, storeId }));
      expect(statements.length, `${name}, ${first}`).toBeLessThanOrEqual(most);
    }
  }
});
