// Who may see partners, their keys and their connections.

import { type Actor, actsEverywhere, can, definePermissions, reachFilter } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { isWithin } from '../identity/rules.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'partners.read': true;
    'partners.manage': true;
    'keys.manage': true;
    'connections.manage': true;
  }
}

definePermissions({
  'partners.read': { kind: 'read', en: 'See partners', zh: '查看合作伙伴' },
  'partners.manage': { kind: 'write', en: 'Manage partners', zh: '管理合作伙伴' },
  'keys.manage': { kind: 'guarded', en: 'Issue, rotate and revoke keys', zh: '签发、轮换与吊销密钥' },
  'connections.manage': { kind: 'guarded', en: 'Manage connections of machines', zh: '管理系统对接' },
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

/** Keys that the actor manages: those that reach no further than the actor does; a key, only those of its partner. */
const managedKeys = (actor: Actor): Prisma.ApiKeyWhereInput => {
  if (!can(actor, 'keys.manage')) return NOBODY;
  const [storeId, locationId] = [reachFilter(actor.stores), reachFilter(actor.locations)];
  return {
    ...(actor.kind === 'KEY' ? { partnerId: actor.partnerId ?? '' } : {}),
    ...(storeId ? { allStores: false, stores: { every: { storeId } } } : {}),
    ...(locationId ? { allLocations: false, locations: { every: { locationId } } } : {}),
  };
};

const managesKey = (actor: Actor, { partnerId, ...key }: KeyReach): boolean =>
  can(actor, 'keys.manage') &&
  (actor.kind !== 'KEY' || actor.partnerId === partnerId) &&
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
