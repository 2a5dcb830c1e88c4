// What orders come to: lines, freight, tax and limits. Pure: no database, no clock.

import type { Problem } from '../../core/errors.ts';
import { afterDiscount, amountOfUnits, MONEY_MINOR_MAX, shareOut, taxIncluded } from '../../core/money.ts';
import { orderProblem } from '../texts.ts';

/** Unpaid orders that one shopper may have open at once. */
export const OPEN_ORDERS_MAX = 20;

/** Unpaid orders that all guests of one network may have open at once: a guest makes tokens up at will. */
export const GUESTS_OPEN_ORDERS_MAX = 50;

export interface PricedLine {
  quantity: number;
  cancelled: number;
  unitPriceMinor: bigint;
  /** Discount on all units of the line that the department bears. */
  merchantDiscountMinor?: bigint;
  taxRateBasisPoints: number;
}

/** What all units of a line bring: their price less the department's own discount. */
export const lineNet = (
  line: Pick<PricedLine, 'quantity' | 'unitPriceMinor' | 'merchantDiscountMinor'>,
): bigint => afterDiscount(line.unitPriceMinor, line.quantity, line.merchantDiscountMinor ?? 0n);

/** Amount of a line for the units that are not cancelled, and the tax contained in it. */
export function lineAmounts(line: PricedLine): { totalMinor: bigint; taxMinor: bigint } {
  const totalMinor = amountOfUnits(lineNet(line), line.quantity, line.quantity - line.cancelled);
  return { totalMinor, taxMinor: taxIncluded(totalMinor, line.taxRateBasisPoints) };
}

export interface Totals {
  merchandiseMinor: bigint;
  freightMinor: bigint;
  totalMinor: bigint;
  taxMinor: bigint;
}

/**
 * Sums of an order. Freight is taxed as the goods are: it is shared over the lines by their amounts, and each share
 * contains tax at its line's rate.
 */
export function orderTotals(lines: readonly PricedLine[], freightMinor: bigint): Totals {
  const amounts = lines.map(lineAmounts);
  const merchandiseMinor = sum(amounts.map((amount) => amount.totalMinor));
  const freightShares = shareOut(
    freightMinor,
    amounts.map((amount) => amount.totalMinor),
  );
  const freightTax = sum(
    freightShares.map((share, i) => taxIncluded(share, lines[i]?.taxRateBasisPoints ?? 0)),
  );
  return {
    merchandiseMinor,
    freightMinor,
    totalMinor: merchandiseMinor + freightMinor,
    taxMinor: sum(amounts.map((amount) => amount.taxMinor)) + freightTax,
  };
}

/** Freight of a store for goods of an amount. Free in currencies other than the store's first, whose freight is not set. */
export function freightOf(
  store: { currencies: readonly string[]; freightMinor: bigint; freightFreeFromMinor: bigint | null },
  currency: string,
  merchandiseMinor: bigint,
): bigint {
  if (currency !== store.currencies[0]) return 0n;
  const free = store.freightFreeFromMinor !== null && merchandiseMinor >= store.freightFreeFromMinor;
  return free ? 0n : store.freightMinor;
}

/** Lines of one variant that together exceed the store's limit, each with its index. */
export function quantityProblems(
  lines: readonly { variantId: string; quantity: number }[],
  max: number,
): Problem[] {
  const sums = new Map<string, number>();
  for (const { variantId, quantity } of lines) sums.set(variantId, (sums.get(variantId) ?? 0) + quantity);
  return lines.flatMap(({ variantId }, i) =>
    (sums.get(variantId) ?? 0) > max
      ? [orderProblem('QUANTITY_EXCEEDS_LIMIT', { path: ['lines', i, 'quantity'], params: { max } })]
      : [],
  );
}

export const totalProblems = (totals: Totals): Problem[] =>
  totals.totalMinor > MONEY_MINOR_MAX ? [orderProblem('TOTAL_TOO_LARGE', { path: ['lines'] })] : [];

export const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
