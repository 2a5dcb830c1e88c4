// Dispatching, changing and cancelling shipments.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, refuseIf, staleProblems } from '../../core/errors.ts';
import type { Shipment } from '../../generated/prisma/client.ts';
import { dispatchLines } from '../../orders/actions/fulfil-order.ts';
import { factsOf, lockOrderRow } from '../../orders/actions/lock-order.ts';
import type { ShipmentCancel, ShipmentChange, ShipmentDispatch } from '../inputs.ts';
import { labelGaps, labelOf, refusals } from '../rules.ts';
import { findShipment, lockShipment } from './lock-shipment.ts';
import { dropTrackingEvents, labelProblems, labelShipment, lockParcel } from './parcels.ts';
import { emitShipment } from './shipment-events.ts';

/**
 * Let a prepared shipment leave: its units leave stock, its order goes on. Refuses with NOT_FOUND, ILLEGAL_STATE, what
 * the order says of a dispatch, CARRIER_MISSING, TRACKING_NUMBER_MISSING, CARRIER_ARCHIVED, TRACKING_NUMBER_TAKEN, then
 * with QUANTITY_EXCEEDS_OPEN and NOT_ALLOCATED_HERE where units were cancelled since. Locks parcel, order, shipment,
 * then stock.
 */
export async function dispatchShipment(
  tx: Tx,
  actor: Actor,
  input: ShipmentDispatch,
  at: Date,
): Promise<{ id: string }> {
  const { id, orderId } = await findShipment(tx, actor, input.shipmentId);
  await lockParcel(tx, input.trackingNumber);
  const order = await lockOrderRow(tx, orderId);
  const before = await lockShipment(tx, id);
  refuseIf(refusals('DISPATCH', before, factsOf(actor, order)));
  const label = labelOf(before, input);
  refuseIf([...labelGaps(before, input), ...(await labelProblems(tx, before, label))]);
  await labelShipment(tx, actor, before, label, { type: 'shipment.dispatched', dispatchedAt: at }, at);
  await saidOfShipment(sendUnits(tx, actor, before, at));
  return { id };
}

/** Let the units of a shipment leave. The caller holds the locks of order and shipment and has recorded the dispatch. */
export async function sendUnits(tx: Tx, actor: Actor, shipment: Shipment, at: Date): Promise<void> {
  const { id, orderId, locationId } = shipment;
  const lines = await tx.shipmentLine.findMany({ where: { shipmentId: id }, orderBy: { id: 'asc' } });
  const quantities = new Map(lines.map(({ orderLineId, quantity }) => [orderLineId, quantity]));
  await dispatchLines(tx, actor, { orderId, locationId, quantities }, at);
}

/** The caller named the shipment, neither its order nor its lines: what is wrong with those is said of it. */
async function saidOfShipment(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(error.problems.map((found) => ({ ...found, path: ['shipmentId'] })));
  });
}

/**
 * Change carrier or tracking number, until the parcel has arrived. Tracking events of the former number no longer
 * count, those of the new one do. Refuses with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, CARRIER_MISSING,
 * TRACKING_NUMBER_MISSING, CARRIER_ARCHIVED, TRACKING_NUMBER_TAKEN. Locks parcel, then shipment.
 */
export async function changeShipment(
  tx: Tx,
  actor: Actor,
  input: ShipmentChange,
  at: Date,
): Promise<{ id: string }> {
  const { id } = await findShipment(tx, actor, input.shipmentId);
  await lockParcel(tx, input.trackingNumber);
  const before = await lockShipment(tx, id);
  refuseIf(staleProblems(before, input.expectedVersion));
  refuseIf(refusals('CHANGE', before));
  const label = labelOf(before, input);
  refuseIf([...labelGaps(before, input), ...(await labelProblems(tx, before, label))]);
  const { dispatchedAt } = before;
  await labelShipment(tx, actor, before, label, { type: 'shipment.changed', dispatchedAt }, at);
  return { id };
}

/** Cancel a shipment that has not left; its units stay allocated. Refuses with NOT_FOUND, ILLEGAL_STATE. */
export async function cancelShipment(
  tx: Tx,
  actor: Actor,
  input: ShipmentCancel,
  at: Date,
): Promise<{ id: string }> {
  const { id } = await findShipment(tx, actor, input.shipmentId);
  const before = await lockShipment(tx, id);
  refuseIf(refusals('CANCEL', before));
  await endShipment(tx, actor, before, at);
  return { id };
}

/** Cancel a prepared shipment that the caller has locked. Its label is free again. */
export async function endShipment(tx: Tx, actor: Actor, before: Shipment, at: Date): Promise<void> {
  const after = await tx.shipment.update({
    where: { id: before.id },
    data: { state: 'CANCELLED', firstScanAt: null, cancelledAt: at, version: { increment: 1 } },
  });
  await dropTrackingEvents(tx, before.id);
  await emitShipment(tx, actor, 'shipment.cancelled', before, after, { number: after.number }, at);
}
