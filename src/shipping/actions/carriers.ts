// Defining, changing and archiving carriers.

import type { Actor } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import {
  DomainError,
  notFound,
  type Problem,
  refuseIf,
  staleProblems,
  takenProblem,
} from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { visibleConnections } from '../../partners/access.ts';
import { reportableCarriers } from '../access.ts';
import type { CarrierChange, CarrierDefine } from '../inputs.ts';

/** Define a carrier. Refuses with ALREADY_EXISTS for its code and NOT_FOUND for its connection. */
export async function defineCarrier(
  tx: Tx,
  actor: Actor,
  input: CarrierDefine,
  at: Date,
): Promise<{ id: string }> {
  const taken = (await tx.carrier.count({ where: { code: input.code } })) > 0;
  refuseIf([
    ...(taken ? [takenProblem(['code'], input.code)] : []),
    ...(await connectionProblems(tx, actor, input.connectionId)),
  ]);
  const { id } = await writeUnique(
    tx.carrier.create({
      data: {
        id: newId(),
        code: input.code,
        connectionId: input.connectionId ?? null,
        createdAt: at,
        texts: { create: input.texts },
      },
    }),
    { carrier_code_key: takenProblem(['code'], input.code) },
  );
  await emit(tx, actor, {
    type: 'carrier.defined',
    entityId: id,
    version: 1,
    payload: { code: input.code },
    occurredAt: at,
  });
  return { id };
}

/**
 * Change a carrier's names, which are replaced as a whole, and who reports on its parcels. Refuses with STALE_VERSION,
 * NOT_FOUND.
 */
export async function changeCarrier(
  tx: Tx,
  actor: Actor,
  input: CarrierChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockCarrier(tx, actor, input.carrierId);
  refuseIf([
    ...staleProblems(before, input.expectedVersion),
    ...(await connectionProblems(tx, actor, input.connectionId)),
  ]);
  if (input.texts) await tx.carrierText.deleteMany({ where: { carrierId: before.id } });
  const after = await tx.carrier.update({
    where: { id: before.id },
    data: {
      ...(input.texts ? { texts: { create: input.texts } } : {}),
      ...(input.connectionId ? { connectionId: input.connectionId } : {}),
      ...(input.withoutConnection ? { connectionId: null } : {}),
      version: { increment: 1 },
    },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  await emit(tx, actor, {
    type: 'carrier.changed',
    entityId: after.id,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(shown(before), shown(after), ['names', 'connection']),
    occurredAt: at,
  });
  return { id: after.id };
}

/** Archive a carrier: no new shipment goes with it. Repeating it changes nothing. */
export async function archiveCarrier(tx: Tx, actor: Actor, id: string, at: Date): Promise<{ id: string }> {
  const before = await lockCarrier(tx, actor, id);
  if (before.archivedAt) return { id };
  const after = await tx.carrier.update({
    where: { id },
    data: { archivedAt: at, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'carrier.archived',
    entityId: id,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(before, after, ['archivedAt']),
    occurredAt: at,
  });
  return { id };
}

/** A carrier that the actor manages, locked: a partner's program none of another partner. */
async function lockCarrier(tx: Tx, actor: Actor, id: string) {
  await tx.$queryRaw`SELECT 1 FROM carrier WHERE id = ${id}::uuid FOR UPDATE`;
  const carrier = await tx.carrier.findFirst({
    where: { AND: [{ id }, reportableCarriers(actor)] },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  if (!carrier) throw new DomainError([notFound('Carrier', ['carrierId'])]);
  return carrier;
}

const shown = ({ texts, connectionId }: Awaited<ReturnType<typeof lockCarrier>>) => ({
  names: Object.fromEntries(texts.map(({ locale, name }) => [locale, name])),
  connection: connectionId && toGlobalId('Connection', connectionId),
});

/** Only a line of tracking that is in use can report on parcels, and only one that the actor manages is chosen. */
async function connectionProblems(tx: Tx, actor: Actor, id: string | undefined): Promise<Problem[]> {
  if (id === undefined) return [];
  const known = await tx.connection.count({
    where: { AND: [{ id, kind: 'TRACKING', archivedAt: null }, visibleConnections(actor)] },
  });
  return known > 0 ? [] : [notFound('Connection', ['connectionId'])];
}
