// What tracking events come to, whatever way they come, and what fits into parcels.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShipmentState, TrackingStatus } from '../../src/generated/prisma/enums.ts';
import {
  fitParcels,
  type TrackingEvent,
  tracked,
  trackedOneByOne,
  unitProblems,
  unitsToShip,
} from '../../src/shipping/rules.ts';
import { trackingStatuses } from '../../src/shipping/texts.ts';

const statuses = Object.keys(trackingStatuses) as TrackingStatus[];
const sent = { state: 'DISPATCHED', dispatchedAt: new Date('2026-11-01T00:00:00Z') } as const;
const at = (hour: number) => new Date(Date.UTC(2026, 10, 2, hour));
const way = (...taken: TrackingStatus[]): TrackingEvent[] =>
  taken.map((status, hour) => ({ status, occurredAt: at(hour) }));
const stateOf = (...taken: TrackingStatus[]): ShipmentState => tracked(sent, way(...taken)).state;

/** Few moments, so that many tracking events share one. */
const event = fc.record({
  status: fc.constantFrom(...statuses),
  occurredAt: fc.integer({ min: 0, max: 6 }).map(at),
});

describe('what tracking events come to', () => {
  test('C30 the same tracking events in any order and with any repetitions come to the same state and moments', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 12 }).chain((events) =>
          fc.record({
            events: fc.constant(events),
            shuffled: fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
            again: fc.subarray(events),
          }),
        ),
        ({ events, shuffled, again }) => {
          expect(tracked(sent, [...again, ...shuffled, ...again])).toEqual(tracked(sent, events));
        },
      ),
    );
  });

  test('C30 after each of some new tracking events a shipment is what all up to it come to, those that were known included', () => {
    const uniqueEvents = fc.uniqueArray(event, {
      maxLength: 14,
      selector: ({ status, occurredAt }) => `${status} ${occurredAt.getTime()}`,
    });
    const parts = uniqueEvents.chain((events) => fc.tuple(fc.constant(events), fc.subarray(events)));
    const shipment = fc.constantFrom(sent, { state: 'PREPARED', dispatchedAt: null } as const);
    fc.assert(
      fc.property(parts, shipment, ([events, known], of) => {
        const heard: TrackingEvent[] = [...known];
        const told = trackedOneByOne(
          of,
          known,
          events.filter((one) => !known.includes(one)),
        );
        for (const { event: fresh, after } of told) {
          heard.push(fresh);
          expect(after).toEqual(tracked(of, heard));
        }
        expect(heard).toHaveLength(events.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a parcel is delivered at the moment of its delivery, and only a refusal or a return undoes it', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const delivery = { status: 'DELIVERED', occurredAt: at(-1) } as const;
        const { state, deliveredAt } = tracked(sent, [...events, delivery]);
        const isUndone = events.some(({ status }) => status === 'REFUSED' || status === 'RETURNED');
        if (!isUndone) expect({ state, deliveredAt }).toEqual({ state: 'DELIVERED', deliveredAt: at(-1) });
      }),
    );
  });

  test('T17 a parcel at a pickup point is not delivered', () => {
    const waiting = tracked(sent, way('PICKED_UP', 'IN_TRANSIT', 'AT_PICKUP_POINT'));
    expect(waiting).toEqual({ state: 'AT_PICKUP_POINT', firstScanAt: at(0), deliveredAt: null });
    expect(stateOf('PICKED_UP', 'AT_PICKUP_POINT', 'DELIVERED')).toBe('DELIVERED');
  });

  test('T17 the first scan is the first tracking event that shows the parcel in the carrier’s hands', () => {
    expect(tracked(sent, way('EXCEPTION', 'LOST', 'IN_TRANSIT')).firstScanAt).toEqual(at(2));
    expect(tracked(sent, way('EXCEPTION')).firstScanAt).toBeNull();
    expect(tracked(sent, way('DELIVERED')).firstScanAt).toEqual(at(0));
  });

  test('each tracking event leads where a parcel can go from where it is', () => {
    expect(stateOf()).toBe('DISPATCHED');
    expect(stateOf('PICKED_UP')).toBe('IN_TRANSIT');
    expect(stateOf('PICKED_UP', 'OUT_FOR_DELIVERY')).toBe('IN_TRANSIT');
    expect(stateOf('IN_TRANSIT', 'EXCEPTION')).toBe('IN_TRANSIT');
    expect(stateOf('EXCEPTION')).toBe('DISPATCHED');
    expect(stateOf('AT_PICKUP_POINT', 'IN_TRANSIT')).toBe('IN_TRANSIT');
    expect(stateOf('DELIVERED', 'IN_TRANSIT', 'LOST')).toBe('DELIVERED');
    expect(stateOf('DELIVERED', 'RETURNED')).toBe('RETURNED');
    expect(stateOf('OUT_FOR_DELIVERY', 'REFUSED', 'IN_TRANSIT')).toBe('REFUSED');
    expect(stateOf('REFUSED', 'DELIVERED')).toBe('DELIVERED');
    expect(stateOf('REFUSED', 'IN_TRANSIT', 'RETURNED', 'DELIVERED')).toBe('RETURNED');
    expect(stateOf('LOST', 'IN_TRANSIT')).toBe('IN_TRANSIT');
  });

  test('tracking events of one moment count in the order in which a parcel travels', () => {
    const together = (['DELIVERED', 'PICKED_UP', 'OUT_FOR_DELIVERY'] as const).map((status) => ({
      status,
      occurredAt: at(0),
    }));
    expect(tracked(sent, together).state).toBe('DELIVERED');
  });

  test('tracking events before the dispatch move nothing; they count from the dispatch on', () => {
    const events = way('PICKED_UP', 'DELIVERED');
    const prepared = { state: 'PREPARED', dispatchedAt: null } as const;
    expect(tracked(prepared, events)).toEqual({ state: 'PREPARED', firstScanAt: at(0), deliveredAt: null });
    expect(tracked(sent, events)).toEqual({ state: 'DELIVERED', firstScanAt: at(0), deliveredAt: at(1) });
  });
});

