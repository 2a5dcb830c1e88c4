// Who may see orders.

import { type Actor, can, definePermissions, reaches, reachFilter } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'orders.read': true;
    'orders.place': true;
    'orders.confirm': true;
    'orders.hold': true;
    'orders.cancel': true;
    'orders.complete': true;
  }
}

definePermissions({
  'orders.read': { kind: 'read', en: 'See orders', zh: '查看订单' },
  'orders.place': { kind: 'write', en: 'Place orders for customers', zh: '代客下单' },
  'orders.confirm': { kind: 'write', en: 'Confirm orders', zh: '确认订单' },
  'orders.hold': { kind: 'write', en: 'Hold and release orders', zh: '挂起与放行订单' },
  'orders.cancel': { kind: 'write', en: 'Cancel orders', zh: '取消订单' },
  'orders.complete': { kind: 'write', en: 'Complete orders', zh: '完成订单' },
});

/** Orders of the stores that the actor acts in, with `orders.read`. */
export const visibleOrders = (actor: Actor): Prisma.OrderWhereInput => {
  if (!can(actor, 'orders.read')) return { id: { in: [] } };
  const ids = reachFilter(actor.stores);
  return ids ? { storeId: ids } : {};
};

export const seesOrder = (actor: Actor, order: { storeId: string }): boolean =>
  can(actor, 'orders.read') && reaches(actor.stores, order.storeId);
