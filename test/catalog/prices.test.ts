// Setting prices, and the one in force.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { brief, goodsIn, nobodys } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const storeId = await goods.store({ currencies: ['CNY', 'JPY'] });
const variant = async () => (await goods.published()).variantIds[0] ?? '';
const price = (amount: string, currency = 'CNY') => ({ amount, currency });
const inForce = async (
  id: string,
  where: { storeId?: string; currency?: string } = {},
  by: Client = app.admin,
) => {
  const { node } = await by.ok<{ node: { price: { amount: string } | null } }>(
    'query ($id: ID!, $storeId: ID, $currency: String!) { node(id: $id) { ... on Variant { price(storeId: $storeId, currency: $currency) { amount currency } } } }',
    { id, currency: 'CNY', ...where },
  );
  return node.price?.amount ?? null;
};

test('the price of a store goes before the general one, a later one before an earlier one', async () => {
  const id = await variant();
  expect(await inForce(id)).toBeNull();
  await goods.price(id, '10.00');
  await goods.price(id, '12.5');
  expect(await inForce(id)).toBe('12.50');
  expect(await inForce(id, { storeId })).toBe('12.50');
  await goods.price(id, '9', { storeId });
  await goods.price(id, '13');
  expect(await inForce(id, { storeId })).toBe('9.00');
  expect(await inForce(id)).toBe('13.00');
  expect(await inForce(id, { currency: 'JPY' })).toBeNull();
  await goods.price(id, '0', { price: price('200', 'JPY') });
  expect(await inForce(id, { currency: 'JPY' })).toBe('200');
});

test('a price that starts later holds from that moment on', async () => {
  const id = await variant();
  await goods.price(id, '10');
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  await goods.price(id, '20', { startsAt });
  expect(await inForce(id)).toBe('10.00');
  clock.pass({ hours: 1, seconds: 1 });
  expect(await inForce(id)).toBe('20.00');
});

test('every price stays readable with those who read products, the last to start first', async () => {
  const id = await variant();
  await goods.price(id, '10');
  await goods.price(id, '20', { storeId });
  const document =
    'query ($id: ID!) { node(id: $id) { ... on Variant { version prices(first: 1) { totalCount pageInfo { hasNextPage } edges { node { amount { amount } store { id } variant { id } } } } } } }';
  const { node } = await app.admin.ok<{ node: object }>(document, { id });
  expect(node).toEqual({
    version: 3,
    prices: {
      totalCount: 2,
      pageInfo: { hasNextPage: true },
      edges: [{ node: { amount: { amount: '20.00' }, store: { id: storeId }, variant: { id } } }],
    },
  });
  const elsewhere = await app.given.staff({ permissions: ['products.read'], stores: [await goods.store()] });
  const theirs = await elsewhere.ok<{ node: object }>(document, { id });
  expect(theirs.node).toMatchObject({ prices: { totalCount: 1, edges: [{ node: { store: null } }] } });
  expect(await inForce(id, { storeId }, elsewhere)).toBeNull();
  const shopper = await app.anonymous.ok<{ node: object }>(document, { id });
  expect(shopper.node).toMatchObject({ prices: { totalCount: 0, edges: [] } });
  expect(await inForce(id, {}, app.anonymous)).toBe('10.00');
});

test('zero, enormous, fractional, foreign and unknown amounts of money are refused with their path', async () => {
  const variantId = await variant();
  const refused = async (money: object) =>
    brief(await app.admin.refusal('priceSet', { variantId, storeId, price: money }));
  expect(await refused(price('0'))).toEqual(['OUT_OF_RANGE input.price.amount']);
  expect(await refused(price('-1'))).toEqual(['OUT_OF_RANGE input.price.amount']);
  expect(await refused(price('10000000000000000'))).toEqual(['OUT_OF_RANGE input.price.amount']);
  expect(await refused(price('1.005'))).toEqual(['INVALID input.price.amount']);
  expect(await refused(price('1.5', 'JPY'))).toEqual(['INVALID input.price.amount']);
  expect(await refused(price('1', 'XXY'))).toEqual(['INVALID input.price.currency']);
  expect(await refused(price('1', 'USD'))).toEqual(['CURRENCY_NOT_SOLD input.price.currency']);
  const general = await app.admin.refusal('priceSet', { variantId, price: price('1', 'KWD') });
  expect(brief(general)).toEqual(['CURRENCY_NOT_SOLD input.price.currency']);
  await goods.price(variantId, '9999999999999.99');
  expect(await inForce(variantId)).toBe('9999999999999.99');
});

test('a price starts neither in the past nor in more than five years', async () => {
  const variantId = await variant();
  const refused = async (startsAt: Date) =>
    brief(
      await app.admin.refusal('priceSet', { variantId, price: price('1'), startsAt: startsAt.toISOString() }),
    );
  expect(await refused(new Date(Date.now() - 60_000))).toEqual(['OUT_OF_RANGE input.startsAt']);
  expect(await refused(new Date(Date.now() + 6 * 366 * 86_400_000))).toEqual(['OUT_OF_RANGE input.startsAt']);
  expect(await refused(new Date('1999-01-01'))).toEqual(['OUT_OF_RANGE input.startsAt']);
});

test('a price is set only in stores of the actor, a general one by who acts in all', async () => {
  const variantId = await variant();
  const seller = await app.given.staff({ permissions: ['products.read', 'prices.set'], stores: [storeId] });
  const refused = async (input: object) =>
    brief(await seller.refusal('priceSet', { variantId, price: price('1'), ...input }));
  expect(await refused({})).toEqual(['NOT_PERMITTED input.storeId']);
  expect(await refused({ storeId: await goods.store() })).toEqual(['NOT_PERMITTED input.storeId']);
  expect(await refused({ storeId: nobodys('Store') })).toEqual(['NOT_PERMITTED input.storeId']);
  await seller.act('priceSet', { variantId, storeId, price: price('1') });
  const gone = { variantId, storeId: nobodys('Store'), price: price('1') };
  expect(brief(await app.admin.refusal('priceSet', gone))).toEqual(['NOT_FOUND input.storeId']);
});

test('an archived variant and an outdated reader are refused together', async () => {
  const variantId = await variant();
  await app.admin.act('variantArchive', { variantId });
  const refused = await app.admin.refusal('priceSet', { variantId, price: price('1'), expectedVersion: 1 });
  expect(brief(refused)).toEqual(['STALE_VERSION input.expectedVersion', 'VARIANT_ARCHIVED input.variantId']);
});

test('C55 a price is one event of its variant, with the price before and after', async () => {
  const variantId = await variant();
  await goods.price(variantId, '10');
  await goods.price(variantId, '12.5');
  await expect
    .poll(() =>
      app.sql(
        `SELECT version, changes, payload->>'amount' AS amount, payload->>'currency' AS currency FROM event
         WHERE type = 'variant.priced' AND entity_id = $1 ORDER BY seq`,
        [Buffer.from(variantId, 'base64url').toString().split(':')[1]],
      ),
    )
    .toEqual([
      {
        version: 2,
        changes: [{ field: 'price', before: null, after: '10.00' }],
        amount: '10.00',
        currency: 'CNY',
      },
      {
        version: 3,
        changes: [{ field: 'price', before: '10.00', after: '12.50' }],
        amount: '12.50',
        currency: 'CNY',
      },
    ]);
});
