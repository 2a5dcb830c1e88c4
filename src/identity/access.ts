// Who may see staff, posts, customers and their sessions.

import { type Actor, can, definePermissions, isColleague } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'staff.read': true;
    'staff.manage': true;
    'customers.read': true;
    'customers.upsert': true;
    'customers.manage': true;
    'customers.erase': true;
  }
}

definePermissions({
  'staff.read': { kind: 'read', en: 'See staff and posts', zh: '查看员工与岗位' },
  'staff.manage': { kind: 'guarded', en: 'Manage staff, posts and sessions', zh: '管理员工、岗位与会话' },
  'customers.read': { kind: 'read', en: 'See customers', zh: '查看客户' },
  'customers.upsert': { kind: 'write', en: 'Upsert customers of one’s own system', zh: '维护自有系统的客户' },
  'customers.manage': { kind: 'guarded', shopper: true, en: 'Change customers', zh: '修改客户信息' },
  'customers.erase': { kind: 'guarded', shopper: true, en: 'Erase customers', zh: '删除客户个人信息' },
});

/** The actor's own id where they are of a kind; nobody's for all others. */
export const selfAs = (kind: 'STAFF' | 'CUSTOMER', actor: Actor): string[] =>
  actor.kind === kind && actor.id !== null ? [actor.id] : [];

/** Staff whom the actor may see: all with `staff.read`, otherwise only themselves. */
export const visibleStaff = (actor: Actor): Prisma.StaffWhereInput =>
  can(actor, 'staff.read') ? {} : { id: { in: selfAs('STAFF', actor) } };

export const seesStaff = (actor: Actor, staff: { id: string }): boolean =>
  can(actor, 'staff.read') || selfAs('STAFF', actor).includes(staff.id);

/** True for colleagues who manage staff in the whole department, and so may see and end anybody's sessions. */
const managesAll = (actor: Actor): boolean =>
  isColleague(actor) && can(actor, 'staff.manage') && actor.stores === 'ALL' && actor.locations === 'ALL';

/** Posts name what people may do here: colleagues see them, and others with `staff.read`. */
export const seesPosts = (actor: Actor): boolean => isColleague(actor) || can(actor, 'staff.read');

/** Posts that the actor may list: all for colleagues, none for a partner's program. */
export const visiblePosts = (actor: Actor): Prisma.PostWhereInput =>
  isColleague(actor) ? {} : { id: { in: [] } };

/** Sessions that the actor may see: everybody's for who manages the whole department, otherwise their own. */
export const visibleSessions = (actor: Actor): Prisma.SessionWhereInput =>
  managesAll(actor) ? {} : { staffId: { in: selfAs('STAFF', actor) } };

export const seesSession = (actor: Actor, session: { staffId: string }): boolean =>
  managesAll(actor) || selfAs('STAFF', actor).includes(session.staffId);

/** Customers whom the actor may see: all with `customers.read`, otherwise only themselves. */
export const visibleCustomers = (actor: Actor): Prisma.CustomerWhereInput =>
  can(actor, 'customers.read') ? {} : { id: { in: selfAs('CUSTOMER', actor) } };

export const seesCustomer = (actor: Actor, customer: { id: string }): boolean =>
  can(actor, 'customers.read') || selfAs('CUSTOMER', actor).includes(customer.id);

/** True for those who read the personal data of a customer as they are; others read them masked. */
export const seesUnmasked = (actor: Actor, customer: { id: string }): boolean =>
  can(actor, 'contacts.read') || selfAs('CUSTOMER', actor).includes(customer.id);

/** True for those who may know by which number somebody calls a customer: colleagues, and the partner whose number it is. */
export const seesReference = (actor: Actor, { partnerId }: { partnerId: string | null }): boolean =>
  isColleague(actor) || (actor.kind === 'KEY' && partnerId === actor.partnerId);

/** Customers whom an actor calls by a number: a partner's program knows its own numbers only. */
export const calledBy = (actor: Actor, externalReference: string): Prisma.CustomerWhereInput =>
  isColleague(actor) ? { externalReference } : { externalReference, partnerId: actor.partnerId ?? '' };

/** Where and when customers log in is nobody's business but theirs. */
export const visibleCustomerSessions = (actor: Actor): Prisma.CustomerSessionWhereInput => ({
  customerId: { in: selfAs('CUSTOMER', actor) },
});

export const seesCustomerSession = (actor: Actor, session: { customerId: string }): boolean =>
  selfAs('CUSTOMER', actor).includes(session.customerId);
