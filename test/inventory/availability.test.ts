// What shoppers, partners and staff are told of how much of a variant a store can sell.

import { expect, test } from 'vitest';
import { nobodys } from '../catalog/goods.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const at = await shop.open({ locations: 2 });

interface Availability {
  inStock: boolean;
  quantity: number;
}

async function availability(
  variantId: string,
  storeId = at.storeId,
  by: Client = app.admin,
): Promise<Availability | null> {
  const { node } = await by.ok<{ node: { availability: Availability | null } }>(
    `query ($id: ID!, $storeId: ID!) { node(id: $id) { ... on Variant {
      availability(storeId: $storeId) { inStock quantity } } } }`,
    { id: variantId, storeId },
  );
  return node.availability;
}

test('T1 a store has what its locations can sell, within its share and buffer, less what is promised', async () => {
  const { variantId } = await shop.variant(at, [30, 10]);
  expect(await availability(variantId)).toEqual({ inStock: true, quantity: 40 });
  await shop.place(at.storeId, [{ variantId, quantity: 35 }]);
  expect(await availability(variantId)).toEqual({ inStock: true, quantity: 5 });
  await app.admin.act('listingItemSet', { storeId: at.storeId, variantId, bufferUnits: 2 });
  expect(await availability(variantId)).toEqual({ inStock: true, quantity: 3 });
  await app.admin.act('listingItemSet', { storeId: at.storeId, variantId, shareBasisPoints: 5_000 });
  expect(await availability(variantId)).toEqual({ inStock: false, quantity: 0 });
});

test('what is told can be ordered, and one unit more cannot', async () => {
  const { variantId } = await shop.variant(at, [7, 5]);
  await app.admin.act('listingItemSet', { storeId: at.storeId, variantId, shareBasisPoints: 7_600 });
  expect(await availability(variantId)).toEqual({ inStock: true, quantity: 9 });
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 10 }]);
  expect(await app.admin.refusal('orderPlace', input)).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }]);
  await shop.place(at.storeId, [{ variantId, quantity: 9 }]);
});

test('C57 shoppers learn of at most 99 units, and of none that is kept for platforms', async () => {
  const { variantId, productId } = await shop.variant(at, [100]);
  expect(await availability(variantId, at.storeId, app.anonymous)).toEqual({ inStock: true, quantity: 99 });
  const unsold = await shop.variant(at, []);
  expect(await availability(unsold.variantId, at.storeId, app.anonymous)).toEqual({
    inStock: false,
    quantity: 0,
  });
  const tmall = await shop.open({ platform: 'TMALL' });
  await shop.goods.list(productId, tmall.storeId);
  await shop.receive(tmall.locationId, variantId, 5);
  expect(await availability(variantId, tmall.storeId, app.anonymous)).toBeNull();
  expect(await availability(variantId, tmall.storeId)).toEqual({ inStock: true, quantity: 5 });
});

test('T24 staff are told of the stores in which they act, in full with the right to see stock', async () => {
  const { variantId } = await shop.variant(at, [120]);
  const elsewhere = await shop.goods.store();
  const seller = await app.given.staff({ permissions: [], stores: [at.storeId] });
  const keeper = await app.given.staff({ permissions: ['stock.read'], stores: [at.storeId] });
  const stranger = await app.given.staff({ permissions: ['stock.read'], stores: [elsewhere] });
  expect(await availability(variantId, at.storeId, seller)).toEqual({ inStock: true, quantity: 99 });
  expect(await availability(variantId, at.storeId, keeper)).toEqual({ inStock: true, quantity: 120 });
  expect(await availability(variantId, at.storeId, stranger)).toBeNull();
});

test('what is not on sale in a store has no availability there', async () => {
  const { variantId, productId } = await shop.variant(at, [5]);
  expect(await availability(variantId, nobodys('Store'))).toBeNull();
  expect(await availability(variantId, (await shop.open()).storeId)).toBeNull();
  await shop.goods.list(productId, at.storeId, 'OFF_SALE');
  expect(await availability(variantId)).toBeNull();
  const archived = await shop.variant(at, [5]);
  await app.admin.act('variantArchive', { variantId: archived.variantId });
  expect(await availability(archived.variantId)).toBeNull();
  const document =
    'query ($id: ID!) { node(id: $id) { ... on Variant { availability(storeId: $id) { quantity } } } }';
  expect(await app.admin.codes(document, { id: variantId })).toEqual(['BAD_INPUT']);
});

test('C46 availability is read as often for sixty variants in two stores as for one', {
  timeout: 120_000,
}, async () => {
  const other = await shop.open();
  for (let i = 0; i < 60; i++) await shop.variant(at, [1]);
  const document = `query ($first: Int!, $one: ID!, $other: ID!) { variants(first: $first) { edges { node {
    one: availability(storeId: $one) { quantity inStock } other: availability(storeId: $other) { quantity } } } } }`;
  const counts: number[] = [];
  for (const first of [1, 10, 60]) {
    const ids = { first, one: at.storeId, other: other.storeId };
    counts.push((await app.statementsOf(() => app.admin.ok(document, ids))).length);
  }
  // The session, the page, the stores, and for each store what is sold there, its stocks and its limits.
  expect(counts).toEqual([9, 9, 9]);
});
