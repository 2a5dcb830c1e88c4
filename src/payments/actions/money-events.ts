// Recording what happened to payments and refunds.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { changesBetween, type EventMap, emit } from '../../core/events.ts';
import type { Payment, Refund } from '../../generated/prisma/client.ts';

type PaymentEventType = Extract<keyof EventMap, `payment.${string}`>;
type RefundEventType = Extract<keyof EventMap, `refund.${string}`>;

/** Record a payment's event. `after` is the row as the statement that raised its version returned it. */
export const emitPayment = <Type extends PaymentEventType>(
  tx: Tx,
  actor: Actor,
  type: Type,
  { storeId, before, after }: { storeId: string; before: Payment | null; after: Payment },
  payload: EventMap[Type],
  at: Date,
): Promise<void> =>
  emit(tx, actor, {
    type,
    payload,
    entityId: after.id,
    version: after.version,
    changes: changesBetween(before, after, ['state', 'transactionReference', 'failureReason']),
    facets: { orderId: after.orderId, storeId, state: after.state },
    storeId,
    occurredAt: at,
  });

/** Record a refund's event. `after` is the row as the statement that raised its version returned it. */
export const emitRefund = <Type extends RefundEventType>(
  tx: Tx,
  actor: Actor,
  type: Type,
  { storeId, before, after }: { storeId: string; before: Refund | null; after: Refund },
  payload: EventMap[Type],
  at: Date,
): Promise<void> =>
  emit(tx, actor, {
    type,
    payload,
    entityId: after.id,
    version: after.version,
    changes: changesBetween(before, after, ['state', 'transactionReference', 'failureReason', 'attempts']),
    facets: { orderId: after.orderId, storeId, state: after.state },
    storeId,
    occurredAt: at,
  });
