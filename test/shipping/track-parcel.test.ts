// Tracking: what carriers report of parcels, before and after they are known here, once or many times.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brief, nobodys } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { dockIn } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const at = await dock.open();

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** A parcel's way, hour by hour, ending now. */
const wayOf = (...statuses: string[]) =>
  statuses.map((status, i) => [status, hoursAgo(statuses.length - i)] as [string, string]);

test('C30 T17 a parcel is on its way from its first scan on, and delivered when the receiver has it', async () => {
  const { id, trackingNumber } = await dock.send(await dock.order(at));
  const way = wayOf('PICKED_UP', 'IN_TRANSIT', 'AT_PICKUP_POINT', 'DELIVERED');
  const states: unknown[] = [];
  for (const event of way) {
    const { shipment } = await dock.track(trackingNumber, [event]);
    states.push([shipment?.state, shipment?.deliveredAt]);
  }
  expect(states).toEqual([
    ['IN_TRANSIT', null],
    ['IN_TRANSIT', null],
    ['AT_PICKUP_POINT', null],
    ['DELIVERED', way[3]?.[1]],
  ]);
  const shipment = await dock.shipment(id);
  expect(shipment).toMatchObject({ firstScanAt: way[0]?.[1], version: 6 });
  expect(shipment.dispatchedAt).not.toBe(shipment.firstScanAt);
  expect(shipment.trackingEvents.edges.map(({ node }) => [node.status, node.occurredAt])).toEqual(way);
  expect(await dock.history(id)).toEqual([
    'shipment.prepared',
    'shipment.dispatched',
    'shipment.pickedUp',
    'shipment.inTransit',
    'shipment.atPickupPoint',
    'shipment.delivered',
  ]);
});

test('C30 what was reported before changes nothing', async () => {
  const { id, trackingNumber } = await dock.send(await dock.order(at));
  const way = wayOf('PICKED_UP', 'DELIVERED');
  expect(await dock.track(trackingNumber, [...way, ...way])).toMatchObject({ received: 2 });
  const before = await dock.shipment(id);
  expect(await dock.track(trackingNumber, way)).toMatchObject({ received: 0 });
  expect(await dock.shipment(id)).toEqual(before);
});

test('C30 tracking events in any order, parts and repetitions come to the same state and moments', {
  timeout: 60_000,
}, async () => {
  const way = wayOf('PICKED_UP', 'IN_TRANSIT', 'EXCEPTION', 'OUT_FOR_DELIVERY', 'REFUSED', 'RETURNED');
  const straight = await dock.send(await dock.order(at));
  await dock.track(straight.trackingNumber, way);
  const { state, firstScanAt, deliveredAt } = await dock.shipment(straight.id);
  expect({ state, firstScanAt, deliveredAt }).toEqual({
    state: 'RETURNED',
    firstScanAt: way[0]?.[1],
    deliveredAt: null,
  });
  const pushes = fc
    .tuple(
      fc.shuffledSubarray(way, { minLength: way.length, maxLength: way.length }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: way.length, maxLength: way.length }),
      fc.subarray(way, { minLength: 1 }),
    )
    .map(([events, sizes, again]) => {
      const parts: [string, string][][] = [again];
      for (let from = 0, i = 0; from < events.length; i++) {
        const to = from + (sizes[i] ?? 1);
        parts.push(events.slice(from, to));
        from = to;
      }
      return parts;
    });
  await fc.assert(
    fc.asyncProperty(pushes, async (parts) => {
      const { id, trackingNumber } = await dock.send(await dock.order(at));
      for (const part of parts) await dock.track(trackingNumber, part);
      const shipment = await dock.shipment(id);
      expect(shipment).toMatchObject({ state, firstScanAt, deliveredAt });
      expect(shipment.trackingEvents.edges.map(({ node }) => node.status)).toEqual(
        way.map(([status]) => status),
      );
      // Prepared, dispatched, and each tracking event once.
      expect(shipment.version).toBe(2 + way.length);
    }),
    { numRuns: 8 },
  );
});

