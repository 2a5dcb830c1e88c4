// What the marketplace tells of its orders: pushes, in whatever order they come.

import { formatMinor } from '../../../src/core/money.ts';
import { refusal } from './api.ts';
import { type BookedLine, type BookedOrder, refresh } from './books.ts';
import type { PlatformState } from './channels.ts';
import { receiverOf } from './customers.ts';
import { worthOf } from './goods.ts';
import type { PlannedOrder } from './plan.ts';
import type { Stage } from './stage.ts';

/** A buyer of the marketplace pays a minute after placing, and the marketplace tells us within the next. */
const PAID_AFTER_MS = 60_000;
const TOLD_AFTER_MS = 2 * PAID_AFTER_MS;
const SHIP_WITHIN_MS = 48 * 3_600_000;

/** Push what there is to know of an order that was placed or paid. Returns the order's id. */
export async function pushOrder(
  stage: Stage,
  { reference, invoice, lines }: PlannedOrder,
  state: PlatformState,
  known?: BookedOrder,
): Promise<string> {
  const { goods } = stage;
  const placedAt = new Date(known?.placedAt ?? Date.now() - TOLD_AFTER_MS);
  const after = (ms: number) => new Date(placedAt.getTime() + ms).toISOString();
  const { contact, address } = receiverOf(invoice, reference);
  return push(stage, reference, {
    state,
    asOf: after(state === 'PAID' ? PAID_AFTER_MS : 0),
    placedAt: after(0),
    shipBy: after(SHIP_WITHIN_MS),
    receiver: { ...address, name: masked(contact.name), masked: true },
    lines: lines.map(({ code, quantity }, i) => ({
      reference: String(i + 1),
      sku: code,
      quantity,
      unitPrice: pounds(worthOf(goods, code, 1)),
    })),
    buyerPaid: pounds(lines.reduce((sum, { code, quantity }) => sum + worthOf(goods, code, quantity), 0n)),
  });
}

/** Push that the marketplace paid back units of an order, and where the order is by now. */
export async function pushRefund(
  stage: Stage,
  order: BookedOrder,
  creditNote: string,
  units: ReadonlyMap<BookedLine, number>,
): Promise<void> {
  const at = new Date().toISOString();
  const parts = [...units].map(([{ sku, platformReference }, quantity]) => ({
    reference: platformReference,
    quantity,
    minor: worthOf(stage.goods, sku, quantity),
  }));
  const refund = {
    reference: creditNote,
    amount: pounds(parts.reduce((sum, { minor }) => sum + minor, 0n)),
    lines: parts.map(({ minor, ...part }) => ({ ...part, amount: pounds(minor) })),
    refundedAt: at,
  };
  const { reference, placedAt } = order;
  await push(stage, reference, { state: stateOf(order), asOf: at, placedAt, refunds: [refund] });
  await refresh(stage.crew.clerk, order);
}

const stateOf = ({ state, completedAt }: BookedOrder) =>
  state === 'CANCELLED' ? 'CLOSED' : completedAt ? 'COMPLETED' : 'PAID';

/** Push that the buyer has the goods and the marketplace is done with the order. */
export async function pushCompletion(stage: Stage, order: BookedOrder): Promise<void> {
  const { reference, placedAt } = order;
  await push(stage, reference, { state: 'COMPLETED', asOf: new Date().toISOString(), placedAt });
  await refresh(stage.crew.clerk, order);
}

async function push({ department }: Stage, reference: string, news: object): Promise<string> {
  const { partners, stores } = department;
  const input = { storeId: stores.marketplace, reference, ...news };
  const selection = 'order { id }';
  const answer = await partners.marketplace.act<{ order: { id: string } | null }>(
    'orderPush',
    input,
    selection,
  );
  if (!answer.order) throw refusal('orderPush', answer.userErrors, { reference });
  return answer.order.id;
}

const pounds = (minor: bigint) => ({ amount: formatMinor(minor, 'GBP'), currency: 'GBP' });

/** Marketplaces tell the names of their buyers in part. */
const masked = (name: string): string => name.replace(/(?<=\S)\S/g, '*');
