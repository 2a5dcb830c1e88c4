// What is true of money: states, coverage, what can be refunded. Pure: no database, no clock.

import { type Problem, problem } from '../core/errors.ts';
import {
  afterDiscount,
  amountOfUnits,
  formatMinor,
  type MinorMoney,
  MONEY_MINOR_MAX,
} from '../core/money.ts';
import type { OrderPaymentState, RefundState } from '../generated/prisma/enums.ts';
import type { Mismatch } from './events.ts';
import { amountTooLarge, paymentProblem, refundLineExceeds, refundStates } from './texts.ts';

/** The amounts of a payment account, in minor units. */
export interface AccountAmounts {
  dueMinor: bigint;
  capturedMinor: bigint;
  refundingMinor: bigint;
  refundedMinor: bigint;
}

/** Money that is here and does not go back. */
export const keptMinor = (account: AccountAmounts): bigint =>
  account.capturedMinor - account.refundingMinor - account.refundedMinor;

/** True when what is due is here: the warehouse may go to work. */
export const isCovered = (account: AccountAmounts): boolean => keptMinor(account) >= account.dueMinor;

/** What is still to be paid. */
export const outstandingMinor = (account: AccountAmounts): bigint =>
  isCovered(account) ? 0n : account.dueMinor - keptMinor(account);

/** Money beyond what is due: it has to go back. */
export const surplusMinor = (account: AccountAmounts): bigint =>
  isCovered(account) ? keptMinor(account) - account.dueMinor : 0n;

/** Why money cannot be taken in: an account holds amounts of 18 digits. */
export function captureProblems(
  { capturedMinor, currency }: { capturedMinor: bigint; currency: string },
  amountMinor: bigint,
  path: readonly (string | number)[],
): Problem[] {
  const most = MONEY_MINOR_MAX - capturedMinor;
  return amountMinor > most ? [amountTooLarge(most, currency, path)] : [];
}

/**
 * Where an order is on the axis of payment. Of an order for which nothing is due and nothing came in, only the order
 * itself tells whether it was free, which is paid, or cancelled before anybody paid.
 */
export function paymentStateOf(
  { dueMinor, capturedMinor, refundedMinor }: AccountAmounts,
  { isCancelled = false }: { isCancelled?: boolean } = {},
): OrderPaymentState {
  if (refundedMinor > 0n) return refundedMinor >= capturedMinor ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  if (capturedMinor === 0n) return dueMinor === 0n && !isCancelled ? 'PAID' : 'UNPAID';
  return capturedMinor >= dueMinor ? 'PAID' : 'PARTIALLY_PAID';
}

/** True when we can ask the gateway of a payment to move its money back. Other money is transferred by hand. */
export const isCallable = (connection: { url: string | null; archivedAt: Date | null } | null): boolean =>
  Boolean(connection?.url) && connection?.archivedAt === null;

/** Take an amount from payments in their order, from each no more than what is left of it. */
export function spreadOverPayments<Payment extends { leftMinor: bigint }>(
  amountMinor: bigint,
  payments: readonly Payment[],
): { payment: Payment; share: bigint }[] {
  const shares: { payment: Payment; share: bigint }[] = [];
  let rest = amountMinor;
  for (const payment of payments) {
    const share = payment.leftMinor < rest ? payment.leftMinor : rest;
    if (share <= 0n) continue;
    shares.push({ payment, share });
    rest -= share;
  }
  if (rest > 0n) throw new Error(`${rest} minor units belong to no payment`);
  return shares;
}

/** What of a refund lowers what is due: all that is not sent back anyway, because it was beyond what is due. */
export function creditOf(account: AccountAmounts, amountMinor: bigint): bigint {
  const surplus = surplusMinor(account);
  const credit = amountMinor > surplus ? amountMinor - surplus : 0n;
  return credit < account.dueMinor ? credit : account.dueMinor;
}

/** A line of an order as refunds see it. */
export interface RefundableLine {
  quantity: number;
  dispatched: number;
  unitPriceMinor: bigint;
  merchantDiscountMinor: bigint;
  /** Units that refunds paid back already. */
  refunded: number;
}

/** Units of a line that can be paid back: those dispatched that were not yet. */
export const refundableUnits = (line: Pick<RefundableLine, 'dispatched' | 'refunded'>): number =>
  Math.max(0, line.dispatched - line.refunded);

