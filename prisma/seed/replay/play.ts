// Playing the steps of the replay through the API, each as the person whose work it is.

import { refusal, type UserError } from './api.ts';
import { type BookedOrder, bookedOf, ORDER_FIELDS, type RawOrder, readBooks, readOrder } from './books.ts';
import { makePurchases, type Purchases, type Taking } from './cancelling.ts';
import { receiverOf } from './customers.ts';
import { receiveDelivery } from './delivery.ts';
import type { Department } from './department.ts';
import type { Pace } from './pace.ts';
import type { Crew } from './people.ts';
import { gapsOf, type HoldReason, type PlannedOrder, type Step } from './plan.ts';
import type { Invoice, RecordedLine } from './recording.ts';
import type { Outcome, Tally } from './tally.ts';

/** How often each thing was done, by this run or an earlier one. */
export interface Acts {
  placed: number;
  /** Orders that could not be placed, because every line was out of stock. */
  refused: number;
  held: number;
  released: number;
  confirmed: number;
  completed: number;
  cancelled: number;
  /** Goods that came in again, in this run. */
  delivered: number;
}

export const noActs = (): Acts => ({
  placed: 0,
  refused: 0,
  held: 0,
  released: 0,
  confirmed: 0,
  completed: 0,
  cancelled: 0,
  delivered: 0,
});

export interface Stage {
  crew: Crew;
  department: Department;
  steps: readonly Step[];
  tally: Tally;
  acts: Acts;
}

interface Play extends Stage {
  books: Map<string, BookedOrder>;
  purchases: Purchases;
  /** Steps before this one were done by an earlier run. */
  resumeAt: number;
}

/**
 * Play all steps at a pace. An earlier run's orders are found by their references: what it did is counted again and not
 * done again, without waiting. `done` hears of each step. Stops between two steps when the pace rejects.
 */
export async function playSteps(stage: Stage, pace: Pace, done: (step: Step) => void): Promise<void> {
  const books = await readBooks(stage.crew.clerk, stage.department.storeId);
  const isBooked = (step: Step) => step.kind === 'PLACE' && books.has(step.order.reference);
  const play = {
    ...stage,
    books,
    purchases: makePurchases(),
    resumeAt: stage.steps.findLastIndex(isBooked) + 1,
  };
  const gaps = gapsOf(stage.steps);
  for (const [i, step] of stage.steps.entries()) {
    if (i >= play.resumeAt) await pace.pass(gaps[i] ?? 0);
    await playStep(play, step, i < play.resumeAt);
    done(step);
  }
}

async function playStep(play: Play, step: Step, isPast: boolean): Promise<void> {
  if (step.kind === 'CANCEL') return cancel(play, step.invoice);
  if (step.kind === 'DELIVERY') {
    play.acts.delivered += isPast
      ? 0
      : await receiveDelivery(play.crew.buyer, play.department, play.steps, step.at);
    return;
  }
  if (step.kind === 'PLACE') return place(play, step.order, isPast);
  const order = play.books.get(step.order.reference);
  if (!order) return;
  if (step.kind === 'HOLD') return hold(play, order, step.why);
  if (step.kind === 'RELEASE') return release(play, order, step.why);
  if (step.kind === 'CONFIRM') return confirm(play, order);
  return complete(play, order);
}

async function place(play: Play, planned: PlannedOrder, isPast: boolean): Promise<void> {
  const { reference, invoice } = planned;
  const order = play.books.get(reference) ?? (isPast ? null : await placeOrder(play, planned));
  if (!order) play.acts.refused++;
  else play.acts.placed++;
  if (order) play.books.set(reference, order);
  // The order has the lines of the invoice in their order, without those that were short.
  const booked = [...(order?.lines ?? [])];
  for (const line of planned.lines) {
    const [next] = booked;
    if (order && next?.sku === line.code && next.quantity === line.quantity) {
      booked.shift();
      play.tally.count('PLACED', line);
      play.purchases.placed(invoice.customerId, order, next);
    } else {
      play.tally.count('OUT_OF_STOCK', line);
      play.purchases.refused(invoice.customerId, line.code);
    }
  }
}

interface Placed {
  order: RawOrder | null;
}

const PLACED = `order { ${ORDER_FIELDS} } userErrors { __typename code message path
  ... on InsufficientStock { lines { line } } ... on ExternalReferenceTaken { nodeId } }`;

/** Place an order without the lines that are out of stock; null when none is left. */
async function placeOrder(
  play: Play,
  { reference, invoice, lines }: PlannedOrder,
): Promise<BookedOrder | null> {
  const { crew, department } = play;
  let wanted = [...lines];
  while (wanted.length > 0) {
    const input = {
      idempotencyKey: `replay-${reference}`,
      storeId: department.storeId,
      currency: 'GBP',
      externalReference: reference,
      ...receiverOf(invoice),
      lines: wanted.map((line) => ({
        variantId: department.variants.get(line.code),
        quantity: line.quantity,
      })),
    };
    const payload = await crew.clerk.act<Placed>('orderPlace', input, PLACED);
    if (payload.order) return bookedOf(crew.clerk, payload.order);
    const taken = payload.userErrors.find((error) => error.__typename === 'ExternalReferenceTaken');
    if (taken?.nodeId) return readOrder(crew.clerk, String(taken.nodeId));
    const short = shortLines(payload.userErrors);
    if (short.size === 0) throw refusal('orderPlace', payload.userErrors, { reference });
    wanted = wanted.filter((_, i) => !short.has(i));
  }
  return null;
}

