// Who may see partners, their keys, connections and webhooks.

import { type Actor, actsEverywhere, can, definePermissions, reachFilter } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { isWithin } from '../identity/rules.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'partners.read': true;
    'partners.manage': true;
    'keys.manage': true;
    'connections.manage': true;
    'webhooks.manage': true;
  }
}

definePermissions({
  'partners.read': { kind: 'read', en: 'See partners', zh: '查看合作伙伴' },
  'partners.manage': { kind: 'write', en: 'Manage partners', zh: '管理合作伙伴' },
  'keys.manage': { kind: 'guarded', en: 'Issue, rotate and revoke keys', zh: '签发、轮换与吊销密钥' },
  'connections.manage': { kind: 'guarded', en: 'Manage connections of machines', zh: '管理系统对接' },
  'webhooks.manage': { kind: 'guarded', en: 'Manage webhooks', zh: '管理 Webhook' },
});

const NOBODY = { id: { in: [] } };

/** Partners that the actor may see: colleagues all with `partners.read`; a key the one whose it is, whatever it may. */
export const visiblePartners = (actor: Actor): Prisma.PartnerWhereInput => {
  if (actor.kind === 'KEY') return { id: actor.partnerId ?? '' };
  return can(actor, 'partners.read') ? {} : NOBODY;
};

export const seesPartner = (actor: Actor, partner: { id: string }): boolean =>
  actor.kind === 'KEY' ? actor.partnerId === partner.id : can(actor, 'partners.read');

/** A key as far as it decides who may see it. */
export interface KeyReach {
  id: string;
  partnerId: string;
  allStores: boolean;
  allLocations: boolean;
  stores: readonly { storeId: string }[];
  locations: readonly { locationId: string }[];
}

const isSelf = (actor: Actor, key: { id: string }): boolean => actor.kind === 'KEY' && actor.id === key.id;

/** Keys that reach no further than the actor does. */
export const keysInReach = (actor: Actor): Prisma.ApiKeyWhereInput => {
  const [storeId, locationId] = [reachFilter(actor.stores), reachFilter(actor.locations)];
  return {
    ...(storeId ? { allStores: false, stores: { every: { storeId } } } : {}),
    ...(locationId ? { allLocations: false, locations: { every: { locationId } } } : {}),
  };
};

const isInReach = (actor: Actor, key: Omit<KeyReach, 'id' | 'partnerId'>): boolean =>
  isWithin(
    actor.stores,
    key.allStores,
    key.stores.map((row) => row.storeId),
  ) &&
  isWithin(
    actor.locations,
    key.allLocations,
    key.locations.map((row) => row.locationId),
  );

/** Keys that the actor manages: those that reach no further than the actor does; a key, only those of its partner. */
const managedKeys = (actor: Actor): Prisma.ApiKeyWhereInput => {
  if (!can(actor, 'keys.manage')) return NOBODY;
  return { ...(actor.kind === 'KEY' ? { partnerId: actor.partnerId ?? '' } : {}), ...keysInReach(actor) };
};

const managesKey = (actor: Actor, key: KeyReach): boolean =>
  can(actor, 'keys.manage') &&
  (actor.kind !== 'KEY' || actor.partnerId === key.partnerId) &&
  isInReach(actor, key);

/** Keys that the actor may see: those they manage, and a key itself. */
export const visibleKeys = (actor: Actor): Prisma.ApiKeyWhereInput =>
  actor.kind === 'KEY' ? { OR: [{ id: actor.id ?? '' }, managedKeys(actor)] } : managedKeys(actor);

export const seesKey = (actor: Actor, key: KeyReach): boolean => isSelf(actor, key) || managesKey(actor, key);

/** Connections report for the whole department, so only those who act in all of it manage them. */
const managesConnections = (actor: Actor): boolean =>
  can(actor, 'connections.manage') && actsEverywhere(actor);

/** Connections that the actor may see: those they manage; a key, only those of its partner. */
export const visibleConnections = (actor: Actor): Prisma.ConnectionWhereInput => {
  if (!managesConnections(actor)) return NOBODY;
  return actor.kind === 'KEY' ? { partnerId: actor.partnerId ?? '' } : {};
};

export const seesConnection = (actor: Actor, connection: { partnerId: string }): boolean =>
  managesConnections(actor) && (actor.kind !== 'KEY' || actor.partnerId === connection.partnerId);

/** Columns of a webhook by which is decided who may see it. */
export const webhookScope = {
  key: {
    select: {
      id: true,
      allStores: true,
      allLocations: true,
      stores: { select: { storeId: true } },
      locations: { select: { locationId: true } },
    },
  },
} as const;

/** Webhooks that the actor may see: those whose keys reach no further than the actor; a key, its own. */
export const visibleWebhooks = (actor: Actor): Prisma.WebhookWhereInput => {
  if (!can(actor, 'webhooks.manage')) return NOBODY;
  return actor.kind === 'KEY' ? { keyId: actor.id ?? '' } : { key: keysInReach(actor) };
};

export const seesWebhook = (actor: Actor, { key }: { key: Omit<KeyReach, 'partnerId'> }): boolean =>
  can(actor, 'webhooks.manage') && (actor.kind === 'KEY' ? isSelf(actor, key) : isInReach(actor, key));
