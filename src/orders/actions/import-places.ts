// Where an import writes: its store, the category of new goods and the location of its ledger, as far as the caller reaches.

import { type Actor, type Reach, reaches, reachFilter } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { notFound, type Problem } from '../../core/errors.ts';
import { visibleLocations } from '../../inventory/access.ts';
import type { OrderImportRequest } from '../inputs/import.ts';

/** Places that do not exist, or are not the caller's. */
export const placeProblems = async (
  tx: Tx,
  actor: Actor,
  { storeId, categoryId, locationId }: OrderImportRequest,
): Promise<Problem[]> => [
  ...(await storeProblems(tx, actor.stores, storeId)),
  ...(await categoryProblems(tx, categoryId)),
  ...(await locationProblems(tx, actor, locationId)),
];

const storeProblems = async (tx: Tx, stores: Reach, storeId: string): Promise<Problem[]> =>
  reaches(stores, storeId) && (await tx.store.count({ where: { id: storeId } })) > 0
    ? []
    : [notFound('Store', ['storeId'])];

const categoryProblems = async (tx: Tx, id: string | undefined): Promise<Problem[]> =>
  id === undefined || (await tx.category.count({ where: { id } })) > 0
    ? []
    : [notFound('Category', ['categoryId'])];

async function locationProblems(tx: Tx, actor: Actor, id: string | undefined): Promise<Problem[]> {
  if (id === undefined) return [];
  const where = { AND: [{ id, archivedAt: null }, visibleLocations(actor)] };
  return (await tx.location.count({ where })) > 0 ? [] : [notFound('Location', ['locationId'])];
}

/** The location from which the store's orders are allocated first, of those at which the caller acts. */
export async function firstLocation(tx: Tx, locations: Reach, storeId: string): Promise<string | null> {
  const ids = reachFilter(locations);
  const first = await tx.storeLocation.findFirst({
    where: { storeId, location: { archivedAt: null }, ...(ids ? { locationId: ids } : {}) },
    orderBy: [{ priority: 'asc' }, { locationId: 'asc' }],
  });
  return first?.locationId ?? null;
}
