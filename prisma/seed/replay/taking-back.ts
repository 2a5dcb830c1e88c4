// What the recording takes back: cancelled where the goods were not sent yet, otherwise returned and paid back.

import { type BookedLine, type BookedOrder, creditNote, refresh } from './books.ts';
import type { Taking } from './matching.ts';
import { pushRefund } from './pushing.ts';
import type { Invoice, RecordedLine } from './recording.ts';
import { act, type Play } from './stage.ts';
import type { Outcome } from './tally.ts';

/** Take back what an invoice says, in one act for each order that it concerns. */
export async function takeBack(play: Play, invoice: Invoice): Promise<void> {
  const matched = invoice.lines
    .filter((line) => line.kind === 'CANCELLATION')
    .map((line) => ({ line, ...play.purchases.take(invoice, line) }));
  const takings = matched.flatMap((match) => match.takings);
  const outcomes = new Map<BookedOrder, Outcome>();
  for (const [order, own] of Map.groupBy(takings, (taking) => taking.order)) {
    const units = unitsOf(own);
    const outcome = await takeBackFrom(play, order, invoice.number, units);
    outcomes.set(order, outcome);
    if (outcome === 'CANCELLED_CLOSED') continue;
    play.acts[outcome === 'CANCELLED' ? 'cancelled' : 'returned']++;
    play.money.takenBack(
      order,
      [...units].map(([{ sku }, count]) => [sku, count]),
    );
  }
  for (const { line, takings: own, rest, why } of matched) {
    const parts = own.map(({ order, units }): Part => [outcomes.get(order) ?? 'CANCELLED_CLOSED', units]);
    countParts(play, line, [...parts, [why, rest]]);
  }
}

function unitsOf(takings: readonly Taking[]): Map<BookedLine, number> {
  const units = new Map<BookedLine, number>();
  for (const { line, units: count } of takings) units.set(line, (units.get(line) ?? 0) + count);
  return units;
}

async function takeBackFrom(
  play: Play,
  order: BookedOrder,
  invoice: string,
  units: ReadonlyMap<BookedLine, number>,
): Promise<'CANCELLED' | 'RETURNED' | 'CANCELLED_CLOSED'> {
  const wasCancelled = [...units].every(([line, count]) => line.cancelled >= count);
  // An earlier run's cancellations are in `cancelled` from the start, and used up as they come by again.
  if (wasCancelled) for (const [line, count] of units) line.cancelled -= count;
  const isPaidBack = order.creditNotes.includes(invoice);
  if (!wasCancelled && (isPaidBack || order.parcel !== null)) {
    const isDone = isPaidBack || (await payBack(play, order, invoice, units));
    return isDone ? 'RETURNED' : 'CANCELLED_CLOSED';
  }
  if (!wasCancelled && !(await cancel(play, order, invoice, units))) return 'CANCELLED_CLOSED';
  if (order.isPushed && order.isPaid && !isPaidBack) await pushRefund(play, order, invoice, units);
  return 'CANCELLED';
}

async function cancel(
  play: Play,
  order: BookedOrder,
  invoice: string,
  units: ReadonlyMap<BookedLine, number>,
): Promise<boolean> {
  const { isDone } = await act(play, order, 'orderCancel', {
    idempotencyKey: `replay-${invoice}-${order.reference}`,
    orderId: order.id,
    reason: 'CUSTOMER_REQUEST',
    note: creditNote(invoice),
    lines: linesOf(units),
  });
  return isDone;
}

/** The marketplace pays back its buyers itself and tells us; others get their money from us. */
async function payBack(
  play: Play,
  order: BookedOrder,
  invoice: string,
  units: ReadonlyMap<BookedLine, number>,
): Promise<boolean> {
  if (order.isPushed) {
    await pushRefund(play, order, invoice, units);
    return true;
  }
  const { userErrors } = await play.crew.afterSales.act('refundCreate', {
    idempotencyKey: `replay-${invoice}-${order.reference}`,
    orderId: order.id,
    reason: 'RETURN',
    note: creditNote(invoice),
    lines: linesOf(units),
  });
  await refresh(play.crew.clerk, order);
  return userErrors.length === 0;
}

const linesOf = (units: ReadonlyMap<BookedLine, number>) =>
  [...units].map(([line, quantity]) => ({ orderLineId: line.id, quantity }));

type Part = readonly [outcome: Outcome, units: number];

/** Count a line as the first of its parts, its other units as what became of them. */
function countParts({ tally }: Play, line: RecordedLine, parts: readonly Part[]): void {
  const [first, ...others] = parts.filter(([, units]) => units > 0);
  if (first) tally.count(first[0], line, first[1]);
  for (const [outcome, units] of others) tally.countUnits(outcome, line, units);
}
