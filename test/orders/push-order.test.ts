// Orders that were made on a marketplace: facts in pushes, in any number and order.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { platformIn } from './platform.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);
const at = await shop.open({ platform: 'TMALL', policies: { confirmWithinMinutes: 30 } });
const cny = (amount: string) => ({ amount, currency: 'CNY' });
const stocked = (units: number, price = '50.00') => shop.variant(at, [units], price);

describe('amounts', () => {
  test('T2 amounts are taken as given: the platform’s discount counts as received, the department’s does not', async () => {
    const { skus } = await stocked(9);
    const order = await platform.push(at.storeId, {
      state: 'PAID',
      lines: [
        {
          sku: skus[0],
          quantity: 3,
          unitPrice: '33.34',
          merchantDiscount: '10.01',
          platformDiscount: '5.00',
        },
      ],
      freight: '6.00',
      buyerPaid: '91.01',
    });
    expect(order).toMatchObject({
      paymentState: 'PAID',
      merchandise: { amount: '90.01' },
      freight: { amount: '6.00' },
      total: { amount: '96.01' },
      payment: { due: { amount: '96.01' }, captured: { amount: '96.01' }, terms: 'PLATFORM' },
      platformOrder: {
        buyerPaid: { amount: '91.01' },
        platformDiscount: { amount: '5.00' },
        merchantDiscount: { amount: '10.01' },
        discrepancy: { amount: '0.00' },
      },
    });
    expect(order.lines.edges[0]?.node).toMatchObject({
      total: { amount: '90.01' },
      merchantDiscount: { amount: '10.01' },
      platformDiscount: { amount: '5.00' },
    });
  });

  test('T2 amounts that do not add up are flagged, not refused', async () => {
    const { skus } = await stocked(9);
    const order = await platform.push(at.storeId, {
      state: 'PAID',
      lines: [{ sku: skus[0], quantity: 1, unitPrice: '50.00' }],
      buyerPaid: '48.00',
    });
    expect(order.platformOrder.discrepancy).toEqual(cny('-2.00'));
    expect(order).toMatchObject({ paymentState: 'PAID', held: false });
    const { orders } = await app.admin.ok<{ orders: { edges: { node: { id: string } }[] } }>(
      'query ($storeId: ID!) { orders(where: { storeId: $storeId, hasDiscrepancy: true }) { edges { node { id } } } }',
      { storeId: at.storeId },
    );
    expect(orders.edges.map(({ node }) => node.id)).toEqual([order.id]);
  });

  test('T2 an amount that changes after confirmation is taken, and holds the order for people to look at', async () => {
    const { skus } = await stocked(9);
    const reference = uniqueName('tb');
    const lines = [{ sku: skus[0], quantity: 2, unitPrice: '50.00' }];
    const order = await platform.push(at.storeId, { reference, state: 'PAID', lines, buyerPaid: '100.00' });
    await app.admin.act('orderConfirm', { orderId: order.id });
    const changed = await platform.push(at.storeId, {
      reference,
      state: 'PAID',
      asOf: platform.minute(5),
      lines: [{ sku: skus[0], quantity: 2, unitPrice: '50.00', merchantDiscount: '10.00' }],
      buyerPaid: '90.00',
    });
    expect(changed).toMatchObject({
      id: order.id,
      held: true,
      total: { amount: '90.00' },
      payment: { captured: { amount: '90.00' }, due: { amount: '90.00' } },
    });
    expect(changed.holds.edges.map(({ node }) => node.kind)).toEqual(['PRICE']);
    expect(await shop.reasons(order.id)).toEqual({
      en: ['The platform changed the amounts after confirmation.'],
      zh: ['平台在审单后修改了金额。'],
    });
  });

  test('T2 a masked receiver is kept as it is given', async () => {
    const { skus } = await stocked(9);
    const order = await platform.push(at.storeId, {
      state: 'PAID',
      lines: [{ sku: skus[0], quantity: 1, unitPrice: '50.00' }],
      buyerPaid: '50.00',
      receiver: { name: '张*', phone: '138****1234', region: '浙江省', city: '杭州市', masked: true },
    });
    const { node } = await app.admin.ok<{ node: { contact: object } }>(
      'query ($id: ID!) { node(id: $id) { ... on Order { contact { name phone masked address { region city } } } } }',
      { id: order.id },
    );
    expect(node.contact).toEqual({
      name: '张*',
      phone: '138****1234',
      masked: true,
      address: { region: '浙江省', city: '杭州市' },
    });
  });
});