/** What was paid for the next units of a line that are paid back. The amounts of all units sum to what the line brought. */
export function paidForUnits(line: RefundableLine, units: number): bigint {
  const { quantity, unitPriceMinor, merchantDiscountMinor, refunded } = line;
  const brought = afterDiscount(unitPriceMinor, quantity, merchantDiscountMinor);
  return amountOfUnits(brought, quantity, refunded + units) - amountOfUnits(brought, quantity, refunded);
}

/**
 * What is wrong with the lines of a refund that a platform made: one named twice, more units than were ordered, or in
 * all more money than the refund has.
 */
export function mirroredLineProblems(
  lines: readonly { orderLineId: string; quantity: number; amountMinor: bigint }[],
  refund: MinorMoney,
  ordered: ReadonlyMap<string, number>,
): Problem[] {
  const seen = new Set<string>();
  let left = refund.minor;
  return lines.flatMap(({ orderLineId, quantity, amountMinor }, i): Problem[] => {
    const path = ['lines', i];
    if (seen.has(orderLineId)) return [problem('DUPLICATE', { path: [...path, 'reference'] })];
    seen.add(orderLineId);
    const maximum = ordered.get(orderLineId) ?? 0;
    const units =
      quantity > maximum
        ? [paymentProblem('REFUND_LINE_EXCEEDS', { path: [...path, 'quantity'], params: { maximum } })]
        : [];
    const money =
      amountMinor > left
        ? [refundLineExceeds({ minor: left, currency: refund.currency }, [...path, 'amount'])]
        : [];
    left = amountMinor > left ? 0n : left - amountMinor;
    return [...units, ...money];
  });
}

/** From which states each act on a refund is possible. A gateway executes one refund once, however often it is asked. */
export const refundMoves = {
  RETRY: ['FAILED', 'PROCESSING'],
  SETTLE: ['TO_TRANSFER', 'FAILED'],
} as const satisfies Record<string, readonly RefundState[]>;

/** True while a gateway may still say what became of a refund. */
export const isAtGateway = (state: RefundState): boolean => state === 'QUEUED' || state === 'PROCESSING';

export type RefundAction = keyof typeof refundMoves;

/** Why an act on a refund is not possible; none when it is. */
export function refundRefusals(
  action: RefundAction,
  { state, isCallable }: { state: RefundState; isCallable: boolean },
): Problem[] {
  const path = ['refundId'];
  const from: readonly RefundState[] = refundMoves[action];
  if (!from.includes(state))
    return [problem('ILLEGAL_STATE', { path, params: { state: refundStates[state] } })];
  return action === 'RETRY' && !isCallable ? [paymentProblem('NOT_CALLABLE', { path })] : [];
}

/** What a gateway reports of a payment or refund that differs from what is known here. */
export interface Difference {
  mismatch: Mismatch;
  expected: string | null;
  reported: string;
}

interface Reported {
  amount: MinorMoney;
  transactionReference: string;
  orderNumber?: string | undefined;
}

/**
 * The first difference between what is known of a payment or refund and what its gateway reports of it: another
 * order, currency or amount, or another transaction than the one that settled it.
 */
export function differenceOf(
  known: {
    amountMinor: bigint;
    currency: string;
    transactionReference: string | null;
    isSettled: boolean;
    orderNumber?: string;
  },
  { amount, transactionReference, orderNumber }: Reported,
): Difference | null {
  const { orderNumber: number = orderNumber } = known;
  if (orderNumber !== undefined && orderNumber !== number)
    return { mismatch: 'ORDER', expected: number ?? null, reported: orderNumber };
  if (amount.currency !== known.currency)
    return { mismatch: 'CURRENCY', expected: known.currency, reported: amount.currency };
  if (amount.minor !== known.amountMinor) {
    const decimal = (minor: bigint) => formatMinor(minor, known.currency);
    return { mismatch: 'AMOUNT', expected: decimal(known.amountMinor), reported: decimal(amount.minor) };
  }
  if (known.isSettled && transactionReference !== known.transactionReference)
    return { mismatch: 'TRANSACTION', expected: known.transactionReference, reported: transactionReference };
  return null;
}
