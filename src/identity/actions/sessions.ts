// Logging in and out of staff, and their passwords.

import type { Actor } from '../../core/actor.ts';
import { db, type Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import { selfAs, visibleSessions } from '../access.ts';
import type { Credentials, PasswordChange } from '../inputs/accounts.ts';
import { identityProblem } from '../texts.ts';
import { type NewPassword, type Proved, proveOwnPassword, provePassword, setOwnPassword } from './logins.ts';
import { addSession, endSessions, type OpenedSession } from './session-rows.ts';

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
  return addSession(tx, actor, 'staff', staffId, at);
}

/** End one session, and with it its open streams. Ending an ended session changes nothing. */
export async function revokeSession(
  tx: Tx,
  actor: Actor,
  sessionId: string,
  at: Date,
): Promise<{ id: string }> {
  const known = await tx.session.count({ where: { AND: [{ id: sessionId }, visibleSessions(actor)] } });
  if (known === 0) throw new DomainError([notFound('Session', ['sessionId'])]);
  await endSessions(tx, actor, 'staff', { ids: [sessionId] }, at);
  return { id: sessionId };
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
export const changePassword = (
  tx: Tx,
  actor: Actor,
  password: NewPassword,
  at: Date,
): Promise<{ id: string }> => setOwnPassword(tx, actor, 'staff', password, at);
