// What a store may sell of stock that it has in common with others: its share, its buffer, and no unit twice.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);

/** Two stores with the same locations, and a variant on sale in both. */
async function common(...units: number[]) {
  const [one, other] = [await shop.goods.store(), await shop.goods.store()];
  const locationIds: string[] = [];
  for (const [i] of units.entries())
    locationIds.push(await app.given.location({ stores: [one, other], priority: i + 1 }));
  const { variantId, productId } = await shop.variant({ storeId: one, locationIds }, units);
  await shop.goods.list(productId, other);
  return { one, other, variantId, locationIds };
}

const limit = (storeId: string, variantId: string, wishes: object) =>
  app.admin.act('listingItemSet', { storeId, variantId, ...wishes });

const place = (storeId: string, variantId: string, quantity: number) =>
  shop.place(storeId, [{ variantId, quantity }]);

/** Units that were left for each short line of an order that is refused. */
async function leftFor(storeId: string, variantId: string, ...quantities: number[]): Promise<number[]> {
  const wanted = quantities.map((quantity) => ({ variantId, quantity }));
  const refused = await app.admin.refusal(
    'orderPlace',
    shop.orderInput(storeId, wanted),
    '... on InsufficientStock { lines { line requested available } }',
  );
  return refused.flatMap((one) => one.lines as { available: number }[]).map(({ available }) => available);
}

/** Units that orders of a store hold. */
async function heldBy(storeId: string): Promise<number> {
  const [row] = await app.sql<{ units: number }>(
    `SELECT coalesce(sum(a.quantity), 0)::int AS units FROM allocation a JOIN "order" o ON o.id = a.order_id
     WHERE a.state = 'OPEN' AND o.store_id = $1`,
    [Buffer.from(storeId, 'base64url').toString().split(':')[1]],
  );
  return row?.units ?? 0;
}

/** Try to place so many orders for one unit in each store, all at once; how many were placed in each. */
async function rush(stores: readonly string[], variantId: string, each: number): Promise<number[]> {
  const document =
    'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
  const wanted = Array.from({ length: each * stores.length }, (_, i) => stores[i % stores.length] ?? '');
  const answers = await Promise.all(
    wanted.map((storeId) =>
      app.admin.run<{ orderPlace: { order: object | null; userErrors: { code: string }[] } }>(document, {
        input: shop.orderInput(storeId, [{ variantId, quantity: 1 }]),
      }),
    ),
  );
  expect(answers.flatMap((answer) => answer.errors)).toEqual([]);
  const codes = new Set(answers.flatMap(({ data }) => data?.orderPlace.userErrors.map(({ code }) => code)));
  expect([...codes]).toEqual(['INSUFFICIENT_STOCK']);
  return stores.map(
    (storeId) => answers.filter(({ data }, i) => data?.orderPlace.order && wanted[i] === storeId).length,
  );
}

test('T1 C9 of a hundred orders at once in two stores each gets exactly its share of the stock they have in common', async () => {
  const { one, other, variantId } = await common(40, 20);
  await limit(one, variantId, { shareBasisPoints: 3_000 });
  await limit(other, variantId, { shareBasisPoints: 5_000 });
  expect(await rush([one, other], variantId, 50)).toEqual([18, 30]);
  expect([await heldBy(one), await heldBy(other)]).toEqual([18, 30]);
}, 120_000);

test('T1 C9 shares that are more than the whole together sell every unit once, and none beyond a share', async () => {
  const { one, other, variantId } = await common(20, 20);
  await limit(one, variantId, { shareBasisPoints: 5_000 });
  await limit(other, variantId, { shareBasisPoints: 7_500 });
  const [ofOne = 0, ofOther = 0] = await rush([one, other], variantId, 25);
  expect(ofOne).toBeLessThanOrEqual(20);
  expect(ofOther).toBeLessThanOrEqual(30);
  expect(ofOne + ofOther).toBe(40);
  const stocks = [...(await shop.stocks(variantId)).values()];
  expect(stocks.map((stock) => stock.onHand - stock.allocated)).toEqual([0, 0]);
}, 120_000);

