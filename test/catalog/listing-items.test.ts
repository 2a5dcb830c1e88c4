// Setting up variants in stores: their numbers on the platform, and how much of the stock the store may sell.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { atOnce, brief, colour, goodsIn, inColour, nobodys } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const storeId = await goods.store({ platform: 'TMALL' });

const ITEM =
  'listingItem { id platformItemId shareBasisPoints bufferUnits variant { id } listing { version } }';

interface Item {
  id: string;
  platformItemId: string | null;
  shareBasisPoints: number | null;
  bufferUnits: number | null;
  listing: { version: number };
}

const set = async (input: object) =>
  (await app.admin.act<{ listingItem: Item }>('listingItemSet', { storeId, ...input }, ITEM)).listingItem;
const refusal = async (input: object, by = app.admin) =>
  brief(await by.refusal('listingItemSet', { storeId, ...input }));

/** A product with variants in two colours, listed in the store. */
async function listed() {
  const draft = await goods.published({ options: [colour], variants: [inColour('red'), inColour('green')] });
  await goods.list(draft.productId, storeId);
  const [variantId = '', otherId = ''] = draft.variantIds;
  return { ...draft, variantId, otherId };
}

test('T1 an item keeps what it is given, leaves out what is not, and gives up what is switched off', async () => {
  const { variantId } = await listed();
  const first = await set({ variantId, platformItemId: '7381-红', shareBasisPoints: 3_000 });
  expect(first).toMatchObject({
    platformItemId: '7381-红',
    shareBasisPoints: 3_000,
    bufferUnits: null,
    variant: { id: variantId },
    listing: { version: 2 },
  });
  const second = await set({ variantId, bufferUnits: 5, withoutShare: true });
  expect(second).toMatchObject({
    id: first.id,
    platformItemId: '7381-红',
    shareBasisPoints: null,
    bufferUnits: 5,
  });
  const third = await set({
    variantId,
    shareBasisPoints: 0,
    withoutBuffer: true,
    withoutPlatformItemId: true,
  });
  expect(third).toMatchObject({ platformItemId: null, shareBasisPoints: 0, bufferUnits: null });
});

test('C55 T1 a change raises the version of the listing by one and tells each field; repeating it changes nothing', async () => {
  const { variantId, productId, skus } = await listed();
  const share = { variantId, shareBasisPoints: 2_500 };
  expect((await set(share)).listing.version).toBe(2);
  expect((await set(share)).listing.version).toBe(2);
  expect((await set({ ...share, bufferUnits: 1, expectedVersion: 2 })).listing.version).toBe(3);
  const { listings } = await app.admin.ok<{ listings: { edges: { node: object }[] } }>(
    `query ($id: ID!) { listings(where: { productId: $id }) { edges { node {
      items { totalCount edges { node { shareBasisPoints bufferUnits } } }
      timeline { edges { node { type version payload changes { field before after } } } } } } } }`,
    { id: productId },
  );
  const payload = { variantNodeId: variantId, storeNodeId: storeId, sku: skus[0] };
  expect(listings.edges[0]?.node).toMatchObject({
    items: { totalCount: 1, edges: [{ node: { shareBasisPoints: 2_500, bufferUnits: 1 } }] },
    timeline: {
      edges: [
        { node: { type: 'listing.changed', version: 1 } },
        {
          node: {
            type: 'listing.itemChanged',
            version: 2,
            payload,
            changes: [{ field: 'shareBasisPoints', before: null, after: 2_500 }],
          },
        },
        {
          node: {
            type: 'listing.itemChanged',
            version: 3,
            payload,
            changes: [{ field: 'bufferUnits', before: null, after: 1 }],
          },
        },
      ],
    },
  });
});

test('T1 a number on the platform names one variant of a store, and may be used again in another', async () => {
  const { productId, variantId, otherId } = await listed();
  await set({ variantId, platformItemId: '100' });
  await set({ variantId, platformItemId: '100', bufferUnits: 1 });
  expect(await refusal({ variantId: otherId, platformItemId: '100' })).toEqual([
    'ALREADY_EXISTS input.platformItemId',
  ]);
  const elsewhere = await goods.store({ platform: 'JD' });
  await goods.list(productId, elsewhere);
  const item = await set({ storeId: elsewhere, variantId: otherId, platformItemId: '100' });
  expect(item.platformItemId).toBe('100');
});

