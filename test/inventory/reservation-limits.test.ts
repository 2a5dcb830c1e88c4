// How much, how often and how long anybody may reserve, so that nobody blocks a shop by reserving its stock.

import { expect, test } from 'vitest';
import { subscriberNetwork } from '../../src/core/networks.ts';
import { brief } from '../catalog/goods.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { reservingIn } from './reserving.ts';

const app = await startApp({ env: { BACKGROUND: 'off', TRUSTED_PROXIES: '127.0.0.1,::1' } });
const shop = shopIn(app);
const { reserve, own, input } = reservingIn(app);
const at = await shop.open({ lineQuantityMax: 20 });
const goods: string[] = [];
for (let i = 0; i < 12; i++) goods.push((await shop.variant(at, [100])).variantId);

const wish = (variantId: string, quantity = 1, wishes: object = {}) =>
  input(at.storeId, [{ variantId, quantity }], wishes);
const refusal = async (by: Client, ...of: Parameters<typeof wish>) => by.refusal('stockReserve', wish(...of));

/** Codes with which a guest with a new token, calling from an address, is refused; empty when not. */
async function guestFrom(address: string, input: object): Promise<string[]> {
  const answer = await app.given
    .guest()
    .run<{ stockReserve: { userErrors: { code: string }[] } }>(
      'mutation ($input: StockReserveInput!) { stockReserve(input: $input) { userErrors { code } } }',
      { input },
      { headers: { 'x-forwarded-for': address } },
    );
  expect(answer.errors).toEqual([]);
  return answer.data?.stockReserve.userErrors.map(({ code }) => code) ?? [];
}

test('C13 a customer has five live reservations, and more once one has ended', async () => {
  const customer = await app.given.customer();
  const made = [];
  for (const variantId of goods.slice(0, 5))
    made.push(await reserve(customer, at.storeId, [{ variantId, quantity: 1 }], { minutes: 10 }));
  expect(brief(await refusal(customer, goods[5] ?? ''))).toEqual(['TOO_MANY_RESERVATIONS input']);
  // In the place of another it is none more.
  await customer.act('stockReserve', wish(goods[5] ?? '', 1, { stockReservationIds: [made[0]?.id] }));
  expect(await own(customer, { live: true })).toHaveLength(5);
  expect(await own(customer, { live: false })).toHaveLength(1);
  clock.pass({ minutes: 10 });
  await customer.act('stockReserve', wish(goods[6] ?? ''));
});

test('C13 units of one variant are limited as for an order, over all that a customer has reserved', async () => {
  const [variantId = '', other = ''] = goods;
  const customer = await app.given.customer();
  const beside = { stockReservationIds: [] };
  await customer.act('stockReserve', wish(variantId, 12, beside));
  const refused = await customer.refusal(
    'stockReserve',
    input(
      at.storeId,
      [
        { variantId, quantity: 5 },
        { variantId: other, quantity: 21 },
        { variantId, quantity: 4 },
      ],
      beside,
    ),
  );
  expect(brief(refused)).toEqual([
    'RESERVED_UNITS_LIMIT input.lines.0.quantity',
    'RESERVED_UNITS_LIMIT input.lines.1.quantity',
    'RESERVED_UNITS_LIMIT input.lines.2.quantity',
  ]);
  expect(refused[0]?.message).toBe(
    'At most 20 units of one variant can be reserved here; 12 are reserved already.',
  );
  await customer.act('stockReserve', wish(variantId, 8, beside));
  await customer.act('stockReserve', wish(variantId, 20));
});

test('C13 a shopper reserves 20 units of a variant, however many the store lets one order; partners reserve as many as that', async () => {
  const roomy = await shop.open({ lineQuantityMax: 1_000 });
  const { variantId } = await shop.variant(roomy, [1_000]);
  const wishIn = (quantity: number) => input(roomy.storeId, [{ variantId, quantity }]);
  for (const by of [await app.given.customer(), app.given.guest()]) {
    expect(await by.refusal('stockReserve', wishIn(21))).toMatchObject([
      {
        code: 'RESERVED_UNITS_LIMIT',
        message: 'At most 20 units of one variant can be reserved here; 0 are reserved already.',
      },
    ]);
    await by.act('stockReserve', wishIn(20));
  }
  const key = await app.given.key({ scopes: ['stock.reserve'] });
  await key.act('stockReserve', wishIn(900));
});

