// What is done with shipments: their list, verbs and feed.

import { reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { toGlobalId } from '../../core/ids.ts';
import { byMoment, list } from '../../graphql/connection.ts';
import { feed } from '../../graphql/feed.ts';
import { mutation } from '../../graphql/payload.ts';
import { visibleShipments } from '../access.ts';
import { cancelShipment, changeShipment, dispatchShipment } from '../actions/dispatch-shipment.ts';
import { prepareShipment } from '../actions/prepare-shipment.ts';
import { trackShipment } from '../actions/track-parcel.ts';
import {
  type ShipmentWhere,
  shipmentCancelInput,
  shipmentChangeInput,
  shipmentDispatchInput,
  shipmentEventFilter,
  shipmentPrepareInput,
  shipmentTrackInput,
  shipmentWhere,
} from '../inputs.ts';

list('shipments', {
  type: 'Shipment',
  description: 'Shipments of the stores and locations in which the caller acts: of both.',
  scope: 'shipments.read',
  where: shipmentWhere,
  ...byMoment('preparedAt'),
  filter: (actor, where) => ({ AND: [visibleShipments(actor), whereOf(where ?? {})] }),
  find: (query) => db.shipment.findMany(query),
  count: (query) => db.shipment.count(query),
});

const whereOf = ({ states, dispatchedFrom, dispatchedBefore, ...same }: ShipmentWhere) => ({
  ...same,
  ...(states ? { state: { in: states } } : {}),
  ...(dispatchedFrom || dispatchedBefore
    ? {
        dispatchedAt: {
          ...(dispatchedFrom ? { gte: dispatchedFrom } : {}),
          ...(dispatchedBefore ? { lt: dispatchedBefore } : {}),
        },
      }
    : {}),
});

mutation('shipmentPrepare', {
  description:
    'Prepare a parcel of an order: what goes into it, where it leaves. Refused with NOT_FOUND, ILLEGAL_STATE, ORDER_HELD, PAYMENT_REQUIRED, NOTHING_OPEN, then with NOT_PERMITTED (dispatching needs `shipments.dispatch` as well), CARRIER_MISSING, CARRIER_ARCHIVED, TRACKING_NUMBER_TAKEN, SHIPMENT_EXCEEDS_OPEN, SHIPMENT_EXCEEDS_HERE, NOTHING_TO_SHIP.',
  scope: 'shipments.prepare',
  input: shipmentPrepareInput,
  returns: 'Shipment',
  run: prepareShipment,
});

mutation('shipmentDispatch', {
  description:
    'Let a prepared shipment leave: its units leave stock and its order goes on. Refused with NOT_FOUND, ILLEGAL_STATE, ORDER_HELD, PAYMENT_REQUIRED, NOTHING_OPEN, CARRIER_MISSING, TRACKING_NUMBER_MISSING, CARRIER_ARCHIVED, TRACKING_NUMBER_TAKEN, and where units were cancelled since with QUANTITY_EXCEEDS_OPEN, NOT_ALLOCATED_HERE.',
  scope: 'shipments.dispatch',
  input: shipmentDispatchInput,
  returns: 'Shipment',
  run: dispatchShipment,
});

mutation('shipmentChange', {
  description:
    'Change carrier or tracking number until the parcel has arrived; tracking events of the former number no longer count. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, CARRIER_MISSING, TRACKING_NUMBER_MISSING, CARRIER_ARCHIVED, TRACKING_NUMBER_TAKEN.',
  scope: 'shipments.dispatch',
  input: shipmentChangeInput,
  returns: 'Shipment',
  run: changeShipment,
});

mutation('shipmentCancel', {
  description:
    'Cancel a shipment that has not left; its units stay allocated. Refused with NOT_FOUND, ILLEGAL_STATE.',
  scope: 'shipments.prepare',
  input: shipmentCancelInput,
  returns: 'Shipment',
  run: cancelShipment,
});

mutation('shipmentTrack', {
  description:
    'Report tracking events of a parcel. Idempotent by carrier, number, time and status; those that come before the number is known here wait for it. At most 500 are kept of one parcel. Refused with OUT_OF_RANGE for moments more than a day ahead, NOT_FOUND, TOO_MANY_TRACKING_EVENTS.',
  scope: 'shipments.track',
  input: shipmentTrackInput,
  run: trackShipment,
  payload: (t) => ({
    shipment: t.prismaField({
      type: 'Shipment',
      nullable: true,
      description:
        'The shipment with this number; null while none has it, and when the caller may not see it.',
      resolve: (query, { result }, _args, { actor }) => {
        const ids = result?.shipmentId ? [result.shipmentId] : [];
        return db.shipment.findFirst({
          ...query,
          where: { AND: [{ id: { in: ids } }, visibleShipments(actor)] },
        });
      },
    }),
    received: t.int({
      nullable: true,
      description: 'How many of the tracking events were new; null when the report was refused.',
      resolve: ({ result }) => result?.received ?? null,
    }),
  }),
});

feed('shipmentEvents', {
  entity: 'Shipment',
  noun: 'shipment',
  description: 'Changes of shipments of the stores and locations in which the caller acts, live.',
  scope: 'shipments.read',
  filter: shipmentEventFilter,
  matches: (filter, facets) =>
    (filter?.orderIds?.includes(String(facets.orderId)) ?? true) &&
    (filter?.storeIds?.includes(String(facets.storeId)) ?? true) &&
    (filter?.locationIds?.includes(String(facets.locationId)) ?? true) &&
    (filter?.carrierIds?.some((id) => toGlobalId('Carrier', id) === facets.carrierId) ?? true) &&
    (filter?.states?.some((state) => state === facets.state) ?? true),
  visible: (actor, event) =>
    reaches(actor.stores, event.storeId) && reaches(actor.locations, event.locationId),
  load: (query, id, actor) =>
    db.shipment.findFirst({ ...query, where: { AND: [{ id }, visibleShipments(actor)] } }),
});
