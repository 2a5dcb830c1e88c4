// What carriers write about a parcel may name the receiver: who reads it, and that nothing is left of it after an erasure.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { dockIn, type SentOrder } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const at = await dock.open();

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

const report = (trackingNumber: string, status: string, hours: number) =>
  app.admin.act('shipmentTrack', {
    carrierCode: 'sf',
    trackingNumber,
    events: [{ status, occurredAt: hoursAgo(hours), place: '漕溪北路 88 号', description: '签收人：李雷' }],
  });

const written = (...numbers: string[]) =>
  app.sql(
    `SELECT status, place, description, shipment_id IS NOT NULL AS held FROM tracking_event
     WHERE tracking_number = ANY($1) ORDER BY occurred_at`,
    [numbers],
  );

const nothing = { place: null, description: null };

async function erase({ id: orderId }: SentOrder, trackingNumber: string): Promise<void> {
  await app.admin.act('orderComplete', { idempotencyKey: newKey(), orderId });
  await app.admin.act('contactErase', { orderId, reason: 'Asked for it.' });
  const kept = async () => (await written(trackingNumber)).filter((row) => row.place !== null);
  await expect.poll(kept, { timeout: 20_000 }).toEqual([]);
}

test('T25 what is reported on a parcel of an erased order is kept without what was written', async () => {
  const order = await dock.order(at);
  const { trackingNumber } = await dock.send(order);
  await report(trackingNumber, 'PICKED_UP', 3);
  await erase(order, trackingNumber);
  await report(trackingNumber, 'IN_TRANSIT', 2);
  expect(await written(trackingNumber)).toEqual([
    { status: 'PICKED_UP', ...nothing, held: true },
    { status: 'IN_TRANSIT', ...nothing, held: true },
  ]);
});

test('T25 an erased order takes over tracking events without what was written', async () => {
  const order = await dock.order(at);
  const { id, trackingNumber } = await dock.send(order);
  await report(trackingNumber, 'PICKED_UP', 3);
  await erase(order, trackingNumber);
  const next = dock.trackingNumber();
  await report(next, 'IN_TRANSIT', 2);
  const { version: expectedVersion } = await dock.shipment(id);
  await app.admin.act('shipmentChange', { shipmentId: id, expectedVersion, trackingNumber: next });
  expect(await written(next)).toEqual([{ status: 'IN_TRANSIT', ...nothing, held: true }]);
});

test('T25 tracking events that a shipment lets go of keep nothing of what was written', async () => {
  const { id, trackingNumber } = await dock.send(await dock.order(at));
  await report(trackingNumber, 'PICKED_UP', 3);
  const { version: expectedVersion } = await dock.shipment(id);
  const next = dock.trackingNumber();
  await app.admin.act('shipmentChange', { shipmentId: id, expectedVersion, trackingNumber: next });
  expect(await written(trackingNumber)).toEqual([{ status: 'PICKED_UP', ...nothing, held: false }]);
});

test('T25 tracking events and an erasure at the same moment leave nothing that was written', {
  timeout: 60_000,
}, async () => {
  for (let round = 0; round < 5; round++) {
    const order = await dock.order(at);
    const { trackingNumber } = await dock.send(order);
    await app.admin.act('orderComplete', { idempotencyKey: newKey(), orderId: order.id });
    const reports = Array.from({ length: 6 }, (_, i) => report(trackingNumber, 'IN_TRANSIT', i + 1));
    const erasure = app.admin.act('contactErase', { orderId: order.id, reason: 'Asked for it.' });
    await Promise.all([...reports, erasure]);
    const kept = async () => (await written(trackingNumber)).filter((row) => row.place !== null);
    await expect.poll(kept, { timeout: 20_000 }).toEqual([]);
  }
});

test('T25 a link to an erased order opens nothing any more', async () => {
  const order = await dock.order(at);
  const { trackingNumber } = await dock.send(order);
  const { node } = await app.admin.ok<{ node: { followToken: string } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { followToken } } }',
    { id: order.id },
  );
  const holder = app.clientFor(node.followToken);
  const track = () => holder.ok<{ orderTrack: object | null }>('{ orderTrack { number } }');
  expect(await track()).toEqual({ orderTrack: { number: order.number } });
  await erase(order, trackingNumber);
  expect(await track()).toEqual({ orderTrack: null });
  const stream = holder.subscribe('subscription { orderTrackUpdates { number } }');
  expect(await stream.next()).toEqual({ orderTrackUpdates: null });
  // Who may see the order still follows it.
  expect(
    await app.admin.ok('query ($id: ID) { orderTrack(orderId: $id) { number } }', { id: order.id }),
  ).toEqual({ orderTrack: { number: order.number } });
});

test('T25 what the carrier wrote is for who may read contacts', async () => {
  const customer = await app.given.customer();
  const { id, trackingNumber } = await dock.send(await dock.order(at, { by: customer }));
  await report(trackingNumber, 'PICKED_UP', 1);
  const colleague = await app.given.staff({ permissions: ['shipments.read', 'orders.read'] });
  const reader = await app.given.staff({ permissions: ['shipments.read', 'contacts.read'] });
  const key = await app.given.key({ scopes: ['shipments.read', 'orders.read'] });
  const document = `query ($id: ID!) { node(id: $id) { ... on Shipment { trackingEvents { edges { node {
    status description } } } } } }`;
  for (const [client, description] of [
    [colleague, null],
    [key, null],
    [customer, null],
    [reader, '签收人：李雷'],
  ] as const)
    expect(await client.ok(document, { id })).toEqual({
      node: { trackingEvents: { edges: [{ node: { status: 'PICKED_UP', description } }] } },
    });
});
