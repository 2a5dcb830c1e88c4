// Opening, changing and archiving connections, and their secrets, which are told once and stored sealed.

import { type Actor, actsEverywhere } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import {
  DomainError,
  notFound,
  type Problem,
  problem,
  refuseIf,
  staleProblems,
  takenProblem,
} from '../../core/errors.ts';
import { changesBetween, emit, type FieldChange } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { seal } from '../../core/secrets.ts';
import { newSigningSecret } from '../../core/signed-messages.ts';
import type { Connection } from '../../generated/prisma/client.ts';
import { visibleConnections } from '../access.ts';
import type { ConnectionChange, ConnectionOpen, ConnectionRotate } from '../inputs/connections.ts';
import { isReporter } from '../rules/connections.ts';
import { connectionKinds, partnerKinds, partnersProblem } from '../texts.ts';
import { holdPartner } from './hold-partner.ts';
import { rotateSecret } from './signing-secrets.ts';
import { urlProblems } from './webhook-checks.ts';

/** A connection and the secret that is told only now. */
type Keyed = { id: string; secret: string };

/**
 * Open a connection. What it reports concerns the whole department, so whoever opens one acts in all of it
 * (NOT_PERMITTED). Refuses with NOT_FOUND, PARTNER_ARCHIVED, CONNECTION_UNSUITABLE for partners that report other things,
 * ALREADY_EXISTS for its code, URL_INSECURE and URL_NOT_PUBLIC.
 */
export async function openConnection(tx: Tx, actor: Actor, input: ConnectionOpen, at: Date): Promise<Keyed> {
  refuseIf([
    ...(actsEverywhere(actor) ? [] : [problem('NOT_PERMITTED')]),
    ...urlProblems(input.url),
    ...(await suitabilityProblems(tx, actor, input)),
    ...((await tx.connection.count({ where: { code: input.code } })) > 0
      ? [takenProblem(['code'], input.code)]
      : []),
  ]);
  const id = newId();
  const secret = newSigningSecret();
  const connection = await writeUnique(
    tx.connection.create({ data: { id, ...input, sealedSecret: seal(secret, id), createdAt: at } }),
    { connection_code_key: takenProblem(['code'], input.code) },
  );
  await tell(
    tx,
    actor,
    'connection.opened',
    connection,
    changesBetween(null, connection, ['kind', 'url']),
    at,
  );
  return { id, secret };
}

/** Why there can be no connection of this kind with a partner, who is kept from being archived meanwhile. */
async function suitabilityProblems(
  tx: Tx,
  actor: Actor,
  { partnerId, kind }: ConnectionOpen,
): Promise<Problem[]> {
  const problems = await holdPartner(tx, actor, partnerId);
  if (problems.length > 0) return problems;
  const partner = await tx.partner.findUniqueOrThrow({ where: { id: partnerId }, select: { kind: true } });
  if (isReporter(partner.kind, kind)) return [];
  const params = { partner: partnerKinds[partner.kind], kind: connectionKinds[kind] };
  return [partnersProblem('CONNECTION_UNSUITABLE', { path: ['kind'], params })];
}

/** Change the URL that a connection calls. Refuses with NOT_FOUND, CONNECTION_ARCHIVED, STALE_VERSION, URL_INSECURE, URL_NOT_PUBLIC. */
export async function changeConnection(
  tx: Tx,
  actor: Actor,
  input: ConnectionChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockConnection(tx, actor, input.connectionId);
  refuseIf([
    ...archivedProblems(before),
    ...staleProblems(before, input.expectedVersion),
    ...urlProblems(input.url),
  ]);
  const after = await tx.connection.update({
    where: { id: before.id },
    data: {
      ...(input.url ? { url: input.url } : {}),
      ...(input.withoutUrl ? { url: null } : {}),
      version: { increment: 1 },
    },
  });
  await tell(tx, actor, 'connection.changed', after, changesBetween(before, after, ['url']), at);
  return { id: after.id };
}

/**
 * Give a connection a new secret. The former one is heard, and signs what we send, until the overlap is over. One
 * that was former before ends now. Refuses with NOT_FOUND, CONNECTION_ARCHIVED.
 */
export async function rotateConnection(
  tx: Tx,
  actor: Actor,
  input: ConnectionRotate,
  at: Date,
): Promise<Keyed> {
  const before = await lockConnection(tx, actor, input.connectionId);
  refuseIf(archivedProblems(before));
  const { secret, data, changes } = rotateSecret(before, input.overlapHours, at);
  const after = await tx.connection.update({ where: { id: before.id }, data });
  await tell(tx, actor, 'connection.rotated', after, changes, at);
  return { id: after.id, secret };
}

/** Archive a connection: nothing is heard or called on it any more. Repeating it changes nothing. */
export async function archiveConnection(
  tx: Tx,
  actor: Actor,
  connectionId: string,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockConnection(tx, actor, connectionId);
  if (before.archivedAt) return { id: connectionId };
  const after = await tx.connection.update({
    where: { id: connectionId },
    data: { archivedAt: at, version: { increment: 1 } },
  });
  await tell(tx, actor, 'connection.archived', after, changesBetween(before, after, ['archivedAt']), at);
  return { id: connectionId };
}

async function lockConnection(tx: Tx, actor: Actor, id: string): Promise<Connection> {
  await tx.$queryRaw`SELECT 1 FROM connection WHERE id = ${id}::uuid FOR UPDATE`;
  const connection = await tx.connection.findFirst({ where: { AND: [{ id }, visibleConnections(actor)] } });
  if (!connection) throw new DomainError([notFound('Connection', ['connectionId'])]);
  return connection;
}

const archivedProblems = ({ archivedAt }: Connection) =>
  archivedAt === null ? [] : [partnersProblem('CONNECTION_ARCHIVED', { path: ['connectionId'] })];

type ConnectionEvent =
  | 'connection.opened'
  | 'connection.changed'
  | 'connection.rotated'
  | 'connection.archived';

const tell = (
  tx: Tx,
  actor: Actor,
  type: ConnectionEvent,
  { id, partnerId, code, version }: Connection,
  changes: readonly FieldChange[],
  at: Date,
): Promise<void> =>
  emit(tx, actor, {
    type,
    entityId: id,
    version,
    payload: { partnerNodeId: toGlobalId('Partner', partnerId), code },
    changes,
    occurredAt: at,
  });