describe('what is refused', () => {
  test('unknown SKUs, other currencies and missing parts are all named at once, and nothing is written', async () => {
    const before = await app.sql('SELECT count(*) FROM "order"');
    const refused = await platform.refusal(at.storeId, {
      state: 'PAID',
      lines: [
        { sku: 'NO-SUCH-SKU', quantity: 1, unitPrice: '1.00' },
        { platformItemId: 'tb-404', quantity: 1, unitPrice: '1.00' },
      ],
      buyerPaid: '2.00',
    });
    expect(brief(refused)).toEqual([
      'ITEM_UNKNOWN input.lines.0.sku',
      'ITEM_UNKNOWN input.lines.1.platformItemId',
    ]);
    const mixed = await platform.refusal(at.storeId, {
      state: 'PAID',
      buyerPaid: { amount: '2.00', currency: 'USD' },
      receiver: null,
      lines: null,
    });
    expect(brief(mixed)).toEqual([
      'CURRENCY_DIFFERS input.buyerPaid.currency',
      'REQUIRED input.receiver',
      'REQUIRED input.lines',
    ]);
    expect(await app.sql('SELECT count(*) FROM "order"')).toEqual(before);
  });

  test('a push into the department’s own site, or into a store of others, is refused', async () => {
    const own = await shop.open();
    const { skus } = await stocked(1);
    const facts = {
      state: 'PAID',
      lines: [{ sku: skus[0], quantity: 1, unitPrice: '1.00' }],
      buyerPaid: '1.00',
    };
    expect(brief(await platform.refusal(own.storeId, facts))).toEqual(['NOT_A_PLATFORM_STORE input.storeId']);
    const elsewhere = await app.given.staff({ permissions: ['orders.push'], stores: [own.storeId] });
    expect(brief(await platform.refusal(at.storeId, facts, elsewhere))).toEqual(['NOT_FOUND input.storeId']);
  });
});

describe('amounts and moments that cannot be', () => {
  test('a push from the future is refused: it would outlast every true one', async () => {
    const { skus } = await stocked(1);
    const ahead = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const refused = await platform.refusal(at.storeId, {
      state: 'PAID',
      asOf: ahead,
      placedAt: ahead,
      paidAt: ahead,
      lines: [{ sku: skus[0], quantity: 1, unitPrice: '1.00' }],
      buyerPaid: '1.00',
    });
    expect(brief(refused)).toEqual([
      'OUT_OF_RANGE input.asOf',
      'OUT_OF_RANGE input.placedAt',
      'OUT_OF_RANGE input.paidAt',
    ]);
  });

  test('sums beyond 18 digits are refused, in a first push and in a later one', async () => {
    const { skus } = await stocked(1);
    const most = '9999999999999999.99';
    const discounts = Array.from({ length: 20 }, () => ({
      sku: skus[0],
      quantity: 1,
      unitPrice: '1.00',
      platformDiscount: most,
    }));
    expect(
      brief(await platform.refusal(at.storeId, { state: 'PAID', lines: discounts, buyerPaid: '1.00' })),
    ).toEqual(['TOTAL_TOO_LARGE input.lines']);
    const reference = uniqueName('tb');
    const line = { sku: skus[0], quantity: 1_000 };
    await platform.push(at.storeId, {
      reference,
      state: 'PLACED',
      lines: [{ ...line, unitPrice: '1.00' }],
      buyerPaid: '1000.00',
    });
    const dearer = {
      reference,
      state: 'PLACED',
      asOf: platform.minute(2),
      lines: [{ ...line, unitPrice: most }],
    };
    expect(brief(await platform.refusal(at.storeId, dearer))).toEqual(['TOTAL_TOO_LARGE input.lines']);
  });
});

