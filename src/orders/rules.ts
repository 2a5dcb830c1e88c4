// What is true of orders: their moves, sums and limits. Pure: no database, no clock.

import { type Problem, problem } from '../core/errors.ts';
import { MONEY_MINOR_MAX, shareOut, taxIncluded } from '../core/money.ts';
import type { OrderHoldKind, OrderState } from '../generated/prisma/enums.ts';
import { holdKinds, orderProblem, orderStates } from './texts.ts';

/** From which states each act is possible. */
export const orderMoves = {
  CONFIRM: ['PENDING_CONFIRMATION'],
  HOLD: ['PENDING_CONFIRMATION', 'CONFIRMED'],
  RELEASE: ['PENDING_CONFIRMATION', 'CONFIRMED'],
  CANCEL: ['PENDING_CONFIRMATION', 'CONFIRMED'],
  COMPLETE: ['CONFIRMED'],
} as const satisfies Record<string, readonly OrderState[]>;

export type OrderAction = keyof typeof orderMoves;

/** Acts that an order on hold does not allow. */
const stoppedByHold: ReadonlySet<OrderAction> = new Set(['CONFIRM', 'COMPLETE']);

/** Why an act is not possible on an order; none when it is. */
export function refusals(
  action: OrderAction,
  order: { state: OrderState; openHolds: readonly OrderHoldKind[] },
): Problem[] {
  const from: readonly OrderState[] = orderMoves[action];
  if (!from.includes(order.state)) {
    return [problem('ILLEGAL_STATE', { path: ['orderId'], params: { state: orderStates[order.state] } })];
  }
  if (order.openHolds.length > 0 && stoppedByHold.has(action)) {
    const kinds = [...new Set(order.openHolds)].map((kind) => holdKinds[kind]);
    const named = {
      en: kinds.map((kind) => kind.en).join(', '),
      zh: kinds.map((kind) => kind.zh).join('、'),
    };
    return [orderProblem('ORDER_HELD', { path: ['orderId'], params: { kinds: named } })];
  }
  if (order.openHolds.length === 0 && action === 'RELEASE')
    return [orderProblem('NOT_HELD', { path: ['orderHoldId'] })];
  return [];
}

export interface PricedLine {
  quantity: number;
  cancelled: number;
  unitPriceMinor: bigint;
  taxRateBasisPoints: number;
}

/** Amount of a line for the units that are not cancelled, and the tax contained in it. */
export function lineAmounts(line: PricedLine): { totalMinor: bigint; taxMinor: bigint } {
  const totalMinor = line.unitPriceMinor * BigInt(line.quantity - line.cancelled);
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

/** Units of a line that can still be cancelled. */
export const cancellable = (line: { quantity: number; cancelled: number; dispatched: number }): number =>
  line.quantity - line.cancelled - line.dispatched;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
