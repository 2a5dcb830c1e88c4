// What holds of stock whatever happens to it, and however many do it at once.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { platformIn } from '../orders/platform.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);

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
      do: 'receive' | 'adjust' | 'damage' | 'order' | 'push' | 'transfer' | 'share';
      variant: number;
      location: number;
      units: number;
    }
  | { do: 'cancel' | 'cancelPart' | 'send'; order: number; location: number };

const stepOf = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      'receive',
      'adjust',
      'damage',
      'order',
      'order',
      'push',
      'transfer',
      'share' as const,
    ),
    variant: fc.nat(1),
    location: fc.nat(1),
    units: fc.integer({ min: -5, max: 12 }),
  }),
  fc.record({
    do: fc.constantFrom('cancel', 'cancelPart', 'send', 'send' as const),
    order: fc.nat(30),
    location: fc.nat(1),
  }),
) as fc.Arbitrary<Step>;

test('C10 G14 counters, ledger and allocations agree after any sequence of acts, refused ones included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf, { minLength: 5, maxLength: 25 }), async (steps) => {
      const world = await openWorld();
      // In bunches of four at once, so that acts meet each other.
      for (let i = 0; i < steps.length; i += 4) {
        await Promise.all(steps.slice(i, i + 4).map((step) => perform(step, world)));
      }
      expect(await contradictions()).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 180_000);

/** An own site and a store on a marketplace over the same two locations, with two variants. */
async function openWorld() {
  const at = await shop.open({ locations: 2, policies: { cashOnDelivery: true } });
  const tmall = await shop.goods.store({ platform: 'TMALL' });
  for (const [i, locationId] of at.locationIds.entries()) {
    const stores = [at.storeId, tmall].map((storeId) => ({ storeId, priority: i + 1 }));
    await app.admin.act('locationChange', { locationId, expectedVersion: 2, stores });
  }
  const variants = [await shop.variant(at, [5, 5]), await shop.variant(at, [3, 0])];
  for (const { productId } of variants) await shop.goods.list(productId, tmall);
  return { ...at, tmall, variants, orders: [] as { id: string; lineId: string }[] };
}

type World = Awaited<ReturnType<typeof openWorld>>;

interface Attempted {
  order?: { id: string; lines: { edges: { node: { id: string } }[] } };
}

/** Try a mutation that may be refused, but not fail. */
async function attempt(name: string, input: object, selection = ''): Promise<Attempted | undefined> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const answer = await app.admin.run<Record<string, Attempted>>(
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code } } }`,
    { input },
  );
  expect(answer.errors).toEqual([]);
  return answer.data?.[name];
}

const withKey = (input: object) => ({ idempotencyKey: newKey(), ...input });

async function perform(step: Step, world: World): Promise<void> {
  const locationId = world.locationIds[step.location] ?? '';
  if ('order' in step) {
    const order = world.orders[step.order % Math.max(1, world.orders.length)];
    if (!order) return;
    if (step.do === 'send') {
      await attempt('orderConfirm', { orderId: order.id });
      await attempt('shipmentPrepare', withKey({ orderId: order.id, locationId, dispatch: true }));
    } else {
      const lines = step.do === 'cancelPart' ? { lines: [{ orderLineId: order.lineId, quantity: 1 }] } : {};
      await attempt('orderCancel', withKey({ orderId: order.id, reason: 'OTHER', ...lines }));
    }
    return;
  }
  const { variantId = '', skus = [] } = world.variants[step.variant] ?? {};
  const place = { variantId, locationId };
  const units = Math.abs(step.units) + 1;
  const delta = step.units || 1;
  const keep = ({ order }: Attempted = {}): void => {
    if (order) world.orders.push({ id: order.id, lineId: order.lines.edges[0]?.node.id ?? '' });
  };
  const selection = 'order { id lines { edges { node { id } } } }';
  switch (step.do) {
    case 'receive':
      await attempt('stockReceive', withKey({ locationId, lines: [{ variantId, quantity: units }] }));
      break;
    case 'adjust':
      await attempt('stockAdjust', withKey({ ...place, onHandDelta: delta, reason: 'CORRECTION' }));
      break;
    case 'damage':
      await attempt('stockAdjust', withKey({ ...place, damagedDelta: delta, reason: 'DAMAGED' }));
      break;
    case 'transfer': {
      const toLocationId = world.locationIds[1 - step.location];
      const moved = { variantId, fromLocationId: locationId, toLocationId, quantity: units };
      await attempt('stockTransfer', withKey(moved));
      break;
    }
    case 'share':
      await attempt('listingItemSet', { storeId: world.tmall, variantId, shareBasisPoints: units * 700 });
      break;
    case 'order': {
      const wishes = { terms: 'CASH_ON_DELIVERY' };
      const lines = [{ variantId, quantity: units }];
      keep(await attempt('orderPlace', shop.orderInput(world.storeId, lines, wishes), selection));
      break;
    }
    case 'push':
      keep({ order: await platform.push(world.tmall, paid(skus[0], units)) });
      break;
  }
}

/** An order of units at ten yuan each that a buyer paid on the platform. */
const paid = (sku: string | undefined, quantity: number) => ({
  state: 'PAID',
  lines: [{ sku, quantity, unitPrice: '10.00' }],
  buyerPaid: `${quantity}0.00`,
});

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
