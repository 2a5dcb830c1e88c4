// Putting products on sale in stores.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { atOnce, brief, goodsIn, nobodys } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const storeId = await goods.store();
const FIELDS = 'listing { state version store { id } product { id } }';

test('a published product goes on sale and off sale; repeating it changes nothing', async () => {
  const { productId } = await goods.published();
  const set = async (state: string) =>
    (await app.admin.act<{ listing: object }>('listingSet', { productId, storeId, state }, FIELDS)).listing;
  const places = { store: { id: storeId }, product: { id: productId } };
  expect(await set('ON_SALE')).toEqual({ state: 'ON_SALE', version: 1, ...places });
  expect(await set('ON_SALE')).toEqual({ state: 'ON_SALE', version: 1, ...places });
  expect(await set('OFF_SALE')).toEqual({ state: 'OFF_SALE', version: 2, ...places });
});

test('only what is published goes on sale', async () => {
  const { productId } = await goods.draft();
  const refused = await app.admin.refusal('listingSet', { productId, storeId, state: 'ON_SALE' });
  expect(brief(refused)).toEqual(['NOT_PUBLISHED input.productId']);
  await app.admin.act('listingSet', { productId, storeId, state: 'OFF_SALE' });
});

test('unknown stores, stores of others and outdated readers are refused', async () => {
  const { productId } = await goods.published();
  await goods.list(productId, storeId);
  const seller = await app.given.staff({
    permissions: ['products.read', 'listings.set'],
    stores: [await goods.store()],
  });
  const off = { productId, storeId, state: 'OFF_SALE' };
  expect(brief(await seller.refusal('listingSet', off))).toEqual(['NOT_PERMITTED input.storeId']);
  expect(brief(await app.admin.refusal('listingSet', { ...off, storeId: nobodys('Store') }))).toEqual([
    'NOT_FOUND input.storeId',
  ]);
  expect(brief(await app.admin.refusal('listingSet', { ...off, expectedVersion: 5 }))).toEqual([
    'STALE_VERSION input.expectedVersion',
  ]);
  const { listings } = await seller.ok<{ listings: { totalCount: number } }>(
    'query ($id: ID!) { listings(where: { productId: $id }) { totalCount } }',
    { id: productId },
  );
  expect(listings.totalCount).toBe(0);
});

test('of listings made at once for one product and store there is one', async () => {
  const { productId } = await goods.published();
  const payloads = await atOnce(
    app.admin,
    'listingSet',
    Array(5).fill({ productId, storeId, state: 'ON_SALE' }),
    'listing { id version }',
  );
  expect(new Set(payloads.map(({ listing }) => JSON.stringify(listing))).size).toBe(1);
  expect(payloads.flatMap(({ userErrors }) => userErrors)).toEqual([]);
});
