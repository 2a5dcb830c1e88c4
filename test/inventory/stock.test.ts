// Receiving, adjusting, setting, transferring and planning stock.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open({ locations: 2 });
const [here = '', there = ''] = at.locationIds;

const stockOf = async (variantId: string, locationId = here) =>
  (await shop.stocks(variantId)).get(locationId);
const change = (mutation: string, input: object) =>
  app.admin.act(mutation, { idempotencyKey: newKey(), ...input });
const refusal = async (mutation: string, input: object, selection = '') =>
  app.admin.refusal(mutation, { idempotencyKey: newKey(), ...input }, selection);

test('received units are sellable but for the damaged ones', async () => {
  const { variantId } = await shop.variant(at, []);
  const { stocks } = await app.admin.act<{ stocks: object[] }>(
    'stockReceive',
    { idempotencyKey: newKey(), locationId: here, lines: [{ variantId, quantity: 10, damaged: 3 }] },
    'stocks { onHand damaged sellable }',
  );
  expect(stocks).toEqual([{ onHand: 10, damaged: 3, sellable: 7 }]);
});

test('a receipt names each variant once, with no more damaged than came', async () => {
  const { variantId } = await shop.variant(at, []);
  const lines = [
    { variantId, quantity: 1, damaged: 2 },
    { variantId, quantity: 1 },
  ];
  expect(brief(await refusal('stockReceive', { locationId: here, lines }))).toEqual([
    'OUT_OF_RANGE input.lines.0.damaged',
    'DUPLICATE input.lines.1.variantId',
  ]);
});

test('C14 setting a quantity needs the expected one, and a stale one is refused with the current', async () => {
  const { variantId } = await shop.variant(at, [10]);
  const place = { variantId, locationId: here };
  expect(brief(await refusal('stockSet', { ...place, quantity: 5 }))).toEqual([
    'REQUIRED input.expectedQuantity',
  ]);
  expect(
    await refusal(
      'stockSet',
      { ...place, quantity: 5, expectedQuantity: 9 },
      '... on StaleQuantity { currentQuantity }',
    ),
  ).toMatchObject([{ code: 'STALE_QUANTITY', path: ['input', 'expectedQuantity'], currentQuantity: 10 }]);
  await change('stockSet', { ...place, quantity: 5, expectedQuantity: 10, note: '盘点' });
  await change('stockSet', { ...place, quantity: 6, overwrite: true });
  expect(await stockOf(variantId)).toMatchObject({ onHand: 6 });
  const ledger = await app.sql<{ reason: string }>(
    `SELECT reason FROM stock_ledger_entry WHERE cause = 'COUNT' ORDER BY id`,
  );
  expect(ledger.map((row) => row.reason)).toEqual(['盘点', 'overwritten without an expected quantity']);
});

test('C21 units that orders hold or that are damaged cannot be adjusted or transferred away', async () => {
  const { variantId } = await shop.variant(at, [10]);
  await shop.place(at.storeId, [{ variantId, quantity: 4 }]);
  await change('stockAdjust', { variantId, locationId: here, damagedDelta: 3, reason: 'DAMAGED' });
  expect(await stockOf(variantId)).toMatchObject({ onHand: 10, allocated: 4, damaged: 3 });
  const adjusted = await refusal('stockAdjust', {
    variantId,
    locationId: here,
    onHandDelta: -4,
    reason: 'LOST',
  });
  expect(adjusted).toMatchObject([
    { code: 'STOCK_COMMITTED', message: 'Only 3 units here are neither allocated to orders nor damaged.' },
  ]);
  const transfer = { variantId, fromLocationId: here, toLocationId: there };
  expect(brief(await refusal('stockTransfer', { ...transfer, quantity: 4 }))).toEqual([
    'STOCK_COMMITTED input.quantity',
  ]);
  await change('stockTransfer', { ...transfer, quantity: 3 });
  expect([await stockOf(variantId), await stockOf(variantId, there)]).toMatchObject([
    { onHand: 7 },
    { onHand: 3 },
  ]);
  const order = app.admin.refusal('orderPlace', shop.orderInput(at.storeId, [{ variantId, quantity: 4 }]));
  expect(brief(await order)).toEqual(['INSUFFICIENT_STOCK input.lines']);
});

test('an adjustment needs a reason and a change, a transfer two places', async () => {
  const { variantId } = await shop.variant(at, [1]);
  expect(
    await app.admin.codes(
      'mutation { stockAdjust(input: { idempotencyKey: "12345678", variantId: "x", locationId: "y", onHandDelta: 1 }) { userErrors { code } } }',
    ),
  ).toEqual(['BAD_REQUEST']);
  expect(
    brief(await refusal('stockAdjust', { variantId, locationId: here, onHandDelta: 0, reason: 'OTHER' })),
  ).toEqual(['REQUIRED input.onHandDelta']);
  expect(
    brief(
      await refusal('stockTransfer', { variantId, fromLocationId: here, toLocationId: here, quantity: 1 }),
    ),
  ).toEqual(['SAME_LOCATION input.toLocationId']);
});

