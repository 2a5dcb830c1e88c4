// What holds of stock whatever happens to it, and however many do it at once.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);

/** Counters that the ledger, the allocations or a bound contradict. Empty when all is well. */
const contradictions = () =>
  app.sql(`
    SELECT s.id, s.on_hand, s.allocated, l.*, a.open FROM stock s
    LEFT JOIN LATERAL (
      SELECT coalesce(sum(delta) FILTER (WHERE counter = 'ON_HAND'), 0) AS ledger_on_hand,
        coalesce(sum(delta) FILTER (WHERE counter = 'ALLOCATED'), 0) AS ledger_allocated,
        coalesce(sum(delta) FILTER (WHERE counter = 'DAMAGED'), 0) AS ledger_damaged
      FROM stock_ledger_entry WHERE stock_id = s.id) l ON true
    LEFT JOIN LATERAL (
      SELECT coalesce(sum(quantity), 0) AS open FROM allocation WHERE stock_id = s.id AND state = 'OPEN') a ON true
    WHERE s.on_hand < 0 OR s.allocated < 0 OR s.damaged < 0 OR s.on_hand < s.allocated + s.damaged
      OR l.ledger_on_hand <> s.on_hand OR l.ledger_allocated <> s.allocated OR l.ledger_damaged <> s.damaged
      OR a.open <> s.allocated`);

test('C9 G49 two hundred concurrent orders for fifty units over three warehouses sell exactly fifty', async () => {
  const at = await shop.open({ locations: 3 });
  const { variantId } = await shop.variant(at, [20, 20, 10]);
  const document =
    'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      app.admin.run<{ orderPlace: { order: object | null; userErrors: { code: string }[] } }>(document, {
        input: shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]),
      }),
    ),
  );
  expect(answers.flatMap((answer) => answer.errors)).toEqual([]);
  expect(answers.filter(({ data }) => data?.orderPlace.order)).toHaveLength(50);
  expect(answers.flatMap(({ data }) => data?.orderPlace.userErrors ?? [])).toEqual(
    Array(150).fill({ code: 'INSUFFICIENT_STOCK' }),
  );
  const stocks = [...(await shop.stocks(variantId)).values()];
  expect(stocks.map((stock) => stock.onHand - stock.allocated)).toEqual([0, 0, 0]);
  expect(await contradictions()).toEqual([]);
}, 120_000);

test('C9 orders that want the same variants in opposite orders neither deadlock nor oversell', async () => {
  const at = await shop.open({ locations: 2 });
  const one = await shop.variant(at, [15, 15]);
  const two = await shop.variant(at, [15, 15]);
  const pair = [
    { variantId: one.variantId, quantity: 1 },
    { variantId: two.variantId, quantity: 1 },
  ];
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      app.admin.run<{ orderPlace: { order: object | null } }>(
        'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }',
        { input: shop.orderInput(at.storeId, i % 2 ? pair : pair.toReversed()) },
      ),
    ),
  );
  expect(answers.flatMap((answer) => answer.errors)).toEqual([]);
  expect(answers.filter(({ data }) => data?.orderPlace.order)).toHaveLength(30);
  expect(await contradictions()).toEqual([]);
}, 120_000);

type Step =
  | {
      do: 'receive' | 'adjust' | 'damage' | 'order' | 'transfer';
      variant: number;
      location: number;
      units: number;
    }
  | { do: 'cancel' | 'cancelPart' | 'complete'; order: number };

const stepOf = fc.oneof(
  fc.record({
    do: fc.constantFrom('receive', 'adjust', 'damage', 'order', 'order', 'transfer' as const),
    variant: fc.nat(1),
    location: fc.nat(1),
    units: fc.integer({ min: -5, max: 12 }),
  }),
  fc.record({ do: fc.constantFrom('cancel', 'cancelPart', 'complete' as const), order: fc.nat(30) }),
) as fc.Arbitrary<Step>;

test('C10 G14 counters, ledger and allocations agree after any sequence of acts, refused ones included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf, { minLength: 5, maxLength: 25 }), async (steps) => {
      const at = await shop.open({ locations: 2 });
      const variants = [
        (await shop.variant(at, [5, 5])).variantId,
        (await shop.variant(at, [3, 0])).variantId,
      ];
      const orders: { id: string; lineId: string }[] = [];
      // In bunches of four at once, so that acts meet each other.
      for (let i = 0; i < steps.length; i += 4) {
        await Promise.all(steps.slice(i, i + 4).map((step) => perform(step, at, variants, orders)));
      }
      expect(await contradictions()).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 180_000);