test('C30 what is reported before the parcel leaves, or before its number is known, waits for it', async () => {
  const order = await dock.order(at);
  const label = { carrierId: await dock.carrier(), trackingNumber: dock.trackingNumber() };
  const way = wayOf('PICKED_UP', 'IN_TRANSIT');
  expect(await dock.track(label.trackingNumber, way)).toEqual({
    received: 2,
    shipment: null,
    userErrors: [],
  });
  const prepared = await dock.prepare(order, label);
  expect(prepared).toMatchObject({ state: 'PREPARED', firstScanAt: way[0]?.[1], version: 3 });
  const sent = await dock.dispatch(prepared.id);
  expect(sent).toMatchObject({ state: 'IN_TRANSIT', firstScanAt: way[0]?.[1] });
  expect(await dock.history(prepared.id)).toEqual([
    'shipment.prepared',
    'shipment.pickedUp',
    'shipment.inTransit',
    'shipment.dispatched',
  ]);
});

test('what was reported goes with the number when a parcel gets another one', async () => {
  const order = await dock.order(at);
  const { id, trackingNumber } = await dock.send(order);
  await dock.track(trackingNumber, wayOf('PICKED_UP'));
  const next = dock.trackingNumber();
  const [known] = wayOf('AT_PICKUP_POINT');
  if (!known) throw new Error('no way');
  await dock.track(next, [known]);
  await app.admin.act('shipmentChange', { shipmentId: id, expectedVersion: 3, trackingNumber: next });
  expect(await dock.shipment(id)).toMatchObject({
    state: 'AT_PICKUP_POINT',
    firstScanAt: known[1],
    version: 5,
  });
  const other = await dock.send(await dock.order(at), { trackingNumber });
  expect(other).toMatchObject({ state: 'IN_TRANSIT' });
});

test('moments more than a day ahead, unknown carriers and nonsense are refused, all of it at once', async () => {
  const trackingNumber = dock.trackingNumber();
  const refusal = async (input: object) =>
    brief(await app.admin.refusal('shipmentTrack', { trackingNumber, carrierCode: 'sf', ...input }));
  const event = (hours: number) => ({ status: 'IN_TRANSIT', occurredAt: hoursAgo(-hours) });
  expect(await refusal({ events: [event(23), event(25), event(48)] })).toEqual([
    'OUT_OF_RANGE input.events.1.occurredAt',
    'OUT_OF_RANGE input.events.2.occurredAt',
  ]);
  expect(await refusal({ events: [event(0)], carrierCode: 'nobody' })).toEqual([
    'NOT_FOUND input.carrierCode',
  ]);
  expect(
    await refusal({ events: [event(0)], carrierCode: undefined, carrierId: nobodys('Carrier') }),
  ).toEqual(['NOT_FOUND input.carrierId']);
  expect(await refusal({ events: [], trackingNumber: '?', carrierId: await dock.carrier() })).toEqual([
    'INVALID input.trackingNumber',
    'TOO_SHORT input.events',
    'INVALID input.carrierCode',
  ]);
  expect(await refusal({ events: Array(101).fill(event(0)) })).toEqual(['TOO_LONG input.events']);
});

test('T24 who does not act everywhere reports only on parcels of their own stores and locations', async () => {
  const { trackingNumber } = await dock.send(await dock.order(at));
  const elsewhere = await dock.open();
  const own = { posts: ['warehouse'], stores: [at.storeId], locations: [at.locationId] };
  const stranger = await app.given.staff({ ...own, stores: [elsewhere.storeId] });
  const neighbour = await app.given.staff({ ...own, locations: [elsewhere.locationId] });
  const colleague = await app.given.staff(own);
  const input = (number: string) => ({
    carrierCode: 'sf',
    trackingNumber: number,
    events: [{ status: 'PICKED_UP', occurredAt: hoursAgo(1) }],
  });
  for (const client of [stranger, neighbour]) {
    expect(brief(await client.refusal('shipmentTrack', input(trackingNumber)))).toEqual([
      'NOT_FOUND input.trackingNumber',
    ]);
  }
  expect(brief(await colleague.refusal('shipmentTrack', input(dock.trackingNumber())))).toEqual([
    'NOT_FOUND input.trackingNumber',
  ]);
  expect(await dock.track(trackingNumber, wayOf('PICKED_UP'), colleague)).toMatchObject({ received: 1 });
});

test('a partner’s key reports on parcels of its own carriers, and of those that nobody reports on', async () => {
  const machine = await app.given.connection({ kind: 'TRACKING' });
  const carrierId = await dock.carrier('jt');
  await app.admin.act('carrierChange', { carrierId, expectedVersion: 1, connectionId: machine.connectionId });
  const own = await app.given.key({ partner: machine.partnerId, scopes: ['shipments.track'] });
  const foreign = await app.given.key({ scopes: ['shipments.track'] });
  const input = {
    carrierCode: 'jt',
    trackingNumber: dock.trackingNumber(),
    events: [{ status: 'PICKED_UP', occurredAt: hoursAgo(1) }],
  };
  expect(brief(await foreign.refusal('shipmentTrack', input))).toEqual(['NOT_FOUND input.carrierCode']);
  expect(await own.act('shipmentTrack', input, 'received shipment { id }')).toMatchObject({ received: 1 });
  expect(await dock.track(dock.trackingNumber(), wayOf('PICKED_UP'), foreign)).toMatchObject({ received: 1 });
});

