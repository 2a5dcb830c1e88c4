// Parcels under contention: whoever comes first, units are sent or cancelled once, and stock agrees.

import { describe, expect, test } from 'vitest';
import { atOnce, brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { dockIn, type SentOrder } from './dock.ts';

// Reactions would repair what a race left; here nothing may be left.
const app = await startApp({ env: { BACKGROUND: 'off' } });
const dock = dockIn(app);
const at = await dock.open();
const UNITS = 10;

const cancelInput = (order: SentOrder, quantity?: number) => ({
  idempotencyKey: newKey(),
  orderId: order.id,
  reason: 'CUSTOMER_REQUEST',
  ...(quantity ? { lines: [{ orderLineId: order.lineId, quantity }] } : {}),
});
const dispatchInput = (shipmentId: string) => ({ idempotencyKey: newKey(), shipmentId });
const codesOf = (attempt: { userErrors: readonly { code: string }[] } | undefined) =>
  attempt?.userErrors.map(({ code }) => code) ?? [];

/** Units of the order's line, when stock and its ledger agree with them. */
async function unitsOf(order: SentOrder): Promise<{ dispatched: number; cancelled: number }> {
  const { lines, state } = await dock.orderState(order);
  const { dispatched, cancelled } = lines.edges[0]?.node ?? { dispatched: 0, cancelled: 0 };
  const stock = (await dock.shop.stocks(order.variantId)).get(at.locationId);
  expect(stock).toMatchObject({
    onHand: UNITS - dispatched,
    allocated: state === 'CANCELLED' ? 0 : 3 - dispatched - cancelled,
  });
  const ledger = await app.sql<{ counter: string; sum: number }>(
    `SELECT e.counter::text, sum(e.delta)::int AS sum FROM stock_ledger_entry e JOIN stock s ON s.id = e.stock_id
     WHERE s.variant_id = $1 GROUP BY e.counter`,
    [Buffer.from(order.variantId, 'base64url').toString().split(':')[1]],
  );
  const sums = Object.fromEntries(ledger.map(({ counter, sum }) => [counter, sum]));
  expect(sums).toMatchObject({ ON_HAND: stock?.onHand, ALLOCATED: stock?.allocated });
  return { dispatched, cancelled };
}

describe('cancelling against sending', () => {
  test('C24 an order that was cancelled first is not sent, and one that was sent first is not cancelled', async () => {
    const cancelled = await dock.order(at);
    const kept = await dock.prepare(cancelled);
    await app.admin.act('orderCancel', cancelInput(cancelled));
    expect(brief(await app.admin.refusal('shipmentDispatch', dispatchInput(kept.id)))).toEqual([
      'ILLEGAL_STATE input.shipmentId',
    ]);
    expect(await unitsOf(cancelled)).toEqual({ dispatched: 0, cancelled: 3 });
    const sent = await dock.order(at);
    await dock.dispatch((await dock.prepare(sent)).id);
    expect(brief(await app.admin.refusal('orderCancel', cancelInput(sent)))).toEqual([
      'NOTHING_OPEN input.orderId',
    ]);
    expect(await unitsOf(sent)).toEqual({ dispatched: 3, cancelled: 0 });
  });

  test('C24 whichever of both comes first, all units are sent or all are cancelled', {
    timeout: 60_000,
  }, async () => {
    for (let round = 0; round < 8; round++) {
      const order = await dock.order(at);
      const { id } = await dock.prepare(order);
      const [[cancelled], [sent]] = await Promise.all([
        atOnce(app.admin, 'orderCancel', [cancelInput(order)]),
        atOnce(app.admin, 'shipmentDispatch', [dispatchInput(id)]),
      ]);
      const { dispatched } = await unitsOf(order);
      if (dispatched === 3) expect([codesOf(cancelled), codesOf(sent)]).toEqual([['NOTHING_OPEN'], []]);
      else expect([codesOf(cancelled), codesOf(sent)]).toEqual([[], ['ILLEGAL_STATE']]);
    }
  });

  test('C24 when units are cancelled while their parcel leaves, one of both is refused and sums agree', {
    timeout: 60_000,
  }, async () => {
    for (let round = 0; round < 8; round++) {
      const order = await dock.order(at);
      const { id } = await dock.prepare(order);
      const [[cancelled], [sent]] = await Promise.all([
        atOnce(app.admin, 'orderCancel', [cancelInput(order, 1)]),
        atOnce(app.admin, 'shipmentDispatch', [dispatchInput(id)]),
      ]);
      const units = await unitsOf(order);
      if (codesOf(sent).length === 0) {
        expect(codesOf(cancelled)).toEqual(['NOTHING_OPEN']);
        expect(units).toEqual({ dispatched: 3, cancelled: 0 });
      } else {
        expect(sent?.userErrors).toEqual([{ code: 'QUANTITY_EXCEEDS_OPEN', path: ['input', 'shipmentId'] }]);
        expect(units).toEqual({ dispatched: 0, cancelled: 1 });
      }
    }
  });
});

describe('sending against sending', () => {
  test('ten dispatches of one parcel at once send it once', async () => {
    const order = await dock.order(at);
    const { id } = await dock.prepare(order);
    const attempts = await atOnce(
      app.admin,
      'shipmentDispatch',
      Array.from({ length: 10 }, () => dispatchInput(id)),
    );
    expect(attempts.flatMap(codesOf)).toEqual(Array(9).fill('ILLEGAL_STATE'));
    expect(await unitsOf(order)).toEqual({ dispatched: 3, cancelled: 0 });
    expect((await dock.shipment(id)).version).toBe(2);
  });

  test('the same call sent ten times at once sends a parcel once and answers the same', async () => {
    const order = await dock.order(at);
    const { id } = await dock.prepare(order);
    const input = dispatchInput(id);
    const attempts = await atOnce(
      app.admin,
      'shipmentDispatch',
      Array(10).fill(input),
      'shipment { id version }',
    );
    expect(attempts).toEqual(Array(10).fill({ shipment: { id, version: 2 }, userErrors: [] }));
    expect(await unitsOf(order)).toEqual({ dispatched: 3, cancelled: 0 });
  });

  test('a parcel is cancelled or sent, never both', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 6; round++) {
      const order = await dock.order(at);
      const { id } = await dock.prepare(order);
      const [[cancelled], [sent]] = await Promise.all([
        atOnce(app.admin, 'shipmentCancel', [{ shipmentId: id }]),
        atOnce(app.admin, 'shipmentDispatch', [dispatchInput(id)]),
      ]);
      expect([...codesOf(cancelled), ...codesOf(sent)]).toEqual(['ILLEGAL_STATE']);
      const { state } = await dock.shipment(id);
      expect(state).toBe(codesOf(sent).length === 0 ? 'DISPATCHED' : 'CANCELLED');
      expect((await unitsOf(order)).dispatched).toBe(state === 'DISPATCHED' ? 3 : 0);
    }
  });
});

