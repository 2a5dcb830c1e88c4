// Recording what happened to shipments.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { changesBetween, type EventMap, emit, type NewEvent } from '../../core/events.ts';
import { toGlobalId } from '../../core/ids.ts';
import type { Shipment } from '../../generated/prisma/client.ts';

/** The fields whose changes events show. */
const shown = (shipment: Shipment) => ({
  state: shipment.state,
  carrierId: shipment.carrierId && toGlobalId('Carrier', shipment.carrierId),
  trackingNumber: shipment.trackingNumber,
  firstScanAt: shipment.firstScanAt,
  deliveredAt: shipment.deliveredAt,
});

const fields = Object.freeze(['state', 'carrierId', 'trackingNumber', 'firstScanAt', 'deliveredAt'] as const);

type ShipmentEventType = Extract<keyof EventMap, `shipment.${string}`>;

/** A shipment's event. `after` is the row with the version that the event gave it. */
export const shipmentEvent = <Type extends ShipmentEventType>(
  type: Type,
  before: Shipment | null,
  after: Shipment,
  payload: EventMap[Type],
  at: Date,
): NewEvent<Type> => ({
  type,
  payload,
  entityId: after.id,
  version: after.version,
  changes: changesBetween(before && shown(before), shown(after), fields),
  facets: {
    shipmentId: after.id,
    orderId: after.orderId,
    storeId: after.storeId,
    locationId: after.locationId,
    // As `changes` have it, so that a feed knows what it was before.
    carrierId: shown(after).carrierId,
    state: after.state,
  },
  storeId: after.storeId,
  customerId: after.customerId,
  locationId: after.locationId,
  occurredAt: at,
});

export const emitShipment = <Type extends ShipmentEventType>(
  tx: Tx,
  actor: Actor,
  ...of: Parameters<typeof shipmentEvent<Type>>
): Promise<void> => emit(tx, actor, shipmentEvent(...of));
