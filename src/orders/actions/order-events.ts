// Recording what happened to orders.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { changesBetween, type EventMap, emit, type NewEvent } from '../../core/events.ts';
import { formatMinor } from '../../core/money.ts';
import type { Order } from '../../generated/prisma/client.ts';

/** The fields whose changes events show. */
const shown = (order: Order) => ({
  state: order.state,
  paymentState: order.paymentState,
  fulfilmentState: order.fulfilmentState,
  afterSalesState: order.afterSalesState,
  held: order.held,
  awaitingStock: order.awaitingStock,
  flag: order.flag,
  shipBy: order.shipBy?.toISOString() ?? null,
  total: formatMinor(order.totalMinor, order.currency),
  cancelReason: order.cancelReason,
});

const fields = Object.freeze([
  'state',
  'paymentState',
  'fulfilmentState',
  'afterSalesState',
  'held',
  'awaitingStock',
  'flag',
  'shipBy',
  'total',
  'cancelReason',
] as const);

type OrderEventType = Extract<keyof EventMap, `order.${string}`>;

/**
 * Record an order's event. `after` is the row as the same statement that raised its version returned it; `withheld`
 * names personal fields that changed as well.
 */
export async function emitOrder<Type extends OrderEventType>(
  tx: Tx,
  actor: Actor,
  type: Type,
  before: Order | null,
  after: Order,
  payload: EventMap[Type],
  at: Date,
  withheld: readonly string[] = before ? [] : ['contact', 'address'],
): Promise<void> {
  await emit(tx, actor, orderEvent(type, before, after, payload, at, withheld));
}

/** An order's event, for those who record many at once. */
export const orderEvent = <Type extends OrderEventType>(
  type: Type,
  before: Order | null,
  after: Order,
  payload: EventMap[Type],
  at: Date,
  withheld: readonly string[] = [],
): NewEvent<Type> => ({
  type,
  payload,
  entityId: after.id,
  version: after.version,
  changes: [
    ...changesBetween(before && shown(before), shown(after), fields),
    ...withheld.map((field) => ({ field })),
  ],
  facets: {
    orderId: after.id,
    storeId: after.storeId,
    state: after.state,
    held: after.held,
    flag: after.flag,
  },
  storeId: after.storeId,
  customerId: after.customerId,
  occurredAt: at,
});
