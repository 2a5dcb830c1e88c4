// Registering, changing and erasing customers.

import { type Actor, isColleague, isShopper } from '../../core/actor.ts';
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
import { changesBetween, emit } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { hashPassword } from '../../core/secrets.ts';
import type { CustomerState } from '../../generated/prisma/enums.ts';
import { visibleCustomers } from '../access.ts';
import type { CustomerChange, CustomerErase, CustomerRegister } from '../inputs/customers.ts';
import { customerStates, identityProblem } from '../texts.ts';
import { countRegistration, forgetRegistration } from '../throttle.ts';
import { findOwnAccount } from './customer-sessions.ts';
import { provePassword } from './logins.ts';
import { addSession, endSessions, type OpenedSession } from './session-rows.ts';

/** Hash the password of a new account, outside any transaction. Refuses with LOGIN_THROTTLED an address that makes too many. */
export async function prepareCustomer(
  actor: Actor,
  input: CustomerRegister,
): Promise<{ passwordHash: string }> {
  await countRegistration(actor.address);
  return { passwordHash: await hashPassword('customers', input.password) };
}

/**
 * Register a customer and log them in. Refuses with ALREADY_EXISTS an e-mail address that has an account. The token is
 * returned once and stored only as a hash.
 */
export async function registerCustomer(
  tx: Tx,
  actor: Actor,
  { name, email, phone, ...input }: Omit<CustomerRegister, 'password'> & { passwordHash: string },
  at: Date,
): Promise<OpenedSession> {
  const taken = await tx.customerPerson.count({ where: { email } });
  if (taken > 0) {
    await forgetRegistration(actor.address);
    throw new DomainError([takenProblem(['email'], email)]);
  }
  const customerId = newId();
  await writeUnique(
    tx.customer.create({
      data: {
        id: customerId,
        passwordHash: input.passwordHash,
        locale: input.locale ?? actor.locale,
        createdAt: at,
        person: { create: { name, email, phone: phone ?? null } },
      },
    }),
    { person_customer_email_key: takenProblem(['email'], email) },
  );
  const customer: Actor = { ...actor, kind: 'CUSTOMER', id: customerId };
  await emit(tx, customer, {
    type: 'customer.registered',
    entityId: customerId,
    version: 1,
    payload: {},
    changes: [{ field: 'name' }, { field: 'email' }, ...(phone ? [{ field: 'phone' }] : [])],
    customerId,
    occurredAt: at,
  });
  return addSession(tx, customer, 'customers', customerId, at);
}

/** Change a customer's name, phone number and language: their own, or anybody's for staff. */
export async function changeCustomer(
  tx: Tx,
  actor: Actor,
  input: CustomerChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockCustomer(tx, actor, input.customerId);
  refuseIf(erasedProblems(before));
  refuseIf(staleProblems(before, input.expectedVersion));
  const person = {
    ...(input.name ? { name: input.name } : {}),
    ...(input.phone ? { phone: input.phone } : {}),
    ...(input.withoutPhone ? { phone: null } : {}),
  };
  const after = await tx.customer.update({
    where: { id: before.id },
    data: {
      ...(input.locale ? { locale: input.locale } : {}),
      person: { update: person },
      version: { increment: 1 },
    },
  });
  await emit(tx, actor, {
    type: 'customer.changed',
    entityId: after.id,
    version: after.version,
    payload: {},
    changes: [
      ...Object.keys(person).map((field) => ({ field })),
      ...changesBetween(before, after, ['locale']),
    ],
    customerId: after.id,
    occurredAt: at,
  });
  return { id: after.id };
}

/**
 * Check, outside any transaction, what an erasure is based on: customers prove their password, staff give a reason.
 * Refuses with REQUIRED, LOGIN_FAILED, LOGIN_THROTTLED.
 */
export async function checkErasure(actor: Actor, input: CustomerErase): Promise<{ oldHash: string | null }> {
  if (!isShopper(actor)) {
    if (!input.reason) throw new DomainError([problem('REQUIRED', { path: ['reason'] })]);
    return { oldHash: null };
  }
  if (!input.password) throw new DomainError([problem('REQUIRED', { path: ['password'] })]);
  const { password } = input;
  const attempt = { accounts: 'customers', name: actor.id ?? '', password, path: ['password'] } as const;
  const { passwordHash } = await provePassword(actor, attempt, () => findOwnAccount(actor));
  return { oldHash: passwordHash };
}

