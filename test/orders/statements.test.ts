// How many SQL statements reads and writes of orders send, whatever the number of rows.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { shopIn } from './shop.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const at = await shop.open({ locations: 2 });
const variants: string[] = [];
for (let i = 0; i < 12; i++) variants.push((await shop.variant(at, [10_000, 10_000])).variantId);
const lines = (count: number) => variants.slice(0, count).map((variantId) => ({ variantId, quantity: 1 }));

const ORDERS = `query ($first: Int!) { orders(first: $first) { totalCount edges { node {
  number state held total { amount } store { name } contact { name address { city } }
  allowedActions { action allowed } holds(first: 2) { totalCount edges { node { kind } } }
  lines(first: 3) { totalCount edges { node { sku quantity total { amount } variant { sku product { name } } } } }
  timeline(first: 3) { edges { node { type } } } } } } }`;

test('G8 C46 an order page sends as many statements for 100 orders as for one', async () => {
  const counts = new Map<number, number>();
  let placed = 0;
  for (const rows of [1, 10, 100]) {
    for (; placed < rows; placed++) await shop.place(at.storeId, lines(1 + (placed % 5)));
    counts.set(rows, (await app.statementsOf(() => app.admin.ok(ORDERS, { first: rows }))).length);
  }
  // The session, the page with what hangs on it, its count, and the open holds of allowedActions, which are another
  // selection of the relation that `holds` shows.
  expect([...counts]).toEqual([
    [1, 4],
    [10, 4],
    [100, 4],
  ]);
}, 60_000);

test('G6 the lines of an order are limited in SQL', async () => {
  await shop.place(at.storeId, lines(12));
  const statements = await app.statementsOf(() =>
    app.admin.ok(
      '{ orders(first: 1) { edges { node { lines(first: 2) { pageInfo { hasNextPage } edges { node { sku } } } } } } }',
    ),
  );
  const page = statements.find((sql) => sql.includes('"order_line"')) ?? '';
  expect(page.match(/LIMIT/g)?.length).toBeGreaterThanOrEqual(2);
});

test('G7 a total is counted only when it is selected', async () => {
  const counted = async (document: string) =>
    (await app.statementsOf(() => app.admin.ok(document))).filter((sql) => /COUNT\(/i.test(sql)).length;
  expect(await counted('{ orders(first: 2) { edges { node { number } } } }')).toBe(0);
  expect(await counted('{ orders(first: 2) { totalCount } }')).toBe(1);
});

test('G3 a read of orders selects the columns that were asked for and those that decide who may see them', async () => {
  const statements = await app.statementsOf(() =>
    app.admin.ok('{ orders(first: 2) { edges { node { number } } } }'),
  );
  const columns = [...(statements.at(-1) ?? '').matchAll(/\bt\d+\."(\w+)"/g)].map((match) => match[1]);
  expect(new Set(columns)).toEqual(
    new Set(['id', 'number', 'store_id', 'customer_id', 'guest_hash', 'placed_at']),
  );
});

test('G12 placing an order of twelve lines sends as many statements as one of a single line', async () => {
  const count = async (size: number) =>
    (await app.statementsOf(() => shop.place(at.storeId, lines(size)))).length;
  const [one, twelve] = [await count(1), await count(12)];
  expect(twelve).toBe(one);
  expect(one).toBeLessThanOrEqual(15);
});

test('T1 a variant has a price of its own in a store, and a product that is off sale in one store is sold in another', async () => {
  const other = await shop.open();
  const goods = await shop.variant(at, [10], '10.00');
  await shop.goods.list(goods.productId, other.storeId);
  await shop.receive(other.locationId, goods.variantId, 10);
  await app.admin.act('priceSet', {
    variantId: goods.variantId,
    storeId: other.storeId,
    price: { amount: '8.88', currency: 'CNY' },
  });
  const line = [{ variantId: goods.variantId, quantity: 1 }];
  expect((await shop.place(at.storeId, line)).merchandise.amount).toBe('10.00');
  expect((await shop.place(other.storeId, line)).merchandise.amount).toBe('8.88');
  await shop.goods.list(goods.productId, at.storeId, 'OFF_SALE');
  const refused = await app.admin.refusal('orderPlace', shop.orderInput(at.storeId, line));
  expect(refused.map((error) => error.code)).toEqual(['VARIANT_NOT_SOLD']);
  await shop.place(other.storeId, line);
});
