// Refunds that staff decide on: created, settled by hand, tried again.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, type Problem, refuseIf } from '../../core/errors.ts';
import { enqueue } from '../../core/jobs.ts';
import { accountsInReach } from '../access.ts';
import type { RefundCreate, RefundRetry, RefundSettle } from '../inputs.ts';
import {
  creditOf,
  isCallable,
  keptMinor,
  paidForUnits,
  type RefundAction,
  type RefundableLine,
  refundableUnits,
  refundRefusals,
} from '../rules.ts';
import { amountExceeds, paymentProblem, refundExceeds } from '../texts.ts';
import { type LockedAccount, lockAccountInReach } from './accounts.ts';
import { emitRefund } from './money-events.ts';
import { moveAccount } from './move-account.ts';
import { currencyProblems } from './payments.ts';
import { queueRefunds, type RefundedLine } from './queue-refunds.ts';
import { lockRefund, succeedRefund } from './settle-refunds.ts';

/**
 * Pay back units of lines, freight, or an amount beside them: a credit, which lowers what is due. Money that came in
 * by several payments goes back by several refunds, of which the first is answered. Refuses with NOT_FOUND,
 * REFUNDS_BY_PLATFORM, CURRENCY_DIFFERS, QUANTITY_EXCEEDS_REFUNDABLE, AMOUNT_EXCEEDS_PAID, NOTHING_TO_REFUND,
 * REFUND_EXCEEDS_CAPTURED. Locks the order, then its account: whoever changes what is due does.
 */
export async function createRefund(
  tx: Tx,
  actor: Actor,
  input: RefundCreate,
  at: Date,
): Promise<{ id: string }> {
  const { orderId, freight, amount, reason, note = null } = input;
  await tx.$queryRaw`SELECT 1 FROM "order" WHERE id = ${orderId}::uuid FOR UPDATE`;
  const account = await lockAccountInReach(tx, actor, orderId);
  if (account.store.refundsBy === 'PLATFORM')
    throw new DomainError([paymentProblem('REFUNDS_BY_PLATFORM', { path: ['orderId'] })]);
  const { lines, problems } = await refundedLines(tx, account, input.lines ?? []);
  refuseIf([
    ...problems,
    ...currencyProblems(account.currency, freight, ['freight', 'currency']),
    ...currencyProblems(account.currency, amount, ['amount', 'currency']),
    ...(freight ? await freightProblems(tx, account, freight.minor) : []),
  ]);
  const freightMinor = freight?.minor ?? 0n;
  const amountMinor = lines.reduce(
    (sum, line) => sum + line.amountMinor,
    freightMinor + (amount?.minor ?? 0n),
  );
  const left = keptMinor(account);
  refuseIf([
    ...(amountMinor > 0n ? [] : [paymentProblem('NOTHING_TO_REFUND', { path: ['lines'] })]),
    ...(amountMinor > left ? [refundExceeds(left, account.currency, [])] : []),
  ]);
  const due = -creditOf(account, amountMinor);
  const credited = await moveAccount(tx, actor, orderId, { due }, {}, at);
  const refund = { amountMinor, freightMinor, lines, reason, note };
  const { refundIds } = await queueRefunds(tx, actor, credited, refund, at);
  const [id = ''] = refundIds;
  return { id };
}

