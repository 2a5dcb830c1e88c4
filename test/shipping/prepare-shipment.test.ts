// Preparing parcels: what may go into them, and what is wrong with those that may not.

import { expect, test } from 'vitest';
import { atOnce, brief, nobodys } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { actionsOf, dockIn, type SentOrder, unitsOf } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const { shop } = dock;
const at = await dock.open({ locations: 2 });
const [, second = ''] = at.locationIds;

const refusal = async (order: SentOrder, wishes: object = {}, by = app.admin) =>
  brief(await by.refusal('shipmentPrepare', dock.parcelOf(order, wishes)));

test('a parcel holds by default all that is allocated where it leaves and in no other parcel', async () => {
  const order = await dock.order(at, { quantity: 5, units: [3, 10] });
  const some = await dock.prepare(order, { lines: [{ orderLineId: order.lineId, quantity: 1 }] });
  const rest = await dock.prepare(order);
  const far = await dock.prepare(order, { locationId: second });
  expect([some, rest, far].map(unitsOf)).toEqual([
    { [order.lineId]: 1 },
    { [order.lineId]: 2 },
    { [order.lineId]: 2 },
  ]);
  expect(far).toMatchObject({
    state: 'PREPARED',
    version: 1,
    location: { id: second },
    order: { id: order.id },
    dispatchedAt: null,
    carrier: null,
    trackingNumber: null,
  });
  expect(actionsOf(far)).toEqual({ DISPATCH: true, CHANGE: true, CANCEL: true });
  expect(await refusal(order)).toEqual(['NOTHING_TO_SHIP input.locationId']);
  expect(await dock.history(far.id)).toEqual(['shipment.prepared']);
});

test('preparing moves neither stock nor order', async () => {
  const order = await dock.order(at, { quantity: 4 });
  await dock.prepare(order);
  expect((await shop.stocks(order.variantId)).get(at.locationId)).toMatchObject({ onHand: 10, allocated: 4 });
  expect(await dock.orderState(order)).toMatchObject({
    fulfilmentState: 'UNFULFILLED',
    lines: { edges: [{ node: { dispatched: 0 } }] },
  });
});

test('C25 goods of an order that is not paid cannot be packed, unless credit or payment on delivery was agreed', async () => {
  const { variantId } = await shop.variant(at, [10]);
  const placed = await shop.place(at.storeId, [{ variantId, quantity: 2 }]);
  const order = { ...placed, variantId, lineId: placed.lines.edges[0]?.node.id ?? '', at };
  expect(await refusal(order)).toEqual(['ILLEGAL_STATE input.orderId']);
  await app.admin.act('orderConfirm', { orderId: order.id });
  expect(await refusal(order)).toEqual(['PAYMENT_REQUIRED input.orderId']);
  expect(await refusal(order, { dispatch: true })).toEqual(['PAYMENT_REQUIRED input.orderId']);
  await shop.pay(placed);
  expect(unitsOf(await dock.prepare(order))).toEqual({ [order.lineId]: 2 });
});

test('an order on hold cannot be packed until it is released', async () => {
  const order = await dock.order(at);
  await app.admin.act('orderHold', { orderId: order.id, kind: 'ADDRESS', reason: 'Which building?' });
  expect(await refusal(order)).toEqual(['ORDER_HELD input.orderId']);
});

test('more than is open, what was cancelled, what lies elsewhere and what is another order’s come at once', async () => {
  const order = await dock.order(at, { quantity: 4, units: [2, 10] });
  const other = await dock.order(at);
  const lines = (...wanted: [orderLineId: string, quantity: number][]) => ({
    lines: wanted.map(([orderLineId, quantity]) => ({ orderLineId, quantity })),
  });
  const errors = await app.admin.refusal(
    'shipmentPrepare',
    dock.parcelOf(order, lines([order.lineId, 5], [other.lineId, 1], [nobodys('OrderLine'), 1])),
  );
  expect(brief(errors)).toEqual([
    'SHIPMENT_EXCEEDS_OPEN input.lines.0.quantity',
    'NOT_FOUND input.lines.1.orderLineId',
    'NOT_FOUND input.lines.2.orderLineId',
  ]);
  expect(errors[0]?.message).toBe('Only 4 units of this line are still to be dispatched.');
  expect(await refusal(order, lines([order.lineId, 3]))).toEqual([
    'SHIPMENT_EXCEEDS_HERE input.lines.0.quantity',
  ]);
  await app.admin.act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'CUSTOMER_REQUEST',
    lines: [{ orderLineId: order.lineId, quantity: 3 }],
  });
  expect(await refusal(order, lines([order.lineId, 2]))).toEqual([
    'SHIPMENT_EXCEEDS_OPEN input.lines.0.quantity',
  ]);
  expect(await refusal(order, lines([order.lineId, 1], [order.lineId, 1]))).toEqual([
    'DUPLICATE input.lines.1.orderLineId',
  ]);
  expect(await refusal(order, { ...lines([order.lineId, 0]), locationId: 'x' })).toEqual([
    'INVALID_ID input.locationId',
    'OUT_OF_RANGE input.lines.0.quantity',
  ]);
});

