// Who may see numbers and the audit log.

import { type Actor, actsEverywhere, can, definePermissions, reaches, reachFilter } from '../core/actor.ts';
import type { LogEvent } from '../core/event-log.ts';
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

/** Programs of partners: a key reads the history of its own partner's; of webhooks, that of its own. */
const ofPartners = ['ApiKey', 'Connection'];
/** What partners do with their keys: a key reads the history of its own partner's. */
const byPartners = ['StockReservation', 'OrderImport'];
/** What of the department's own a key reads no history of, whatever it may. */
const ofDepartment = ['Session', 'CustomerSession'];

const partnersOwn = (key: Actor): Prisma.EventWhereInput => ({
  OR: [
    { entityType: { notIn: [...ofDepartment, ...ofPartners, ...byPartners, 'Partner', 'Webhook'] } },
    { entityType: 'Partner', entityId: key.partnerId ?? '' },
    {
      entityType: { in: ofPartners },
      payload: { path: ['partnerNodeId'], equals: toGlobalId('Partner', key.partnerId ?? '') },
    },
    {
      entityType: { in: byPartners },
      facets: { path: ['partnerId'], equals: key.partnerId ?? '' },
    },
    { entityType: 'Webhook', payload: { path: ['keyNodeId'], equals: toGlobalId('ApiKey', key.id ?? '') } },
  ],
});

/** True when no key reads events of a type of objects, whatever it was granted. */
export const isKeptFromKeys = (entityType: string): boolean => ofDepartment.includes(entityType);

/** Whether the actor may see an event: the rule of `visibleEvents` on one. */
export function seesEvent(actor: Actor, event: LogEvent): boolean {
  const { entityType, storeId, locationId } = event;
  const isReadable = listEntities().some(
    ({ type, read }) => type === entityType && (read === null || can(actor, read)),
  );
  const isInReach =
    (storeId === null ? locationId !== null || actsEverywhere(actor) : reaches(actor.stores, storeId)) &&
    (locationId === null || reaches(actor.locations, locationId));
  return isReadable && isInReach && (actor.kind !== 'KEY' || isPartnersOwn(actor, event));
}

function isPartnersOwn(
  { id, partnerId }: Actor,
  { entityType, entityId, payload, facets }: LogEvent,
): boolean {
  if (entityType === 'Partner') return entityId === partnerId;
  if (entityType === 'Webhook') return payload.keyNodeId === toGlobalId('ApiKey', id ?? '');
  if (ofPartners.includes(entityType))
    return payload.partnerNodeId === toGlobalId('Partner', partnerId ?? '');
  if (byPartners.includes(entityType)) return facets.partnerId === partnerId;
  return !isKeptFromKeys(entityType);
}
