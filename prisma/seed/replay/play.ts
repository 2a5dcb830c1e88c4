// Playing the steps of the replay through the API, each as the person or machine whose work it is.

import type { BookedOrder } from './books.ts';
import { pushesOf } from './channels.ts';
import { makePurchases } from './matching.ts';
import { advance } from './milestones.ts';
import { beginMorning } from './mornings.ts';
import type { Pace } from './pace.ts';
import { place } from './placing.ts';
import { gapsOf, type HoldReason, type PlannedOrder, type Step } from './plan.ts';
import { pushOrder } from './pushing.ts';
import { act, countOnce, type Play, type Stage } from './stage.ts';
import { takeBack } from './taking-back.ts';

/**
 * Play all steps at a pace. An earlier run's orders are in the books: what it did is counted again and not done again,
 * without waiting. `done` hears of each step. Stops between two steps when the pace rejects.
 */
export async function playSteps(stage: Stage, pace: Pace, done: (step: Step) => void): Promise<void> {
  const { steps, books } = stage;
  const play: Play = { ...stage, purchases: makePurchases(), counted: new Set() };
  const resumeAt =
    steps.findLastIndex((step) => step.kind === 'PLACE' && books.has(step.order.reference)) + 1;
  const gaps = gapsOf(steps);
  for (const [i, step] of steps.entries()) {
    if (i >= resumeAt) await pace.pass(gaps[i] ?? 0);
    await playStep(play, step, i < resumeAt);
    done(step);
  }
}

async function playStep(play: Play, step: Step, isPast: boolean): Promise<void> {
  if (step.kind === 'TAKE_BACK') return takeBack(play, step.invoice);
  if (step.kind === 'MORNING') return isPast ? undefined : beginMorning(play, step.at);
  if (step.kind === 'PLACE') return place(play, step.order, isPast);
  if (step.kind === 'ADVANCE') return advance(play, step.order, step.milestones);
  const order = play.books.get(step.order.reference);
  if (!order) return;
  if (step.kind === 'HOLD') return hold(play, order, step.why);
  if (step.kind === 'RELEASE') return release(play, order, step.why);
  if (step.kind === 'CLOSE_UNPAID') return closeUnpaid(play, order);
  if (order.isPushed && !isPast) return pushAgain(play, step.order, order);
}

async function hold(play: Play, order: BookedOrder, { kind, reason }: HoldReason): Promise<void> {
  const isOpen = order.state === 'PENDING_CONFIRMATION' || order.state === 'CONFIRMED';
  if (isOpen && !holdOf(order, kind))
    await act(play, order, 'orderHold', { orderId: order.id, kind, reason });
  if (holdOf(order, kind)) countOnce(play, order, 'held');
}

async function release(play: Play, order: BookedOrder, { kind, settled }: HoldReason): Promise<void> {
  const placed = holdOf(order, kind);
  if (placed?.releasedAt === null)
    await act(play, order, 'orderRelease', { orderHoldId: placed.id, reason: settled });
  if (holdOf(order, kind)?.releasedAt) countOnce(play, order, 'released');
}

/** The hold that the replay placed, not one that somebody placed by hand. */
const holdOf = ({ holds }: BookedOrder, kind: HoldReason['kind']) => holds.find((held) => held.kind === kind);

async function closeUnpaid(play: Play, order: BookedOrder): Promise<void> {
  if (order.state !== 'CANCELLED') {
    await act(play, order, 'orderCancel', {
      idempotencyKey: `replay-close-${order.reference}`,
      orderId: order.id,
      reason: 'UNREACHABLE',
      note: 'Never paid, and does not answer.',
    });
  }
  if (order.state === 'CANCELLED' && countOnce(play, order, 'closed')) play.money.closed(order);
}

/** The marketplace pushes an order once more: the same again, or what it should have told before. Nothing may change. */
async function pushAgain(play: Play, planned: PlannedOrder, order: BookedOrder): Promise<void> {
  const state = pushesOf(planned.reference).at(-1);
  if (state) await pushOrder(play, planned, state, order);
}
