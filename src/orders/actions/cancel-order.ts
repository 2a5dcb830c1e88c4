// Cancelling orders and lines of them.

import { type Actor, isShopper } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { problem, refuseIf } from '../../core/errors.ts';
import { cancelDeadlines } from '../../deadlines/actions.ts';
import type { OrderLine, PaymentAccount } from '../../generated/prisma/client.ts';
import type { OrderCancelReason } from '../../generated/prisma/enums.ts';
import { releaseStock } from '../../inventory/actions/allocate-stock.ts';
import { lockStocks } from '../../inventory/actions/store-supply.ts';
import { lockAccount, setDue } from '../../payments/actions/accounts.ts';
import type { OrderCancel } from '../inputs/change.ts';
import { freightOf, orderTotals } from '../rules/amounts.ts';
import { fulfilmentOf, openUnitProblems, openUnits } from '../rules/moves.ts';
import { ownReason } from '../texts.ts';
import { type LockedOrder, lockOrder } from './lock-order.ts';
import { emitOrder } from './order-events.ts';
import { allocateOrWait } from './wait-for-stock.ts';
import { writeLines } from './write-lines.ts';

/**
 * Cancel an order, or some units of some lines: their stock is given back, and money that is no longer due goes back.
 * When nothing is left the order is cancelled. Refuses with NOT_PERMITTED (a shopper's reason that is not theirs),
 * QUANTITY_EXCEEDS_OPEN, NOTHING_OPEN, NOT_FOUND, ILLEGAL_STATE, STALE_VERSION. Locks the order, then its account, then stock.
 */
export async function cancelOrder(
  tx: Tx,
  actor: Actor,
  input: OrderCancel,
  at: Date,
): Promise<{ id: string }> {
  const isTheirs = !isShopper(actor) || input.reason === 'CUSTOMER_REQUEST';
  refuseIf(isTheirs ? [] : [problem('NOT_PERMITTED', { path: ['reason'] })]);
  const before = await lockOrder(tx, actor, 'CANCEL', input);
  const lines = await linesOf(tx, before.id);
  refuseIf(openUnitProblems(lines, input.lines ?? []));
  const units = input.lines ? unitsNamed(input.lines) : unitsOpen(lines);
  await cancelUnits(tx, actor, before, { lines, units, reason: input.reason, note: input.note ?? null }, at);
  return { id: before.id };
}

/** Cancel all that is still open of an order that the caller has locked. */
export async function cancelRest(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  reason: OrderCancelReason,
  at: Date,
): Promise<void> {
  const lines = await linesOf(tx, before.id);
  await cancelUnits(tx, actor, before, { lines, units: unitsOpen(lines), reason, note: null }, at);
}

interface Cancelling {
  lines: readonly OrderLine[];
  units: ReadonlyMap<string, number>;
  reason: OrderCancelReason;
  note: string | null;
}

async function cancelUnits(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  { lines, units, reason, note }: Cancelling,
  at: Date,
): Promise<void> {
  const changed = lines.map((line) => ({ ...line, cancelled: line.cancelled + (units.get(line.id) ?? 0) }));
  await writeLines(
    tx,
    changed.filter((line) => units.has(line.id)),
  );
  const whole = changed.every((line) => line.cancelled === line.quantity);
  if (whole) await endHolds(tx, before.id, at);
  const totals = orderTotals(changed, whole ? 0n : freightAfter(actor, before, changed));
  const fulfilmentState = fulfilmentOf(changed, before.fulfilmentState);
  const sentNow = fulfilmentState === 'DISPATCHED' && before.dispatchedAt === null;
  const after = await tx.order.update({
    where: { id: before.id },
    data: {
      ...totals,
      fulfilmentState,
      ...(sentNow ? { dispatchedAt: at } : {}),
      ...(whole
        ? { state: 'CANCELLED', held: false, awaitingStock: false, cancelReason: reason, cancelledAt: at }
        : {}),
      version: { increment: 1 },
    },
  });
  const what = { number: after.number, reason, note };
  if (whole) await emitOrder(tx, actor, 'order.cancelled', before, after, what, at);
  else {
    const payload = { ...what, lines: named(lines, units) };
    await emitOrder(tx, actor, 'order.linesCancelled', before, after, payload, at);
  }
  const dueMinor = dueAfter(await lockAccount(tx, before.id), before.totalMinor, totals.totalMinor);
  await setDue(tx, actor, { orderId: before.id, dueMinor, reason: 'CANCELLATION' }, at);
  if (whole) await cancelDeadlines(tx, before.id, at);
  const keep = new Map(
    changed.filter((line) => units.has(line.id)).map((line) => [line.id, openUnits(line)] as const),
  );
  if (after.awaitingStock) await lockStocks(tx, lines);
  await releaseStock(tx, actor, { id: before.id, keep }, at);
  if (after.awaitingStock) await allocateOrWait(tx, actor, { ...before, ...after }, at);
}

/**
 * Freight when lines go. Staff decide what a customer pays; a shopper who takes goods back before paying for any pays
 * the freight of what is left, or padding an order would make it free.
 */
function freightAfter(actor: Actor, before: LockedOrder, lines: readonly OrderLine[]): bigint {
  if (!isShopper(actor) || before.account.capturedMinor > 0n) return before.freightMinor;
  return freightOf(before.store, before.currency, orderTotals(lines, 0n).merchandiseMinor);
}

/**
 * What is due when the total of an order changes. Credits were taken off what is due already and stay so; a platform's
 * refund of the same units may have been one of them, so there it is the rest of the goods that bounds it.
 */
function dueAfter({ terms, dueMinor }: PaymentAccount, before: bigint, after: bigint): bigint {
  if (after === 0n) return 0n;
  if (terms === 'PLATFORM') return dueMinor < after ? dueMinor : after;
  const less = before - after;
  return less < dueMinor ? dueMinor - less : 0n;
}

const linesOf = (tx: Tx, orderId: string): Promise<OrderLine[]> =>
  tx.orderLine.findMany({ where: { orderId }, orderBy: { position: 'asc' } });

/** Nothing stops an order that is over. */
const endHolds = (tx: Tx, orderId: string, at: Date) =>
  tx.orderHold.updateMany({
    where: { orderId, releasedAt: null },
    data: { releasedAt: at, releaseReason: ownReason.orderCancelled },
  });

const unitsOpen = (lines: readonly OrderLine[]): Map<string, number> =>
  new Map(lines.map((line) => [line.id, openUnits(line)] as const).filter(([, open]) => open > 0));

const unitsNamed = (wanted: NonNullable<OrderCancel['lines']>): Map<string, number> =>
  new Map(wanted.map(({ orderLineId, quantity }) => [orderLineId, quantity]));

const named = (lines: readonly OrderLine[], units: ReadonlyMap<string, number>) =>
  lines
    .filter((line) => units.has(line.id))
    .map((line) => ({ sku: line.sku, quantity: units.get(line.id) ?? 0 }));
