// The morning's delivery: goods that sold out come in again, as many as the rest of the recording sells.

import { type Api, chunks, refusal } from './api.ts';
import type { Department } from './department.ts';
import { pagesOf } from './pages.ts';
import type { Step } from './plan.ts';

const RECEIPT_LINES = 200;

/** Receive what sold out and will be wanted again. Returns how many goods came. */
export async function receiveDelivery(
  buyer: Api,
  { locationId, variants }: Department,
  steps: readonly Step[],
  at: number,
): Promise<number> {
  const wanted = demandAfter(steps, at);
  const codes = new Map([...variants].map(([code, variantId]) => [variantId, code]));
  const lines: { variantId: string; quantity: number }[] = [];
  const where = { locationId, soldOut: true };
  for await (const { variant } of pagesOf<{ variant: { id: string } }>(
    buyer,
    'stocks',
    'variant { id }',
    where,
  )) {
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
    if (userErrors.some((error) => error.code !== 'IDEMPOTENCY_KEY_REUSED'))
      throw refusal('stockReceive', userErrors);
  }
  return lines.length;
}

function demandAfter(steps: readonly Step[], at: number): Map<string, number> {
  const demand = new Map<string, number>();
  for (const step of steps) {
    if (step.kind !== 'PLACE' || step.at < at) continue;
    for (const { code, quantity } of step.order.lines) demand.set(code, (demand.get(code) ?? 0) + quantity);
  }
  return demand;
}
