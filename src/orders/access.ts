// Who may see orders.

import {
  type Actor,
  can,
  definePermissions,
  isColleague,
  isInternal,
  type Permission,
  reaches,
  reachFilter,
} from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { visibleLocations } from '../inventory/access.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'orders.read': true;
    'orders.place': true;
    'orders.push': true;
    'orders.import': true;
    'orders.credit': true;
    'orders.confirm': true;
    'orders.hold': true;
    'orders.cancel': true;
    'orders.complete': true;
    'orders.remark': true;
    'orders.readRemarks': true;
    'contacts.read': true;
    'contacts.reveal': true;
    'contacts.erase': true;
  }
}

definePermissions({
  'orders.read': { kind: 'read', en: 'See orders', zh: '查看订单' },
  'orders.place': { kind: 'write', shopper: true, en: 'Place orders', zh: '下单' },
  'orders.push': { kind: 'write', en: 'Push orders of a marketplace', zh: '推送平台订单' },
  'orders.import': {
    kind: 'guarded',
    en: 'Import past orders, with their customers and goods',
    zh: '导入历史订单及其客户和商品',
  },
  'orders.credit': { kind: 'guarded', en: 'Place orders on credit', zh: '赊账下单' },
  'orders.confirm': { kind: 'write', en: 'Confirm orders', zh: '确认订单' },
  'orders.hold': { kind: 'write', en: 'Hold and release orders', zh: '挂起与放行订单' },
  'orders.cancel': { kind: 'write', shopper: true, en: 'Cancel orders', zh: '取消订单' },
  'orders.complete': { kind: 'write', en: 'Complete orders', zh: '完成订单' },
  'orders.remark': { kind: 'guarded', en: 'Write remarks on orders and flag them', zh: '备注与标记订单' },
  'orders.readRemarks': { kind: 'guarded', en: 'Read colleagues’ remarks', zh: '查看内部备注' },
  'contacts.read': { kind: 'guarded', en: 'See contacts unmasked', zh: '查看未脱敏的联系信息' },
  'contacts.reveal': {
    kind: 'guarded',
    en: 'Reveal one contact with a reason',
    zh: '说明原因后查看联系信息',
  },
  'contacts.erase': { kind: 'guarded', en: 'Erase contacts', zh: '删除联系信息' },
});

/** Orders of the stores that the actor acts in, with `orders.read`; shoppers see their own. */
export const visibleOrders = (actor: Actor): Prisma.OrderWhereInput => {
  if (actor.kind === 'CUSTOMER' && actor.id) return { customerId: actor.id };
  if (actor.kind === 'GUEST' && actor.guestHash) return { guestHash: actor.guestHash };
  if (!isInternal(actor) || !can(actor, 'orders.read')) return { id: { in: [] } };
  const ids = reachFilter(actor.stores);
  return ids ? { storeId: ids } : {};
};

/** What locations at which the actor acts have promised to orders and not sent yet. Nobody's business outside. */
export const openAllocations = (actor: Actor): Prisma.AllocationWhereInput =>
  isInternal(actor) ? { state: 'OPEN', stock: { location: visibleLocations(actor) } } : { id: { in: [] } };

/** Imports into stores that the actor acts in, with `orders.import`; a partner’s program sees those of its partner. */
export const visibleImports = (actor: Actor): Prisma.OrderImportWhereInput => {
  if (!isInternal(actor) || !can(actor, 'orders.import')) return { id: { in: [] } };
  const ids = reachFilter(actor.stores);
  return {
    ...(ids ? { storeId: ids } : {}),
    ...(actor.kind === 'KEY' ? { partnerId: actor.partnerId } : {}),
  };
};

/** The columns that say who may see an import. */
export const importScope = { storeId: true, partnerId: true } as const;

export const seesImport = (
  actor: Actor,
  { storeId, partnerId }: { storeId: string; partnerId: string | null },
): boolean =>
  isInternal(actor) &&
  can(actor, 'orders.import') &&
  reaches(actor.stores, storeId) &&
  (actor.kind !== 'KEY' || partnerId === actor.partnerId);

/** People who may import into a store. */
export const importingStaff = (storeId: string): Prisma.StaffWhereInput => ({
  state: 'ACTIVE',
  posts: { some: { post: { permissions: { has: 'orders.import' satisfies Permission } } } },
  OR: [{ allStores: true }, { stores: { some: { storeId } } }],
});

/** The columns that say who may see an order. */
export const orderScope = { storeId: true, customerId: true, guestHash: true } as const;

interface OrderScope {
  storeId: string;
  customerId: string | null;
  guestHash: string | null;
}

/** True for the shopper who placed an order. */
export const ownsOrder = (actor: Actor, order: OrderScope): boolean =>
  (actor.kind === 'CUSTOMER' && actor.id !== null && order.customerId === actor.id) ||
  (actor.kind === 'GUEST' && actor.guestHash !== null && order.guestHash === actor.guestHash);

export const seesOrder = (actor: Actor, order: OrderScope): boolean =>
  ownsOrder(actor, order) ||
  (isInternal(actor) && can(actor, 'orders.read') && reaches(actor.stores, order.storeId));

/** True for those who are shown the contact of an order they may see as it is. All others see it masked. */
export const readsContact = (actor: Actor, order: OrderScope): boolean =>
  ownsOrder(actor, order) || can(actor, 'contacts.read');

/** Partners are no colleagues: no key reads what colleagues write to each other, whatever it was granted. */
const readsRemarks = (actor: Actor): boolean => isColleague(actor) && can(actor, 'orders.readRemarks');

/** Remarks on orders that the actor may see, with `orders.readRemarks`. */
export const visibleRemarks = (actor: Actor): Prisma.OrderRemarkWhereInput =>
  readsRemarks(actor) ? { order: visibleOrders(actor) } : { id: { in: [] } };

export const seesRemark = (actor: Actor, remark: { order: OrderScope }): boolean =>
  readsRemarks(actor) && seesOrder(actor, remark.order);

/** Mentions of the actor, in remarks that they may read. */
export const visibleMentions = (actor: Actor): Prisma.MentionWhereInput =>
  actor.kind === 'STAFF' && actor.id
    ? { staffId: actor.id, remark: visibleRemarks(actor) }
    : { id: { in: [] } };

export const seesMention = (
  actor: Actor,
  mention: { staffId: string; remark: { order: OrderScope } },
): boolean => actor.kind === 'STAFF' && mention.staffId === actor.id && seesRemark(actor, mention.remark);

/** People who may read remarks on orders of a store, or of one of several. */
export const remarkReaders = (storeIds: { in: string[] } | undefined): Prisma.StaffWhereInput => ({
  state: 'ACTIVE',
  AND: (['orders.read', 'orders.readRemarks'] as const).map((permission) => ({
    posts: { some: { post: { permissions: { has: permission } } } },
  })),
  ...(storeIds ? { OR: [{ allStores: true }, { stores: { some: { storeId: storeIds } } }] } : {}),
});