/** The lines of a refund with what was paid for their units, and what is wrong with them. */
async function refundedLines(
  tx: Tx,
  { orderId, currency }: LockedAccount,
  wanted: NonNullable<RefundCreate['lines']>,
): Promise<{ lines: RefundedLine[]; problems: Problem[] }> {
  const known = await refundableLines(
    tx,
    orderId,
    wanted.map(({ orderLineId }) => orderLineId),
  );
  const lines: RefundedLine[] = [];
  const problems: Problem[] = [];
  wanted.forEach(({ orderLineId, quantity, amount }, i) => {
    const line = known.get(orderLineId);
    problems.push(...currencyProblems(currency, amount, ['lines', i, 'amount', 'currency']));
    if (!line) {
      problems.push(notFound('OrderLine', ['lines', i, 'orderLineId']));
    } else if (quantity > refundableUnits(line)) {
      const detail = { path: ['lines', i, 'quantity'], params: { refundable: refundableUnits(line) } };
      problems.push(paymentProblem('QUANTITY_EXCEEDS_REFUNDABLE', detail));
    } else {
      const paidMinor = paidForUnits(line, quantity);
      const amountMinor = amount?.minor ?? paidMinor;
      if (amountMinor > paidMinor) problems.push(amountExceeds(paidMinor, currency, ['lines', i, 'amount']));
      lines.push({ orderLineId, quantity, amountMinor });
    }
  });
  return { lines, problems };
}

/** Lines of an order by id, with the units that refunds paid back already. */
async function refundableLines(
  tx: Tx,
  orderId: string,
  orderLineIds: readonly string[],
): Promise<Map<string, RefundableLine>> {
  const lines = await tx.orderLine.findMany({ where: { orderId, id: { in: [...orderLineIds] } } });
  const sums = await tx.refundLine.groupBy({
    by: ['orderLineId'],
    where: { orderLineId: { in: lines.map(({ id }) => id) } },
    _sum: { quantity: true },
  });
  const refunded = new Map(sums.map(({ orderLineId, _sum }) => [orderLineId, _sum.quantity ?? 0]));
  return new Map(lines.map((line) => [line.id, { ...line, refunded: refunded.get(line.id) ?? 0 }]));
}

async function freightProblems(tx: Tx, account: LockedAccount, freightMinor: bigint): Promise<Problem[]> {
  const { _sum } = await tx.refund.aggregate({
    where: { orderId: account.orderId },
    _sum: { freightMinor: true },
  });
  const left = account.order.freightMinor - (_sum.freightMinor ?? 0n);
  return freightMinor > left ? [amountExceeds(left > 0n ? left : 0n, account.currency, ['freight'])] : [];
}

/** Note that somebody transferred the money of a refund. Refuses with NOT_FOUND, ILLEGAL_STATE. */
export async function settleRefund(
  tx: Tx,
  actor: Actor,
  { refundId, transactionReference }: RefundSettle,
  at: Date,
): Promise<{ id: string }> {
  const refund = await refundInReach(tx, actor, refundId, 'SETTLE');
  await succeedRefund(tx, actor, refund, { transactionReference, settledAt: at }, at);
  return { id: refundId };
}

/**
 * Ask the gateway for a refund again: after it failed, or when its report does not come. It has the same reference, so
 * that a gateway executes it once. Refuses with NOT_FOUND, ILLEGAL_STATE, NOT_CALLABLE.
 */
export async function retryRefund(
  tx: Tx,
  actor: Actor,
  { refundId }: RefundRetry,
  at: Date,
): Promise<{ id: string }> {
  const before = await refundInReach(tx, actor, refundId, 'RETRY');
  const after = await tx.refund.update({
    where: { id: refundId },
    data: { state: 'QUEUED', failureReason: null, version: { increment: 1 } },
  });
  const { storeId } = before.account;
  const payload = { attempts: after.attempts };
  await emitRefund(tx, actor, 'refund.retried', { storeId, before, after }, payload, at);
  await enqueue(tx, 'payments.refund', { refundId }, { key: refundId });
  return { id: refundId };
}

/** A refund of a store in which the actor acts, locked for an act. */
async function refundInReach(tx: Tx, actor: Actor, refundId: string, action: RefundAction) {
  const refund = await lockRefund(tx, refundId, accountsInReach(actor));
  if (!refund) throw new DomainError([notFound('Refund', ['refundId'])]);
  refuseIf(
    refundRefusals(action, { state: refund.state, isCallable: isCallable(refund.payment.connection) }),
  );
  return refund;
}
