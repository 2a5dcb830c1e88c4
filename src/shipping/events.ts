// What happens to carriers and shipments. What carriers write about a parcel may name people: events leave it out.

import { defineEvents } from '../core/events.ts';
import type { TrackingStatus } from '../generated/prisma/enums.ts';

/** A tracking event as the events of its shipment have it. */
interface OnItsWay {
  number: string;
  status: TrackingStatus;
  /** When it happened, as the carrier says. */
  occurredAt: string;
}

declare module '../core/events.ts' {
  interface EventMap {
    'carrier.defined': { code: string };
    'carrier.changed': { code: string };
    'carrier.archived': { code: string };
    'shipment.prepared': { number: string; lines: { sku: string; quantity: number }[] };
    'shipment.dispatched': { number: string };
    'shipment.changed': { number: string };
    'shipment.cancelled': { number: string };
    'shipment.pickedUp': OnItsWay;
    'shipment.inTransit': OnItsWay;
    'shipment.outForDelivery': OnItsWay;
    'shipment.atPickupPoint': OnItsWay;
    'shipment.delivered': OnItsWay;
    'shipment.refused': OnItsWay;
    'shipment.returned': OnItsWay;
    'shipment.lost': OnItsWay;
    'shipment.exception': OnItsWay;
  }
}

/** A shipment's event for each tracking event. */
export const eventOfStatus = {
  PICKED_UP: 'shipment.pickedUp',
  IN_TRANSIT: 'shipment.inTransit',
  OUT_FOR_DELIVERY: 'shipment.outForDelivery',
  AT_PICKUP_POINT: 'shipment.atPickupPoint',
  DELIVERED: 'shipment.delivered',
  REFUSED: 'shipment.refused',
  RETURNED: 'shipment.returned',
  LOST: 'shipment.lost',
  EXCEPTION: 'shipment.exception',
} as const satisfies Record<TrackingStatus, string>;

defineEvents({
  type: 'Carrier',
  read: null,
  events: {
    'carrier.defined': { en: 'Carrier defined', zh: '新建承运商' },
    'carrier.changed': { en: 'Carrier changed', zh: '承运商变更' },
    'carrier.archived': { en: 'Carrier archived', zh: '承运商停用' },
  },
});

defineEvents({
  type: 'Shipment',
  read: 'shipments.read',
  events: {
    'shipment.prepared': { en: 'Shipment prepared', zh: '创建发货单' },
    'shipment.dispatched': { en: 'Dispatched', zh: '发货' },
    'shipment.changed': { en: 'Shipment changed', zh: '发货单变更' },
    'shipment.cancelled': { en: 'Shipment cancelled', zh: '取消发货单' },
    'shipment.pickedUp': { en: 'Picked up by the carrier', zh: '揽收' },
    'shipment.inTransit': { en: 'On its way', zh: '运输中' },
    'shipment.outForDelivery': { en: 'Out for delivery', zh: '派送中' },
    'shipment.atPickupPoint': { en: 'Waiting at a pickup point', zh: '待自提' },
    'shipment.delivered': { en: 'Delivered', zh: '签收' },
    'shipment.refused': { en: 'Refused by the receiver', zh: '拒收' },
    'shipment.returned': { en: 'Returned to the sender', zh: '退回' },
    'shipment.lost': { en: 'Lost', zh: '丢失' },
    'shipment.exception': { en: 'Something is wrong on the way', zh: '物流异常' },
  },
});
