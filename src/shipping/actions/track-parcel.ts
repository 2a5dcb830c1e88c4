// Tracking: what carriers report of parcels.

import { type Actor, actsEverywhere } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, refuseIf } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Prisma, Shipment } from '../../generated/prisma/client.ts';
import { actsOn, reportableCarriers } from '../access.ts';
import type { ShipmentTrack, TrackingReport } from '../inputs.ts';
import { momentProblems, numberProblems } from '../rules.ts';
import { lockShipment } from './lock-shipment.ts';
import { applyTrackingEvents, holderOf, isErased, lockParcel, unwritten } from './parcels.ts';

/** What became of a report: whose its events are, if a shipment has the number, and how many of them were new. */
type Heard = {
  shipmentId: string | null;
  received: number;
};

/**
 * Take in tracking events of a parcel. Refuses with NOT_FOUND for the carrier, and as `hearReport` does. The answer's
 * `id` is the carrier's, because a parcel may be tracked before it is known here.
 */
export async function trackShipment(
  tx: Tx,
  actor: Actor,
  input: ShipmentTrack,
  at: Date,
): Promise<Heard & { id: string }> {
  const { carrierId, carrierCode } = input;
  const named: Prisma.CarrierWhereInput = carrierId ? { id: carrierId } : { code: carrierCode ?? '' };
  const carrier = await tx.carrier.findFirst({ where: { AND: [named, reportableCarriers(actor)] } });
  if (!carrier) throw new DomainError([notFound('Carrier', [carrierId ? 'carrierId' : 'carrierCode'])]);
  return { id: carrier.id, ...(await hearReport(tx, actor, carrier.id, input, at)) };
}

/**
 * Keep the tracking events of a carrier's report, each (carrier, number, time, status) once, and bring the shipment to
 * what they come to. Those that come before the number is known here wait for it; those that come after the contact of
 * its order was erased are kept without what was written. Refuses with OUT_OF_RANGE for moments more than a day ahead,
 * with NOT_FOUND for parcels of which the actor does not act in the store and at the location (ahead of a shipment only
 * those report who act everywhere), and with TOO_MANY_TRACKING_EVENTS. Locks parcel, then shipment.
 */
export async function hearReport(
  tx: Tx,
  actor: Actor,
  carrierId: string,
  { trackingNumber, events }: TrackingReport,
  at: Date,
): Promise<Heard> {
  refuseIf(momentProblems(events, at));
  await lockParcel(tx, trackingNumber);
  const shipment = await shipmentOf(tx, carrierId, trackingNumber);
  if (!(shipment ? actsOn(actor, shipment) : actsEverywhere(actor)))
    throw new DomainError([notFound('Shipment', ['trackingNumber'])]);
  const known = await tx.trackingEvent.count({ where: { carrierId, trackingNumber } });
  const written = shipment && (await isErased(tx, shipment.orderId)) ? unwritten : {};
  const fresh = await tx.trackingEvent.createManyAndReturn({
    data: events.map(({ status, occurredAt, place, description }) => ({
      id: newId(),
      carrierId,
      trackingNumber,
      status,
      occurredAt,
      place: place ?? null,
      description: description ?? null,
      ...written,
      shipmentId: shipment?.id ?? null,
      receivedAt: at,
    })),
    skipDuplicates: true,
  });
  refuseIf(numberProblems(known, fresh.length));
  if (shipment) await applyTrackingEvents(tx, actor, shipment, fresh, at);
  return { shipmentId: shipment?.id ?? null, received: fresh.length };
}

/** The shipment with a label, locked; null when there is none, or it lost the label before it could be locked. */
async function shipmentOf(tx: Tx, carrierId: string, trackingNumber: string): Promise<Shipment | null> {
  const id = await holderOf(tx, carrierId, trackingNumber);
  if (id === null) return null;
  const shipment = await lockShipment(tx, id);
  const hasLabel = shipment.carrierId === carrierId && shipment.trackingNumber === trackingNumber;
  return hasLabel && shipment.state !== 'CANCELLED' ? shipment : null;
}
