// Who may see numbers and the audit log.

import { type Actor, can, definePermissions, reachFilter } from '../core/actor.ts';
import { listEntities } from '../core/events.ts';
import { toGlobalId } from '../core/ids.ts';
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

/**
 * Events of objects whose type the actor may read, in the stores and at the locations where the actor acts: where an
 * event has both, both. Those of neither are for who acts in the whole department.
 */
export const visibleEvents = (actor: Actor): Prisma.EventWhereInput => ({
  AND: [readableEvents(actor), eventsInReach(actor), actor.kind === 'KEY' ? partnersOwn(actor) : {}],
});

const readableEvents = (actor: Actor): Prisma.EventWhereInput => {
  const readable = listEntities().filter(({ read }) => read === null || can(actor, read));
  return { entityType: { in: readable.map(({ type }) => type) } };
};

const eventsInReach = (actor: Actor): Prisma.EventWhereInput => {
  const stores = reachFilter(actor.stores);
  const locations = reachFilter(actor.locations);
  if (!stores && !locations) return {};
  return {
    AND: [
      stores ? { OR: [{ storeId: null }, { storeId: stores }] } : {},
      locations ? { OR: [{ locationId: null }, { locationId: locations }] } : {},
    ],
    OR: [{ storeId: { not: null } }, { locationId: { not: null } }],
  };
};

/** What of the department's own a key reads no history of, whatever it may; and of programs, those of its partner. */
const partnersOwn = ({ partnerId }: Actor): Prisma.EventWhereInput => {
  const partnerNodeId = toGlobalId('Partner', partnerId ?? '');
  return {
    OR: [
      { entityType: { notIn: ['Session', 'CustomerSession', 'Partner', 'ApiKey', 'Connection'] } },
      { entityType: 'Partner', entityId: partnerId ?? '' },
      {
        entityType: { in: ['ApiKey', 'Connection'] },
        payload: { path: ['partnerNodeId'], equals: partnerNodeId },
      },
    ],
  };
};
