// Customers who come with imported orders: known by a number, without a name, a contact or a login.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { emitAll } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import type { Locale } from '../../core/texts.ts';

/**
 * The customers whom the actor's partner, or the department, calls by numbers: those who are not there yet are made,
 * in two statements and one for their events. Answers ids by number; who was erased is not among them. All of them are
 * kept from being erased until the transaction ends. Calls run one after another: the caller sees to it.
 */
export async function importCustomers(
  tx: Tx,
  actor: Actor,
  { references, locale }: { references: readonly string[]; locale: Locale },
  at: Date,
): Promise<ReadonlyMap<string, string>> {
  const { partnerId } = actor;
  const wanted = [...new Set(references)];
  const known = await tx.customer.findMany({
    where: { partnerId, externalReference: { in: wanted } },
    select: { id: true, externalReference: true },
  });
  const names = new Set(known.map(({ externalReference }) => externalReference));
  const added = wanted
    .filter((reference) => !names.has(reference))
    .map((externalReference) => ({ id: newId(), externalReference }));
  if (added.length > 0) {
    const rows = JSON.stringify(added);
    await tx.$executeRaw`
      INSERT INTO customer (id, partner_id, external_reference, locale, created_at)
      SELECT id, ${partnerId}::uuid, "externalReference", ${locale}, ${at}
      FROM jsonb_to_recordset(${rows}::jsonb) AS r (id uuid, "externalReference" text)`;
    await tx.$executeRaw`
      INSERT INTO person_customer (customer_id, name)
      SELECT id, '' FROM jsonb_to_recordset(${rows}::jsonb) AS r (id uuid)`;
    await emitAll(
      tx,
      actor,
      added.map(({ id }) => ({
        type: 'customer.imported' as const,
        entityId: id,
        version: 1,
        payload: {},
        customerId: id,
        occurredAt: at,
      })),
    );
  }
  const ids = [...known, ...added].map(({ id }) => id);
  const held = await tx.$queryRaw<{ id: string; reference: string }[]>`
    SELECT id, external_reference AS reference FROM customer WHERE id = ANY (${ids}::uuid[]) AND state = 'ACTIVE'
    ORDER BY id FOR KEY SHARE`;
  return new Map(held.map(({ id, reference }) => [reference, id]));
}