/** Indexes of lines that cannot be had: short of stock, or not sold any more. */
const shortLines = (errors: readonly UserError[]): Set<number> =>
  new Set(
    errors.flatMap(({ lines, path }) => {
      if (lines) return (lines as { line: number }[]).map(({ line }) => line);
      return path[1] === 'lines' ? [Number(path[2])] : [];
    }),
  );

async function hold(play: Play, order: BookedOrder, { kind, reason }: HoldReason): Promise<void> {
  if (order.holds.count === 0 && isOpen(order)) {
    await act(play, order, 'orderHold', { orderId: order.id, kind, reason });
  }
  if (order.holds.count > 0) play.acts.held++;
}

async function release(play: Play, order: BookedOrder, { settled }: HoldReason): Promise<void> {
  if (order.holds.openId) {
    await act(play, order, 'orderRelease', { orderHoldId: order.holds.openId, reason: settled });
  }
  if (order.holds.count > 0 && !order.holds.openId) play.acts.released++;
}

async function confirm(play: Play, order: BookedOrder): Promise<void> {
  if (order.state === 'PENDING_CONFIRMATION') await act(play, order, 'orderConfirm', { orderId: order.id });
  if (order.state !== 'PENDING_CONFIRMATION') play.acts.confirmed++;
}

async function complete(play: Play, order: BookedOrder): Promise<void> {
  const { id, externalReference } = order;
  if (order.state === 'CONFIRMED') {
    await act(play, order, 'orderComplete', {
      orderId: id,
      idempotencyKey: `replay-complete-${externalReference}`,
    });
  }
  if (order.state !== 'COMPLETED') return;
  play.acts.completed++;
  play.purchases.completed(order);
}

const isOpen = (order: BookedOrder): boolean =>
  order.state === 'PENDING_CONFIRMATION' || order.state === 'CONFIRMED';

/**
 * Do an act on an order and take over what the order is then. False when it was refused: it was done already and only
 * the answer was lost, or somebody else did something with the order meanwhile.
 */
async function act(play: Play, order: BookedOrder, mutation: string, input: object): Promise<boolean> {
  const { clerk } = play.crew;
  const payload = await clerk.act<{ order: RawOrder | null }>(mutation, input, `order { ${ORDER_FIELDS} }`);
  const done = payload.order !== null;
  const { state, holds, total } = payload.order
    ? await bookedOf(clerk, payload.order)
    : await readOrder(clerk, order.id);
  Object.assign(order, { state, holds, total });
  return done;
}

/** Cancel what an invoice takes back, one act for each order that it concerns. */
async function cancel(play: Play, invoice: Invoice): Promise<void> {
  const matched = invoice.lines
    .filter((line) => line.kind === 'CANCELLATION')
    .map((line) => ({ line, ...play.purchases.take(invoice, line) }));
  const takings = matched.flatMap((match) => match.takings);
  const refused = new Set<BookedOrder>();
  for (const [order, own] of Map.groupBy(takings, (taking) => taking.order)) {
    if (!(await cancelIn(play, invoice.number, order, own))) refused.add(order);
  }
  for (const { line, takings: own, rest, why } of matched) {
    const lost = own
      .filter((taking) => refused.has(taking.order))
      .reduce((sum, taking) => sum + taking.units, 0);
    countCancelled(play.tally, line, [
      ['CANCELLED', line.quantity - rest - lost],
      ['CANCELLED_LATE', lost],
      [why, rest],
    ]);
  }
}

async function cancelIn(
  play: Play,
  invoice: string,
  order: BookedOrder,
  takings: readonly Taking[],
): Promise<boolean> {
  const units = new Map<Taking['line'], number>();
  for (const taking of takings) units.set(taking.line, (units.get(taking.line) ?? 0) + taking.units);
  // An earlier run's cancellations are in `cancelled` from the start, and used up as they come by again.
  const isDone = [...units].every(([line, count]) => line.cancelled >= count);
  if (isDone) {
    for (const [line, count] of units) line.cancelled -= count;
  } else {
    const done = await act(play, order, 'orderCancel', {
      idempotencyKey: `replay-${invoice}-${order.externalReference}`,
      orderId: order.id,
      reason: 'CUSTOMER_REQUEST',
      note: `Credit note ${invoice}`,
      lines: [...units].map(([line, quantity]) => ({ orderLineId: line.id, quantity })),
    });
    if (!done) return false;
  }
  play.acts.cancelled++;
  return true;
}

/** Count a cancelled line as the first of its parts, its other units as what became of them. */
function countCancelled(
  tally: Tally,
  line: RecordedLine,
  parts: readonly (readonly [Outcome, number])[],
): void {
  const [first, ...others] = parts.filter(([, units]) => units > 0);
  if (first) tally.count(first[0], line, first[1]);
  for (const [outcome, units] of others) tally.countUnits(outcome, line, units);
}