test('an order is delivered when all that was sent of it is', async () => {
  const order = await dock.order(at, { quantity: 2 });
  const one = () => dock.send(order, { lines: [{ orderLineId: order.lineId, quantity: 1 }] });
  const [first, second] = [await one(), await one()];
  await dock.track(first.trackingNumber, wayOf('PICKED_UP', 'DELIVERED'));
  await dock.track(second.trackingNumber, wayOf('PICKED_UP', 'AT_PICKUP_POINT'));
  expect((await dock.orderState(order)).fulfilmentState).toBe('DISPATCHED');
  await dock.track(second.trackingNumber, wayOf('DELIVERED'));
  await dock.shop.reaches(order.id, { fulfilmentState: 'DELIVERED' });
  expect((await dock.shipment(first.id)).state).toBe('DELIVERED');
});

test('an order of which the rest is cancelled is delivered when what was sent has arrived', async () => {
  const order = await dock.order(at, { quantity: 2 });
  const { trackingNumber } = await dock.send(order, {
    lines: [{ orderLineId: order.lineId, quantity: 1 }],
  });
  await dock.track(trackingNumber, wayOf('PICKED_UP', 'DELIVERED'));
  await app.admin.act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'CUSTOMER_REQUEST',
    lines: [{ orderLineId: order.lineId, quantity: 1 }],
  });
  await dock.shop.reaches(order.id, { fulfilmentState: 'DELIVERED' });
});

test('T25 what carriers wrote about a parcel is forgotten with the contact of its order', async () => {
  const order = await dock.order(at);
  const { trackingNumber } = await dock.send(order);
  const occurredAt = hoursAgo(1);
  await app.admin.act('shipmentTrack', {
    carrierCode: 'sf',
    trackingNumber,
    events: [{ status: 'DELIVERED', occurredAt, place: '漕溪北路 88 号', description: '签收人：李雷' }],
  });
  await dock.shop.reaches(order.id, { fulfilmentState: 'DELIVERED' });
  await app.admin.act('orderComplete', { idempotencyKey: newKey(), orderId: order.id });
  await app.admin.act('contactErase', { orderId: order.id, reason: 'Asked for it.' });
  const kept = () =>
    app.sql('SELECT status, place, description FROM tracking_event WHERE tracking_number = $1', [
      trackingNumber,
    ]);
  await expect
    .poll(kept, { timeout: 20_000 })
    .toEqual([{ status: 'DELIVERED', place: null, description: null }]);
  const told = await app.sql(`SELECT 1 FROM event WHERE to_jsonb(event)::text LIKE '%签收人%'`);
  expect(told).toEqual([]);
});

test('C30 twenty pushes of one parcel at once, overlapping, leave each tracking event once', async () => {
  const { id, trackingNumber } = await dock.send(await dock.order(at));
  const way = wayOf('PICKED_UP', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => dock.track(trackingNumber, way.slice(i % 4))),
  );
  expect(answers.reduce((sum, { received }) => sum + received, 0)).toBe(4);
  const shipment = await dock.shipment(id);
  expect(shipment).toMatchObject({ state: 'DELIVERED', deliveredAt: way[3]?.[1], version: 6 });
  expect(shipment.trackingEvents.edges).toHaveLength(4);
});

test('C30 a tracking event that comes while the parcel gets its number is never lost', {
  timeout: 60_000,
}, async () => {
  for (let round = 0; round < 10; round++) {
    const order = await dock.order(at);
    const { id } = await dock.prepare(order);
    const label = { carrierId: await dock.carrier(), trackingNumber: dock.trackingNumber() };
    const way = wayOf('PICKED_UP', 'OUT_FOR_DELIVERY', 'DELIVERED');
    await Promise.all([
      ...way.map((event) => dock.track(label.trackingNumber, [event])),
      dock.dispatch(id, label),
    ]);
    expect(await dock.shipment(id)).toMatchObject({ state: 'DELIVERED', version: 5 });
  }
});
