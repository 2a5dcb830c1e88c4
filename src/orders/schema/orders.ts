// What is done with orders: their lists, verbs and feed.

import { reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { builder } from '../../graphql/builder.ts';
import { byMoment, list, nestedList } from '../../graphql/connection.ts';
import { feed } from '../../graphql/feed.ts';
import { errorType, mutation } from '../../graphql/payload.ts';
import { visibleOrders } from '../access.ts';
import { cancelOrder } from '../actions/cancel-order.ts';
import { confirmOrder } from '../actions/change-order.ts';
import { completeOrder } from '../actions/fulfil-order.ts';
import { placeOrder } from '../actions/place-order.ts';
import { orderCancelInput, orderCompleteInput, orderConfirmInput } from '../inputs/change.ts';
import { orderEventFilter, orderWhere, viewerOrderWhere } from '../inputs/lists.ts';
import { orderPlaceInput } from '../inputs/place.ts';
import { ordersMatching } from './order-where.ts';

errorType<{ nodeId: string | null }>(
  'ExternalReferenceTaken',
  'Another order has this reference already.',
  (t) => ({
    nodeId: t.id({
      nullable: true,
      description:
        'Id of that order; null when the caller may not see it, or it was placed at the same moment.',
      resolve: ({ data }) => data.nodeId,
    }),
  }),
);

const byPlacing = byMoment('placedAt');

list('orders', {
  type: 'Order',
  description: 'Orders of the stores in which the caller acts.',
  scope: 'orders.read',
  where: orderWhere,
  ...byPlacing,
  filter: async (actor, where) => ({ AND: [visibleOrders(actor), await ordersMatching(actor, where ?? {})] }),
  find: (query) => db.order.findMany(query),
  count: (query) => db.order.count(query),
});

list('viewerOrders', {
  type: 'Order',
  description: 'The orders of the customer or guest who asks.',
  scope: 'shopper',
  where: viewerOrderWhere,
  whereType: 'ViewerOrderWhere',
  ...byPlacing,
  filter: (actor, where) => ({
    AND: [visibleOrders(actor), where?.states ? { state: { in: where.states } } : {}],
  }),
  find: (query) => db.order.findMany(query),
  count: (query) => db.order.count(query),
});

builder.prismaObjectFields('Customer', (t) => ({
  orders: nestedList(t, {
    type: 'Order',
    description: 'Orders of the customer that the caller may see, newest first.',
    relation: 'orders',
    ordering: byPlacing.orderings.NEWEST,
    filter: visibleOrders,
    count: ({ id }, actor) => db.order.count({ where: { AND: [{ customerId: id }, visibleOrders(actor)] } }),
  }),
}));

mutation('orderPlace', {
  description:
    'Place an order: for oneself as a customer or a guest, or on a customer’s behalf as staff or partner. Priced from the catalog, its stock allocated, all or nothing. Refused with NOT_FOUND, INVALID and ILLEGAL_STATE for reservations that cannot be used, NOT_PERMITTED, TERMS_NOT_OFFERED, TOO_MANY_OPEN_ORDERS, CURRENCY_NOT_USED, VARIANT_NOT_SOLD, PRICE_MISSING, QUANTITY_EXCEEDS_LIMIT, TOTAL_TOO_LARGE, EXTERNAL_REFERENCE_TAKEN (type `ExternalReferenceTaken`), INSUFFICIENT_STOCK (type `InsufficientStock`).',
  scope: 'orders.place',
  input: orderPlaceInput,
  returns: 'Order',
  run: placeOrder,
});

mutation('orderConfirm', {
  description:
    'Confirm an order (审单). Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, ORDER_HELD, PAYMENT_REQUIRED where the store confirms after payment.',
  scope: 'orders.confirm',
  input: orderConfirmInput,
  returns: 'Order',
  run: confirmOrder,
});

mutation('orderCancel', {
  description:
    'Cancel an order, or units of its lines: their stock is given back, and money that is no longer due goes back. Shoppers cancel their own before it is confirmed, at their own wish. Refused with NOT_PERMITTED (another reason of a shopper), NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, NOTHING_OPEN, QUANTITY_EXCEEDS_OPEN.',
  scope: 'orders.cancel',
  input: orderCancelInput,
  returns: 'Order',
  run: cancelOrder,
});

mutation('orderComplete', {
  description:
    'Complete an order: the goods are with the customer. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, ORDER_HELD, NOT_DISPATCHED.',
  scope: 'orders.complete',
  input: orderCompleteInput,
  returns: 'Order',
  run: completeOrder,
});

feed('orderEvents', {
  entity: 'Order',
  noun: 'order',
  description: 'Changes of orders of the stores in which the caller acts, live.',
  scope: 'orders.read',
  filter: orderEventFilter,
  matches: (filter, facets) =>
    (filter?.orderIds?.includes(String(facets.orderId)) ?? true) &&
    (filter?.storeIds?.includes(String(facets.storeId)) ?? true) &&
    (filter?.states?.some((state) => state === facets.state) ?? true) &&
    (filter?.held === undefined || filter.held === facets.held) &&
    (filter?.flags?.some((flag) => flag === facets.flag) ?? true),
  visible: (actor, event) => reaches(actor.stores, event.storeId),
  load: (query, id, actor) =>
    db.order.findFirst({ ...query, where: { AND: [{ id }, visibleOrders(actor)] } }),
});
