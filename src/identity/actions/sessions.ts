// Logging in and out.

import type { Actor } from '../../core/actor.ts';
import { db, type Tx } from '../../core/db.ts';
import { DomainError, problem } from '../../core/errors.ts';
import { emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { hashPassword, hashToken, newToken, verifyPassword } from '../../core/secrets.ts';
import { visibleSessions } from '../access.ts';
import type { PasswordChange, SessionOpen } from '../inputs.ts';
import { sessionExpiry } from '../rules.ts';
import { identityProblem } from '../texts.ts';
import { countLogin, forgetFailures } from '../throttle.ts';

/**
 * Check e-mail and password outside any transaction, because hashing takes long. Refuses with LOGIN_FAILED, the same
 * in words and time for an unknown account, a wrong password and a person who left; LOGIN_THROTTLED when tried too often.
 */
export async function checkLogin(actor: Actor, input: SessionOpen): Promise<CheckedLogin> {
  await countLogin(input.email, actor.address);
  const person = await db.staffPerson.findUnique({
    where: { email: input.email.trim().toLowerCase() },
    select: { staffId: true, staff: { select: { passwordHash: true, state: true } } },
  });
  const matches = await verifyPassword(person?.staff.passwordHash ?? null, input.password);
  if (!person || !matches || person.staff.state !== 'ACTIVE')
    throw new DomainError([identityProblem('LOGIN_FAILED')]);
  await forgetFailures(input.email, actor.address);
  return { staffId: person.staffId, passwordHash: person.staff.passwordHash };
}

/** A person whose password was checked, and the hash that it was checked against. */
export interface CheckedLogin {
  staffId: string;
  passwordHash: string;
}

/**
 * Open a session for a person who was checked. Refuses with LOGIN_FAILED when the password was changed or the person
 * left since. The token is returned once and stored only as a hash.
 */
export async function openSession(
  tx: Tx,
  actor: Actor,
  { staffId, passwordHash }: CheckedLogin,
  at: Date,
): Promise<{ id: string; token: string }> {
  const still = await tx.$queryRaw<object[]>`
    SELECT 1 FROM staff WHERE id = ${staffId}::uuid AND password_hash = ${passwordHash} AND state = 'ACTIVE' FOR SHARE`;
  if (still.length === 0) throw new DomainError([identityProblem('LOGIN_FAILED')]);
  const token = newToken('ds_session');
  const sessionId = newId();
  await tx.session.create({
    data: {
      id: sessionId,
      staffId,
      tokenHash: hashToken(token),
      userAgent: actor.userAgent,
      address: actor.address,
      createdAt: at,
      lastUsedAt: at,
      expiresAt: sessionExpiry(at),
    },
  });
  await emit(
    tx,
    { ...actor, kind: 'STAFF', id: staffId },
    {
      type: 'session.opened',
      entityId: sessionId,
      version: 1,
      payload: { staffNodeId: toGlobalId('Staff', staffId) },
      occurredAt: at,
    },
  );
  return { id: sessionId, token };
}

/** End one session, and with it its open streams. Ending an ended session changes nothing. */
export async function revokeSession(
  tx: Tx,
  actor: Actor,
  sessionId: string,
  at: Date,
): Promise<{ id: string }> {
  const session = await tx.session.findFirst({ where: { AND: [{ id: sessionId }, visibleSessions(actor)] } });
  if (!session)
    throw new DomainError([problem('NOT_FOUND', { path: ['sessionId'], params: { type: 'Session' } })]);
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

async function revokeSessions(tx: Tx, actor: Actor, which: object, at: Date): Promise<void> {
  const ended = await tx.session.updateManyAndReturn({
    where: { ...which, revokedAt: null },
    data: { revokedAt: at, version: { increment: 1 } },
    select: { id: true, staffId: true, version: true },
  });
  for (const session of ended) {
    await emit(tx, actor, {
      type: 'session.revoked',
      entityId: session.id,
      version: session.version,
      payload: { staffNodeId: toGlobalId('Staff', session.staffId) },
      occurredAt: at,
    });
  }
}

/** Check the present password and hash the new one, outside any transaction. */
export async function checkPassword(
  actor: Actor,
  input: PasswordChange,
): Promise<{ oldHash: string; passwordHash: string }> {
  const staff = await db.staff.findUnique({
    where: { id: actor.id ?? '' },
    select: { passwordHash: true, person: { select: { email: true } } },
  });
  await countLogin(staff?.person?.email ?? '', actor.address);
  if (!(await verifyPassword(staff?.passwordHash ?? null, input.currentPassword))) {
    throw new DomainError([identityProblem('LOGIN_FAILED', { path: ['currentPassword'] })]);
  }
  return { oldHash: staff?.passwordHash ?? '', passwordHash: await hashPassword(input.newPassword) };
}

/** Set the actor's own password and end their other sessions. */
export async function changePassword(
  tx: Tx,
  actor: Actor,
  { oldHash, passwordHash }: { oldHash: string; passwordHash: string },
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
