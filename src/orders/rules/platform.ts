// What pushes of a marketplace mean: amounts, and which of two pushes counts. Pure: no database, no clock.

import { type Problem, problem } from '../../core/errors.ts';
import { aheadProblems, latestElsewhere } from '../../core/inputs.ts';
import { type MinorMoney, MONEY_MINOR_MAX } from '../../core/money.ts';
import type { OrderPush, PlatformLine } from '../inputs/push.ts';
import { orderProblem } from '../texts.ts';
import { lineNet, sum } from './amounts.ts';

/** The amounts of a line as the platform tells them. */
export const lineMoney = (line: PlatformLine) => ({
  unitPriceMinor: line.unitPrice.minor,
  merchantDiscountMinor: line.merchantDiscount?.minor ?? 0n,
  platformDiscountMinor: line.platformDiscount?.minor ?? 0n,
});

interface DiscountedLine {
  quantity: number;
  unitPriceMinor: bigint;
  merchantDiscountMinor: bigint;
  platformDiscountMinor: bigint;
}

/**
 * What the department receives for an order: what the buyer pays and what the platform adds for its own discounts. The
 * department's own discounts are not received. `discrepancyMinor` is what that differs from the lines and freight.
 */
export function platformAmounts(
  lines: readonly DiscountedLine[],
  { freightMinor, buyerPaidMinor }: { freightMinor: bigint; buyerPaidMinor: bigint },
) {
  const platformDiscountMinor = sum(lines.map((line) => line.platformDiscountMinor));
  const receivedMinor = buyerPaidMinor + platformDiscountMinor;
  return {
    buyerPaidMinor,
    platformDiscountMinor,
    merchantDiscountMinor: sum(lines.map((line) => line.merchantDiscountMinor)),
    receivedMinor,
    discrepancyMinor: receivedMinor - sum(lines.map(lineNet)) - freightMinor,
  };
}

/** When an order was paid, as far as a push tells; null when it says nothing of payment. Refunds prove a payment. */
export function paidAtOf(push: Pick<OrderPush, 'state' | 'paidAt' | 'asOf' | 'refunds'>): Date | null {
  if (push.paidAt) return push.paidAt;
  const isPaid = push.state === 'PAID' || push.state === 'COMPLETED' || (push.refunds?.length ?? 0) > 0;
  return isPaid ? push.asOf : null;
}

/** Amounts in another currency than the order's, each where it stands. */
export function currencyProblems(push: OrderPush, currency: string): Problem[] {
  const given: [path: (string | number)[], amount: MinorMoney | undefined][] = [
    [['freight'], push.freight],
    [['buyerPaid'], push.buyerPaid],
    ...(push.lines ?? []).flatMap((line, i): [(string | number)[], MinorMoney | undefined][] => [
      [['lines', i, 'unitPrice'], line.unitPrice],
      [['lines', i, 'merchantDiscount'], line.merchantDiscount],
      [['lines', i, 'platformDiscount'], line.platformDiscount],
    ]),
    ...(push.refunds ?? []).flatMap((refund, i): [(string | number)[], MinorMoney | undefined][] => [
      [['refunds', i, 'amount'], refund.amount],
      [['refunds', i, 'freight'], refund.freight],
      ...(refund.lines ?? []).map((line, j): [(string | number)[], MinorMoney | undefined] => [
        ['refunds', i, 'lines', j, 'amount'],
        line.amount,
      ]),
    ]),
  ];
  return given.flatMap(([path, amount]) =>
    amount && amount.currency !== currency
      ? [problem('CURRENCY_DIFFERS', { path: [...path, 'currency'], params: { currency } })]
      : [],
  );
}

/** Moments of what has happened that lie in the future: one of them would outlast every true push. */
export const momentProblems = (push: OrderPush, at: Date): Problem[] =>
  aheadProblems(
    [
      [['asOf'], push.asOf],
      [['placedAt'], push.placedAt],
      [['paidAt'], push.paidAt],
      ...(push.refunds ?? []).map(({ refundedAt }, i) => [['refunds', i, 'refundedAt'], refundedAt] as const),
    ],
    latestElsewhere(at),
  );

/** What is received for an order, where it is more than can be kept. */
export const receivedProblems = (receivedMinor: bigint): Problem[] =>
  receivedMinor > MONEY_MINOR_MAX ? [orderProblem('TOTAL_TOO_LARGE', { path: ['lines'] })] : [];

/** What the first push of an order must say and this one does not. */
export const firstPushProblems = (push: OrderPush): Problem[] =>
  (['receiver', 'lines', 'buyerPaid'] as const).flatMap((field) =>
    push[field] === undefined || (field === 'lines' && push.lines?.length === 0)
      ? [problem('REQUIRED', { path: [field] })]
      : [],
  );

/** Refunded lines that the order does not have. */
export const refundLineProblems = (push: OrderPush, known: ReadonlySet<string>): Problem[] =>
  (push.refunds ?? []).flatMap((refund, i) =>
    (refund.lines ?? []).flatMap((line, j) =>
      known.has(line.reference)
        ? []
        : [
            orderProblem('LINE_UNKNOWN', {
              path: ['refunds', i, 'lines', j, 'reference'],
              params: { number: line.reference },
            }),
          ],
    ),
  );
