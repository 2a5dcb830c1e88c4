// What carriers can make us keep and compute: tracking events of one parcel are few, and each is looked at once.

import { expect, test } from 'vitest';
import type { TrackingStatus } from '../../src/generated/prisma/enums.ts';
import { trackedOneByOne } from '../../src/shipping/rules.ts';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { dockIn } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const at = await dock.open();

const start = Date.now() - 3_600_000;
const eventsFrom = (first: number, count: number) =>
  Array.from(
    { length: count },
    (_, i) => ['IN_TRANSIT', new Date(start + (first + i) * 1_000).toISOString()] as [string, string],
  );
const eventsOf = (told: readonly [string, string][]) =>
  told.map(([status, occurredAt]) => ({ status, occurredAt }));

test('C30 of one parcel 500 tracking events are kept, at every door; those that are known already are no new ones', {
  timeout: 60_000,
}, async () => {
  const machine = await app.given.connection({ kind: 'TRACKING' });
  await app.admin.act('carrierChange', {
    carrierId: await dock.carrier('sf'),
    expectedVersion: 1,
    connectionId: machine.connectionId,
  });
  const { id, trackingNumber } = await dock.send(await dock.order(at));
  for (let first = 0; first < 500; first += 100)
    expect(await dock.track(trackingNumber, eventsFrom(first, 100))).toMatchObject({ received: 100 });
  const kept = await dock.shipment(id);
  expect(kept.version).toBe(502);
  const beyond = { carrierCode: 'sf', trackingNumber, events: eventsOf(eventsFrom(499, 2)) };
  expect(brief(await app.admin.refusal('shipmentTrack', beyond))).toEqual([
    'TOO_MANY_TRACKING_EVENTS input.events',
  ]);
  const message = { carrier: 'sf', trackingNumber, events: beyond.events };
  expect(await machine.send(message)).toMatchObject({
    status: 422,
    json: { problems: [{ code: 'TOO_MANY_TRACKING_EVENTS', path: ['events'] }] },
  });
  expect(await dock.track(trackingNumber, eventsFrom(400, 100))).toMatchObject({ received: 0 });
  expect(await dock.shipment(id)).toEqual(kept);
});

test('tracking events that wait for a parcel count as well', { timeout: 60_000 }, async () => {
  const trackingNumber = dock.trackingNumber();
  for (let first = 0; first < 500; first += 100) await dock.track(trackingNumber, eventsFrom(first, 100));
  const events = eventsOf(eventsFrom(500, 1));
  const input = { carrierCode: 'sf', trackingNumber, events };
  expect(brief(await app.admin.refusal('shipmentTrack', input))).toEqual([
    'TOO_MANY_TRACKING_EVENTS input.events',
  ]);
  const { version, state } = await dock.send(await dock.order(at), { trackingNumber });
  expect({ version, state }).toEqual({ version: 502, state: 'IN_TRANSIT' });
});

test('each tracking event is looked at a few times, however many there are', () => {
  let looks = 0;
  const eventAt = (second: number) => ({
    status: 'IN_TRANSIT' as TrackingStatus,
    get occurredAt() {
      looks += 1;
      return new Date(start + second * 1_000);
    },
  });
  const many = (of: (i: number) => number, count: number) =>
    Array.from({ length: count }, (_, i) => eventAt(of(i)));
  const sent = { state: 'DISPATCHED', dispatchedAt: new Date(start) } as const;
  const told = trackedOneByOne(
    sent,
    many((i) => 2 * i, 400),
    many((i) => 2 * i + 1, 400),
  );
  expect(told).toHaveLength(400);
  // Sorting, merging, and walking once from either end; looking at all for each would be 160 000.
  expect(looks).toBeLessThan(20_000);
});
