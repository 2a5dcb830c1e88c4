// Parcels leave, get other labels, and are cancelled before they leave.

import { expect, test } from 'vitest';
import { brief, nobodys } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { actionsOf, dockIn, SHIPMENT, type Shipment, unitsOf } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const { shop } = dock;
const at = await dock.open({ locations: 2 });
const [, second = ''] = at.locationIds;

const refusal = async (shipmentId: string, wishes: object = {}, by = app.admin) =>
  brief(await by.refusal('shipmentDispatch', { idempotencyKey: newKey(), shipmentId, ...wishes }));

const change = async (shipmentId: string, wishes: object) =>
  (await app.admin.act<{ shipment: Shipment }>('shipmentChange', { shipmentId, ...wishes }, SHIPMENT))
    .shipment;

test('C24 goods that leave are taken out of stock where they lay, and the order follows part by part', async () => {
  const order = await dock.order(at, { quantity: 5, units: [3, 10] });
  const [near, far] = [await dock.prepare(order), await dock.prepare(order, { locationId: second })];
  const sent = await dock.dispatch(near.id);
  expect(sent).toMatchObject({ state: 'DISPATCHED', version: 2, dispatchedAt: expect.any(String) });
  expect(actionsOf(sent)).toEqual({ DISPATCH: 'ILLEGAL_STATE', CHANGE: true, CANCEL: 'ILLEGAL_STATE' });
  expect(await dock.orderState(order)).toMatchObject({
    state: 'CONFIRMED',
    fulfilmentState: 'PARTIALLY_DISPATCHED',
    lines: { edges: [{ node: { dispatched: 3 } }] },
  });
  await dock.dispatch(far.id);
  expect(await dock.orderState(order)).toMatchObject({
    fulfilmentState: 'DISPATCHED',
    lines: { edges: [{ node: { dispatched: 5 } }] },
  });
  const stocks = await shop.stocks(order.variantId);
  expect(stocks.get(at.locationId)).toMatchObject({ onHand: 0, allocated: 0 });
  expect(stocks.get(second)).toMatchObject({ onHand: 8, allocated: 0 });
  expect(await dock.history(near.id)).toEqual(['shipment.prepared', 'shipment.dispatched']);
});

test('a parcel can be prepared and leave in one call, once for its key', async () => {
  const order = await dock.order(at, { quantity: 2 });
  const input = dock.parcelOf(order, { dispatch: true });
  const first = await app.admin.act<{ shipment: Shipment }>('shipmentPrepare', input, SHIPMENT);
  const again = await app.admin.act<{ shipment: Shipment }>('shipmentPrepare', input, SHIPMENT);
  expect(first.shipment).toMatchObject({ state: 'DISPATCHED', version: 2 });
  expect(again).toEqual(first);
  expect((await shop.stocks(order.variantId)).get(at.locationId)).toMatchObject({ onHand: 8, allocated: 0 });
});

test('a parcel leaves once, and neither a stranger’s nor one that is on hold leaves at all', async () => {
  const order = await dock.order(at);
  const { id } = await dock.prepare(order);
  expect(await refusal(nobodys('Shipment'))).toEqual(['NOT_FOUND input.shipmentId']);
  const neighbour = await app.given.staff({ posts: ['warehouse'], locations: [second] });
  expect(await refusal(id, {}, neighbour)).toEqual(['NOT_FOUND input.shipmentId']);
  await app.admin.act('orderHold', { orderId: order.id, kind: 'RISK', reason: 'x' });
  expect(await refusal(id)).toEqual(['ORDER_HELD input.shipmentId']);
  expect(actionsOf(await dock.shipment(id))).toEqual({ DISPATCH: 'ORDER_HELD', CHANGE: true, CANCEL: true });
  const other = await dock.order(at);
  const shipment = await dock.prepare(other);
  await dock.dispatch(shipment.id);
  expect(await refusal(shipment.id)).toEqual(['ILLEGAL_STATE input.shipmentId']);
});

test('a label can come with the dispatch; another carrier needs another number', async () => {
  const order = await dock.order(at, { quantity: 2 });
  const one = (wishes: object) =>
    dock.prepare(order, { lines: [{ orderLineId: order.lineId, quantity: 1 }], ...wishes });
  const [sf, zto] = [await dock.carrier(), await dock.carrier('zto')];
  const bare = await one({});
  expect(await refusal(bare.id, { trackingNumber: dock.trackingNumber() })).toEqual([
    'CARRIER_MISSING input.carrierId',
  ]);
  const trackingNumber = dock.trackingNumber();
  expect(await dock.dispatch(bare.id, { carrierId: sf, trackingNumber })).toMatchObject({
    carrier: { code: 'sf' },
    trackingNumber,
    state: 'DISPATCHED',
  });
  const labelled = await one({ carrierId: sf, trackingNumber: dock.trackingNumber() });
  expect(await refusal(labelled.id, { carrierId: zto })).toEqual([
    'TRACKING_NUMBER_MISSING input.trackingNumber',
  ]);
  expect(await refusal(labelled.id, { trackingNumber })).toEqual([
    'TRACKING_NUMBER_TAKEN input.trackingNumber',
  ]);
  const renumbered = dock.trackingNumber();
  expect(await dock.dispatch(labelled.id, { carrierId: zto, trackingNumber: renumbered })).toMatchObject({
    carrier: { code: 'zto' },
    trackingNumber: renumbered,
  });
});

