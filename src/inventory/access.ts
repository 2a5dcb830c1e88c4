// Who may see locations and stock.

import {
  type Actor,
  can,
  definePermissions,
  isColleague,
  principalOf,
  reaches,
  reachFilter,
} from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'stock.read': true;
    'stock.receive': true;
    'stock.adjust': true;
    'stock.transfer': true;
    'stock.plan': true;
    'stock.reserve': true;
    'locations.manage': true;
  }
}

definePermissions({
  'stock.read': { kind: 'read', en: 'See stock', zh: '查看库存' },
  'stock.receive': { kind: 'write', en: 'Receive goods', zh: '入库' },
  'stock.adjust': { kind: 'write', en: 'Adjust and set stock', zh: '调整库存' },
  'stock.transfer': { kind: 'write', en: 'Transfer stock between locations', zh: '调拨库存' },
  'stock.plan': { kind: 'write', en: 'Set safety stock and low-stock limits', zh: '设置安全库存与预警' },
  'stock.reserve': {
    kind: 'write',
    shopper: true,
    en: 'Reserve stock for an order to come',
    zh: '预占库存',
  },
  'locations.manage': { kind: 'write', en: 'Manage locations', zh: '管理仓库' },
});

/** Locations that the actor may see: those they act at. */
export const visibleLocations = (actor: Actor): Prisma.LocationWhereInput => {
  const ids = reachFilter(actor.locations);
  return ids ? { id: ids } : {};
};

export const seesLocation = (actor: Actor, location: { id: string }): boolean =>
  reaches(actor.locations, location.id);

/** Stock at the locations that the actor acts at, with `stock.read`. */
export const visibleStocks = (actor: Actor): Prisma.StockWhereInput => {
  if (!can(actor, 'stock.read')) return { id: { in: [] } };
  const ids = reachFilter(actor.locations);
  return ids ? { locationId: ids } : {};
};

export const seesStock = (actor: Actor, stock: { locationId: string }): boolean =>
  can(actor, 'stock.read') && reaches(actor.locations, stock.locationId);

/** Reservations that the actor may see: their own; for colleagues with `stock.read` those made in their stores as well. */
export const visibleReservations = (actor: Actor): Prisma.StockReservationWhereInput => {
  const own = { principal: principalOf(actor) };
  if (!isColleague(actor) || !can(actor, 'stock.read')) return own;
  const ids = reachFilter(actor.stores);
  return ids ? { OR: [own, { storeId: ids }] } : {};
};

/** The columns that say who may see a reservation. */
export const reservationScope = { principal: true, storeId: true } as const;

export const seesReservation = (
  actor: Actor,
  { principal, storeId }: { principal: string; storeId: string },
): boolean =>
  principal === principalOf(actor) ||
  (isColleague(actor) && can(actor, 'stock.read') && reaches(actor.stores, storeId));

/** The most units that are told to those who may not see stock: competitors ask as well. */
export const UNITS_TOLD_MAX = 99;

/** How many of the units that could be ordered an actor is told. */
export const unitsTold = (actor: Actor, units: number): number =>
  can(actor, 'stock.read') ? units : Math.min(units, UNITS_TOLD_MAX);
