// How many SQL statements reading and making reservations sends, whatever the number of rows.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { reservingIn } from './reserving.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const { reserve } = reservingIn(app);
const at = await shop.open({ locations: 2 });

test('C46 G8 stock and reservations are read as often for twenty as for one', async () => {
  const key = await app.given.key({ scopes: ['stock.reserve', 'products.read'] });
  for (let i = 0; i < 20; i++) {
    const { variantId } = await shop.variant(at, [4, 4]);
    await reserve(key, at.storeId, [{ variantId, quantity: 5 }]);
  }
  const cost = async (by: Client, document: string) => {
    const counts: number[] = [];
    for (const first of [1, 5, 20])
      counts.push((await app.statementsOf(() => by.ok(document, { first }))).length);
    return counts;
  };
  const line = 'lines { quantity variant { sku } }';
  // The session, and the page with what is reserved of its stocks.
  expect(
    await cost(
      app.admin,
      'query ($first: Int!) { stocks(first: $first) { edges { node { sellable reserved } } } }',
    ),
  ).toEqual([2, 2, 2]);
  // Inside of other objects as well.
  expect(
    await cost(
      app.admin,
      'query ($first: Int!) { locations(first: $first) { edges { node { stocks(first: 20) { edges { node { sellable } } } } } } }',
    ),
  ).toEqual([2, 2, 2]);
  expect(
    await cost(
      app.admin,
      `query ($first: Int!) { stockReservations(first: $first) { edges { node { state store { name } ${line} } } } }`,
    ),
  ).toEqual([2, 2, 2]);
  expect(
    await cost(
      key,
      `query ($first: Int!) { viewerStockReservations(first: $first) { edges { node { state ${line} } } } }`,
    ),
  ).toEqual([2, 2, 2]);
});

test('G12 reserving twelve lines sends as many statements as one, and so does ordering what was reserved', async () => {
  const variants: string[] = [];
  for (let i = 0; i < 12; i++) variants.push((await shop.variant(at, [50, 50])).variantId);
  const lines = (size: number) => variants.slice(0, size).map((variantId) => ({ variantId, quantity: 1 }));
  const customer = await app.given.customer();
  const count = async (size: number) => {
    const reserving = await app.statementsOf(() => reserve(customer, at.storeId, lines(size)));
    const ordering = await app.statementsOf(() => shop.place(at.storeId, lines(size), customer));
    return [reserving.length, ordering.length];
  };
  const one = await count(1);
  expect(await count(12)).toEqual(one);
  expect(one[0]).toBeLessThanOrEqual(20);
});
