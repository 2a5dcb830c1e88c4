// The carrier's side of shipments: the label of a parcel, and its tracking events.

import type { Actor } from '../../core/actor.ts';
import { lockName, type Tx } from '../../core/db.ts';
import { notFound, type Problem } from '../../core/errors.ts';
import { emitAll, type NewEvent } from '../../core/events.ts';
import type { Shipment, TrackingEvent } from '../../generated/prisma/client.ts';
import { eventOfStatus } from '../events.ts';
import { type Label, tracked, trackedOneByOne } from '../rules.ts';
import { shippingProblem } from '../texts.ts';
import { emitShipment, shipmentEvent } from './shipment-events.ts';

/**
 * Lock a number of a parcel, whether anything here has it or not: who gives it to a shipment and who reports on it take
 * turns, so no tracking event gets lost between them. The first lock of a transaction, before that of an order.
 */
export async function lockParcel(tx: Tx, trackingNumber: string | undefined): Promise<void> {
  if (trackingNumber === undefined) return;
  await lockName(tx, 'parcel', trackingNumber);
}

/** Why a shipment cannot have a label: its carrier is unknown or archived, or its number is another shipment's. */
export async function labelProblems(
  tx: Tx,
  shipment: Shipment | null,
  { carrierId, trackingNumber }: Label,
): Promise<Problem[]> {
  if (carrierId === null || isLabelled(shipment, { carrierId, trackingNumber })) return [];
  const carrier = await tx.carrier.findUnique({ where: { id: carrierId }, select: { archivedAt: true } });
  if (!carrier) return [notFound('Carrier', ['carrierId'])];
  if (carrier.archivedAt) return [shippingProblem('CARRIER_ARCHIVED', { path: ['carrierId'] })];
  if (trackingNumber === null || (await holderOf(tx, carrierId, trackingNumber)) === null) return [];
  return [shippingProblem('TRACKING_NUMBER_TAKEN', { path: ['trackingNumber'] })];
}

/** Id of the shipment that has a label; those that are cancelled have none. */
export async function holderOf(tx: Tx, carrierId: string, trackingNumber: string): Promise<string | null> {
  // The state as a literal: as a parameter it would keep the planner from the index of labels.
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM shipment
    WHERE carrier_id = ${carrierId}::uuid AND tracking_number = ${trackingNumber} AND state <> 'CANCELLED'`;
  return rows[0]?.id ?? null;
}

/**
 * Write a shipment's label and, where it says so, its dispatch. Tracking events go with the label: a shipment that
 * gets another one takes over those of that.
 */
export async function labelShipment(
  tx: Tx,
  actor: Actor,
  before: Shipment,
  label: Label,
  { type, dispatchedAt }: { type: 'shipment.dispatched' | 'shipment.changed'; dispatchedAt: Date | null },
  at: Date,
): Promise<void> {
  const isSame = isLabelled(before, label);
  if (!isSame) await dropTrackingEvents(tx, before.id);
  const trackingEvents = await tx.trackingEvent.findMany({ where: { shipmentId: before.id } });
  const state = dispatchedAt ? 'DISPATCHED' : before.state;
  const after = await tx.shipment.update({
    where: { id: before.id },
    data: {
      ...label,
      dispatchedAt,
      ...tracked({ state, dispatchedAt }, trackingEvents),
      version: { increment: 1 },
    },
  });
  await emitShipment(tx, actor, type, before, after, { number: after.number }, at);
  if (!isSame) await takeTrackingEvents(tx, actor, after, at);
}

/** What carriers wrote about a parcel may name the receiver: it goes where the receiver is not known, or erased. */
export const unwritten = { place: null, description: null } as const;

/** Let go of a parcel's tracking events: they wait for the shipment that gets its label. */
export const dropTrackingEvents = (tx: Tx, shipmentId: string) =>
  tx.trackingEvent.updateMany({ where: { shipmentId }, data: { shipmentId: null, ...unwritten } });

/** True for an order whose contact was erased. The caller holds the lock of its shipment. */
export const isErased = async (tx: Tx, orderId: string): Promise<boolean> =>
  (await tx.orderPerson.count({ where: { orderId, erasedAt: { not: null } } })) > 0;

/** Take over the tracking events of a parcel that came before it was known here. Answers the shipment as it is then. */
export async function takeTrackingEvents(
  tx: Tx,
  actor: Actor,
  shipment: Shipment,
  at: Date,
): Promise<Shipment> {
  const { id, orderId, carrierId, trackingNumber } = shipment;
  if (carrierId === null || trackingNumber === null) return shipment;
  const written = (await isErased(tx, orderId)) ? unwritten : {};
  const taken = await tx.trackingEvent.updateManyAndReturn({
    where: { carrierId, trackingNumber, shipmentId: null },
    data: { shipmentId: id, ...written },
  });
  return applyTrackingEvents(tx, actor, shipment, taken, at);
}

/**
 * Bring a shipment to what all its tracking events come to. Each new one is an event of its own, in the order in which
 * they happened. The caller holds the shipment's lock and has written them. Answers the shipment as it is then.
 */
export async function applyTrackingEvents(
  tx: Tx,
  actor: Actor,
  shipment: Shipment,
  fresh: readonly TrackingEvent[],
  at: Date,
): Promise<Shipment> {
  if (fresh.length === 0) return shipment;
  const known = await tx.trackingEvent.findMany({
    where: { shipmentId: shipment.id, id: { notIn: fresh.map(({ id }) => id) } },
  });
  const events: NewEvent[] = [];
  let before = shipment;
  for (const { event, after: track } of trackedOneByOne(shipment, known, fresh)) {
    const after = { ...before, ...track, version: before.version + 1 };
    const payload = {
      number: after.number,
      status: event.status,
      occurredAt: event.occurredAt.toISOString(),
    };
    events.push(shipmentEvent(eventOfStatus[event.status], before, after, payload, at));
    before = after;
  }
  const { state, firstScanAt, deliveredAt, version } = before;
  await tx.shipment.update({
    where: { id: shipment.id },
    data: { state, firstScanAt, deliveredAt, version },
  });
  await emitAll(tx, actor, events);
  return before;
}

const isLabelled = (shipment: Shipment | null, label: Label): boolean =>
  shipment !== null &&
  shipment.carrierId === label.carrierId &&
  shipment.trackingNumber === label.trackingNumber;
