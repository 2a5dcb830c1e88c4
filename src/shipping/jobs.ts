// What shipping does later: it follows changes of orders, and orders follow the way of their parcels.

import { systemActor } from '../core/actor.ts';
import type { LogEvent } from '../core/event-log.ts';
import type { ReactionDefinition } from '../core/reactions.ts';
import { now } from '../core/time.ts';
import { fitShipments, followParcels, forgetDescriptions, holdTroubled } from './actions/follow-orders.ts';
import { eventOfStatus } from './events.ts';
import { isTrouble } from './rules.ts';

/** Events that can put a shipment into another state. */
const moving = ['shipment.dispatched', 'shipment.changed', ...Object.values(eventOfStatus)];

/** How an event moved a shipment; undefined when it moved none. */
const moveOf = ({ changes }: LogEvent) => changes.find(({ field }) => field === 'state');

export const shippingReactions: readonly ReactionDefinition[] = [
  {
    name: 'shipping.fitShipments',
    types: ['order.linesCancelled', 'order.cancelled'],
    handle: (tx, { entityId }) => fitShipments(tx, systemActor('shipping.fitShipments'), entityId, now()),
  },
  {
    name: 'shipping.followParcels',
    types: [...moving, 'order.linesCancelled'],
    handle: async (tx, event) => {
      if (event.entityType === 'Shipment' && moveOf(event)?.after !== 'DELIVERED') return;
      const orderId = String(event.facets.orderId);
      await followParcels(tx, systemActor('shipping.followParcels'), orderId, now());
    },
  },
  {
    name: 'shipping.holdTroubled',
    types: moving,
    handle: async (tx, event) => {
      const { before, after: trouble } = moveOf(event) ?? {};
      if (!isTrouble(trouble) || isTrouble(before)) return;
      const what = { orderId: String(event.facets.orderId), number: String(event.payload.number), trouble };
      await holdTroubled(tx, systemActor('shipping.holdTroubled'), what, now());
    },
  },
  {
    name: 'shipping.forgetDescriptions',
    types: ['order.contactErased'],
    handle: (tx, { entityId }) => forgetDescriptions(tx, entityId),
  },
];