test('locations and orders out of reach look like those that do not exist', async () => {
  const order = await dock.order(at);
  const elsewhere = await dock.open();
  const stranger = await app.given.staff({ posts: ['warehouse'], stores: [elsewhere.storeId] });
  const neighbour = await app.given.staff({ posts: ['warehouse'], locations: [second] });
  expect(await refusal(order, {}, stranger)).toEqual(['NOT_FOUND input.orderId']);
  expect(await refusal(order, {}, neighbour)).toEqual(['NOT_FOUND input.locationId']);
  expect(await refusal(order, { locationId: nobodys('Location') })).toEqual(['NOT_FOUND input.locationId']);
});

test('a number belongs to a carrier, and to one parcel of it', async () => {
  const [first, other] = [await dock.order(at), await dock.order(at)];
  const carrierId = await dock.carrier();
  const trackingNumber = dock.trackingNumber();
  expect(await refusal(first, { trackingNumber })).toEqual(['CARRIER_MISSING input.carrierId']);
  expect(await refusal(first, { carrierId: nobodys('Carrier'), trackingNumber })).toEqual([
    'NOT_FOUND input.carrierId',
  ]);
  expect(await refusal(first, { carrierId, trackingNumber: 'no number!' })).toEqual([
    'INVALID input.trackingNumber',
  ]);
  const shipment = await dock.prepare(first, {
    carrierId,
    trackingNumber: ` ${trackingNumber.toLowerCase()} `,
  });
  expect(shipment).toMatchObject({ carrier: { code: 'sf' }, trackingNumber });
  expect(await refusal(other, { carrierId, trackingNumber })).toEqual([
    'TRACKING_NUMBER_TAKEN input.trackingNumber',
  ]);
  await dock.prepare(other, { carrierId: await dock.carrier('zto'), trackingNumber });
});

test('the number of a cancelled parcel can be given again', async () => {
  const order = await dock.order(at);
  const label = { carrierId: await dock.carrier(), trackingNumber: dock.trackingNumber() };
  const first = await dock.prepare(order, label);
  await app.admin.act('shipmentCancel', { shipmentId: first.id });
  expect(await dock.prepare(order, label)).toMatchObject({ trackingNumber: label.trackingNumber });
});

test('T16 a third party’s key packs and sends from its own location, with both permissions only', async () => {
  const order = await dock.order(at, { quantity: 4 });
  const key = (...scopes: string[]) =>
    app.given.key({
      scopes: ['orders.read', 'shipments.read', ...scopes],
      stores: [at.storeId],
      locations: [at.locationId],
    });
  const one = { lines: [{ orderLineId: order.lineId, quantity: 1 }] };
  const packer = await key('shipments.prepare');
  expect(await refusal(order, { ...one, dispatch: true }, packer)).toEqual(['NOT_PERMITTED input.dispatch']);
  expect(actionsOf(await dock.prepare(order, one, packer))).toEqual({
    DISPATCH: 'NOT_PERMITTED',
    CHANGE: 'NOT_PERMITTED',
    CANCEL: true,
  });
  const sender = await key('shipments.prepare', 'shipments.dispatch');
  expect(await dock.prepare(order, { ...one, dispatch: true }, sender)).toMatchObject({
    state: 'DISPATCHED',
  });
  expect(await refusal(order, { ...one, locationId: second }, sender)).toEqual([
    'NOT_FOUND input.locationId',
  ]);
});

test('ten people who pack the same goods at once fill one parcel with them', async () => {
  const order = await dock.order(at, { quantity: 3 });
  const answers = await atOnce(
    app.admin,
    'shipmentPrepare',
    Array.from({ length: 10 }, () => dock.parcelOf(order)),
    'shipment { id }',
  );
  expect(answers.filter(({ shipment }) => shipment)).toHaveLength(1);
  expect(answers.flatMap(({ userErrors }) => userErrors).map(({ code }) => code)).toEqual(
    Array(9).fill('NOTHING_TO_SHIP'),
  );
});

test('a repeated call with the same key prepares nothing twice', async () => {
  const order = await dock.order(at, { quantity: 3 });
  const input = dock.parcelOf(order, { lines: [{ orderLineId: order.lineId, quantity: 1 }] });
  const [one, two] = await atOnce(app.admin, 'shipmentPrepare', [input, input], 'shipment { id }');
  expect(one?.shipment).toEqual(two?.shipment);
  expect((await dock.orderState(order)).shipments.edges).toHaveLength(1);
});
