// Who may see numbers and the audit log.

import { type Actor, definePermissions, reachFilter } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'board.read': true;
    'events.read': true;
  }
}

definePermissions({
  'board.read': { kind: 'read', en: 'See the board', zh: '查看看板' },
  'events.read': { kind: 'read', en: 'See the audit log', zh: '查看审计日志' },
});

/** Events of the stores and locations that the actor acts in; those of neither only for who acts in all of them. */
export const visibleEvents = (actor: Actor): Prisma.EventWhereInput => {
  const stores = reachFilter(actor.stores);
  const locations = reachFilter(actor.locations);
  if (!stores && !locations) return {};
  return {
    OR: [{ storeId: stores ?? { not: null } }, { storeId: null, locationId: locations ?? { not: null } }],
  };
};
