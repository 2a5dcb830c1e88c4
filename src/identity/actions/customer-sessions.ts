// Logging in and out of customers, and their passwords.

import type { Actor } from '../../core/actor.ts';
import { db, type Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import { selfAs, visibleCustomerSessions } from '../access.ts';
import type { Credentials, PasswordChange } from '../inputs/accounts.ts';
import { identityProblem } from '../texts.ts';
import { type NewPassword, type Proved, proveOwnPassword, provePassword, setOwnPassword } from './logins.ts';
import { addSession, endSessions, type OpenedSession } from './session-rows.ts';

/** Check e-mail and password, outside any transaction. No erased customer has an e-mail address. */
export const checkCustomerLogin = (actor: Actor, { email, password }: Credentials): Promise<Proved> =>
  provePassword(actor, { accounts: 'customers', name: email, password }, async () => {
    const person = await db.customerPerson.findUnique({
      where: { email: email.trim().toLowerCase() },
      select: { customer: { select: { id: true, passwordHash: true } } },
    });
    return person?.customer ?? null;
  });

/**
 * Open a session for a customer whose password was checked. Refuses with LOGIN_FAILED when the password was changed
 * or the customer erased since. Beyond 20 live sessions the oldest ends. The token is returned once and stored only as a hash.
 */
export async function openCustomerSession(
  tx: Tx,
  actor: Actor,
  { id: customerId, passwordHash }: Proved,
  at: Date,
): Promise<OpenedSession> {
  const still = await tx.$queryRaw<object[]>`
    SELECT 1 FROM customer WHERE id = ${customerId}::uuid AND password_hash = ${passwordHash} FOR NO KEY UPDATE`;
  if (still.length === 0) throw new DomainError([identityProblem('LOGIN_FAILED')]);
  return addSession(tx, actor, 'customers', customerId, at);
}

/** End one of the actor's own sessions, and with it its open streams. Ending an ended session changes nothing. */
export async function revokeCustomerSession(
  tx: Tx,
  actor: Actor,
  sessionId: string,
  at: Date,
): Promise<{ id: string }> {
  const known = await tx.customerSession.count({
    where: { AND: [{ id: sessionId }, visibleCustomerSessions(actor)] },
  });
  if (known === 0) throw new DomainError([notFound('CustomerSession', ['customerSessionId'])]);
  await endSessions(tx, actor, 'customers', { ids: [sessionId] }, at);
  return { id: sessionId };
}

/** Check the present password of a customer and hash the new one, outside any transaction. */
export const checkCustomerPassword = (actor: Actor, input: PasswordChange): Promise<NewPassword> =>
  proveOwnPassword(actor, 'customers', input, () => findOwnAccount(actor));

/** The account of the customer who acts; null for guests. */
export const findOwnAccount = (actor: Actor) =>
  db.customer.findFirst({
    where: { id: { in: selfAs('CUSTOMER', actor) } },
    select: { id: true, passwordHash: true },
  });

/** Set the customer's own password and end their other sessions. */
export const changeCustomerPassword = (
  tx: Tx,
  actor: Actor,
  password: NewPassword,
  at: Date,
): Promise<{ id: string }> => setOwnPassword(tx, actor, 'customers', password, at);
