// Who sees shipments, in lists and live: those who act both in their store and at their location.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { dockIn } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const at = await dock.open({ locations: 2 });
const [, second = ''] = at.locationIds;

interface Item {
  shipmentEvents: {
    cursor: string;
    type: string;
    inFilter: boolean;
    changes: { field: string; before: unknown; after: unknown }[];
    shipment: { id: string; state: string } | null;
  };
}

const EVENTS = `subscription ($filter: ShipmentEventFilter, $after: EventCursor) {
  shipmentEvents(filter: $filter, after: $after) {
    cursor type inFilter changes { field before after } shipment { id state } } }`;

const listed = async (where: object, by: Client = app.admin) => {
  const { shipments } = await by.ok<{ shipments: { totalCount: number; edges: { node: { id: string } }[] } }>(
    'query ($where: ShipmentWhere) { shipments(where: $where) { totalCount edges { node { id } } } }',
    { where },
  );
  expect(shipments.totalCount).toBe(shipments.edges.length);
  return shipments.edges.map(({ node }) => node.id);
};

const twoParcels = async () => {
  const order = await dock.order(at, { quantity: 5, units: [3, 10] });
  return { order, near: await dock.prepare(order), far: await dock.prepare(order, { locationId: second }) };
};

test('shipments are found by what is known of them', async () => {
  const { order, near, far } = await twoParcels();
  const label = { carrierId: await dock.carrier('jd'), trackingNumber: dock.trackingNumber() };
  const sent = await dock.dispatch(near.id, label);
  const from = sent.dispatchedAt ?? '';
  const later = new Date(new Date(from).getTime() + 1).toISOString();
  const of = (where: object) => listed({ orderId: order.id, ...where });
  expect(await of({})).toEqual([far.id, near.id]);
  expect(await of({ states: ['DISPATCHED'] })).toEqual([near.id]);
  expect(await of({ states: [] })).toEqual([]);
  expect(await of({ locationId: second })).toEqual([far.id]);
  expect(await of({ storeId: at.storeId, carrierId: label.carrierId })).toEqual([near.id]);
  expect(await of({ trackingNumber: label.trackingNumber.toLowerCase() })).toEqual([near.id]);
  expect(await of({ number: far.number })).toEqual([far.id]);
  expect(await of({ dispatchedFrom: from, dispatchedBefore: later })).toEqual([near.id]);
  expect(await of({ dispatchedFrom: later })).toEqual([]);
  const backwards = { dispatchedFrom: later, dispatchedBefore: from };
  expect(
    await app.admin.codes('query ($where: ShipmentWhere) { shipments(where: $where) { totalCount } }', {
      where: backwards,
    }),
  ).toEqual(['BAD_INPUT']);
});

test('T24 a shipment is seen by those who act in its store and at its location, and by nobody else', async () => {
  const { order, near, far } = await twoParcels();
  const elsewhere = await dock.open();
  const staff = (stores: string[] | 'ALL', locations: string[] | 'ALL') =>
    app.given.staff({ posts: ['warehouse'], stores, locations });
  const of = (client: Client) => listed({ orderId: order.id }, client);
  expect(await of(await staff([at.storeId], 'ALL'))).toEqual([far.id, near.id]);
  expect(await of(await staff('ALL', [second]))).toEqual([far.id]);
  expect(await of(await staff([elsewhere.storeId], 'ALL'))).toEqual([]);
  expect(await of(await staff('ALL', [elsewhere.locationId]))).toEqual([]);
  expect(await of(await staff([at.storeId], []))).toEqual([]);
  const neighbour = await staff('ALL', [second]);
  const { node } = await neighbour.ok<{ node: { shipments: { edges: { node: { id: string } }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { shipments { edges { node { id } } } } } }',
    { id: order.id },
  );
  expect(node.shipments.edges.map((edge) => edge.node.id)).toEqual([far.id]);
  const hidden = await neighbour.run<{ node: object | null }>(
    'query ($id: ID!) { node(id: $id) { id ... on Shipment { state } } }',
    { id: near.id },
  );
  expect(hidden.data?.node ?? null).toBeNull();
  const key = await app.given.key({ scopes: ['shipments.read'], stores: [at.storeId], locations: [second] });
  expect(await of(key)).toEqual([far.id]);
});

test('C55 a feed tells those who may see a shipment what happens to it, with what it left of a filter', async () => {
  const { order, near, far } = await twoParcels();
  const all = app.admin.subscribe<Item>(EVENTS, { filter: { orderIds: [order.id] } });
  const prepared = app.admin.subscribe<Item>(EVENTS, {
    filter: { orderIds: [order.id], states: ['PREPARED'] },
  });
  const neighbour = await app.given.staff({ posts: ['warehouse'], locations: [second] });
  const farOnly = neighbour.subscribe<Item>(EVENTS, { filter: { orderIds: [order.id] } });
  for (const stream of [all, prepared, farOnly])
    expect((await stream.next()).shipmentEvents.type).toBe('heartbeat');
  await dock.dispatch(near.id);
  await dock.dispatch(far.id);
  const isDispatch = ({ shipmentEvents }: Item) => shipmentEvents.type === 'shipment.dispatched';
  expect((await all.next(isDispatch)).shipmentEvents).toMatchObject({
    inFilter: true,
    changes: [{ field: 'state', before: 'PREPARED', after: 'DISPATCHED' }],
    shipment: { id: near.id, state: 'DISPATCHED' },
  });
  expect((await prepared.next(isDispatch)).shipmentEvents).toMatchObject({ inFilter: false });
  expect((await farOnly.next(isDispatch)).shipmentEvents.shipment?.id).toBe(far.id);
  expect(farOnly.items.filter(isDispatch)).toHaveLength(1);
});

test('a feed follows parcels into and out of a carrier’s hands, and resumes from a cursor', async () => {
  const order = await dock.order(at);
  const [sf, zto] = [await dock.carrier(), await dock.carrier('zto')];
  const { id } = await dock.prepare(order);
  const stream = app.admin.subscribe<Item>(EVENTS, { filter: { orderIds: [order.id], carrierIds: [sf] } });
  const { cursor: after } = (await stream.next()).shipmentEvents;
  const label = (carrierId: string, expectedVersion: number) =>
    app.admin.act('shipmentChange', {
      shipmentId: id,
      expectedVersion,
      carrierId,
      trackingNumber: dock.trackingNumber(),
    });
  await label(sf, 1);
  await label(zto, 2);
  await label(zto, 3);
  await label(sf, 4);
  const expected = [true, false, true];
  const seen = [await stream.next(), await stream.next(), await stream.next()];
  expect(seen.map(({ shipmentEvents }) => shipmentEvents.inFilter)).toEqual(expected);
  const resumed = app.admin.subscribe<Item>(EVENTS, {
    filter: { orderIds: [order.id], carrierIds: [sf] },
    after,
  });
  await resumed.next();
  const again = [await resumed.next(), await resumed.next(), await resumed.next()];
  expect(again.map(({ shipmentEvents }) => shipmentEvents.inFilter)).toEqual(expected);
});