describe('closing and refunds', () => {
  test('T4 what the platform closes and refunds is mirrored once, and nothing of it is executed here', async () => {
    const { skus, variantId } = await stocked(5);
    const reference = uniqueName('tb');
    const lines = [{ reference: 'l1', sku: skus[0], quantity: 2, unitPrice: '50.00' }];
    const paid = { reference, state: 'PAID', lines, buyerPaid: '100.00' };
    const order = await platform.push(at.storeId, paid);
    expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ allocated: 2 });
    const refunds = [
      {
        reference: 'r1',
        amount: cny('100.00'),
        lines: [{ reference: 'l1', quantity: 2, amount: cny('100.00') }],
        refundedAt: platform.minute(9),
      },
    ];
    const closed = { ...paid, state: 'CLOSED', asOf: platform.minute(10), refunds };
    for (const _ of [1, 2])
      expect(await platform.push(at.storeId, closed)).toMatchObject({
        id: order.id,
        state: 'CANCELLED',
        cancelReason: 'PLATFORM_CLOSED',
        paymentState: 'REFUNDED',
        payment: {
          captured: { amount: '100.00' },
          refunded: { amount: '100.00' },
          refunding: { amount: '0.00' },
        },
      });
    expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ allocated: 0, onHand: 5 });
    expect(await app.sql('SELECT state, external_reference FROM refund')).toEqual([
      { state: 'SUCCEEDED', external_reference: 'r1' },
    ]);
    expect(await app.sql(`SELECT 1 FROM deadline WHERE kind = 'order.payment'`)).toEqual([]);
  });

  test('T4 an order that the platform closes after its goods left is held for people', async () => {
    const { skus } = await stocked(5);
    const reference = uniqueName('tb');
    const facts = {
      reference,
      state: 'PAID',
      lines: [{ sku: skus[0], quantity: 1, unitPrice: '50.00' }],
      buyerPaid: '50.00',
    };
    const order = await platform.push(at.storeId, facts);
    await app.admin.act('orderConfirm', { orderId: order.id });
    await shop.send(order.id, at.locationId);
    const closed = await platform.push(at.storeId, { ...facts, state: 'CLOSED', asOf: platform.minute(30) });
    expect(closed).toMatchObject({ state: 'CONFIRMED', fulfilmentState: 'DISPATCHED', held: true });
    expect(closed.holds.edges.map(({ node }) => node.kind)).toEqual(['AFTER_SALES']);
    expect(await shop.reasons(order.id)).toEqual({
      en: ['The platform closed the order after goods were dispatched.'],
      zh: ['发货后平台关闭了订单。'],
    });
  });
});

test('T6 confirmation needs the payment, and its clock starts at the payment that the platform took', async () => {
  const { skus } = await stocked(9);
  const reference = uniqueName('tb');
  const facts = {
    reference,
    lines: [{ sku: skus[0], quantity: 1, unitPrice: '50.00' }],
    buyerPaid: '50.00',
  };
  const order = await platform.push(at.storeId, { ...facts, state: 'PLACED' });
  expect(brief(await app.admin.refusal('orderConfirm', { orderId: order.id }))).toEqual([
    'PAYMENT_REQUIRED input.orderId',
  ]);
  const deadlines = () =>
    app.sql<{ kind: string; state: string; due_at: Date }>(
      `SELECT kind, state, due_at FROM deadline ORDER BY id DESC LIMIT 1`,
    );
  // A quarter of an hour ago, so that there is as much time left.
  const paidAt = platform.minute(45);
  await platform.push(at.storeId, { ...facts, state: 'PAID', asOf: platform.minute(46), paidAt });
  expect(await deadlines()).toEqual([
    { kind: 'order.confirmation', state: 'RUNNING', due_at: new Date(platform.minute(75)) },
  ]);
  await app.admin.act('orderConfirm', { orderId: order.id });
  expect(await deadlines()).toMatchObject([{ kind: 'order.confirmation', state: 'MET' }]);
});