test('the guests of a network have 50 unpaid orders open at once: another token is no other guest', async () => {
  const [variantId = ''] = goods;
  const placeFrom = async (address: string) => {
    const { data } = await app.given
      .guest()
      .run<{ orderPlace: { order: { number: string } | null; userErrors: { code: string }[] } }>(
        'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { number } userErrors { code } } }',
        { input: shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]) },
        { headers: { 'x-forwarded-for': address } },
      );
    return data?.orderPlace.order?.number ?? data?.orderPlace.userErrors.map(({ code }) => code);
  };
  const first = await placeFrom('2001:db8:5::1');
  // As if 49 more had been placed.
  await app.sql(
    `INSERT INTO "order" SELECT (jsonb_populate_record(o, jsonb_build_object(
       'id', gen_random_uuid(), 'number', 'copy-' || n, 'guest_hash', 'guest ' || n))).*
     FROM "order" o, generate_series(1, 49) n WHERE o.number = $1`,
    [first],
  );
  expect(await placeFrom('2001:db8:5::2')).toEqual(['TOO_MANY_OPEN_ORDERS']);
  expect(await placeFrom('2001:db8:5:1::1')).toEqual(expect.any(String));
  await app.sql(`UPDATE "order" SET payment_state = 'PAID', paid_at = placed_at WHERE number = 'copy-1'`);
  expect(await placeFrom('2001:db8:5::2')).toEqual(expect.any(String));
});

test('C13 the guests of a network have their limits in common: another token is no other guest', async () => {
  const [variantId = ''] = goods;
  const first = ['203.0.113.7', '2001:db8:1:2::1'];
  for (const address of first) {
    expect(await guestFrom(address, wish(variantId, 15))).toEqual([]);
    expect(await guestFrom(address, wish(variantId, 6))).toEqual(['RESERVED_UNITS_LIMIT']);
    expect(await guestFrom(address, wish(variantId, 5))).toEqual([]);
  }
  expect(await guestFrom('2001:db8:1:2:ffff::9', wish(variantId))).toEqual(['RESERVED_UNITS_LIMIT']);
  expect(await guestFrom('2001:db8:1:3::1', wish(variantId))).toEqual([]);
  for (const other of [...goods.slice(1, 10), ...goods.slice(1, 10)])
    expect(await guestFrom('203.0.113.7', wish(other))).toEqual([]);
  expect(await guestFrom('203.0.113.7', wish(goods[11] ?? ''))).toEqual(['TOO_MANY_RESERVATIONS']);
  expect(await guestFrom('203.0.113.8', wish(goods[11] ?? ''))).toEqual([]);
});

test('C13 goods stay reserved for two hours on end, however that is tried, then not for one', async () => {
  const [variantId = '', other = ''] = goods;
  const customer = await app.given.customer();
  const reserveFor = (minutes: number) => customer.act('stockReserve', wish(variantId, 1, { minutes }));
  await reserveFor(60);
  clock.pass({ minutes: 50 });
  await reserveFor(60);
  clock.pass({ minutes: 50 });
  const refused = await refusal(customer, variantId, 1, { minutes: 30 });
  expect(brief(refused)).toEqual(['RESERVED_FOR_LONG input.minutes']);
  expect(refused[0]?.message).toContain(' 19 more minutes at most');
  await reserveFor(19);
  // Ended or expired, or beside it: it is the same goods.
  const [last] = await own(customer, { live: true });
  await customer.act('stockReservationRelease', { stockReservationId: last?.id });
  expect(brief(await refusal(customer, variantId, 1, { minutes: 30, stockReservationIds: [] }))).toEqual([
    'RESERVED_FOR_LONG input.minutes',
  ]);
  await customer.act('stockReserve', wish(other, 1, { minutes: 60 }));
  clock.pass({ minutes: 59 });
  expect(brief(await refusal(customer, variantId, 1, { minutes: 1 }))).toEqual([
    'RESERVED_FOR_LONG input.minutes',
  ]);
  clock.pass({ minutes: 2 });
  await reserveFor(60);
});

test('who orders what was reserved may reserve it again', async () => {
  const [variantId = ''] = goods;
  const customer = await app.given.customer();
  await customer.act('stockReserve', wish(variantId, 1, { minutes: 60 }));
  clock.pass({ minutes: 59 });
  await shop.place(at.storeId, [{ variantId, quantity: 1 }], customer);
  const again = await reserve(customer, at.storeId, [{ variantId, quantity: 1 }], { minutes: 60 });
  expect(Math.abs(Date.parse(again.heldSince) - clock.now().getTime())).toBeLessThan(10_000);
});

