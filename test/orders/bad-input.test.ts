// What is wrong with an order is said at once, with its path, and nothing is written.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { address, contact, shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [1_000_000]);
const line = { variantId, quantity: 1 };

const refusal = async (wishes: object, by = app.admin) =>
  brief(await by.refusal('orderPlace', shop.orderInput(at.storeId, [line], wishes)));

test('C45 every problem of the shape comes at once, each with its path', async () => {
  const errors = await refusal({
    idempotencyKey: 'short',
    storeId: 'nonsense',
    currency: 'XXZ',
    contact: { name: '  ', phone: '12', email: 'nobody' },
    address: { ...address, country: 'ZZ', city: 'x'.repeat(101), lines: [] },
    lines: [
      { variantId: at.storeId, quantity: 0 },
      { variantId, quantity: -5 },
      { variantId, quantity: 2_000_000_000 },
    ],
  });
  expect(errors.sort()).toEqual([
    'COUNTRY_UNKNOWN input.address.country',
    'INVALID input.contact.email',
    'INVALID input.currency',
    'INVALID input.idempotencyKey',
    'INVALID_ID input.lines.0.variantId',
    'INVALID_ID input.storeId',
    'OUT_OF_RANGE input.lines.0.quantity',
    'OUT_OF_RANGE input.lines.1.quantity',
    'OUT_OF_RANGE input.lines.2.quantity',
    'REQUIRED input.contact.name',
    'TOO_LONG input.address.city',
    'TOO_SHORT input.address.lines',
    'TOO_SHORT input.contact.phone',
  ]);
});

test('an address in China needs province, city and district; a foreign one does not', async () => {
  const { region, district, ...bare } = address;
  expect(await refusal({ address: { ...bare, postalCode: '12' } })).toEqual([
    'REQUIRED input.address.region',
    'REQUIRED input.address.district',
    'POSTAL_CODE_INVALID input.address.postalCode',
  ]);
  expect(region && district).toBeTruthy();
  await app.admin.act(
    'orderPlace',
    shop.orderInput(at.storeId, [line], {
      contact: { name: 'Ada Lovelace', phone: '020 7946 0958' },
      address: { country: 'GB', city: 'London', lines: ['12 St James’s Square'], postalCode: 'SW1Y 4LB' },
    }),
  );
});

test('a phone number must be one of its country, and phone or e-mail is needed', async () => {
  expect(await refusal({ contact: { name: 'A', phone: '999' } })).toEqual([
    'PHONE_INVALID input.contact.phone',
  ]);
  expect(await refusal({ contact: { name: 'A' } })).toEqual(['CONTACT_MISSING input.contact.phone']);
});

test('unknown objects, and those of a store the caller does not act in, look the same', async () => {
  const elsewhere = await shop.open();
  const clerk = await app.given.staff({ posts: ['order_clerk'], stores: [elsewhere.storeId] });
  expect(await refusal({}, clerk)).toEqual(['NOT_FOUND input.storeId']);
  const unknown = Buffer.from('Store:00000000-0000-7000-8000-000000000000').toString('base64url');
  expect(await refusal({ storeId: unknown })).toEqual(['NOT_FOUND input.storeId']);
});

test('quantities over the store’s limit, currencies it does not sell in and totals too large are refused', async () => {
  const own = await shop.open({ lineQuantityMax: 10 });
  const small = await shop.variant(own, [100]);
  const input = (wishes: object, quantity = 11) =>
    shop.orderInput(own.storeId, [{ variantId: small.variantId, quantity }], wishes);
  expect(brief(await app.admin.refusal('orderPlace', input({})))).toEqual([
    'QUANTITY_EXCEEDS_LIMIT input.lines.0.quantity',
  ]);
  expect(brief(await app.admin.refusal('orderPlace', input({ currency: 'JPY' }, 1)))).toEqual([
    'CURRENCY_NOT_USED input.currency',
  ]);
  const dear = await shop.variant(await shop.open(), [1]);
  await app.admin.act('priceSet', {
    variantId: dear.variantId,
    price: { amount: '9999999999999.99', currency: 'CNY' },
  });
  const wide = await shop.open({ lineQuantityMax: 1_000_000 });
  await shop.goods.list(dear.productId, wide.storeId);
  const lines = [{ variantId: dear.variantId, quantity: 1_000_000 }];
  expect(brief(await app.admin.refusal('orderPlace', shop.orderInput(wide.storeId, lines)))).toEqual([
    'TOTAL_TOO_LARGE input.lines',
  ]);
});

test('emoji, Chinese and right-to-left names come back as they were given; control characters are refused', async () => {
  for (const name of ['王小明 🎉', 'محمد عبد الله', '👨‍👩‍👧‍👦', "Robert'); DROP TABLE orders;--"]) {
    const { order } = await app.admin.act<{ order: { contact: { name: string } } }>(
      'orderPlace',
      shop.orderInput(at.storeId, [line], { contact: { ...contact, name } }),
      'order { contact { name } }',
    );
    expect(order.contact.name).toBe(name);
  }
  expect(await refusal({ contact: { ...contact, name: 'a\u0000b' } })).toEqual([
    'INVALID input.contact.name',
  ]);
});

test('a bad filter is BAD_INPUT with all its problems, and a date that is none BAD_REQUEST', async () => {
  const answer = await app.admin.run(
    '{ orders(where: { storeId: "x", placedFrom: "2026-02-02T00:00:00Z", placedBefore: "2026-02-01T00:00:00Z", number: "" }) { totalCount } }',
  );
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT' });
  expect(
    await app.admin.codes('{ orders(where: { placedFrom: "2026-02-30T00:00:00Z" }) { totalCount } }'),
  ).toEqual(['BAD_REQUEST']);
  expect(
    await app.admin.codes('{ orders(where: { placedFrom: "1970-01-01T00:00:00Z" }) { totalCount } }'),
  ).toEqual(['BAD_INPUT']);
});

test('refusals speak Chinese to those who ask for it', async () => {
  const errors = await app.admin
    .speaking('zh-CN,zh;q=0.9')
    .refusal('orderPlace', shop.orderInput(at.storeId, [{ variantId, quantity: 0 }]));
  expect(errors[0]?.message).toBe('值必须在 1 与 10000000 之间。');
});
