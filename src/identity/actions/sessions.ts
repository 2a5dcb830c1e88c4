// Logging in and out of staff.

import type { Actor } from '../../core/actor.ts';
import { db, type Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import { emit, emitAll } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { selfAs, visibleSessions } from '../access.ts';
import type { Credentials, PasswordChange } from '../inputs/accounts.ts';
import { SESSIONS_MAX } from '../rules.ts';
import { identityProblem } from '../texts.ts';
import {
  type NewPassword,
  newSession,
  type OpenedSession,
  type Proved,
  proveOwnPassword,
  provePassword,
} from './logins.ts';

/** Check e-mail and password, outside any transaction. Refuses somebody who left like an unknown account. */
export const checkLogin = (actor: Actor, { email, password }: Credentials): Promise<Proved> =>
  provePassword(actor, { accounts: 'staff', name: email, password }, async () => {
    const person = await db.staffPerson.findUnique({
      where: { email: email.trim().toLowerCase() },
      select: { staff: { select: { id: true, passwordHash: true, state: true } } },
    });
    return person?.staff.state === 'ACTIVE' ? person.staff : null;
  });

/**
 * Open a session for a person who was checked. Refuses with LOGIN_FAILED when the password was changed or the person
 * left since. Beyond 20 live sessions the oldest ends. The token is returned once and stored only as a hash.
 */
export async function openSession(
  tx: Tx,
  actor: Actor,
  { id: staffId, passwordHash }: Proved,
  at: Date,
): Promise<OpenedSession> {
  const still = await tx.$queryRaw<object[]>`
    SELECT 1 FROM staff WHERE id = ${staffId}::uuid AND password_hash = ${passwordHash} AND state = 'ACTIVE' FOR NO KEY UPDATE`;
  if (still.length === 0) throw new DomainError([identityProblem('LOGIN_FAILED')]);
  const { token, stored } = newSession('ds_session', actor, at);
  const sessionId = newId();
  const person: Actor = { ...actor, kind: 'STAFF', id: staffId };
  await endOldest(tx, person, staffId, at);
  await tx.session.create({ data: { id: sessionId, staffId, ...stored } });
  await emit(tx, person, {
    type: 'session.opened',
    entityId: sessionId,
    version: 1,
    payload: { staffNodeId: toGlobalId('Staff', staffId) },
    occurredAt: at,
  });
  return { id: sessionId, token, expiresAt: stored.expiresAt.toISOString() };
}

/** Make room for one more session of a person whose row is locked. */
async function endOldest(tx: Tx, actor: Actor, staffId: string, at: Date): Promise<void> {
  const oldest = await tx.session.findMany({
    where: { staffId, revokedAt: null, expiresAt: { gt: at } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: SESSIONS_MAX - 1,
    select: { id: true },
  });
  if (oldest.length > 0) await revokeSessions(tx, actor, { id: { in: oldest.map(({ id }) => id) } }, at);
}

/** End one session, and with it its open streams. Ending an ended session changes nothing. */
export async function revokeSession(
  tx: Tx,
  actor: Actor,
  sessionId: string,
  at: Date,
): Promise<{ id: string }> {
  const session = await tx.session.findFirst({ where: { AND: [{ id: sessionId }, visibleSessions(actor)] } });
  if (!session) throw new DomainError([notFound('Session', ['sessionId'])]);
  await revokeSessions(tx, actor, { id: sessionId }, at);
  return { id: sessionId };
}

/** End every live session of a person but one. */
export const revokeOtherSessions = (
  tx: Tx,
  actor: Actor,
  staffId: string,
  keep: string | null,
  at: Date,
): Promise<void> => revokeSessions(tx, actor, { staffId, ...(keep ? { id: { not: keep } } : {}) }, at);

async function revokeSessions(
  tx: Tx,
  actor: Actor,
  which: Prisma.SessionWhereInput,
  at: Date,
): Promise<void> {
  const ended = await tx.session.updateManyAndReturn({
    where: { ...which, revokedAt: null },
    data: { revokedAt: at, version: { increment: 1 } },
    select: { id: true, staffId: true, version: true },
  });
  const events = ended.map(({ id, staffId, version }) => ({
    type: 'session.revoked' as const,
    entityId: id,
    version,
    payload: { staffNodeId: toGlobalId('Staff', staffId) },
    occurredAt: at,
  }));
  await emitAll(tx, actor, events);
}

/** Check the present password of a member of staff and hash the new one, outside any transaction. */
export const checkPassword = (actor: Actor, input: PasswordChange): Promise<NewPassword> =>
  proveOwnPassword(actor, 'staff', input, () =>
    db.staff.findFirst({
      where: { id: { in: selfAs('STAFF', actor) } },
      select: { id: true, passwordHash: true },
    }),
  );

/** Set the actor's own password and end their other sessions. */
export async function changePassword(
  tx: Tx,
  actor: Actor,
  { oldHash, passwordHash }: NewPassword,
  at: Date,
): Promise<{ id: string }> {
  const still = await tx.$queryRaw<object[]>`
    SELECT 1 FROM staff WHERE id = ${actor.id}::uuid AND password_hash = ${oldHash} FOR UPDATE`;
  if (still.length === 0)
    throw new DomainError([identityProblem('LOGIN_FAILED', { path: ['currentPassword'] })]);
  const staff = await tx.staff.update({
    where: { id: actor.id ?? '' },
    data: { passwordHash, version: { increment: 1 } },
    select: { id: true, version: true },
  });
  await emit(tx, actor, {
    type: 'staff.passwordChanged',
    entityId: staff.id,
    version: staff.version,
    payload: {},
    changes: [{ field: 'password' }],
    occurredAt: at,
  });
  await revokeOtherSessions(tx, actor, staff.id, actor.credentialId, at);
  return { id: staff.id };
}