describe('numbers', () => {
  test('of ten parcels that want one number at once, one gets it', async () => {
    const trackingNumber = dock.trackingNumber();
    const carrierId = await dock.carrier();
    const orders = await Promise.all(Array.from({ length: 10 }, () => dock.order(at)));
    const attempts = await atOnce(
      app.admin,
      'shipmentPrepare',
      orders.map((order) => dock.parcelOf(order, { carrierId, trackingNumber })),
    );
    expect(attempts.flatMap(codesOf)).toEqual(Array(9).fill('TRACKING_NUMBER_TAKEN'));
  });

  test('parcels that swap numbers while they are reported on and leave get in nobody’s way', async () => {
    const carrierId = await dock.carrier();
    const orders = await Promise.all(Array.from({ length: 4 }, () => dock.order(at)));
    const parcels = await Promise.all(orders.map((order) => dock.prepare(order)));
    const numbers = parcels.map(() => dock.trackingNumber());
    const occurredAt = new Date().toISOString();
    const events = [{ status: 'PICKED_UP', occurredAt }];
    const work = [0, 1, 2].flatMap((shift) =>
      parcels.flatMap(({ id }, i) => {
        const trackingNumber = numbers[(i + shift) % numbers.length] ?? '';
        return [
          atOnce(app.admin, 'shipmentChange', [
            { shipmentId: id, expectedVersion: shift + 1, carrierId, trackingNumber },
          ]),
          atOnce(app.admin, 'shipmentTrack', [{ carrierId, trackingNumber, events }]),
          ...(shift === 2 ? [atOnce(app.admin, 'shipmentDispatch', [dispatchInput(id)])] : []),
        ];
      }),
    );
    await Promise.all(work);
    const rows = await app.sql<{
      state: string;
      number: string | null;
      tracked: number;
      version: number;
      events: number;
    }>(
      `SELECT s.state::text, s.tracking_number AS number, s.version,
         (SELECT count(*)::int FROM tracking_event t WHERE t.shipment_id = s.id) AS tracked,
         (SELECT count(*)::int FROM event e WHERE e.entity_id = s.id)
           + (SELECT count(*)::int FROM event_outbox o WHERE o.entity_id = s.id) AS events
       FROM shipment s WHERE s.id = ANY ($1)`,
      [parcels.map(({ id }) => Buffer.from(id, 'base64url').toString().split(':')[1])],
    );
    expect(rows).toHaveLength(4);
    for (const { state, number, tracked, version, events: told } of rows) {
      expect({ state, tracked }).toEqual({
        state: number === null ? 'DISPATCHED' : 'IN_TRANSIT',
        tracked: number === null ? 0 : 1,
      });
      expect(told).toBe(version);
    }
    for (const order of orders) expect(await unitsOf(order)).toEqual({ dispatched: 3, cancelled: 0 });
  });
});