/**
 * Erase what is known of a customer as a person: name, e-mail address, phone number, addresses, where sessions came
 * from. Every session and stream ends; `customer.erased` lets other domains erase theirs. Refuses with OPEN_ORDERS
 * while an order is neither completed nor cancelled, not paid, or money of it goes back. Repeating it changes nothing.
 */
export async function eraseCustomer(
  tx: Tx,
  actor: Actor,
  { customerId, reason, oldHash }: CustomerErase & { oldHash: string | null },
  at: Date,
): Promise<{ id: string }> {
  const before = await lockCustomer(tx, actor, customerId);
  if (before.state === 'ERASED') return { id: customerId };
  if (oldHash !== null && before.passwordHash !== oldHash)
    throw new DomainError([identityProblem('LOGIN_FAILED', { path: ['password'] })]);
  if (await hasOpenOrders(tx, customerId))
    throw new DomainError([identityProblem('OPEN_ORDERS', { path: ['customerId'] })]);

  await tx.customerAddress.deleteMany({ where: { customerId } });
  await endSessions(tx, actor, 'customers', { ownerId: customerId }, at);
  await tx.customerSession.updateMany({ where: { customerId }, data: { address: null, userAgent: null } });
  const after = await tx.customer.update({
    where: { id: customerId },
    data: {
      state: 'ERASED',
      passwordHash: null,
      erasedAt: at,
      version: { increment: 1 },
      person: { update: { name: '', email: null, phone: null } },
    },
  });
  await emit(tx, actor, {
    type: 'customer.erased',
    entityId: customerId,
    version: after.version,
    payload: { reason: isShopper(actor) ? null : (reason ?? null) },
    changes: [
      ...changesBetween(before, after, ['state']),
      ...['name', 'email', 'phone', 'addresses'].map((field) => ({ field })),
    ],
    customerId,
    occurredAt: at,
  });
  return { id: customerId };
}

/** True while an order of a customer goes on, or its money does: something is due that is not here, or goes back. */
async function hasOpenOrders(tx: Tx, customerId: string): Promise<boolean> {
  const open = await tx.$queryRaw<object[]>`
    SELECT 1 FROM "order" o LEFT JOIN payment_account a ON a.order_id = o.id
    WHERE o.customer_id = ${customerId}::uuid AND (
      o.state IN ('PENDING_CONFIRMATION', 'CONFIRMED')
      OR a.captured_minor - a.refunding_minor - a.refunded_minor < a.due_minor
      OR a.refunding_minor > 0
    ) LIMIT 1`;
  return open.length > 0;
}

/** Lock a customer whom the actor may see against every other change. Refuses keys with NOT_PERMITTED. */
async function lockCustomer(tx: Tx, actor: Actor, customerId: string) {
  if (!isColleague(actor) && !isShopper(actor)) throw new DomainError([problem('NOT_PERMITTED')]);
  await tx.$queryRaw`SELECT 1 FROM customer WHERE id = ${customerId}::uuid FOR UPDATE`;
  const customer = await tx.customer.findFirst({
    where: { AND: [{ id: customerId }, visibleCustomers(actor)] },
  });
  if (!customer) throw new DomainError([notFound('Customer', ['customerId'])]);
  return customer;
}

const erasedProblems = ({ state }: { state: CustomerState }): Problem[] =>
  state === 'ERASED'
    ? [problem('ILLEGAL_STATE', { path: ['customerId'], params: { state: customerStates[state] } })]
    : [];

/**
 * Keep a customer from being erased while something is written in their name, until the transaction ends. False when
 * they were erased before. Lock order: before order rows.
 */
export async function holdCustomer(tx: Tx, customerId: string): Promise<boolean> {
  const held = await tx.$queryRaw<object[]>`
    SELECT 1 FROM customer WHERE id = ${customerId}::uuid AND state = 'ACTIVE' FOR KEY SHARE`;
  return held.length > 0;
}
