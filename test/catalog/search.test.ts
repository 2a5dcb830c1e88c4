// Finding products by words of both languages, category, state and store.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { colour, goodsIn, inColour, nobodys } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const categoryId = await goods.category();

async function found(where: object, by: Client = app.admin): Promise<string[]> {
  const { products } = await by.ok<{ products: { totalCount: number; edges: { node: { id: string } }[] } }>(
    'query ($where: ProductWhere) { products(where: $where, first: 100) { totalCount edges { node { id } } } }',
    { where },
  );
  expect(products.totalCount).toBe(products.edges.length);
  return products.edges.map(({ node }) => node.id);
}

test('words of both languages find a product, in any case and order, and all must stand in it', async () => {
  const { productId } = await goods.draft({
    texts: [
      { locale: 'zh', name: '防水登山靴', description: '适合冬季徒步' },
      {
        locale: 'en',
        name: 'Waterproof hiking boot',
        description: 'For winter, 100 % leather. Ünïcode שלום',
      },
    ],
    options: [colour],
    variants: [inColour('red')],
  });
  const hits = [
    '登山',
    '登山靴',
    '防水',
    '徒步 冬季',
    'BOOT hiking',
    'boot 防水',
    'שלום',
    '红色',
    'green',
    'ünïcode',
    'Ｂｏｏｔ',
  ];
  for (const search of hits) expect([search, await found({ search })]).toEqual([search, [productId]]);
  for (const search of ['登水', 'boot sandal', '凉鞋', '🎉', '%', "boot'; DROP TABLE product --"]) {
    expect([search, await found({ search })]).toEqual([search, []]);
  }
});

test('shoppers find a product by what is published, staff by any version', async () => {
  const { productId } = await goods.published({ texts: [{ locale: 'en', name: 'Oldname' }] });
  const { productVersion } = await app.admin.act<{ productVersion: { id: string } }>(
    'productRevise',
    { productId },
    'productVersion { id }',
  );
  await app.admin.act('productEdit', {
    productVersionId: productVersion.id,
    expectedVersion: 1,
    texts: [{ locale: 'en', name: 'Newname' }],
  });
  expect(await found({ search: 'oldname' }, app.anonymous)).toEqual([productId]);
  expect(await found({ search: 'newname' }, app.anonymous)).toEqual([]);
  expect(await found({ search: 'newname' })).toEqual([productId]);
  expect(await found({ search: 'oldname' })).toEqual([productId]);
});

test('products are found by category, state and the store that sells them', async () => {
  const draft = await goods.draft({ categoryId });
  const published = await goods.published({ categoryId });
  const storeId = await goods.store();
  await goods.list(published.productId, storeId);
  expect(await found({ categoryId })).toEqual([published.productId, draft.productId]);
  expect(await found({ categoryId, state: 'DRAFT' })).toEqual([draft.productId]);
  expect(await found({ categoryId, state: 'PUBLISHED' }, app.anonymous)).toEqual([published.productId]);
  expect(await found({ categoryId, state: 'DRAFT' }, app.anonymous)).toEqual([]);
  expect(await found({ storeId })).toEqual([published.productId]);
  await goods.list(published.productId, storeId, 'OFF_SALE');
  expect(await found({ storeId })).toEqual([]);
  expect(await found({ categoryId: nobodys('Category') })).toEqual([]);
});

test('a filter of a wrong shape is BAD_INPUT that names every fault', async () => {
  const { errors } = await app.admin.run(
    'query ($where: ProductWhere) { products(where: $where) { totalCount } }',
    {
      where: { search: 'x'.repeat(201), categoryId: 'nonsense', storeId: nobodys('Product') },
    },
  );
  expect(errors[0]?.extensions?.code).toBe('BAD_INPUT');
  expect(errors[0]?.extensions?.problems).toMatchObject([
    { code: 'TOO_LONG', path: ['where', 'search'] },
    { code: 'INVALID_ID', path: ['where', 'categoryId'] },
    { code: 'INVALID_ID', path: ['where', 'storeId'] },
  ]);
});

test('pages follow each other without gap or repetition, forwards and backwards', async () => {
  const ids: string[] = [];
  const own = await goods.category();
  for (let i = 0; i < 5; i++) ids.unshift((await goods.draft({ categoryId: own })).productId);
  const document =
    'query ($where: ProductWhere, $first: Int, $after: String, $last: Int, $before: String) { products(where: $where, first: $first, after: $after, last: $last, before: $before) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
  type Page = {
    products: {
      edges: { node: { id: string } }[];
      pageInfo: { hasNextPage: boolean; startCursor: string; endCursor: string };
    };
  };
  const page = async (args: object) =>
    (await app.admin.ok<Page>(document, { where: { categoryId: own }, ...args })).products;
  const one = await page({ first: 2 });
  const two = await page({ first: 2, after: one.pageInfo.endCursor });
  const three = await page({ first: 2, after: two.pageInfo.endCursor });
  expect([one, two, three].flatMap(({ edges }) => edges.map(({ node }) => node.id))).toEqual(ids);
  expect(three.pageInfo.hasNextPage).toBe(false);
  const back = await page({ last: 2, before: three.pageInfo.startCursor });
  expect(back.edges.map(({ node }) => node.id)).toEqual(ids.slice(2, 4));
});
