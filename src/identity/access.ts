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

/** Sessions that the actor may see: everybody's with `staff.manage`, otherwise their own. */
export const visibleSessions = (actor: Actor): Prisma.SessionWhereInput =>
  can(actor, 'staff.manage') ? {} : { staffId: { in: actor.kind === 'STAFF' && actor.id ? [actor.id] : [] } };

export const seesSession = (actor: Actor, session: { staffId: string }): boolean =>
  can(actor, 'staff.manage') || isSelf(actor, session.staffId);
