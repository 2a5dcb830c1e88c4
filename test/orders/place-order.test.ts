// Placing orders: prices, stock, numbers, refusals, replays.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { ORDER, type PlacedOrder, shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);

test('an order is priced from the catalog with freight and the tax contained in both', async () => {
  const at = await shop.open({
    freight: { amount: '10.00', currency: 'CNY' },
    freightFreeFrom: { amount: '99.00', currency: 'CNY' },
  });
  const mug = await shop.variant(at, [100], '12.50');
  const pot = await shop.variant(at, [100], '73.99');
  const order = await shop.place(at.storeId, [
    { variantId: mug.variantId, quantity: 2 },
    { variantId: pot.variantId, quantity: 1 },
  ]);
  expect(order).toMatchObject({
    state: 'PENDING_CONFIRMATION',
    paymentState: 'UNPAID',
    fulfilmentState: 'UNFULFILLED',
    version: 1,
    merchandise: { amount: '98.99' },
    freight: { amount: '10.00' },
    total: { amount: '108.99', currency: 'CNY' },
    // 25.00 × 13/113 = 2.88, 73.99 × 13/113 = 8.51, freight 2.53 and 7.47 hold 0.29 and 0.86.
    tax: { amount: '12.54' },
  });
  const free = await shop.place(at.storeId, [{ variantId: pot.variantId, quantity: 2 }]);
  expect(free.freight.amount).toBe('0.00');
  expect(free.total.amount).toBe('147.98');
});

test('receiver and goods are kept as they are written, whatever signs they have', async () => {
  const at = await shop.open();
  const name = 'Tea "green", {dried} \\ NULL 茶';
  const { variantId } = await shop.variant(at, [10], '10.00', { texts: [{ locale: 'en', name }] });
  const { contact, address, ...input } = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
  const { order } = await app.admin.act<{ order: unknown }>(
    'orderPlace',
    { ...input, contact: { ...contact, name }, address: { ...address, lines: [name, 'NULL'] } },
    'order { contact { name address { lines } } lines(first: 1) { edges { node { name } } } }',
  );
  expect(order).toEqual({
    contact: { name, address: { lines: [name, 'NULL'] } },
    lines: { edges: [{ node: { name } }] },
  });
});

test('order numbers are unique and ascend', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  const first = await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  const second = await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  expect(Number(second.number)).toBeGreaterThan(Number(first.number));
});

test('C8 what is not published, withdrawn or archived cannot be ordered', async () => {
  const at = await shop.open();
  const draft = await shop.goods.draft();
  const withdrawn = await shop.variant(at, [5]);
  await app.admin.act('productWithdraw', { productVersionId: withdrawn.versionId });
  const archived = await shop.variant(at, [5], '10.00', {});
  await app.admin.act('variantArchive', { variantId: archived.variantId });
  const offSale = await shop.variant(at, [5]);
  await shop.goods.list(offSale.productId, at.storeId, 'OFF_SALE');
  const lines = [draft.variantIds[0] ?? '', withdrawn.variantId, archived.variantId, offSale.variantId].map(
    (variantId) => ({ variantId, quantity: 1 }),
  );
  const errors = await app.admin.refusal('orderPlace', shop.orderInput(at.storeId, lines));
  expect(brief(errors)).toEqual([0, 1, 2, 3].map((i) => `VARIANT_NOT_SOLD input.lines.${i}.variantId`));
});

test('C12 an order takes the remainder from each next location, or nothing, and every short line is listed', async () => {
  const at = await shop.open({ locations: 3 });
  const spread = await shop.variant(at, [4, 20, 20]);
  const scarce = await shop.variant(at, [1, 1, 0]);
  await shop.place(at.storeId, [{ variantId: spread.variantId, quantity: 10 }]);
  const stocks = await shop.stocks(spread.variantId);
  expect(at.locationIds.map((id) => stocks.get(id)?.allocated)).toEqual([4, 6, 0]);

  const errors = await app.admin.refusal(
    'orderPlace',
    shop.orderInput(at.storeId, [
      { variantId: spread.variantId, quantity: 35 },
      { variantId: spread.variantId, quantity: 1 },
      { variantId: scarce.variantId, quantity: 3 },
    ]),
    '... on InsufficientStock { lines { line variantId requested available } }',
  );
  expect(errors).toEqual([
    {
      __typename: 'InsufficientStock',
      code: 'INSUFFICIENT_STOCK',
      message: 'There is not enough stock for 3 of the lines.',
      path: ['input', 'lines'],
      lines: [
        { line: 0, variantId: spread.variantId, requested: 35, available: 34 },
        { line: 1, variantId: spread.variantId, requested: 1, available: 0 },
        { line: 2, variantId: scarce.variantId, requested: 3, available: 2 },
      ],
    },
  ]);
  const after = await shop.stocks(spread.variantId);
  expect(at.locationIds.map((id) => after.get(id)?.allocated)).toEqual([4, 6, 0]);
});

