// Who may see carriers, shipments and the way of an order's parcels.

import { type Actor, can, definePermissions, isShopper, reaches, reachFilter } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { orderScope, seesOrder, visibleOrders } from '../orders/access.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'shipments.read': true;
    'shipments.prepare': true;
    'shipments.dispatch': true;
    'shipments.track': true;
    'carriers.manage': true;
  }
}

definePermissions({
  'shipments.read': { kind: 'read', en: 'See shipments', zh: '查看发货单' },
  'shipments.prepare': { kind: 'write', en: 'Prepare and cancel shipments', zh: '创建与取消发货单' },
  'shipments.dispatch': { kind: 'write', en: 'Dispatch shipments', zh: '发货' },
  'shipments.track': { kind: 'write', en: 'Report tracking events', zh: '上报物流轨迹' },
  'carriers.manage': { kind: 'write', en: 'Manage carriers', zh: '管理承运商' },
});

/** True for those who act both in a shipment's store and at its location. */
export const actsOn = (actor: Actor, shipment: { storeId: string; locationId: string }): boolean =>
  reaches(actor.stores, shipment.storeId) && reaches(actor.locations, shipment.locationId);

/** Carriers on whose parcels the actor may report, and which the actor may manage: a partner none of another partner. */
export const reportableCarriers = (actor: Actor): Prisma.CarrierWhereInput =>
  actor.kind === 'KEY'
    ? {
        OR: [
          { connectionId: null },
          { connection: { partnerId: { in: actor.partnerId ? [actor.partnerId] : [] } } },
        ],
      }
    : {};

/**
 * Shipments that the actor may see. With `shipments.read`: those of stores and locations in which the actor acts, both,
 * so that neither a clerk of one store nor the staff of one warehouse sees what is another's. Shoppers: the parcels of
 * their own orders, once they are on their way.
 */
export function visibleShipments(actor: Actor): Prisma.ShipmentWhereInput {
  if (isShopper(actor)) return { order: visibleOrders(actor), dispatchedAt: { not: null } };
  if (!can(actor, 'shipments.read')) return { id: { in: [] } };
  const storeIds = reachFilter(actor.stores);
  const locationIds = reachFilter(actor.locations);
  return {
    ...(storeIds ? { storeId: storeIds } : {}),
    ...(locationIds ? { locationId: locationIds } : {}),
  };
}

/** What says who may see an order. */
type OrderScope = Parameters<typeof seesOrder>[1];

interface ShipmentScope {
  storeId: string;
  locationId: string;
  dispatchedAt: Date | null;
  order: OrderScope;
}

export const seesShipment = (actor: Actor, shipment: ShipmentScope): boolean =>
  isShopper(actor)
    ? shipment.dispatchedAt !== null && seesOrder(actor, shipment.order)
    : can(actor, 'shipments.read') && actsOn(actor, shipment);

/**
 * Orders whose way the actor may follow: the one that a signed link opens, until its contact is erased, otherwise those
 * the actor may see.
 */
export const trackableOrders = (actor: Actor): Prisma.OrderWhereInput =>
  actor.linkedId === null
    ? visibleOrders(actor)
    : { id: actor.linkedId, NOT: { person: { erasedAt: { not: null } } } };

/** The columns that say who may track an order. */
export const trackScope = { id: true, ...orderScope, person: { select: { erasedAt: true } } } as const;

type TrackScope = OrderScope & { id: string; person: { erasedAt: Date | null } | null };

export const tracksOrder = (actor: Actor, order: TrackScope): boolean =>
  actor.linkedId === null ? seesOrder(actor, order) : order.id === actor.linkedId && !order.person?.erasedAt;
