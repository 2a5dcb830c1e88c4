// Logging in and out of customers, and their passwords.

import type { Actor } from '../../core/actor.ts';
import { db, type Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import { emit, emitAll } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { selfAs, visibleCustomerSessions } from '../access.ts';
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
  const customer: Actor = { ...actor, kind: 'CUSTOMER', id: customerId };
  await endOldest(tx, customer, customerId, at);
  return addSession(tx, customer, customerId, at);
}

/** Make room for one more session of a customer whose row is locked. */
async function endOldest(tx: Tx, actor: Actor, customerId: string, at: Date): Promise<void> {
  const oldest = await tx.customerSession.findMany({
    where: { customerId, revokedAt: null, expiresAt: { gt: at } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: SESSIONS_MAX - 1,
    select: { id: true },
  });
  if (oldest.length > 0)
    await revokeCustomerSessions(tx, actor, { id: { in: oldest.map(({ id }) => id) } }, at);
}

/** Add a session of a customer whose row is locked or new. */
export async function addSession(tx: Tx, actor: Actor, customerId: string, at: Date): Promise<OpenedSession> {
  const { token, stored } = newSession('ds_customer', actor, at);
  const sessionId = newId();
  await tx.customerSession.create({ data: { id: sessionId, customerId, ...stored } });
  await emit(tx, actor, {
    type: 'customerSession.opened',
    entityId: sessionId,
    version: 1,
    payload: { customerNodeId: toGlobalId('Customer', customerId) },
    customerId,
    occurredAt: at,
  });
  return { id: sessionId, token, expiresAt: stored.expiresAt.toISOString() };
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
  await revokeCustomerSessions(tx, actor, { id: sessionId }, at);
  return { id: sessionId };
}

/** End the live sessions that match. */
export async function revokeCustomerSessions(
  tx: Tx,
  actor: Actor,
  which: Prisma.CustomerSessionWhereInput,
  at: Date,
): Promise<void> {
  const ended = await tx.customerSession.updateManyAndReturn({
    where: { ...which, revokedAt: null },
    data: { revokedAt: at, version: { increment: 1 } },
    select: { id: true, customerId: true, version: true },
  });
  const events = ended.map(({ id, customerId, version }) => ({
    type: 'customerSession.revoked' as const,
    entityId: id,
    version,
    payload: { customerNodeId: toGlobalId('Customer', customerId) },
    customerId,
    occurredAt: at,
  }));
  await emitAll(tx, actor, events);
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
export async function changeCustomerPassword(
  tx: Tx,
  actor: Actor,
  { oldHash, passwordHash }: NewPassword,
  at: Date,
): Promise<{ id: string }> {
  const still = await tx.$queryRaw<object[]>`
    SELECT 1 FROM customer WHERE id = ${actor.id}::uuid AND password_hash = ${oldHash} FOR UPDATE`;
  if (still.length === 0)
    throw new DomainError([identityProblem('LOGIN_FAILED', { path: ['currentPassword'] })]);
  const customer = await tx.customer.update({
    where: { id: actor.id ?? '' },
    data: { passwordHash, version: { increment: 1 } },
    select: { id: true, version: true },
  });
  await emit(tx, actor, {
    type: 'customer.passwordChanged',
    entityId: customer.id,
    version: customer.version,
    payload: {},
    changes: [{ field: 'password' }],
    customerId: customer.id,
    occurredAt: at,
  });
  const others = actor.credentialId ? { id: { not: actor.credentialId } } : {};
  await revokeCustomerSessions(tx, actor, { customerId: customer.id, ...others }, at);
  return { id: customer.id };
}
