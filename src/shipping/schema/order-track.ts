// The way of an order for those who wait for it: no contact, no money, nothing of colleagues.

import { db } from '../../core/db.ts';
import { builder, enumRef } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import { inputFields, parseArgs } from '../../graphql/input.ts';
import { liveValue } from '../../graphql/live-value.ts';
import { textIn } from '../../graphql/text.ts';
import { trackableOrders, trackScope, tracksOrder } from '../access.ts';
import { orderTrackArgs } from '../inputs.ts';
import { trackingStatuses } from '../texts.ts';
import { State, Status } from './shipment.ts';

const LISTED_MAX = 100;

const TrackedEvent = builder.prismaObject('TrackingEvent', {
  variant: 'ParcelTrackEvent',
  description: 'Something that happened to a parcel on its way.',
  select: { id: true },
  fields: (t) => ({
    status: t.expose('status', { type: Status, description: 'What happened.' }),
    title: t.string({
      description: 'What happened, in the language of the request.',
      select: { status: true },
      resolve: ({ status }, _args, { actor }) => trackingStatuses[status][actor.locale],
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
    place: t.exposeString('place', { nullable: true, description: 'Where.' }),
  }),
});

const TrackedParcel = builder.prismaObject('Shipment', {
  variant: 'ParcelTrack',
  description: 'A parcel on its way.',
  select: { id: true },
  fields: (t) => ({
    carrier: t.string({
      nullable: true,
      description: 'Name of the carrier in the language of the request; null when we bring it ourselves.',
      select: {
        carrier: { select: { texts: { orderBy: { locale: 'asc' }, select: { locale: true, name: true } } } },
      },
      resolve: ({ carrier }, _args, { actor }) =>
        (carrier && textIn(carrier.texts, actor.locale)?.name) ?? null,
    }),
    trackingNumber: t.exposeString('trackingNumber', { nullable: true }),
    state: t.expose('state', { type: State, description: 'Where the parcel is.' }),
    dispatchedAt: t.expose('dispatchedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it left us.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the receiver got it.',
    }),
    events: t.field({
      type: [TrackedEvent],
      description: `What happened on the way, newest first; at most ${LISTED_MAX}.`,
      select: (_args, _context, nested) =>
        ({
          trackingEvents: {
            ...(nested(true) as object),
            orderBy: [{ occurredAt: 'desc' }, { id: 'desc' }],
            take: LISTED_MAX,
          },
        }) as never,
      resolve: (parcel) => (parcel as unknown as { trackingEvents: never[] }).trackingEvents,
    }),
  }),
});

const OrderTrack = builder.prismaObject('Order', {
  variant: 'OrderTrack',
  description: 'How far an order is, for those who wait for it.',
  select: trackScope,
  authScopes: (order, { actor }) => tracksOrder(actor, order),
  fields: (t) => ({
    number: t.exposeString('number'),
    state: t.field({
      type: enumRef('OrderState') as never,
      description: 'The order’s own axis.',
      select: { state: true },
      resolve: (order) => order.state as never,
    }),
    paymentState: t.field({
      type: enumRef('OrderPaymentState') as never,
      description: 'The axis of payment.',
      select: { paymentState: true },
      resolve: (order) => order.paymentState as never,
    }),
    fulfilmentState: t.field({
      type: enumRef('OrderFulfilmentState') as never,
      description: 'The axis of fulfilment.',
      select: { fulfilmentState: true },
      resolve: (order) => order.fulfilmentState as never,
    }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'When it was placed.' }),
    paidAt: t.expose('paidAt', { type: 'DateTime', nullable: true }),
    dispatchedAt: t.expose('dispatchedAt', { type: 'DateTime', nullable: true }),
    deliveredAt: t.expose('deliveredAt', { type: 'DateTime', nullable: true }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was completed.',
    }),
    shipments: t.field({
      type: [TrackedParcel],
      description: `Parcels that have left, oldest first; at most ${LISTED_MAX}.`,
      select: (_args, _context, nested) =>
        ({
          shipments: {
            ...(nested(true) as object),
            where: { dispatchedAt: { not: null } },
            orderBy: [{ preparedAt: 'asc' }, { id: 'asc' }],
            take: LISTED_MAX,
          },
        }) as never,
      resolve: (order) => (order as unknown as { shipments: never[] }).shipments,
    }),
  }),
});

/** The order that a caller asks for, or that a signed link opens; null when there is neither. */
const wantedOrder = (args: object, { actor }: Context): string | null =>
  parseArgs(orderTrackArgs, args).orderId ?? actor.linkedId;

const trackable = (id: string | null, { actor }: Context) => ({
  AND: [{ id: { in: id === null ? [] : [id] } }, trackableOrders(actor)],
});

builder.queryField('orderTrack', (t) =>
  t.prismaField({
    type: OrderTrack,
    nullable: true,
    description:
      'How far an order is: for the shopper who placed it, for who has a signed link to it until its contact is erased, and for colleagues who may see it. Null alike for orders that do not exist and those of others.',
    authScopes: { public: true },
    args: inputFields(orderTrackArgs, (field) => t.arg(field as never)) as never,
    resolve: (query, _root, args, context) =>
      db.order.findFirst({ ...query, where: trackable(wantedOrder(args, context), context) }),
  }),
);

builder.subscriptionField('orderTrackUpdates', (t) =>
  t.prismaField({
    type: OrderTrack,
    nullable: true,
    description:
      'How far an order is now, then again whenever it, its money or its parcels changed, at most once a second. Null, and then the end, where `orderTrack` is null.',
    authScopes: { public: true },
    args: inputFields(orderTrackArgs, (field) => t.arg(field as never)) as never,
    subscribe: ((_root: unknown, args: object, context: Context) =>
      follow(wantedOrder(args, context), context)) as never,
    resolve: (query, orderId, _args, context) =>
      db.order.findFirst({ ...query, where: trackable(orderId as unknown as string | null, context) }),
  }),
);

/** The order's id at first and after everything that concerns it; null and no more when it may not be followed. */
async function* follow(id: string | null, context: Context): AsyncGenerator<string | null> {
  const isKnown = (await db.order.count({ where: trackable(id, context) })) > 0;
  if (!isKnown) return yield null;
  yield* liveValue(
    context,
    (event) => event.facets.orderId === id,
    () => id,
  );
}