test('a label is changed at the version that was read, until the parcel has arrived', async () => {
  const order = await dock.order(at);
  const { id, trackingNumber } = await dock.send(order);
  const next = dock.trackingNumber();
  expect(
    brief(
      await app.admin.refusal('shipmentChange', { shipmentId: id, expectedVersion: 1, trackingNumber: next }),
    ),
  ).toEqual(['STALE_VERSION input.expectedVersion']);
  expect(brief(await app.admin.refusal('shipmentChange', { shipmentId: id, expectedVersion: 2 }))).toEqual([
    'REQUIRED input.trackingNumber',
  ]);
  const changed = await change(id, { expectedVersion: 2, trackingNumber: next });
  expect(changed).toMatchObject({ trackingNumber: next, version: 3, state: 'DISPATCHED' });
  const { node } = await app.admin.ok<{ node: object }>(
    `query ($id: ID!) { node(id: $id) { ... on Shipment { timeline(last: 1) { edges { node {
      type changes { field before after } } } } } } }`,
    { id },
  );
  expect(node).toEqual({
    timeline: {
      edges: [
        {
          node: {
            type: 'shipment.changed',
            changes: [{ field: 'trackingNumber', before: trackingNumber, after: next }],
          },
        },
      ],
    },
  });
  await dock.track(next, [['DELIVERED', new Date().toISOString()]]);
  expect(
    brief(
      await app.admin.refusal('shipmentChange', {
        shipmentId: id,
        expectedVersion: 4,
        trackingNumber: dock.trackingNumber(),
      }),
    ),
  ).toEqual(['ILLEGAL_STATE input.shipmentId']);
});

test('a cancelled parcel gives its units to the next one', async () => {
  const order = await dock.order(at);
  const first = await dock.prepare(order);
  const { shipment } = await app.admin.act<{ shipment: Shipment }>(
    'shipmentCancel',
    { shipmentId: first.id },
    SHIPMENT,
  );
  expect(shipment).toMatchObject({ state: 'CANCELLED', cancelledAt: expect.any(String), version: 2 });
  expect(brief(await app.admin.refusal('shipmentCancel', { shipmentId: first.id }))).toEqual([
    'ILLEGAL_STATE input.shipmentId',
  ]);
  expect(await refusal(first.id)).toEqual(['ILLEGAL_STATE input.shipmentId']);
  expect(unitsOf(await dock.prepare(order))).toEqual({ [order.lineId]: 3 });
});

test('units that are cancelled leave the parcels that were prepared with them, the last ones first', async () => {
  const order = await dock.order(at, { quantity: 5 });
  const parcel = (quantity: number) =>
    dock.prepare(order, { lines: [{ orderLineId: order.lineId, quantity }] });
  const [first, second, third] = [await parcel(2), await parcel(2), await parcel(1)];
  await app.admin.act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'CUSTOMER_REQUEST',
    lines: [{ orderLineId: order.lineId, quantity: 2 }],
  });
  await expect.poll(async () => (await dock.shipment(third.id)).state, { timeout: 20_000 }).toBe('CANCELLED');
  expect(unitsOf(await dock.shipment(first.id))).toEqual({ [order.lineId]: 2 });
  expect(unitsOf(await dock.shipment(second.id))).toEqual({ [order.lineId]: 1 });
  expect(await dock.history(second.id)).toEqual(['shipment.prepared', 'shipment.changed']);
  await dock.dispatch(first.id);
  await dock.dispatch(second.id);
  expect((await dock.orderState(order)).fulfilmentState).toBe('DISPATCHED');
});

test('parcels of an order that is cancelled are cancelled with it', async () => {
  const order = await dock.order(at);
  const { id } = await dock.prepare(order);
  await app.admin.act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'CUSTOMER_REQUEST',
  });
  await expect.poll(async () => (await dock.shipment(id)).state, { timeout: 20_000 }).toBe('CANCELLED');
  expect(await refusal(id)).toEqual(['ILLEGAL_STATE input.shipmentId']);
});
