// Placing the orders of the recording: by telephone, on the own site, or pushed by the marketplace.

import { type Api, refusal, type UserError } from './api.ts';
import { type BookedOrder, readOrder } from './books.ts';
import { type Channel, pushesOf } from './channels.ts';
import { receiverOf } from './customers.ts';
import type { PlannedOrder } from './plan.ts';
import { pushOrder } from './pushing.ts';
import { type Acts, countOnce, type Play } from './stage.ts';

interface WayIn {
  counts: keyof Acts;
  /** The id of the order; null when nothing of it is in stock. */
  place(play: Play, planned: PlannedOrder): Promise<string | null>;
}

const waysIn: Readonly<Record<Channel, WayIn>> = {
  MARKETPLACE: {
    counts: 'pushed',
    place: (play, planned) => pushOrder(play, planned, pushesOf(planned.reference)[0] ?? 'PAID'),
  },
  OWN_SITE: {
    counts: 'boughtOnSite',
    place: async (play, planned) => placeWhatIsThere(play, planned, await play.crew.shoppers.of(planned)),
  },
  TELEPHONE: {
    counts: 'telephoned',
    place: (play, planned) =>
      placeWhatIsThere(play, planned, play.crew.clerk, { externalReference: planned.reference }),
  },
};

/** Place an order, or find the one that an earlier run placed, and count what became of its lines. */
export async function place(play: Play, planned: PlannedOrder, isPast: boolean): Promise<void> {
  const { reference, invoice, channel, lines } = planned;
  const order = play.books.get(reference) ?? (isPast ? null : await placeOrder(play, planned));
  if (order) {
    play.books.set(reference, order);
    countOnce(play, order, waysIn[channel].counts);
    play.money.placed(
      order,
      order.lines.map(({ sku, quantity }) => [sku, quantity]),
    );
  } else play.acts.refused++;
  // The order has the lines of the invoice in their order, without those that were short.
  const booked = [...(order?.lines ?? [])];
  for (const line of lines) {
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

async function placeOrder(play: Play, planned: PlannedOrder): Promise<BookedOrder | null> {
  const { reference, channel } = planned;
  const id = await waysIn[channel].place(play, planned);
  return id === null ? null : readOrder(play.crew.clerk, id, reference);
}

const PLACED = `order { id } userErrors { __typename code message path
  ... on InsufficientStock { lines { line } } ... on ExternalReferenceTaken { nodeId } }`;

/** Place an order without the lines that are out of stock. Its id; null when no line is left. */
async function placeWhatIsThere(
  { department: { stores, variants } }: Play,
  { reference, invoice, lines }: PlannedOrder,
  by: Api,
  own: { externalReference?: string } = {},
): Promise<string | null> {
  let wanted = [...lines];
  while (wanted.length > 0) {
    const input = {
      idempotencyKey: `replay-${reference}`,
      storeId: stores.ownSite,
      currency: 'GBP',
      ...own,
      ...receiverOf(invoice, reference),
      lines: wanted.map(({ code, quantity }) => ({ variantId: variants.get(code), quantity })),
    };
    const { order, userErrors } = await by.act<{ order: { id: string } | null }>('orderPlace', input, PLACED);
    if (order) return order.id;
    const taken = userErrors.find((error) => error.__typename === 'ExternalReferenceTaken');
    if (taken?.nodeId) return String(taken.nodeId);
    const short = shortLines(userErrors);
    if (short.size === 0) throw refusal('orderPlace', userErrors, { reference });
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
