// Defining and changing categories.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { atOnce, brief, goodsIn, nobodys } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const texts = [{ locale: 'en', name: 'Shoes' }];

test('categories form a tree that anybody reads from both ends', async () => {
  const root = await goods.category({ texts: [{ locale: 'zh', name: '鞋' }] });
  const child = await goods.category({ parentId: root, code: uniqueName('a') });
  await goods.category({ parentId: root, code: uniqueName('b') });
  const { node } = await app.anonymous.ok<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on Category { name taxRateBasisPoints children(first: 1) { totalCount edges { node { id parent { id } } } pageInfo { hasNextPage } } } } }',
    { id: root },
  );
  expect(node).toEqual({
    name: '鞋',
    taxRateBasisPoints: 1300,
    children: {
      totalCount: 2,
      edges: [{ node: { id: child, parent: { id: root } } }],
      pageInfo: { hasNextPage: true },
    },
  });
  const { roots, children } = await app.anonymous.ok<{
    roots: { edges: { node: { id: string } }[] };
    children: { totalCount: number };
  }>(
    'query ($id: ID!) { roots: categories(first: 100, where: { root: true }) { edges { node { id } } } children: categories(where: { parentId: $id }) { totalCount } }',
    { id: root },
  );
  expect(roots.edges.map(({ node }) => node.id)).toContain(root);
  expect(roots.edges.map(({ node }) => node.id)).not.toContain(child);
  expect(children.totalCount).toBe(2);
});

test('a category is refused a rate out of range, a taken code and an unknown parent', async () => {
  const store = await goods.store();
  const shape = { code: '', texts, taxRateBasisPoints: 10001, parentId: store };
  expect(brief(await app.admin.refusal('categoryDefine', shape)).sort()).toEqual([
    'INVALID input.code',
    'INVALID_ID input.parentId',
    'OUT_OF_RANGE input.taxRateBasisPoints',
  ]);
  const code = uniqueName('category');
  await goods.category({ code });
  const state = { code, texts, taxRateBasisPoints: 0, parentId: nobodys('Category') };
  expect(brief(await app.admin.refusal('categoryDefine', state))).toEqual([
    'ALREADY_EXISTS input.code',
    'NOT_FOUND input.parentId',
  ]);
});

test('a category never comes to lie within itself, not even by two moves at once', async () => {
  const top = await goods.category();
  const middle = await goods.category({ parentId: top });
  const bottom = await goods.category({ parentId: middle });
  for (const parentId of [top, middle, bottom]) {
    const refused = await app.admin.refusal('categoryChange', {
      categoryId: top,
      expectedVersion: 1,
      parentId,
    });
    expect(brief(refused)).toEqual(['CATEGORY_CYCLE input.parentId']);
  }
  const [one, two] = [await goods.category(), await goods.category()];
  const payloads = await atOnce(app.admin, 'categoryChange', [
    { categoryId: one, expectedVersion: 1, parentId: two },
    { categoryId: two, expectedVersion: 1, parentId: one },
  ]);
  expect(payloads.flatMap(({ userErrors }) => brief(userErrors))).toEqual(['CATEGORY_CYCLE input.parentId']);
});

test('a category changes its parent, becomes a root again and keeps what is not given', async () => {
  const [parentId, categoryId] = [await goods.category(), await goods.category()];
  await app.admin.act('categoryChange', {
    categoryId,
    expectedVersion: 1,
    parentId,
    taxRateBasisPoints: 600,
  });
  const both = { categoryId, expectedVersion: 2, parentId, makeRoot: true };
  expect(brief(await app.admin.refusal('categoryChange', both))).toEqual(['INVALID input.parentId']);
  const { category } = await app.admin.act<{ category: object }>(
    'categoryChange',
    { categoryId, expectedVersion: 2, makeRoot: true },
    'category { name parent { id } taxRateBasisPoints version }',
  );
  expect(category).toEqual({ name: 'A category', parent: null, taxRateBasisPoints: 600, version: 3 });
});
