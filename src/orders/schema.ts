// What the world sees of orders.

import { reaches } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { list } from '../graphql/connection.ts';
import { feed } from '../graphql/feed.ts';
import { errorType, mutation } from '../graphql/payload.ts';
import { visibleOrders } from './access.ts';
import { cancelOrder, completeOrder, confirmOrder, holdOrder, releaseOrder } from './actions/change-order.ts';
import { placeOrder } from './actions/place-order.ts';
import './events.ts';
import './schema/order.ts';
import {
  type OrderWhere,
  orderCancelInput,
  orderCompleteInput,
  orderConfirmInput,
  orderEventFilter,
  orderHoldInput,
  orderPlaceInput,
  orderReleaseInput,
  orderWhere,
} from './inputs.ts';

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

list('orders', {
  type: 'Order',
  description: 'Orders of the stores in which the caller acts.',
  scope: 'orders.read',
  where: orderWhere,
  orderings: {
    NEWEST: [
      ['placedAt', 'desc'],
      ['id', 'desc'],
    ],
    OLDEST: [
      ['placedAt', 'asc'],
      ['id', 'asc'],
    ],
  },
  orderingTitles: {
    NEWEST: { en: 'Newest first', zh: '最新优先' },
    OLDEST: { en: 'Oldest first', zh: '最早优先' },
  },
  filter: (actor, where) => ({ AND: [visibleOrders(actor), whereOf(where ?? {})] }),
  find: (query) => db.order.findMany(query),
  count: (query) => db.order.count(query),
});

const whereOf = (where: OrderWhere) => ({
  ...(where.storeId ? { storeId: where.storeId } : {}),
  ...(where.states ? { state: { in: where.states } } : {}),
  ...(where.paymentStates ? { paymentState: { in: where.paymentStates } } : {}),
  ...(where.fulfilmentStates ? { fulfilmentState: { in: where.fulfilmentStates } } : {}),
  ...(where.held === undefined ? {} : { held: where.held }),
  ...(where.number ? { number: where.number } : {}),
  ...(where.externalReference ? { externalReference: where.externalReference } : {}),
  ...(where.variantId ? { lines: { some: { variantId: where.variantId } } } : {}),
  placedAt: {
    ...(where.placedFrom ? { gte: where.placedFrom } : {}),
    ...(where.placedBefore ? { lt: where.placedBefore } : {}),
  },
});

mutation('orderPlace', {
  description:
    'Place an order on a customer’s behalf: priced from the catalog, its stock allocated, all or nothing. Refused with NOT_FOUND, CURRENCY_NOT_USED, VARIANT_NOT_SOLD, PRICE_MISSING, QUANTITY_EXCEEDS_LIMIT, TOTAL_TOO_LARGE, EXTERNAL_REFERENCE_TAKEN (type `ExternalReferenceTaken`), INSUFFICIENT_STOCK (type `InsufficientStock`).',
  scope: 'orders.place',
  input: orderPlaceInput,
  returns: 'Order',
  run: placeOrder,
});

mutation('orderConfirm', {
  description: 'Confirm an order (审单). Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, ORDER_HELD.',
  scope: 'orders.confirm',
  input: orderConfirmInput,
  returns: 'Order',
  run: confirmOrder,
});

mutation('orderHold', {
  description: 'Stop an order with a reason. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE.',
  scope: 'orders.hold',
  input: orderHoldInput,
  returns: 'Order',
  run: holdOrder,
});

mutation('orderRelease', {
  description: 'Release one hold of an order. Refused with NOT_FOUND, NOT_HELD, ILLEGAL_STATE.',
  scope: 'orders.hold',
  input: orderReleaseInput,
  returns: 'Order',
  run: releaseOrder,
});

mutation('orderCancel', {
  description:
    'Cancel an order, or units of its lines, and give their stock back. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, QUANTITY_EXCEEDS_OPEN.',
  scope: 'orders.cancel',
  input: orderCancelInput,
  returns: 'Order',
  run: cancelOrder,
});

mutation('orderComplete', {
  description:
    'Complete an order: the goods are with the customer, and what was not dispatched leaves stock now. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, ORDER_HELD.',
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
    (filter?.held === undefined || filter.held === facets.held),
  visible: (actor, event) => reaches(actor.stores, event.storeId),
  load: (query, id, actor) =>
    db.order.findFirst({ ...query, where: { AND: [{ id }, visibleOrders(actor)] } }),
});
