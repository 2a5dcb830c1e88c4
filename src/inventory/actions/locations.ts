// Opening, changing and archiving locations.

import { type Actor, reaches } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import {
  DomainError,
  type Problem,
  problem,
  refuseIf,
  staleProblems,
  takenProblem,
} from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { visibleLocations } from '../access.ts';
import type { LocationChange, LocationOpen } from '../inputs.ts';
import { inventoryProblem } from '../texts.ts';

/** Open a location. Refuses with ALREADY_EXISTS for its code and NOT_FOUND for stores out of the actor's reach. */
export async function openLocation(
  tx: Tx,
  actor: Actor,
  input: LocationOpen,
  at: Date,
): Promise<{ id: string }> {
  const problems = await storeProblems(tx, actor, input.stores);
  if ((await tx.location.count({ where: { code: input.code } })) > 0) {
    problems.push(problem('ALREADY_EXISTS', { path: ['code'], params: { value: input.code } }));
  }
  refuseIf(problems);
  const id = newId();
  await writeUnique(
    tx.location.create({
      data: {
        id,
        code: input.code,
        createdAt: at,
        texts: { create: input.texts },
        stores: { create: input.stores ?? [] },
      },
    }),
    { location_code_key: takenProblem(['code'], input.code) },
  );
  await emit(tx, actor, {
    type: 'location.opened',
    entityId: id,
    version: 1,
    payload: { code: input.code },
    locationId: id,
    occurredAt: at,
  });
  return { id };
}

/** Change a location's names and the stores it serves, which are replaced as a whole. */
export async function changeLocation(
  tx: Tx,
  actor: Actor,
  input: LocationChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockLocation(tx, actor, input.locationId);
  refuseIf(staleProblems(before, input.expectedVersion));
  refuseIf(await storeProblems(tx, actor, input.stores));
  if (input.texts) await tx.locationText.deleteMany({ where: { locationId: before.id } });
  if (input.stores) await tx.storeLocation.deleteMany({ where: { locationId: before.id } });
  const after = await tx.location.update({
    where: { id: before.id },
    data: {
      ...(input.texts ? { texts: { create: input.texts } } : {}),
      ...(input.stores ? { stores: { create: input.stores } } : {}),
      version: { increment: 1 },
    },
  });
  await emit(tx, actor, {
    type: 'location.changed',
    entityId: after.id,
    version: after.version,
    payload: { code: after.code },
    changes: [
      ...(input.texts ? [{ field: 'texts', after: input.texts }] : []),
      ...(input.stores
        ? [
            {
              field: 'stores',
              after: input.stores.map(({ storeId, priority }) => ({
                storeId: toGlobalId('Store', storeId),
                priority,
              })),
            },
          ]
        : []),
    ],
    locationId: after.id,
    occurredAt: at,
  });
  return { id: after.id };
}

/** Archive an empty location. Refuses with LOCATION_HAS_STOCK. Repeating it changes nothing. */
export async function archiveLocation(tx: Tx, actor: Actor, id: string, at: Date): Promise<{ id: string }> {
  const before = await lockLocation(tx, actor, id);
  if (before.archivedAt) return { id };
  const { _sum } = await tx.stock.aggregate({ where: { locationId: id }, _sum: { onHand: true } });
  const units = _sum.onHand ?? 0;
  if (units > 0)
    throw new DomainError([
      inventoryProblem('LOCATION_HAS_STOCK', { path: ['locationId'], params: { units } }),
    ]);
  const after = await tx.location.update({
    where: { id },
    data: { archivedAt: at, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'location.archived',
    entityId: id,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(before, after, ['archivedAt']),
    locationId: id,
    occurredAt: at,
  });
  return { id };
}

async function lockLocation(tx: Tx, actor: Actor, id: string) {
  await tx.$queryRaw`SELECT 1 FROM location WHERE id = ${id}::uuid FOR UPDATE`;
  const location = await tx.location.findFirst({ where: { AND: [{ id }, visibleLocations(actor)] } });
  if (!location)
    throw new DomainError([problem('NOT_FOUND', { path: ['locationId'], params: { type: 'Location' } })]);
  return location;
}

async function storeProblems(tx: Tx, actor: Actor, stores: LocationOpen['stores']): Promise<Problem[]> {
  const ids = (stores ?? []).map((store) => store.storeId);
  const rows = await tx.store.findMany({ where: { id: { in: ids } }, select: { id: true } });
  const known = new Set(rows.map((row) => row.id).filter((id) => reaches(actor.stores, id)));
  return ids.flatMap((id, i) =>
    known.has(id)
      ? []
      : [problem('NOT_FOUND', { path: ['stores', i, 'storeId'], params: { type: 'Store' } })],
  );
}