async function perform(
  step: Step,
  at: { storeId: string; locationIds: string[] },
  variants: string[],
  orders: { id: string; lineId: string }[],
): Promise<void> {
  const attempt = async (name: string, input: object, selection = '') => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const answer = await app.admin.run<
      Record<string, { order?: { id: string; lines: { edges: { node: { id: string } }[] } } }>
    >(`mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code } } }`, {
      input: { idempotencyKey: newKey(), ...input },
    });
    expect(answer.errors).toEqual([]);
    return answer.data?.[name];
  };
  if ('order' in step) {
    const order = orders[step.order % Math.max(1, orders.length)];
    if (!order) return;
    if (step.do === 'complete') {
      await app.admin.run(
        'mutation ($input: OrderConfirmInput!) { orderConfirm(input: $input) { userErrors { code } } }',
        { input: { orderId: order.id } },
      );
      await attempt('orderComplete', { orderId: order.id });
    } else {
      const lines = step.do === 'cancelPart' ? { lines: [{ orderLineId: order.lineId, quantity: 1 }] } : {};
      await attempt('orderCancel', { orderId: order.id, reason: 'OTHER', ...lines });
    }
    return;
  }
  const variantId = variants[step.variant] ?? '';
  const locationId = at.locationIds[step.location] ?? '';
  const units = Math.abs(step.units) + 1;
  if (step.do === 'receive')
    await attempt('stockReceive', { locationId, lines: [{ variantId, quantity: units }] });
  if (step.do === 'adjust')
    await attempt('stockAdjust', {
      variantId,
      locationId,
      onHandDelta: step.units || 1,
      reason: 'CORRECTION',
    });
  if (step.do === 'damage')
    await attempt('stockAdjust', { variantId, locationId, damagedDelta: step.units || 1, reason: 'DAMAGED' });
  if (step.do === 'transfer') {
    const [from, to] = step.location === 0 ? at.locationIds : at.locationIds.toReversed();
    await attempt('stockTransfer', { variantId, fromLocationId: from, toLocationId: to, quantity: units });
  }
  if (step.do === 'order') {
    const placed = await attempt(
      'orderPlace',
      shop.orderInput(at.storeId, [{ variantId, quantity: units }]),
      'order { id lines { edges { node { id } } } }',
    );
    if (placed?.order)
      orders.push({ id: placed.order.id, lineId: placed.order.lines.edges[0]?.node.id ?? '' });
  }
}

test('C15 every change of a quantity has one ledger entry that says what, why, who and how much is left, for ever', async () => {
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10]);
  const order = await shop.place(at.storeId, [{ variantId, quantity: 4 }]);
  await app.admin.act('stockAdjust', {
    idempotencyKey: newKey(),
    variantId,
    locationId: at.locationId,
    onHandDelta: -1,
    damagedDelta: 2,
    reason: 'DAMAGED',
    note: 'wet',
  });
  const { node } = await app.admin.ok<{
    node: { stocks: { edges: { node: { ledger: { edges: { node: object }[] } } }[] } };
  }>(
    `query ($id: ID!) { node(id: $id) { ... on Variant { stocks { edges { node { ledger { edges { node {
      counter delta after cause causeId reason actorKind actorId requestId } } } } } } } } }`,
    { id: variantId },
  );
  const ledger = node.stocks.edges[0]?.node.ledger.edges.map((edge) => edge.node) ?? [];
  const by = {
    actorKind: 'STAFF',
    actorId: app.admin.staffId,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  };
  expect(ledger).toHaveLength(4);
  expect(ledger).toEqual(
    expect.arrayContaining([
      {
        counter: 'ON_HAND',
        delta: 10,
        after: 10,
        cause: 'RECEIPT',
        causeId: at.locationId,
        reason: null,
        ...by,
      },
      {
        counter: 'ALLOCATED',
        delta: 4,
        after: 4,
        cause: 'ALLOCATION',
        causeId: order.id,
        reason: null,
        ...by,
      },
      expect.objectContaining({
        counter: 'ON_HAND',
        delta: -1,
        after: 9,
        cause: 'ADJUSTMENT',
        reason: 'DAMAGED: wet',
        ...by,
      }),
      expect.objectContaining({
        counter: 'DAMAGED',
        delta: 2,
        after: 2,
        cause: 'ADJUSTMENT',
        reason: 'DAMAGED: wet',
        ...by,
      }),
    ]),
  );
  await expect(app.sql('UPDATE stock_ledger_entry SET delta = delta + 1')).rejects.toThrow(
    'never changed or deleted',
  );
  await expect(app.sql('DELETE FROM stock_ledger_entry')).rejects.toThrow('never changed or deleted');
});

test('G14 the database itself refuses counters that cannot be', async () => {
  const at = await shop.open();
  await shop.variant(at, [1]);
  for (const impossible of ['on_hand = -1', 'allocated = on_hand + 1', 'damaged = -1', 'safety_stock = -1']) {
    await expect(app.sql(`UPDATE stock SET ${impossible}`)).rejects.toThrow('violates check constraint');
  }
});
