// What may be done with an order, when, and by whom. Pure: no database, no clock.

import { notFound, type Problem, problem } from '../../core/errors.ts';
import type {
  OrderFulfilmentState,
  OrderHoldKind,
  OrderState,
  PaymentTerms,
  StoreConfirmation,
} from '../../generated/prisma/enums.ts';
import { type AccountAmounts, isCovered } from '../../payments/rules.ts';
import { holdKinds, orderProblem, orderStates } from '../texts.ts';

/** From which states each act is possible. */
export const orderMoves = {
  CONFIRM: ['PENDING_CONFIRMATION'],
  HOLD: ['PENDING_CONFIRMATION', 'CONFIRMED'],
  RELEASE: ['PENDING_CONFIRMATION', 'CONFIRMED'],
  CANCEL: ['PENDING_CONFIRMATION', 'CONFIRMED'],
  DISPATCH: ['CONFIRMED'],
  COMPLETE: ['CONFIRMED'],
} as const satisfies Record<string, readonly OrderState[]>;

export type OrderAction = keyof typeof orderMoves;

/** Acts that an order on hold does not allow. */
const stoppedByHold: ReadonlySet<OrderAction> = new Set(['CONFIRM', 'DISPATCH', 'COMPLETE']);

/** What decides about an act on an order. */
export interface OrderFacts {
  state: OrderState;
  fulfilmentState: OrderFulfilmentState;
  openHolds: readonly OrderHoldKind[];
  /** True while units of a paid order wait for stock, which its stock hold says: it ends by itself. */
  awaitingStock?: boolean;
  /** True when all that is due came in. */
  isCovered: boolean;
  terms: PaymentTerms;
  /** Whether the store confirms before or after payment. */
  confirmation: StoreConfirmation;
  /** True when a shopper acts, who may only cancel what nobody confirmed yet. */
  byShopper: boolean;
}

/** What decides about an order, from its rows. An order without an account owes everything. */
export const factsOfRows = (
  order: Pick<OrderFacts, 'state' | 'fulfilmentState' | 'awaitingStock'>,
  {
    holds,
    account,
    store,
  }: {
    holds: readonly { kind: OrderHoldKind }[];
    account: (AccountAmounts & { terms: PaymentTerms }) | null;
    store: { confirmation: StoreConfirmation };
  },
  byShopper: boolean,
): OrderFacts => ({
  state: order.state,
  fulfilmentState: order.fulfilmentState,
  openHolds: holds.map(({ kind }) => kind),
  awaitingStock: order.awaitingStock ?? false,
  isCovered: account !== null && isCovered(account),
  terms: account?.terms ?? 'PREPAID',
  confirmation: store.confirmation,
  byShopper,
});

/** Terms by which goods leave before they are paid. */
export const termsPaidLater: readonly PaymentTerms[] = ['CREDIT', 'CASH_ON_DELIVERY'];

/** True when the warehouse may have the order: it is paid, or is to be paid later. `dispatchable` filters like it. */
const isReleased = ({ isCovered, terms }: Pick<OrderFacts, 'isCovered' | 'terms'>): boolean =>
  isCovered || termsPaidLater.includes(terms);

/** True where an order is confirmed only after its payment, and nothing else was agreed. */
export const waitsForPayment = (store: { confirmation: StoreConfirmation }, terms: PaymentTerms): boolean =>
  store.confirmation === 'AFTER_PAYMENT' && !termsPaidLater.includes(terms);

/** Why an act is not possible on an order; none when it is. */
export function refusals(action: OrderAction, order: OrderFacts): Problem[] {
  const path = ['orderId'];
  const from: readonly OrderState[] = orderMoves[action];
  const tooLate = order.byShopper && action === 'CANCEL' && order.state !== 'PENDING_CONFIRMATION';
  if (!from.includes(order.state) || tooLate)
    return [problem('ILLEGAL_STATE', { path, params: { state: orderStates[order.state] } })];
  const found: Problem[] = [];
  if (order.openHolds.length > 0 && stoppedByHold.has(action)) found.push(heldProblem(order.openHolds));
  if (order.openHolds.length === 0 && action === 'RELEASE')
    found.push(orderProblem('NOT_HELD', { path: ['orderHoldId'] }));
  const onlyWaits = order.awaitingStock && order.openHolds.every((kind) => kind === 'STOCK');
  if (order.openHolds.length > 0 && onlyWaits && action === 'RELEASE')
    found.push(orderProblem('AWAITING_STOCK', { path: ['orderHoldId'] }));
  const needsMoney =
    action === 'DISPATCH' || (action === 'CONFIRM' && order.confirmation === 'AFTER_PAYMENT');
  if (needsMoney && !isReleased(order)) found.push(orderProblem('PAYMENT_REQUIRED', { path }));
  const isSent = order.fulfilmentState === 'DISPATCHED' || order.fulfilmentState === 'DELIVERED';
  if (isSent && (action === 'CANCEL' || action === 'DISPATCH'))
    found.push(orderProblem('NOTHING_OPEN', { path }));
  if (!isSent && action === 'COMPLETE') found.push(orderProblem('NOT_DISPATCHED', { path }));
  return found;
}

function heldProblem(openHolds: readonly OrderHoldKind[]): Problem {
  const kinds = [...new Set(openHolds)].map((kind) => holdKinds[kind]);
  const named = {
    en: kinds.map((kind) => kind.en).join(', '),
    zh: kinds.map((kind) => kind.zh).join('、'),
  };
  return orderProblem('ORDER_HELD', { path: ['orderId'], params: { kinds: named } });
}

interface CountedLine {
  quantity: number;
  cancelled: number;
  dispatched: number;
}

/** Units of a line that are neither cancelled nor dispatched: what can still be cancelled or sent. */
export const openUnits = (line: CountedLine): number => line.quantity - line.cancelled - line.dispatched;

/** Lines that an order does not have, and those with fewer open units than wanted, each where it stands in the input. */
export const openUnitProblems = (
  lines: readonly (CountedLine & { id: string })[],
  wanted: readonly { orderLineId: string; quantity: number }[],
): Problem[] =>
  wanted.flatMap(({ orderLineId, quantity }, i): Problem[] => {
    const line = lines.find(({ id }) => id === orderLineId);
    if (!line) return [notFound('OrderLine', ['lines', i, 'orderLineId'])];
    const open = openUnits(line);
    const path = ['lines', i, 'quantity'];
    return quantity > open ? [orderProblem('QUANTITY_EXCEEDS_OPEN', { path, params: { open } })] : [];
  });

/** Where an order is on the axis of fulfilment, by its lines. `before` tells whether what was sent has arrived. */
export function fulfilmentOf(
  lines: readonly CountedLine[],
  before: OrderFulfilmentState,
): OrderFulfilmentState {
  if (lines.every((line) => line.dispatched === 0)) return 'UNFULFILLED';
  if (lines.some((line) => openUnits(line) > 0)) return 'PARTIALLY_DISPATCHED';
  return before === 'DELIVERED' ? 'DELIVERED' : 'DISPATCHED';
}