describe('what fits into parcels', () => {
  const units = fc.record({
    orderLineId: fc.constantFrom('a', 'b', 'c'),
    quantity: fc.integer({ min: 1, max: 9 }),
  });
  const parcel = fc
    .uniqueArray(units, { selector: ({ orderLineId }) => orderLineId, minLength: 1 })
    .map((lines) => ({ lines }));
  const stock = fc
    .dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(20))
    .map((held) => new Map(Object.entries(held)));

  test('prepared parcels never hold more than is allocated, the first keep theirs, and none gets more than before', () => {
    fc.assert(
      fc.property(fc.array(parcel, { maxLength: 5 }), stock, (parcels, allocated) => {
        const lowered = new Map(fitParcels(parcels, allocated).map((one) => [one.parcel, one.units]));
        const left = new Map(allocated);
        for (const one of parcels) {
          for (const { orderLineId, quantity } of one.lines) {
            const kept = lowered.has(one) ? (lowered.get(one)?.get(orderLineId) ?? 0) : quantity;
            expect(kept).toBe(Math.min(quantity, left.get(orderLineId) ?? 0));
            left.set(orderLineId, (left.get(orderLineId) ?? 0) - kept);
          }
        }
      }),
    );
  });

  test('everything that is free is shipped by default, and every line that cannot be is named at once', () => {
    const lines = [
      { orderLineId: 'a', open: 5, free: 3 },
      { orderLineId: 'b', open: 2, free: 0 },
      { orderLineId: 'c', open: 0, free: 0 },
    ];
    expect(unitsToShip(lines, undefined)).toEqual(new Map([['a', 3]]));
    expect(unitProblems(lines, undefined)).toEqual([]);
    expect(unitProblems(lines.slice(1), undefined)).toMatchObject([{ code: 'NOTHING_TO_SHIP' }]);
    const wanted = ['a', 'b', 'c', 'd'].map((orderLineId) => ({ orderLineId, quantity: 1 }));
    const brief = (quantity: number) =>
      unitProblems(
        lines,
        wanted.map((line) => ({ ...line, quantity })),
      ).map(({ code, path, params }) => [code, path.join('.'), params.open ?? params.free]);
    expect(brief(1)).toEqual([
      ['SHIPMENT_EXCEEDS_HERE', 'lines.1.quantity', 0],
      ['SHIPMENT_EXCEEDS_OPEN', 'lines.2.quantity', 0],
      ['NOT_FOUND', 'lines.3.orderLineId', undefined],
    ]);
    expect(brief(4)).toEqual([
      ['SHIPMENT_EXCEEDS_HERE', 'lines.0.quantity', 3],
      ['SHIPMENT_EXCEEDS_OPEN', 'lines.1.quantity', 2],
      ['SHIPMENT_EXCEEDS_OPEN', 'lines.2.quantity', 0],
      ['NOT_FOUND', 'lines.3.orderLineId', undefined],
    ]);
  });
});
