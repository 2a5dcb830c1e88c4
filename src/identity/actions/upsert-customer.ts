// Customers upserted as a caller's own system knows them.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, problem } from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import type { CustomerUpsert } from '../inputs/customers.ts';
import { customerStates } from '../texts.ts';

/**
 * Upsert a customer whom the actor's partner, or the department, calls by a number: added where it is new, else changed.
 * What is so already is not written. Refuses with ILLEGAL_STATE one who was erased.
 */
export async function upsertCustomer(
  tx: Tx,
  actor: Actor,
  input: CustomerUpsert,
  at: Date,
): Promise<{ id: string }> {
  const { partnerId } = actor;
  const { externalReference, name, phone, locale } = input;
  const id = newId();
  const row = { id, partnerId, externalReference, locale: locale ?? actor.locale, createdAt: at };
  // Waits for whoever adds the same one just now.
  const { count } = await tx.customer.createMany({ data: [row], skipDuplicates: true });
  if (count === 0) return changeKept(tx, actor, input, at);
  await tx.customerPerson.create({ data: { customerId: id, name, phone: phone ?? null } });
  await emit(tx, actor, {
    type: 'customer.added',
    entityId: id,
    version: 1,
    payload: {},
    changes: [{ field: 'name' }, ...(phone ? [{ field: 'phone' }] : [])],
    customerId: id,
    occurredAt: at,
  });
  return { id };
}

async function changeKept(
  tx: Tx,
  actor: Actor,
  { externalReference, name, phone, locale }: CustomerUpsert,
  at: Date,
): Promise<{ id: string }> {
  const { partnerId } = actor;
  const { id } = await tx.customer.findFirstOrThrow({
    where: { partnerId, externalReference },
    select: { id: true },
  });
  await tx.$queryRaw`SELECT 1 FROM customer WHERE id = ${id}::uuid FOR UPDATE`;
  const before = await tx.customer.findUniqueOrThrow({ where: { id }, include: { person: true } });
  if (before.state === 'ERASED') {
    const params = { state: customerStates[before.state] };
    throw new DomainError([problem('ILLEGAL_STATE', { path: ['externalReference'], params })]);
  }
  const person = {
    ...(name === before.person?.name ? {} : { name }),
    ...(phone === undefined || phone === before.person?.phone ? {} : { phone }),
  };
  const own = locale === undefined || locale === before.locale ? {} : { locale };
  if (Object.keys({ ...person, ...own }).length === 0) return { id };
  const after = await tx.customer.update({
    where: { id },
    data: { ...own, person: { update: person }, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'customer.changed',
    entityId: id,
    version: after.version,
    payload: {},
    changes: [
      ...Object.keys(person).map((field) => ({ field })),
      ...changesBetween(before, after, ['locale']),
    ],
    customerId: id,
    occurredAt: at,
  });
  return { id };
}
