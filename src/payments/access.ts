// Who may see and move money.

import {
  type Actor,
  can,
  definePermissions,
  isInternal,
  isShopper,
  reaches,
  reachFilter,
} from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { orderScope, ownsOrder, visibleOrders } from '../orders/access.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'payments.read': true;
    'payments.start': true;
    'payments.record': true;
    'refunds.create': true;
    'refunds.settle': true;
  }
}

definePermissions({
  'payments.read': { kind: 'read', en: 'See payments and refunds', zh: '查看收款与退款' },
  'payments.start': { kind: 'write', shopper: true, en: 'Start payments', zh: '发起支付' },
  'payments.record': { kind: 'write', en: 'Record money that came in', zh: '登记收款' },
  'refunds.create': { kind: 'write', en: 'Create refunds', zh: '创建退款' },
  'refunds.settle': { kind: 'write', en: 'Settle and retry refunds', zh: '处理退款' },
});

/** Accounts of orders in the stores that the actor acts in; shoppers reach those of their own orders. */
export const accountsInReach = (actor: Actor): Prisma.PaymentAccountWhereInput => {
  if (isShopper(actor)) return { order: visibleOrders(actor) };
  const ids = reachFilter(actor.stores);
  return ids ? { storeId: ids } : {};
};

/** Accounts in reach, which takes `payments.read` of all but shoppers. */
export const visibleAccounts = (actor: Actor): Prisma.PaymentAccountWhereInput =>
  isShopper(actor) || can(actor, 'payments.read') ? accountsInReach(actor) : { orderId: { in: [] } };

/** The columns of an account that say who may see it and all that belongs to it. */
export const accountScope = { storeId: true, order: { select: orderScope } } as const;

type OrderScope = Parameters<typeof ownsOrder>[1];

export const seesAccount = (actor: Actor, account: { storeId: string; order: OrderScope }): boolean =>
  ownsOrder(actor, account.order) || seesLedger(actor, account);

/** True for those of the department who may see an account. Its ledger names colleagues: it is not for shoppers. */
export const seesLedger = (actor: Actor, { storeId }: { storeId: string }): boolean =>
  isInternal(actor) && can(actor, 'payments.read') && reaches(actor.stores, storeId);
