// The addresses that customers keep.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, problem } from '../../core/errors.ts';
import { emit } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { selfAs } from '../access.ts';
import type { CustomerAddressKeep } from '../inputs/customers.ts';
import { ADDRESSES_MAX } from '../rules.ts';
import { identityProblem } from '../texts.ts';

/**
 * Add an address of the customer who acts, or replace one as a whole. Refuses with NOT_PERMITTED guests, who have no
 * account, NOT_FOUND, and ADDRESS_LIMIT, also when several are added at once.
 */
export async function keepAddress(
  tx: Tx,
  actor: Actor,
  { customerAddressId, name, phone, address, preferred }: CustomerAddressKeep,
  at: Date,
): Promise<{ id: string }> {
  const customerId = await raiseVersion(tx, actor, at);
  const receiver = {
    name,
    phone: phone ?? null,
    country: address.country,
    region: address.region ?? null,
    city: address.city,
    district: address.district ?? null,
    lines: address.lines,
    postalCode: address.postalCode ?? null,
    ...(preferred === undefined ? {} : { preferred }),
  };
  if (preferred)
    await tx.customerAddress.updateMany({ where: { customerId, preferred }, data: { preferred: false } });
  if (customerAddressId) {
    const { count } = await tx.customerAddress.updateMany({
      where: { id: customerAddressId, customerId },
      data: receiver,
    });
    if (count === 0) throw new DomainError([notFound('CustomerAddress', ['customerAddressId'])]);
    return { id: customerAddressId };
  }
  if ((await tx.customerAddress.count({ where: { customerId } })) >= ADDRESSES_MAX)
    throw new DomainError([identityProblem('ADDRESS_LIMIT', { params: { max: ADDRESSES_MAX } })]);
  return tx.customerAddress.create({
    data: { id: newId(), customerId, createdAt: at, ...receiver },
    select: { id: true },
  });
}

/** Drop an address of the customer who acts. Refuses with NOT_PERMITTED, NOT_FOUND. */
export async function dropAddress(
  tx: Tx,
  actor: Actor,
  addressId: string,
  at: Date,
): Promise<{ id: string }> {
  const customerId = await raiseVersion(tx, actor, at);
  const { count } = await tx.customerAddress.deleteMany({ where: { id: addressId, customerId } });
  if (count === 0) throw new DomainError([notFound('CustomerAddress', ['customerAddressId'])]);
  return { id: customerId };
}

/** Record that the addresses of the customer who acts change. Locks the customer, so that they change one by one. */
async function raiseVersion(tx: Tx, actor: Actor, at: Date): Promise<string> {
  const [customer] = await tx.customer.updateManyAndReturn({
    where: { id: { in: selfAs('CUSTOMER', actor) }, state: 'ACTIVE' },
    data: { version: { increment: 1 } },
    select: { id: true, version: true },
  });
  if (!customer) throw new DomainError([problem('NOT_PERMITTED')]);
  await emit(tx, actor, {
    type: 'customer.changed',
    entityId: customer.id,
    version: customer.version,
    payload: {},
    changes: [{ field: 'addresses' }],
    customerId: customer.id,
    occurredAt: at,
  });
  return customer.id;
}
