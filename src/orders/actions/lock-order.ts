// Finding and locking an order before it changes, and recording that it did.

import { type Actor, isShopper } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, refuseIf, staleProblems } from '../../core/errors.ts';
import { changesBetween, type EventMap, emit, type NewEvent } from '../../core/events.ts';
import { formatMinor } from '../../core/money.ts';
import type { Order, PaymentAccount, Prisma, Store } from '../../generated/prisma/client.ts';
import type { OrderHoldKind } from '../../generated/prisma/enums.ts';
import { visibleOrders } from '../access.ts';
import { factsOfRows, type OrderAction, type OrderFacts, refusals } from '../rules/moves.ts';

export type LockedOrder = Order & { openHolds: OrderHoldKind[]; account: PaymentAccount; store: Store };

/**
 * Lock an order's row for an act. Refuses with NOT_FOUND when the actor may not see it, STALE_VERSION when it is not
 * the expected one, and with what the rules say of the act. The order's lock comes before those of money and stock.
 */
export async function lockOrder(
  tx: Tx,
  actor: Actor,
  action: OrderAction,
  { orderId, expectedVersion }: { orderId: string; expectedVersion?: number | undefined },
): Promise<LockedOrder> {
  const order = await lockVisibleOrder(tx, actor, orderId);
  refuseIf(staleProblems(order, expectedVersion));
  refuseIf(refusals(action, factsOf(actor, order)));
  return order;
}

/** Lock an order's row for what is possible in every state. Refuses with NOT_FOUND when the actor may not see it. */
export async function lockVisibleOrder(tx: Tx, actor: Actor, orderId: string): Promise<LockedOrder> {
  const order = await lockOrderRow(tx, orderId, visibleOrders(actor));
  if (!order) throw new DomainError([notFound('Order', ['orderId'])]);
  return order;
}

/** Lock an order's row whatever its state; null when there is none among the visible ones. */
export async function lockOrderRow(
  tx: Tx,
  orderId: string,
  visible: Prisma.OrderWhereInput = {},
): Promise<LockedOrder | null> {
  await tx.$queryRaw`SELECT 1 FROM "order" WHERE id = ${orderId}::uuid FOR UPDATE`;
  const found = await tx.order.findFirst({
    where: { AND: [{ id: orderId }, visible] },
    include: { holds: { where: { releasedAt: null }, select: { kind: true } }, account: true, store: true },
  });
  if (!found) return null;
  const { holds, account, ...order } = found;
  if (!account) throw new Error(`order ${orderId} has no payment account`);
  return { ...order, account, openHolds: holds.map((hold) => hold.kind) };
}

/** What decides about acts of an actor on an order. */
export const factsOf = (actor: Actor, order: LockedOrder): OrderFacts =>
  factsOfRows(order, { ...order, holds: order.openHolds.map((kind) => ({ kind })) }, isShopper(actor));

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
