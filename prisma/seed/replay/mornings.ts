// What is done each morning: refunds are transferred, goods that sold out come in, orders that waited for them go on.

import { setTimeout as sleep } from 'node:timers/promises';
import { chunks, refusal } from './api.ts';
import { type BookedOrder, refresh } from './books.ts';
import { advance } from './milestones.ts';
import { nodesOf, pagesOf } from './pages.ts';
import type { Play } from './stage.ts';

const RECEIPT_LINES = 200;
/** Waiting orders get what came in soon, not at once. */
const WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 50;

export async function beginMorning(play: Play, at: number): Promise<void> {
  await transferRefunds(play);
  const waiting = [...play.books.values()].filter((order) => order.awaitingStock);
  play.acts.restocked += await receiveDelivery(play, waiting, at);
  await untilAllocated(play, waiting);
  for (const order of waiting) await catchUp(play, order, at);
}

/** Transfer the money of refunds that no gateway moves. */
async function transferRefunds({ crew, department: { stores } }: Play): Promise<void> {
  const where = { storeId: stores.ownSite, states: ['TO_TRANSFER'] };
  const refunds = await nodesOf<{ id: string }>(crew.finance, 'refunds', 'id', where);
  for (const { id: refundId } of refunds) {
    const input = {
      idempotencyKey: `replay-settle-${refundId}`,
      refundId,
      transactionReference: `BACS-${refundId.slice(-12)}`,
    };
    const { userErrors } = await crew.finance.act('refundSettle', input);
    // A run that was stopped right after it: the money is there already.
    if (userErrors.some(({ code }) => code !== 'ILLEGAL_STATE')) throw refusal('refundSettle', userErrors);
  }
}

/** Receive what sold out and is waited for or will be wanted again. Returns how many goods came. */
async function receiveDelivery(play: Play, waiting: readonly BookedOrder[], at: number): Promise<number> {
  const { locationId, variants } = play.department;
  const { buyer } = play.crew;
  const wanted = demandOf(play, waiting, at);
  const codes = new Map([...variants].map(([code, variantId]) => [variantId, code]));
  const where = { locationId, soldOut: true };
  const lines: { variantId: string; quantity: number }[] = [];
  for await (const { variant } of pagesOf<SoldOut>(buyer, 'stocks', 'variant { id }', where)) {
    const quantity = wanted.get(codes.get(variant.id) ?? '') ?? 0;
    if (quantity > 0) lines.push({ variantId: variant.id, quantity });
  }
  for (const [i, some] of chunks(lines, RECEIPT_LINES).entries()) {
    const input = {
      idempotencyKey: `replay-delivery-${at}-${i}`,
      locationId,
      lines: some,
      note: 'Morning delivery',
    };
    const { userErrors } = await buyer.act('stockReceive', input);
    // The delivery of a run that was stopped right after it: it is here already.
    if (userErrors.some(({ code }) => code !== 'IDEMPOTENCY_KEY_REUSED'))
      throw refusal('stockReceive', userErrors);
  }
  return lines.length;
}

interface SoldOut {
  variant: { id: string };
}

/** Units by code of the good: those of waiting orders, and those that the rest of the recording sells. */
function demandOf({ steps }: Play, waiting: readonly BookedOrder[], at: number): Map<string, number> {
  const demand = new Map<string, number>();
  const add = (code: string, units: number) => demand.set(code, (demand.get(code) ?? 0) + units);
  for (const { lines } of waiting)
    for (const { sku, quantity, cancelled } of lines) add(sku, quantity - cancelled);
  for (const step of steps) {
    if (step.kind !== 'PLACE' || step.at < at) continue;
    for (const { code, quantity } of step.order.lines) add(code, quantity);
  }
  return demand;
}

async function untilAllocated({ crew }: Play, waiting: readonly BookedOrder[]): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (const order of waiting) {
    while (order.awaitingStock && Date.now() < deadline) {
      await sleep(LOOK_AGAIN_MS);
      await refresh(crew.clerk, order);
    }
  }
}

/** Bring an order that waited to where it should have been by now. */
async function catchUp(play: Play, { reference }: BookedOrder, at: number): Promise<void> {
  const due = play.steps.findLast(
    (step) => step.kind === 'ADVANCE' && step.order.reference === reference && step.at <= at,
  );
  if (due?.kind === 'ADVANCE') await advance(play, due.order, due.milestones);
}
