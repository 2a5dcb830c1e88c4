// Finding and locking an order before it changes, and recording that it did.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, problem, refuseIf, staleProblems } from '../../core/errors.ts';
import { changesBetween, type EventMap, emit } from '../../core/events.ts';
import { formatMinor } from '../../core/money.ts';
import type { Order } from '../../generated/prisma/client.ts';
import type { OrderHoldKind } from '../../generated/prisma/enums.ts';
import { visibleOrders } from '../access.ts';
import { type OrderAction, refusals } from '../rules.ts';

export type LockedOrder = Order & { openHolds: OrderHoldKind[] };

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
  await tx.$queryRaw`SELECT 1 FROM "order" WHERE id = ${orderId}::uuid FOR UPDATE`;
  const found = await tx.order.findFirst({
    where: { AND: [{ id: orderId }, visibleOrders(actor)] },
    include: { holds: { where: { releasedAt: null }, select: { kind: true } } },
  });
  if (!found) throw new DomainError([problem('NOT_FOUND', { path: ['orderId'], params: { type: 'Order' } })]);
  const { holds, ...order } = found;
  refuseIf(staleProblems(order, expectedVersion));
  const locked = { ...order, openHolds: holds.map((hold) => hold.kind) };
  refuseIf(refusals(action, locked));
  return locked;
}

/** The fields whose changes events show. */
const shown = (order: Order) => ({
  state: order.state,
  paymentState: order.paymentState,
  fulfilmentState: order.fulfilmentState,
  afterSalesState: order.afterSalesState,
  held: order.held,
  total: formatMinor(order.totalMinor, order.currency),
  cancelReason: order.cancelReason,
});

const fields = Object.freeze([
  'state',
  'paymentState',
  'fulfilmentState',
  'afterSalesState',
  'held',
  'total',
  'cancelReason',
] as const);

type OrderEventType = Extract<keyof EventMap, `order.${string}`>;

/** Record an order's event. `after` is the row as the same statement that raised its version returned it. */
export async function emitOrder<Type extends OrderEventType>(
  tx: Tx,
  actor: Actor,
  type: Type,
  before: Order | null,
  after: Order,
  payload: EventMap[Type],
  at: Date,
): Promise<void> {
  await emit(tx, actor, {
    type,
    payload,
    entityId: after.id,
    version: after.version,
    changes: [
      ...changesBetween(before && shown(before), shown(after), fields),
      ...(before ? [] : [{ field: 'contact' }, { field: 'address' }]),
    ],
    facets: { orderId: after.id, storeId: after.storeId, state: after.state, held: after.held },
    storeId: after.storeId,
    customerId: after.customerId,
    occurredAt: at,
  });
}
