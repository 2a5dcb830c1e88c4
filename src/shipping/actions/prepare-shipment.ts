// Preparing shipments: what goes into a parcel, and where it leaves.

import { type Actor, can } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { notFound, type Problem, problem, refuseIf } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Shipment } from '../../generated/prisma/client.ts';
import { visibleLocations } from '../../inventory/access.ts';
import { lockForFulfilment } from '../../orders/actions/fulfil-order.ts';
import type { ShipmentPrepare } from '../inputs.ts';
import { type Label, labelGaps, labelOf, type Units, unitProblems, unitsToShip } from '../rules.ts';
import { sendUnits } from './dispatch-shipment.ts';
import { labelProblems, labelShipment, lockParcel, takeTrackingEvents } from './parcels.ts';
import { emitShipment } from './shipment-events.ts';
import { shippableUnits } from './shippable-units.ts';

type FulfilledOrder = Awaited<ReturnType<typeof lockForFulfilment>>;

/**
 * Prepare a parcel of an order at a location and, where asked, dispatch it at once. Refuses as `lockForFulfilment`
 * does, then with NOT_PERMITTED to dispatch and NOT_FOUND for the location, then, all at once, with NOT_FOUND,
 * CARRIER_MISSING, CARRIER_ARCHIVED, TRACKING_NUMBER_TAKEN, SHIPMENT_EXCEEDS_OPEN, SHIPMENT_EXCEEDS_HERE,
 * NOTHING_TO_SHIP. Locks parcel, order, then stock.
 */
export async function prepareShipment(
  tx: Tx,
  actor: Actor,
  input: ShipmentPrepare,
  at: Date,
): Promise<{ id: string }> {
  await lockParcel(tx, input.trackingNumber);
  const order = await lockForFulfilment(tx, actor, input.orderId);
  refuseIf([...permissionProblems(actor, input), ...(await locationProblems(tx, actor, input.locationId))]);
  const label = labelOf(null, input);
  const shippable = await shippableUnits(tx, order.id, order.lines, input.locationId);
  refuseIf([
    ...labelGaps(null, input),
    ...(await labelProblems(tx, null, label)),
    ...unitProblems(shippable, input.lines),
  ]);
  const units = unitsToShip(shippable, input.lines);
  const shipment = await createShipment(tx, actor, order, { locationId: input.locationId, label, units }, at);
  if (input.dispatch) {
    await labelShipment(tx, actor, shipment, label, { type: 'shipment.dispatched', dispatchedAt: at }, at);
    await sendUnits(tx, actor, shipment, at);
  }
  return { id: shipment.id };
}

interface Draft {
  locationId: string;
  label: Label;
  units: Units;
}

/** Write a prepared shipment, with the tracking events that its parcel has already. */
async function createShipment(
  tx: Tx,
  actor: Actor,
  order: FulfilledOrder,
  { locationId, label, units }: Draft,
  at: Date,
): Promise<Shipment> {
  const [next] = await tx.$queryRaw<{ number: string }[]>`SELECT nextval('shipment_number')::text AS number`;
  const packed = order.lines.flatMap(({ id, sku }) => {
    const quantity = units.get(id);
    return quantity ? [{ orderLineId: id, sku, quantity }] : [];
  });
  const shipment = await tx.shipment.create({
    data: {
      id: newId(),
      number: next?.number ?? '',
      orderId: order.id,
      storeId: order.storeId,
      customerId: order.customerId,
      locationId,
      ...label,
      preparedAt: at,
      lines: { create: packed.map(({ orderLineId, quantity }) => ({ id: newId(), orderLineId, quantity })) },
    },
  });
  const lines = packed.map(({ sku, quantity }) => ({ sku, quantity }));
  await emitShipment(tx, actor, 'shipment.prepared', null, shipment, { number: shipment.number, lines }, at);
  return takeTrackingEvents(tx, actor, shipment, at);
}

/** Preparing is one permission, dispatching another. */
const permissionProblems = (actor: Actor, { dispatch }: ShipmentPrepare): Problem[] =>
  dispatch && !can(actor, 'shipments.dispatch') ? [problem('NOT_PERMITTED', { path: ['dispatch'] })] : [];

const locationProblems = async (tx: Tx, actor: Actor, id: string): Promise<Problem[]> =>
  (await tx.location.count({ where: { AND: [{ id }, visibleLocations(actor)] } })) > 0
    ? []
    : [notFound('Location', ['locationId'])];