test('of variants that are given one number at once one gets it', async () => {
  const variants = [await listed(), await listed(), await listed(), await listed()];
  const inputs = variants.map(({ variantId }) => ({ storeId, variantId, platformItemId: 'race' }));
  const payloads = await atOnce(app.admin, 'listingItemSet', inputs, ITEM);
  expect(payloads.filter(({ listingItem }) => listingItem)).toHaveLength(1);
  expect(payloads.flatMap(({ userErrors }) => brief(userErrors))).toEqual(
    Array(3).fill('ALREADY_EXISTS input.platformItemId'),
  );
});

test('of items made at once for one variant there is one', async () => {
  const { variantId } = await listed();
  const inputs = Array.from({ length: 5 }, (_, i) => ({ storeId, variantId, bufferUnits: i }));
  const payloads = await atOnce(app.admin, 'listingItemSet', inputs, ITEM);
  expect(payloads.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect(new Set(payloads.map(({ listingItem }) => (listingItem as Item).id)).size).toBe(1);
  expect(
    payloads
      .map(({ listingItem }) => (listingItem as Item).listing.version)
      .sort()
      .at(-1),
  ).toBe(6);
});

test('every fault in the shape of an item is refused at once, with its path', async () => {
  const { variantId } = await listed();
  const wrong = {
    variantId,
    platformItemId: ' x',
    withoutPlatformItemId: true,
    shareBasisPoints: 10_001,
    withoutShare: true,
    bufferUnits: -1,
    expectedVersion: 0,
  };
  expect((await refusal(wrong)).sort()).toEqual([
    'INVALID input.platformItemId',
    'INVALID input.shareBasisPoints',
    'OUT_OF_RANGE input.bufferUnits',
    'OUT_OF_RANGE input.expectedVersion',
    'OUT_OF_RANGE input.shareBasisPoints',
  ]);
});

test('T24 unknown variants, products that are not listed, stores of others and outdated readers are refused', async () => {
  const { variantId } = await listed();
  const unlisted = (await goods.published()).variantIds[0];
  expect(await refusal({ variantId: nobodys('Variant') })).toEqual(['NOT_FOUND input.variantId']);
  expect(await refusal({ variantId: unlisted })).toEqual(['NOT_LISTED input.storeId']);
  expect(await refusal({ variantId, storeId: nobodys('Store') })).toEqual(['NOT_FOUND input.storeId']);
  expect(await refusal({ variantId, bufferUnits: 1, expectedVersion: 7 })).toEqual([
    'STALE_VERSION input.expectedVersion',
  ]);
  const seller = await app.given.staff({ permissions: ['listings.set'], stores: [await goods.store()] });
  expect(await refusal({ variantId, bufferUnits: 1 }, seller)).toEqual(['NOT_PERMITTED input.storeId']);
});

test('T24 items are for those who act in the store', async () => {
  const own = await goods.store();
  const { productId, variantId } = await listed();
  await goods.list(productId, own);
  const { id } = await set({ storeId: own, variantId, shareBasisPoints: 100 });
  const read = 'query ($id: ID!) { node(id: $id) { id ... on ListingItem { shareBasisPoints } } }';
  const clerk = await app.given.staff({ permissions: [], stores: [own] });
  expect(await clerk.ok(read, { id })).toEqual({ node: { id, shareBasisPoints: 100 } });
  const stranger = await app.given.staff({ permissions: [], stores: [storeId] });
  for (const caller of [stranger, app.anonymous]) {
    expect((await caller.run(read, { id })).data).toEqual({ node: null });
  }
  const items =
    'query ($id: ID!) { listings(where: { storeId: $id }) { edges { node { items { totalCount edges { node { id } } } } } } }';
  expect(await app.anonymous.ok(items, { id: own })).toEqual({
    listings: { edges: [{ node: { items: { totalCount: 0, edges: [] } } }] },
  });
});