test('T1 C12 the lines of an order share what the store may sell, and are told what that leaves them', async () => {
  const { one, variantId } = await common(10);
  await limit(one, variantId, { shareBasisPoints: 5_000 });
  expect(await leftFor(one, variantId, 6)).toEqual([5]);
  expect(await leftFor(one, variantId, 4, 3, 2)).toEqual([1, 0]);
  await shop.place(one, [
    { variantId, quantity: 2 },
    { variantId, quantity: 3 },
  ]);
  expect(await leftFor(one, variantId, 1)).toEqual([0]);
});

test('T1 a share is of all that is fit for sale, whoever it is promised to', async () => {
  const { one, other, variantId, locationIds } = await common(9, 6);
  const [locationId] = locationIds;
  const damaged = { onHandDelta: 0, damagedDelta: 3, reason: 'DAMAGED', idempotencyKey: newKey() };
  await app.admin.act('stockAdjust', { variantId, locationId, ...damaged });
  await app.admin.act('stockPlan', { variantId, locationId, safetyStock: 2 });
  await limit(one, variantId, { shareBasisPoints: 5_000 });
  expect(await leftFor(one, variantId, 100)).toEqual([5]);
  await place(other, variantId, 4);
  expect(await leftFor(one, variantId, 100)).toEqual([5]);
  await place(other, variantId, 3);
  expect(await leftFor(one, variantId, 100)).toEqual([3]);
});

test('T1 what an order gives back may be sold again within the share', async () => {
  const { one, variantId } = await common(10);
  await limit(one, variantId, { shareBasisPoints: 4_000 });
  const order = await place(one, variantId, 4);
  expect(await leftFor(one, variantId, 1)).toEqual([0]);
  await app.admin.act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'OTHER',
    lines: [{ orderLineId: order.lines.edges[0]?.node.id, quantity: 3 }],
  });
  expect(await leftFor(one, variantId, 4)).toEqual([3]);
  await place(one, variantId, 3);
});

test('T1 what left the building is out of the pool, and no longer held', async () => {
  const { one, variantId, locationIds } = await common(10);
  await limit(one, variantId, { shareBasisPoints: 5_000 });
  await shop.fulfil(await place(one, variantId, 4), locationIds[0] ?? '');
  expect(await heldBy(one)).toBe(0);
  expect(await leftFor(one, variantId, 4)).toEqual([3]);
});

test('T1 a buffer is left to other stores', async () => {
  const { one, other, variantId } = await common(6, 4);
  await limit(one, variantId, { bufferUnits: 4 });
  expect(await leftFor(one, variantId, 7)).toEqual([6]);
  await place(one, variantId, 6);
  expect(await leftFor(one, variantId, 1)).toEqual([0]);
  await place(other, variantId, 4);
});

test('T1 a store with share and buffer is held by the narrower, and with neither by the stock alone', async () => {
  const { one, variantId } = await common(10);
  await limit(one, variantId, { shareBasisPoints: 6_000, bufferUnits: 5 });
  expect(await leftFor(one, variantId, 10)).toEqual([5]);
  await limit(one, variantId, { bufferUnits: 2 });
  expect(await leftFor(one, variantId, 10)).toEqual([6]);
  await limit(one, variantId, { shareBasisPoints: 0 });
  expect(await leftFor(one, variantId, 10)).toEqual([0]);
  await limit(one, variantId, { withoutShare: true, withoutBuffer: true });
  await place(one, variantId, 10);
});

test('T1 the share of a variant is that of one store and of no other variant', async () => {
  const { one, other, variantId, locationIds } = await common(10);
  const another = await shop.variant({ storeId: one, locationIds }, [10]);
  await limit(one, variantId, { shareBasisPoints: 1_000 });
  await place(one, another.variantId, 10);
  await place(other, variantId, 10);
  expect(await leftFor(one, variantId, 1)).toEqual([0]);
});

test('what an order refused for stock left is told in full only to those who may see stock', async () => {
  const { one, variantId } = await common(150);
  const input = () => shop.orderInput(one, [{ variantId, quantity: 200 }]);
  const selection = '... on InsufficientStock { lines { available } }';
  const clerk = await app.given.staff({ permissions: ['orders.place'] });
  const refused = await clerk.refusal('orderPlace', input(), selection);
  expect(refused).toMatchObject([{ code: 'INSUFFICIENT_STOCK', lines: [{ available: 99 }] }]);
  expect(brief(refused)).toEqual(['INSUFFICIENT_STOCK input.lines']);
  expect(await app.admin.refusal('orderPlace', input(), selection)).toMatchObject([
    { lines: [{ available: 150 }] },
  ]);
});