test('C11 two lines of one variant are checked on their sum', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [5]);
  const lines = [
    { variantId, quantity: 3 },
    { variantId, quantity: 3 },
  ];
  const errors = await app.admin.refusal('orderPlace', shop.orderInput(at.storeId, lines));
  expect(brief(errors)).toEqual(['INSUFFICIENT_STOCK input.lines']);
  const order = await shop.place(at.storeId, [
    { variantId, quantity: 3 },
    { variantId, quantity: 2 },
  ]);
  expect(order.lines.edges).toHaveLength(2);
});

test('C50 G15 the same key and input returns the same order, marked as a replay; other input is refused', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 2 }]);
  const document = `mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { ${ORDER} userErrors { code path } } }`;
  const first = await app.admin.run<{ orderPlace: { order: PlacedOrder } }>(document, { input });
  const again = await app.admin.run<{ orderPlace: { order: PlacedOrder } }>(document, { input });
  expect(first.extensions).not.toHaveProperty('idempotentReplay');
  expect(again.extensions).toMatchObject({ idempotentReplay: true });
  expect(again.data).toEqual(first.data);
  const other = await app.admin.refusal('orderPlace', { ...input, lines: [{ variantId, quantity: 3 }] });
  expect(brief(other)).toEqual(['IDEMPOTENCY_KEY_REUSED input.idempotencyKey']);
  expect([...(await shop.stocks(variantId)).values()][0]).toMatchObject({ allocated: 2 });
});

test('C50 concurrent duplicates execute once and all answer with that order', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [100]);
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
  const answers = await Promise.all(
    Array.from({ length: 12 }, () =>
      app.admin.act<{ order: PlacedOrder }>('orderPlace', input, 'order { id }'),
    ),
  );
  expect(new Set(answers.map(({ order }) => order.id)).size).toBe(1);
  expect([...(await shop.stocks(variantId)).values()][0]).toMatchObject({ allocated: 1 });
});

test('C50 a refused call stores nothing: the same key succeeds once the reason is gone', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [1]);
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 2 }]);
  expect(brief(await app.admin.refusal('orderPlace', input))).toEqual(['INSUFFICIENT_STOCK input.lines']);
  await shop.receive(at.locationId, variantId, 1);
  const { order } = await app.admin.act<{ order: PlacedOrder }>('orderPlace', input, ORDER);
  expect(order.lines.edges[0]?.node.quantity).toBe(2);
});

test('a second order with an external reference is refused with the id of the first', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }], { externalReference: 'shop-77' });
  const { order } = await app.admin.act<{ order: PlacedOrder }>('orderPlace', input, ORDER);
  const errors = await app.admin.refusal(
    'orderPlace',
    { ...input, idempotencyKey: newKey() },
    '... on ExternalReferenceTaken { nodeId }',
  );
  expect(errors).toMatchObject([
    { code: 'EXTERNAL_REFERENCE_TAKEN', nodeId: order.id, path: ['input', 'externalReference'] },
  ]);
});

test('two calls with one external reference at once place one order', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  const document = `mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }`;
  const answers = await Promise.all(
    Array.from({ length: 6 }, () =>
      app.admin.run<{ orderPlace: { order: object | null; userErrors: { code: string }[] } }>(document, {
        input: shop.orderInput(at.storeId, [{ variantId, quantity: 1 }], { externalReference: 'race-1' }),
      }),
    ),
  );
  expect(answers.filter(({ data }) => data?.orderPlace.order)).toHaveLength(1);
  expect(
    answers.flatMap(({ data }) => data?.orderPlace.userErrors.map(({ code }) => code) ?? ['none']),
  ).toEqual(Array(5).fill('EXTERNAL_REFERENCE_TAKEN'));
});
