// The shipment as the world sees it: what is in the parcel, who carries it, how far it is and what may be done next.

import { can, isInternal, type Permission } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { problem } from '../../core/errors.ts';
import { allowedActionType } from '../../graphql/allowed-actions.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { nestedList } from '../../graphql/connection.ts';
import type { Context } from '../../graphql/context.ts';
import { timeline } from '../../graphql/timeline.ts';
import { orNull } from '../../graphql/withheld.ts';
import { orderScope, seesOrder } from '../../orders/access.ts';
import { seesShipment, visibleShipments } from '../access.ts';
import { factsOfOrder, refusals, type ShipmentAction, shipmentMoves } from '../rules.ts';
import { shipmentActions, shipmentStates, trackingStatuses } from '../texts.ts';

export const State = enumType('ShipmentState', 'Where a shipment is.', shipmentStates);
export const Status = enumType(
  'TrackingStatus',
  'What happened to a parcel, as its carrier says.',
  trackingStatuses,
);
const Action = enumType('ShipmentAction', 'Something that can be done with a shipment.', shipmentActions);

const permissionOf = {
  DISPATCH: 'shipments.dispatch',
  CHANGE: 'shipments.dispatch',
  CANCEL: 'shipments.prepare',
} as const satisfies Record<ShipmentAction, Permission>;

const AllowedShipmentAction = allowedActionType<ShipmentAction>('Shipment', Action);

/** The columns that say who may see a shipment. */
const shipmentScope = {
  storeId: true,
  locationId: true,
  dispatchedAt: true,
  order: { select: orderScope },
} as const;

/** What an order says of a dispatch depends on these. */
const decidingOnDispatch = {
  state: true,
  fulfilmentState: true,
  holds: { where: { releasedAt: null }, select: { kind: true }, take: 100 },
  store: { select: { confirmation: true } },
  account: {
    select: {
      terms: true,
      dueMinor: true,
      capturedMinor: true,
      refundingMinor: true,
      refundedMinor: true,
    },
  },
} as const;

builder.prismaNode('Shipment', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (shipment, { actor }) => seesShipment(actor, shipment),
  select: { id: true, ...shipmentScope },
  fields: (t) => ({
    number: t.exposeString('number'),
    order: t.relation('order', {
      nullable: true,
      description: 'Order of which these are goods; null for those who may not see it.',
      ...orNull((shipment: { order: Parameters<typeof seesOrder>[1] }, _args: object, { actor }: Context) =>
        seesOrder(actor, shipment.order),
      ),
    }),
    state: t.expose('state', {
      type: State,
      description: 'Where the shipment is, by all its tracking events.',
    }),
    location: t.relation('location', {
      description: 'Where the goods leave. Null for shoppers.',
      ...orNull({ internal: true }),
      nullable: true,
    }),
    carrier: t.relation('carrier', {
      nullable: true,
      description: 'Who carries the parcel; null while nobody is named, and when we bring it ourselves.',
    }),
    trackingNumber: t.exposeString('trackingNumber', { nullable: true }),
    lines: nestedList(t, {
      type: 'ShipmentLine',
      description: 'What is in the parcel, in the order of the order’s lines.',
      relation: 'lines',
      ordering: [['id', 'asc']],
      count: ({ id }) => db.shipmentLine.count({ where: { shipmentId: id } }),
    }),
    trackingEvents: nestedList(t, {
      type: 'TrackingEvent',
      description: 'Tracking events of the parcel, in the order in which they happened.',
      relation: 'trackingEvents',
      ordering: [
        ['occurredAt', 'asc'],
        ['id', 'asc'],
      ],
      count: ({ id }) => db.trackingEvent.count({ where: { shipmentId: id } }),
    }),
    preparedAt: t.expose('preparedAt', { type: 'DateTime', description: 'When it was prepared.' }),
    dispatchedAt: t.expose('dispatchedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it left us (发货).',
    }),
    firstScanAt: t.expose('firstScanAt', { type: 'DateTime', nullable: true }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the receiver got it. Waiting at a pickup point is not delivered.',
    }),
    cancelledAt: t.expose('cancelledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was cancelled.',
    }),
    allowedActions: t.field({
      type: [AllowedShipmentAction],
      description: 'What the caller can do with the shipment now, and why not. Empty for shoppers.',
      select: { state: true, order: { select: decidingOnDispatch } },
      resolve: ({ state, order }, _args, { actor }) =>
        (isInternal(actor) ? (Object.keys(shipmentMoves) as ShipmentAction[]) : []).map((action) => {
          const [refusal = null] = refusals(action, { state }, factsOfOrder(order));
          return { action, refusal: can(actor, permissionOf[action]) ? refusal : problem('NOT_PERMITTED') };
        }),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaNode('ShipmentLine', {
  description: 'Units of one line of an order in a parcel.',
  id: { field: 'id', description: 'Global id.' },
  authScopes: (line, { actor }) => seesShipment(actor, line.shipment),
  select: { id: true, shipment: { select: shipmentScope } },
  fields: (t) => ({
    shipment: t.relation('shipment', { description: 'Shipment of the line.' }),
    orderLine: t.relation('orderLine', {
      nullable: true,
      description: 'What was ordered; withheld from those who may not see orders.',
    }),
    quantity: t.exposeInt('quantity', { description: 'Units in the parcel.' }),
  }),
});

builder.prismaNode('TrackingEvent', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: ({ shipment }, { actor }) => shipment !== null && seesShipment(actor, shipment),
  select: { id: true, shipment: { select: shipmentScope } },
  fields: (t) => ({
    shipment: t.relation('shipment', { nullable: true, description: 'Shipment whose parcel it is about.' }),
    status: t.expose('status', { type: Status, description: 'What happened.' }),
    title: t.string({
      description: 'What happened, in the language of the request.',
      select: { status: true },
      resolve: ({ status }, _args, { actor }) => trackingStatuses[status][actor.locale],
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
    place: t.exposeString('place', { nullable: true, description: 'Where.' }),
    description: t.exposeString('description', {
      nullable: true,
      description:
        'What the carrier wrote about it. It may name people: null without `contacts.read`, and for shoppers.',
      ...orNull({ can: 'contacts.read' } as const),
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When it was reported.' }),
  }),
});

builder.prismaObjectField('Order', 'shipments', (t) =>
  nestedList(t, {
    type: 'Shipment',
    description:
      'Parcels of the order, oldest first, of those that the caller may see. Shoppers see them once they left.',
    relation: 'shipments',
    ordering: [
      ['preparedAt', 'asc'],
      ['id', 'asc'],
    ],
    filter: visibleShipments,
    count: ({ id }, actor) =>
      db.shipment.count({ where: { AND: [{ orderId: id }, visibleShipments(actor)] } }),
  }),
);
