// Revealing and erasing the contacts of orders.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, refuseIf } from '../../core/errors.ts';
import { emitAll } from '../../core/events.ts';
import type { ContactErase, ContactReveal } from '../inputs/contacts.ts';
import { erasureProblems, overStates } from '../rules/contacts.ts';
import { orderProblem } from '../texts.ts';
import { lockVisibleOrder } from './lock-order.ts';
import { emitOrder, orderEvent } from './order-events.ts';

/**
 * Record that the actor is shown the contact of an order, and why. Every call is an event: there is no replay.
 * Refuses with NOT_FOUND, CONTACT_ERASED.
 */
export async function revealContact(
  tx: Tx,
  actor: Actor,
  { orderId, reason }: ContactReveal,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockVisibleOrder(tx, actor, orderId);
  const kept = await tx.orderPerson.count({ where: { orderId: before.id, erasedAt: null } });
  if (kept === 0) throw new DomainError([orderProblem('CONTACT_ERASED', { path: ['orderId'] })]);
  const after = await tx.order.update({ where: { id: before.id }, data: { version: { increment: 1 } } });
  const payload = { number: after.number, reason };
  await emitOrder(tx, actor, 'order.contactRevealed', before, after, payload, at);
  return { id: before.id };
}

/**
 * Erase whom a finished order went to. Its goods and sums stay, and so does its country. Repeating it changes nothing.
 * Refuses with NOT_FOUND, ILLEGAL_STATE.
 */
export async function eraseContact(
  tx: Tx,
  actor: Actor,
  { orderId, reason }: ContactErase,
  at: Date,
): Promise<{ id: string }> {
  const order = await lockVisibleOrder(tx, actor, orderId);
  refuseIf(erasureProblems(order));
  await eraseLocked(tx, actor, [order.id], reason, at);
  return { id: order.id };
}

/** Orders that are erased by one round of statements. */
const BATCH = 500;

/**
 * Erase the contacts of the finished orders of a customer who was erased, which are all that such a customer has.
 * Does nothing for other customers, and nothing twice. Locks the orders batch by batch.
 */
export async function eraseContactsOf(tx: Tx, actor: Actor, customerId: string, at: Date): Promise<void> {
  for (;;) {
    const orders = await tx.$queryRaw<{ id: string }[]>`
      SELECT o.id FROM "order" o
      JOIN customer c ON c.id = o.customer_id AND c.state = 'ERASED'
      JOIN person_order p ON p.order_id = o.id AND p.erased_at IS NULL
      WHERE o.customer_id = ${customerId}::uuid AND o.state = ANY(${overStates}::order_state[])
      ORDER BY o.id LIMIT ${BATCH} FOR UPDATE OF o`;
    if (orders.length === 0) return;
    const ids = orders.map(({ id }) => id);
    await eraseLocked(tx, actor, ids, null, at);
  }
}

/** What is left of a contact: that there was one, and the country, which names nobody. */
const erased = {
  name: '',
  phone: null,
  email: null,
  region: null,
  city: '',
  district: null,
  lines: [],
  postalCode: null,
};

/** Overwrite the contacts of orders that the caller has locked, as far as they are still there. */
async function eraseLocked(
  tx: Tx,
  actor: Actor,
  orderIds: readonly string[],
  reason: string | null,
  at: Date,
): Promise<void> {
  const people = await tx.orderPerson.updateManyAndReturn({
    where: { orderId: { in: [...orderIds] }, erasedAt: null },
    data: { ...erased, erasedAt: at },
    select: { orderId: true },
  });
  const orders = await tx.order.updateManyAndReturn({
    where: { id: { in: people.map(({ orderId }) => orderId) } },
    data: { guestNetwork: null, version: { increment: 1 } },
  });
  const events = orders.map((order) => {
    const payload = { number: order.number, reason };
    return orderEvent('order.contactErased', order, order, payload, at, ['contact', 'address']);
  });
  await emitAll(tx, actor, events);
}