test('T24 stock of a location that the caller does not act at cannot be seen or changed', async () => {
  const { variantId } = await shop.variant(at, [5, 5]);
  const keeper = await app.given.staff({ posts: ['warehouse'], locations: [there] });
  const seen = await keeper.ok<{ stocks: { edges: { node: { location: { id: string } } }[] } }>(
    'query ($id: ID!) { stocks(where: { variantId: $id }) { edges { node { location { id } } } } }',
    { id: variantId },
  );
  expect(seen.stocks.edges.map((edge) => edge.node.location.id)).toEqual([there]);
  const input = { idempotencyKey: newKey(), variantId, locationId: here, onHandDelta: 1, reason: 'FOUND' };
  expect(brief(await keeper.refusal('stockAdjust', input))).toEqual(['NOT_FOUND input.locationId']);
});

test('C20 low stock is told once on crossing the limit, and again only after recovery', async () => {
  const { variantId } = await shop.variant(at, [10]);
  await app.admin.act('stockPlan', { variantId, locationId: here, lowStockAt: 5, recoveredAt: 8 });
  const adjust = (onHandDelta: number) =>
    change('stockAdjust', { variantId, locationId: here, onHandDelta, reason: 'CORRECTION' });
  for (const delta of [-4, -1, -1, +2, -2, -1, +5, -5]) await adjust(delta);
  const { events } = await app.admin.ok<{
    events: { edges: { node: { type: string; changes: object[] } }[] };
  }>(
    'query { events(where: { types: ["stock.ranLow", "stock.recovered"] }, orderBy: OLDEST) { edges { node { type changes { field before after } } } } }',
  );
  // 10 → 6 → 5 low → 4 → 6 → 4 → 3 → 8 recovered → 3 low
  expect(events.edges.map((edge) => edge.node.type)).toEqual([
    'stock.ranLow',
    'stock.recovered',
    'stock.ranLow',
  ]);
  expect(events.edges[0]?.node.changes).toEqual([{ field: 'low', before: false, after: true }]);
  expect(await stockOf(variantId)).toMatchObject({ low: true });
});

test('C20 sold out and back in stock are told once each, back only from its own limit on', async () => {
  const { variantId } = await shop.variant(at, [2]);
  await app.admin.act('stockPlan', { variantId, locationId: here, backInStockAt: 3 });
  const adjust = (onHandDelta: number) =>
    change('stockAdjust', { variantId, locationId: here, onHandDelta, reason: 'CORRECTION' });
  for (const delta of [-2, +2, -1, +2]) await adjust(delta);
  const stock = await app.sql<{ id: string }>(
    'SELECT id FROM stock WHERE variant_id = $1 AND location_id = $2',
    [
      Buffer.from(variantId, 'base64url').toString().split(':')[1],
      Buffer.from(here, 'base64url').toString().split(':')[1],
    ],
  );
  await app.admin.ok('{ eventCursor }');
  const told = await app.sql<{ type: string; version: number }>(
    'SELECT type, version FROM event WHERE entity_id = $1 ORDER BY seq',
    [stock[0]?.id],
  );
  expect(told.map((row) => row.type)).toEqual([
    'stock.received',
    'stock.backInStock',
    'stock.planned',
    'stock.adjusted',
    'stock.soldOut',
    'stock.adjusted',
    'stock.adjusted',
    'stock.adjusted',
    'stock.backInStock',
  ]);
  expect(told.map((row) => row.version)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('planning limits refuse a recovery that is not above low', async () => {
  const { variantId } = await shop.variant(at, [2]);
  expect(
    brief(
      await app.admin.refusal('stockPlan', { variantId, locationId: here, lowStockAt: 5, recoveredAt: 5 }),
    ),
  ).toEqual(['OUT_OF_RANGE input.recoveredAt']);
  expect(brief(await app.admin.refusal('stockPlan', { variantId, locationId: here, lowStockAt: 5 }))).toEqual(
    ['REQUIRED input.recoveredAt'],
  );
});

test('an archived location takes no goods, and one with goods is not archived', async () => {
  const location = await app.given.location();
  const { variantId } = await shop.variant(at, []);
  await shop.receive(location, variantId, 1);
  expect(await app.admin.refusal('locationArchive', { locationId: location })).toMatchObject([
    { code: 'LOCATION_HAS_STOCK' },
  ]);
  await change('stockAdjust', { variantId, locationId: location, onHandDelta: -1, reason: 'LOST' });
  await app.admin.act('locationArchive', { locationId: location });
  const lines = [{ variantId, quantity: 1 }];
  expect(brief(await refusal('stockReceive', { locationId: location, lines }))).toEqual([
    'LOCATION_ARCHIVED input.locationId',
  ]);
});
