// Accounts: the money of one order, opened with it, locked before anything changes in it.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import type { Order, PaymentAccount, Store } from '../../generated/prisma/client.ts';
import type { RefundReason } from '../../generated/prisma/enums.ts';
import { accountsInReach } from '../access.ts';
import { accountColumns, moveAccount } from './move-account.ts';
import { queueSurplus } from './queue-refunds.ts';

/**
 * Lock the account of an order. Payments and refunds of the order change only under this lock. Locks are taken in one
 * order everywhere: an order's row, which guards its lines, holds and deadlines; its account; stock.
 */
export async function lockAccount(tx: Tx, orderId: string): Promise<PaymentAccount> {
  const account = await lockRow(tx, orderId);
  if (!account) throw new Error(`order ${orderId} has no payment account`);
  return account;
}

/** Lock an account that a caller named by its order. Refuses with NOT_FOUND when it is beyond their reach. */
export async function lockAccountInReach(tx: Tx, actor: Actor, orderId: string): Promise<LockedAccount> {
  const account = await lockRow(tx, orderId);
  const found = await tx.paymentAccount.findFirst({
    where: { AND: [{ orderId }, accountsInReach(actor)] },
    select: {
      order: { select: { number: true, state: true, freightMinor: true } },
      store: { select: { refundsBy: true } },
    },
  });
  if (!account || !found) throw new DomainError([notFound('Order', ['orderId'])]);
  return { ...account, ...found };
}

/** An account with what decides about acts on it. */
export type LockedAccount = PaymentAccount & {
  order: Pick<Order, 'number' | 'state' | 'freightMinor'>;
  store: Pick<Store, 'refundsBy'>;
};

async function lockRow(tx: Tx, orderId: string): Promise<PaymentAccount | undefined> {
  const [account] = await tx.$queryRaw<PaymentAccount[]>`
    SELECT ${accountColumns} FROM payment_account WHERE order_id = ${orderId}::uuid FOR UPDATE`;
  return account;
}

/**
 * Set what is due for an order, and send back what was paid beyond it, where we execute refunds. `dueMinor` is the
 * whole amount: who takes something off subtracts it from the account's own `dueMinor`, in which credits are counted.
 * The account as it is after.
 */
export async function setDue(
  tx: Tx,
  actor: Actor,
  { orderId, dueMinor, reason }: { orderId: string; dueMinor: bigint; reason: RefundReason },
  at: Date,
): Promise<PaymentAccount> {
  const before = await lockAccount(tx, orderId);
  const due = dueMinor - before.dueMinor;
  const after = due === 0n ? before : await moveAccount(tx, actor, orderId, { due }, {}, at);
  return queueSurplus(tx, actor, after, reason, at);
}
