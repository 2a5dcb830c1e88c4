// Who may see staff, posts and sessions.

import { type Actor, can, definePermissions } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'staff.read': true;
    'staff.manage': true;
  }
}

definePermissions({
  'staff.read': { kind: 'read', en: 'See staff and posts', zh: '查看员工与岗位' },
  'staff.manage': { kind: 'write', en: 'Manage staff, posts and sessions', zh: '管理员工、岗位与会话' },
});

const isSelf = (actor: Actor, staffId: string): boolean => actor.kind === 'STAFF' && actor.id === staffId;

/** Staff whom the actor may see: all with `staff.read`, otherwise only themselves. */
export const visibleStaff = (actor: Actor): Prisma.StaffWhereInput =>
  can(actor, 'staff.read') ? {} : { id: actor.kind === 'STAFF' ? (actor.id ?? '') : { in: [] } };

export const seesStaff = (actor: Actor, staff: { id: string }): boolean =>
  can(actor, 'staff.read') || isSelf(actor, staff.id);

/** True for those who manage staff in the whole department, and so may see and end anybody's sessions. */
const managesAll = (actor: Actor): boolean =>
  can(actor, 'staff.manage') && actor.stores === 'ALL' && actor.locations === 'ALL';

/** Sessions that the actor may see: everybody's for who manages the whole department, otherwise their own. */
export const visibleSessions = (actor: Actor): Prisma.SessionWhereInput =>
  managesAll(actor) ? {} : { staffId: { in: actor.kind === 'STAFF' && actor.id ? [actor.id] : [] } };

export const seesSession = (actor: Actor, session: { staffId: string }): boolean =>
  managesAll(actor) || isSelf(actor, session.staffId);