test('C13 a key has limits of its own; it renews what it names, and reserves for many at a time', async () => {
  const [variantId = ''] = goods;
  const partner = await app.given.partner();
  const key = await app.given.key({ partner, scopes: ['stock.reserve'] });
  const line = [{ variantId, quantity: 20 }];
  const first = await reserve(key, at.storeId, line, { minutes: 60 });
  // Nobody knows for whom the second is: both stand.
  const second = await reserve(key, at.storeId, line);
  expect((await own(key, { live: true })).map(({ id }) => id)).toEqual([second.id, first.id]);
  expect(brief(await key.refusal('stockReserve', wish(variantId, 21)))).toEqual([
    'RESERVED_UNITS_LIMIT input.lines.0.quantity',
  ]);
  clock.pass({ minutes: 59 });
  const renewed = await reserve(key, at.storeId, line, { minutes: 60, stockReservationIds: [first.id] });
  expect(renewed.heldSince).toBe(first.heldSince);
  clock.pass({ minutes: 30 });
  const naming = { minutes: 60, stockReservationIds: [renewed.id] };
  expect(brief(await key.refusal('stockReserve', wish(variantId, 1, naming)))).toEqual([
    'RESERVED_FOR_LONG input.minutes',
  ]);
  // A thousand are live, as if made by it.
  await app.sql(
    `INSERT INTO stock_reservation (id, store_id, principal, limited_by, expires_at, held_since, created_at)
     SELECT gen_random_uuid(), store_id, principal, limited_by, expires_at, held_since, created_at
     FROM stock_reservation, generate_series(1, 999) WHERE id = $1`,
    [Buffer.from(renewed.id, 'base64url').toString().split(':')[1]],
  );
  expect(brief(await key.refusal('stockReserve', wish(goods[1] ?? '')))).toEqual([
    'TOO_MANY_RESERVATIONS input',
  ]);
  const sister = await app.given.key({ partner, scopes: ['stock.reserve'] });
  await sister.act('stockReserve', wish(goods[1] ?? ''));
});

test('all limits are told at once, and what has no shape before them', async () => {
  const customer = await app.given.customer();
  const [variantId = ''] = goods;
  for (const other of goods.slice(1, 6)) await customer.act('stockReserve', wish(other));
  expect(brief(await refusal(customer, variantId, 21))).toEqual([
    'RESERVED_UNITS_LIMIT input.lines.0.quantity',
    'TOO_MANY_RESERVATIONS input',
  ]);
  const lines = Array.from({ length: 101 }, () => ({ variantId, quantity: 0 }));
  const refused = await customer.refusal(
    'stockReserve',
    input(at.storeId, lines.slice(0, 1), { minutes: 61 }),
  );
  expect(brief(refused)).toEqual(['OUT_OF_RANGE input.lines.0.quantity', 'OUT_OF_RANGE input.minutes']);
  const many = lines.map((line) => ({ ...line, quantity: 1 }));
  expect(brief(await customer.refusal('stockReserve', input(at.storeId, many)))).toEqual([
    'TOO_LONG input.lines',
  ]);
});

test('C13 limits hold for calls that meet: of twelve at once five are taken', async () => {
  const customer = await app.given.customer();
  const answers = await Promise.all(
    goods
      .slice(0, 12)
      .map((variantId) =>
        customer.run<{ stockReserve: { userErrors: { code: string }[] } }>(
          'mutation ($input: StockReserveInput!) { stockReserve(input: $input) { userErrors { code } } }',
          { input: wish(variantId) },
        ),
      ),
  );
  expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  const codes = answers.flatMap(({ data }) => data?.stockReserve.userErrors.map(({ code }) => code) ?? []);
  expect(codes).toEqual(Array(7).fill('TOO_MANY_RESERVATIONS'));
  expect(await own(customer, { live: true })).toHaveLength(5);
});

test('the network of an address is what one subscriber has', () => {
  expect(subscriberNetwork('192.0.2.1')).toBe('192.0.2.1');
  expect(subscriberNetwork('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(subscriberNetwork('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(subscriberNetwork('2001:0DB8::1')).toBe('2001:db8:0:0::/64');
  expect(subscriberNetwork('::1')).toBe('0:0:0:0::/64');
  expect(subscriberNetwork('64:ff9b::192.0.2.1')).toBe('64:ff9b:0:0::/64');
  expect(subscriberNetwork('no address')).toBeNull();
  expect(subscriberNetwork(null)).toBeNull();
});
