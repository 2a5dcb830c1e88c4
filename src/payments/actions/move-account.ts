// The one writer of an account's amounts: amounts and ledger change in a single statement.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { newId } from '../../core/ids.ts';
import { type PaymentAccount, Prisma } from '../../generated/prisma/client.ts';

/** Changes of an account's amounts, in minor units; absent ones stay. */
export interface AccountMove {
  due?: bigint;
  captured?: bigint;
  refunding?: bigint;
  refunded?: bigint;
}

/** An account as it is opened: nothing came in yet. */
export type NewAccount = Pick<PaymentAccount, 'orderId' | 'storeId' | 'currency' | 'terms' | 'dueMinor'>;

const AMOUNTS = 4;

/** The columns of an account under their names here, for statements that Prisma cannot say. */
export const accountColumns = Prisma.sql`order_id AS "orderId", store_id AS "storeId", currency, terms, due_minor AS "dueMinor",
  captured_minor AS "capturedMinor", refunding_minor AS "refundingMinor", refunded_minor AS "refundedMinor",
  created_at AS "createdAt"`;

/** Open the account of an order that was just placed; the ledger tells what is due from the first. */
export async function openAccount(
  tx: Tx,
  actor: Actor,
  { orderId, storeId, currency, terms, dueMinor }: NewAccount,
  at: Date,
): Promise<PaymentAccount> {
  const [opened] = await tx.$queryRaw<PaymentAccount[]>`
    WITH opened AS (
      INSERT INTO payment_account (order_id, store_id, currency, terms, due_minor, created_at)
      VALUES (${orderId}::uuid, ${storeId}::uuid, ${currency}, ${terms}::payment_terms, ${dueMinor}::bigint, ${at})
      RETURNING *
    ), ledger AS (
      INSERT INTO payment_ledger_entry (id, order_id, counter, delta_minor, after_minor, actor_kind, actor_id, request_id,
        occurred_at)
      SELECT ${newId()}::uuid, order_id, 'DUE', due_minor, due_minor, ${actor.kind}, ${actor.id}::uuid,
        ${actor.requestId}::uuid, ${at}
      FROM opened WHERE due_minor <> 0
    )
    SELECT ${accountColumns} FROM opened`;
  if (!opened) throw new Error(`order ${orderId} got no payment account`);
  return opened;
}

/**
 * Change the amounts of an order's account and write what changed to the ledger. The account as it is after. What
 * must hold of the amounts is checked by the table: a move that breaks it fails and nothing is written.
 */
export async function moveAccount(
  tx: Tx,
  actor: Actor,
  orderId: string,
  { due = 0n, captured = 0n, refunding = 0n, refunded = 0n }: AccountMove,
  { paymentId = null, refundId = null }: { paymentId?: string | null; refundId?: string | null },
  at: Date,
): Promise<PaymentAccount> {
  const ids = Array.from({ length: AMOUNTS }, newId);
  const [after] = await tx.$queryRaw<PaymentAccount[]>`
    WITH moved AS (
      UPDATE payment_account SET due_minor = due_minor + ${due}::bigint, captured_minor = captured_minor + ${captured}::bigint,
        refunding_minor = refunding_minor + ${refunding}::bigint, refunded_minor = refunded_minor + ${refunded}::bigint
      WHERE order_id = ${orderId}::uuid
      RETURNING *
    ), ledger AS (
      INSERT INTO payment_ledger_entry (id, order_id, counter, delta_minor, after_minor, payment_id, refund_id,
        actor_kind, actor_id, request_id, occurred_at)
      SELECT (${ids}::uuid[])[c.rank], m.order_id, c.counter::payment_counter, c.delta, c.after, ${paymentId}::uuid,
        ${refundId}::uuid, ${actor.kind}, ${actor.id}::uuid, ${actor.requestId}::uuid, ${at}
      FROM moved m
      CROSS JOIN LATERAL (VALUES (1, 'DUE', ${due}::bigint, m.due_minor), (2, 'CAPTURED', ${captured}::bigint, m.captured_minor),
        (3, 'REFUNDING', ${refunding}::bigint, m.refunding_minor), (4, 'REFUNDED', ${refunded}::bigint, m.refunded_minor))
        AS c (rank, counter, delta, after)
      WHERE c.delta <> 0
    )
    SELECT ${accountColumns} FROM moved`;
  if (!after) throw new Error(`order ${orderId} has no payment account`);
  return after;
}
