// Idempotency: the record of a call commits with its effect, so a repeated call finds either both or neither.

import { createHash } from 'node:crypto';
import type { Actor } from './actor.ts';
import { principalOf } from './actor.ts';
import type { Chore } from './chores.ts';
import { type Tx, transact } from './db.ts';
import { DomainError, problem } from './errors.ts';
import { addDays } from './time.ts';

/** Days for which a repeated call is recognised. */
const KEPT_DAYS = 7;
/** Records that are forgotten in one statement. */
const BATCH = 1_000;

/** Ids and outcome of a call. No secrets, no personal data. */
export type Outcome = Record<string, string | number | boolean | null | string[]>;

/**
 * Run `work` once per (principal, mutation, key). The same key and input returns the first outcome with
 * `replayed: true`; other input refuses with IDEMPOTENCY_KEY_REUSED; a concurrent duplicate waits for the first.
 * A refused call leaves nothing, because the record rolls back with it.
 */
export async function once<Result extends Outcome>(
  tx: Tx,
  actor: Actor,
  call: { mutation: string; key: string; input: unknown; at: Date },
  work: () => Promise<Result>,
): Promise<{ outcome: Result; replayed: boolean }> {
  const id = { principal: principalOf(actor), mutation: call.mutation, key: call.key };
  const inputHash = hashOf(call.input);
  // Prisma compiles a createMany anew each time, and this is part of every call with a key.
  const recorded = await tx.$executeRaw`
    INSERT INTO idempotency_record (principal, mutation, key, input_hash, created_at)
    VALUES (${id.principal}, ${id.mutation}, ${id.key}, ${inputHash}, ${call.at}) ON CONFLICT DO NOTHING`;
  if (recorded === 0) {
    const record = await tx.idempotencyRecord.findUniqueOrThrow({ where: { principal_mutation_key: id } });
    if (record.inputHash !== inputHash) {
      throw new DomainError([problem('IDEMPOTENCY_KEY_REUSED', { path: ['idempotencyKey'] })]);
    }
    return { outcome: record.result as Result, replayed: true };
  }
  const outcome = await work();
  await tx.idempotencyRecord.updateMany({ where: id, data: { result: outcome } });
  return { outcome, replayed: false };
}

/** Forget records that were made before a moment, some of them at a time. How many. */
const forgetOutcomes = (tx: Tx, before: Date): Promise<number> =>
  tx.$executeRaw`
    DELETE FROM idempotency_record WHERE (principal, mutation, key) IN (
      SELECT principal, mutation, key FROM idempotency_record WHERE created_at < ${before} ORDER BY created_at LIMIT ${BATCH})`;

export const outcomeChores: readonly Chore[] = [
  {
    name: 'core.forgetOutcomes',
    everySeconds: 3_600,
    forget: (at) => transact((tx) => forgetOutcomes(tx, addDays(at, -KEPT_DAYS))),
  },
];

/** Hash of the canonical form: keys sorted, so that the order in which a client writes them does not matter. */
function hashOf(input: unknown): string {
  const canonical = JSON.stringify(input, (_, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return createHash('sha256').update(canonical).digest('base64url');
}
