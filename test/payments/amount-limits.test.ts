// Bounds of what gateways, colleagues and platforms tell of money: what cannot be true or kept is refused at its place.

import { afterAll, describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { platformIn } from '../orders/platform.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import { tillIn } from './till.ts';

const app = await startApp();
const till = tillIn(app);
const platform = platformIn(app);
afterAll(async () => expect(await till.unbalanced()).toEqual([]));

const MOST = '9999999999999999.99';

describe('an account holds 18 digits', () => {
  test('money beyond them is not recorded', async () => {
    const order = await till.order();
    await till.record(order, '30.00');
    const input = till.recordInput(order, MOST);
    expect(brief(await app.admin.refusal('paymentRecord', input))).toEqual([
      'AMOUNT_TOO_LARGE input.amount.amount',
    ]);
    await till.record(order, '9999999999999969.99');
    expect((await till.account(order)).captured).toBe(MOST);
  });

  test('C29 money beyond them that a gateway reports is refused, and told which', async () => {
    const gateway = await till.gateway({ callable: false });
    const order = await till.order({ quantity: 1, price: MOST });
    const [first, second] = [await till.start(order, gateway), await till.start(order, gateway)];
    expect((await gateway.captured(first, MOST)).status).toBe(200);
    expect(await gateway.captured(second, MOST)).toMatchObject({
      status: 422,
      json: { problems: [{ code: 'AMOUNT_TOO_LARGE', path: ['amount'] }] },
    });
    expect(await till.account(order)).toMatchObject({ captured: MOST, refunding: '0.00' });
    expect((await till.account(order)).payments.map(({ state }) => state).sort()).toEqual([
      'CAPTURED',
      'PENDING',
    ]);
  });
});

test('C29 control characters and moments that cannot be are refused at the door of gateways', async () => {
  const gateway = await till.gateway({ callable: false });
  const order = await till.order();
  const payment = await till.start(order, gateway);
  const places = async (changes: object) => {
    const { status, json } = await gateway.captured(payment, '30.00', changes);
    const { problems } = json as { problems: { code: string; path: string[] }[] };
    return [status, ...problems.map(({ code, path }) => `${code} ${path.join('.')}`)];
  };
  expect(await places({ orderNumber: `${order.number}\u0000` })).toEqual([400, 'INVALID orderNumber']);
  expect(await places({ orderNumber: '9'.repeat(65) })).toEqual([400, 'TOO_LONG orderNumber']);
  expect(await places({ transactionReference: 'a\u0000b' })).toEqual([400, 'INVALID transactionReference']);
  for (const occurredAt of ['0001-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'])
    expect(await places({ occurredAt }), occurredAt).toEqual([400, 'OUT_OF_RANGE occurredAt']);
  expect(await till.eventsOf('Payment', payment.id)).toEqual(['payment.started']);
});

describe('attempts to pay', () => {
  test('count for an hour; those that are older stay payable', async () => {
    const gateway = await till.gateway({ callable: false });
    const order = await till.order();
    const attempts = [];
    for (let i = 0; i < 10; i++) attempts.push(await till.start(order, gateway));
    const input = () => ({ idempotencyKey: newKey(), orderId: order.id, connectionCode: gateway.code });
    const refused = ['TOO_MANY_ATTEMPTS input.orderId'];
    expect(brief(await app.admin.refusal('paymentStart', input()))).toEqual(refused);
    clock.pass({ minutes: 50 });
    expect(brief(await app.admin.refusal('paymentStart', input()))).toEqual(refused);
    clock.pass({ minutes: 15 });
    await till.start(order, gateway);
    clock.reset();
    const [first] = attempts;
    if (!first) throw new Error('no attempts');
    expect((await gateway.captured(first, '30.00')).json).toEqual({ result: 'DONE' });
    expect(await till.account(order)).toMatchObject({ captured: '30.00', isCovered: true });
  });

  test('go to payment gateways only, also where a partner became something else', async () => {
    const gateway = await till.gateway({ callable: false });
    const order = await till.order();
    await app.admin.act('partnerChange', {
      partnerId: gateway.partnerId,
      expectedVersion: 1,
      kind: 'MARKETPLACE',
    });
    const input = { idempotencyKey: newKey(), orderId: order.id, connectionCode: gateway.code };
    expect(brief(await app.admin.refusal('paymentStart', input))).toEqual(['NOT_FOUND input.connectionCode']);
    const { node } = await app.admin.ok<{ node: { paymentMethods: { connectionCode: string }[] } }>(
      'query ($id: ID!) { node(id: $id) { ... on Store { paymentMethods { connectionCode } } } }',
      { id: order.storeId },
    );
    expect(node.paymentMethods.map((one) => one.connectionCode)).not.toContain(gateway.code);
  });
});

describe('T4 a refund that a platform tells of', async () => {
  const at = await till.shop.open({ platform: 'TMALL' });

  /** An order of 2 and 3 units at 50.00 and 10.00, paid, then pushed with a refund. */
  const pushed = async (refund: object) => {
    const [dear, cheap] = [
      await till.shop.variant(at, [9], '50.00'),
      await till.shop.variant(at, [9], '10.00'),
    ];
    const facts = {
      reference: uniqueName('tb'),
      state: 'PAID',
      lines: [
        { reference: 'l1', sku: dear.skus[0], quantity: 2, unitPrice: '50.00' },
        { reference: 'l2', sku: cheap.skus[0], quantity: 3, unitPrice: '10.00' },
      ],
      buyerPaid: '130.00',
    };
    const order = await platform.push(at.storeId, facts);
    const told = { reference: 'r1', amount: till.cny('60.00'), refundedAt: platform.minute(5), ...refund };
    const again = { ...facts, asOf: platform.minute(6), refunds: [told] };
    return { order, again };
  };

  const refusalOf = async (refund: object) => {
    const { order, again } = await pushed(refund);
    const refused = brief(await platform.refusal(at.storeId, again));
    expect((await till.account(order)).refunds).toEqual([]);
    return refused;
  };
  const line = (reference: string, quantity: number, amount: string) => ({
    reference,
    quantity,
    amount: till.cny(amount),
  });

  test('says no more units of a line than were ordered, and in all no more money than went back', async () => {
    expect(await refusalOf({ lines: [line('l1', 3, '10.00'), line('l2', 4, '5.00')] })).toEqual([
      'REFUND_LINE_EXCEEDS input.refunds.0.lines.0.quantity',
      'REFUND_LINE_EXCEEDS input.refunds.0.lines.1.quantity',
    ]);
    expect(await refusalOf({ lines: [line('l1', 1, '50.00'), line('l2', 1, '10.01')] })).toEqual([
      'REFUND_LINE_EXCEEDS input.refunds.0.lines.1.amount',
    ]);
  });

  test('names no line twice', async () => {
    expect(await refusalOf({ lines: [line('l1', 1, '10.00'), line('l1', 1, '10.00')] })).toEqual([
      'DUPLICATE input.refunds.0.lines.1.reference',
    ]);
  });

  test('has no more freight than amount', async () => {
    expect(await refusalOf({ freight: till.cny('60.01') })).toEqual(['INVALID input.refunds.0.freight']);
  });

  test('is taken in where all of it fits', async () => {
    const lines = [line('l1', 1, '50.00'), line('l2', 1, '10.00')];
    const { order, again } = await pushed({ lines });
    await platform.push(at.storeId, again);
    const [refund] = (await till.account(order)).refunds;
    expect(refund?.amount.amount).toBe('60.00');
    expect(refund?.lines.edges.map(({ node }) => [node.quantity, node.amount.amount]).sort()).toEqual([
      [1, '10.00'],
      [1, '50.00'],
    ]);
  });
});
