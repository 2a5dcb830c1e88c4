// Pushes of one order: twice, late, in any order and in parts, they are one order.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { platformIn } from './platform.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);
const at = await shop.open({ platform: 'TMALL' });
const cny = (amount: string) => ({ amount, currency: 'CNY' });
const stocked = (units: number, price = '50.00') => shop.variant(at, [units], price);

test('T5 pushed fifty times at once, it is one order with one allocation and one payment', async () => {
  const { skus, variantId } = await stocked(20);
  const facts = {
    reference: uniqueName('tb'),
    state: 'PAID',
    lines: [{ sku: skus[0], quantity: 2, unitPrice: '50.00' }],
    buyerPaid: '100.00',
  };
  const orders = await Promise.all(Array.from({ length: 50 }, () => platform.push(at.storeId, facts)));
  expect(new Set(orders.map(({ id }) => id)).size).toBe(1);
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ allocated: 2 });
  expect(orders.at(-1)).toMatchObject({ payment: { captured: { amount: '100.00' } } });
});

test('T5 in whatever order and however often pushes come, the order ends the same', async () => {
  const { skus, variantId } = await stocked(500);
  const line = { reference: 'l1', sku: skus[0], quantity: 2 };
  const told = (asOf: number, state: string, more: object = {}) => ({
    asOf: platform.minute(asOf),
    state,
    lines: [{ ...line, unitPrice: '50.00' }],
    buyerPaid: '100.00',
    ...more,
  });
  const paidAt = platform.minute(3);
  const cheaper = { lines: [{ ...line, unitPrice: '45.00' }], buyerPaid: '90.00' };
  const refunds = [{ reference: 'r1', amount: cny('30.00'), refundedAt: platform.minute(7) }];
  const pushes = [
    told(1, 'PLACED'),
    told(2, 'PLACED', cheaper),
    told(4, 'PAID', { ...cheaper, paidAt, shipBy: platform.minute(600) }),
    told(8, 'PAID', { ...cheaper, paidAt, refunds, shipBy: platform.minute(900) }),
    told(9, 'CLOSED', { ...cheaper, paidAt, refunds, shipBy: platform.minute(900) }),
  ];
  const ended = async (some: readonly object[]) => {
    const reference = uniqueName('tb');
    let order: Awaited<ReturnType<typeof platform.push>> | undefined;
    for (const push of some) order = await platform.push(at.storeId, { ...push, reference });
    const {
      id: _id,
      number: _number,
      version: _version,
      lines,
      holds: _holds,
      ...rest
    } = order ?? ({} as never);
    return {
      ...rest,
      platformOrder: { ...rest.platformOrder, reference: '' },
      total: lines.edges[0]?.node.total,
    };
  };
  const expected = await ended(pushes);
  expect(expected).toMatchObject({
    state: 'CANCELLED',
    paymentState: 'PARTIALLY_REFUNDED',
    paidAt,
    payment: { captured: { amount: '90.00' }, refunded: { amount: '30.00' } },
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: pushes.length - 1 }), { maxLength: 4 }),
      fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
      async (extra, order) => {
        const some = [...order, ...extra].map((i) => pushes[i] ?? {});
        expect(await ended(some)).toEqual(expected);
      },
    ),
    { numRuns: 15 },
  );
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ allocated: 0, onHand: 500 });
}, 60_000);

test('T5 a later push may say only what is new', async () => {
  const { skus } = await stocked(9);
  const reference = uniqueName('tb');
  const first = await platform.push(at.storeId, {
    reference,
    state: 'PLACED',
    lines: [{ sku: skus[0], quantity: 1, unitPrice: '50.00' }],
    buyerPaid: '50.00',
  });
  expect(first).toMatchObject({ paymentState: 'UNPAID', awaitingStock: false });
  const paid = await platform.push(at.storeId, {
    reference,
    state: 'PAID',
    asOf: platform.minute(2),
    receiver: null,
    lines: null,
    buyerPaid: null,
  });
  expect(paid).toMatchObject({ id: first.id, paymentState: 'PAID', total: { amount: '50.00' } });
});

test('T5 lines that differ from those of before hold the order, once', async () => {
  const { skus } = await stocked(9);
  const reference = uniqueName('tb');
  const facts = {
    reference,
    state: 'PAID',
    lines: [{ sku: skus[0], quantity: 1, unitPrice: '50.00' }],
    buyerPaid: '50.00',
  };
  await platform.push(at.storeId, facts);
  const more = { ...facts, lines: [{ sku: skus[0], quantity: 3, unitPrice: '50.00' }] };
  await platform.push(at.storeId, { ...more, asOf: platform.minute(2) });
  const order = await platform.push(at.storeId, { ...more, asOf: platform.minute(3) });
  expect(order.holds.edges.map(({ node }) => node.kind)).toEqual(['OTHER']);
  expect(await shop.reasons(order.id)).toEqual({
    en: ['The platform now tells other lines.'],
    zh: ['平台推送的商品行有变化。'],
  });
  expect(order.lines.edges[0]?.node.quantity).toBe(1);
});
