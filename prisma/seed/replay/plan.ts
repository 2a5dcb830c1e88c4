// What happens when: the recorded invoices and the work on their orders, as steps in the order of their time.

import { type Channel, channelOf, neverPays, pushesOf } from './channels.ts';
import { type Goods, worthOf } from './goods.ts';
import type { Invoice, RecordedLine } from './recording.ts';

/** An order to be placed: an invoice's lines that sell goods, or a part of them where they are too many for one order. */
export interface PlannedOrder {
  /** Number of the invoice, with `-1`, `-2` … where it was split. */
  reference: string;
  channel: Channel;
  invoice: Invoice;
  lines: readonly RecordedLine[];
}

/** What an order comes to on its way, whatever the channel; only when it is paid differs. */
export type Milestone =
  | 'PAID'
  | 'CONFIRMED'
  | 'DISPATCHED'
  | 'PICKED_UP'
  | 'IN_TRANSIT'
  | 'DELIVERED'
  | 'COMPLETED';

export type Step =
  | { kind: 'PLACE' | 'PUSH_AGAIN' | 'CLOSE_UNPAID'; at: number; order: PlannedOrder }
  /** Bring an order to the last of these milestones: what kept it from one of the earlier may be over now. */
  | { kind: 'ADVANCE'; at: number; order: PlannedOrder; milestones: readonly Milestone[] }
  | { kind: 'HOLD' | 'RELEASE'; at: number; order: PlannedOrder; why: HoldReason }
  | { kind: 'TAKE_BACK'; at: number; invoice: Invoice }
  | { kind: 'MORNING'; at: number };

export interface HoldReason {
  kind: 'RISK' | 'ADDRESS';
  reason: string;
  settled: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lines that one order may have. */
export const ORDER_LINES_MAX = 1_000;
const RISKY_MINOR = 150_000n;
/** The longest time between two steps that is waited for: nights and holidays are skipped. */
const GAP_MAX = 10 * MINUTE;

/** Orders of an invoice: none when it sells no goods, several when it has more lines than an order may have. */
export function ordersOf(invoice: Invoice): PlannedOrder[] {
  const lines = invoice.lines.filter((line) => line.kind === 'SALE');
  const channel = channelOf(invoice);
  const { number } = invoice;
  if (lines.length === 0) return [];
  if (lines.length <= ORDER_LINES_MAX) return [{ reference: number, channel, invoice, lines }];
  return Array.from({ length: Math.ceil(lines.length / ORDER_LINES_MAX) }, (_, i) => ({
    reference: `${number}-${i + 1}`,
    channel,
    invoice,
    lines: lines.slice(i * ORDER_LINES_MAX, (i + 1) * ORDER_LINES_MAX),
  }));
}

/**
 * Steps of the replay. A clerk confirms an order after 20 minutes; a large one and one to nowhere in particular are
 * held for three hours first. The warehouse sends it the next day, the carrier brings it within two more. Each morning
 * goods that sold out come in, and refunds are transferred. What would happen after the last invoice is left to do.
 */
export function stepsOf(invoices: readonly Invoice[], goods: Goods): Step[] {
  const end = Math.max(0, ...invoices.map((invoice) => invoice.at));
  const steps = [...mornings(invoices), ...invoices.flatMap((invoice) => stepsOfInvoice(invoice, goods))];
  return steps.filter((step) => step.at <= end).sort((a, b) => a.at - b.at);
}

function stepsOfInvoice(invoice: Invoice, goods: Goods): Step[] {
  if (invoice.cancels) return [{ kind: 'TAKE_BACK', at: invoice.at, invoice }];
  return ordersOf(invoice).flatMap((order): Step[] => {
    const { at } = invoice;
    const why = holdReasonOf(order, goods);
    return [
      { kind: 'PLACE', at, order },
      ...(order.channel === 'MARKETPLACE' && pushesOf(order.reference).length > 1
        ? [{ kind: 'PUSH_AGAIN', at: at + 10 * MINUTE, order } as const]
        : []),
      ...(why
        ? ([
            { kind: 'HOLD', at: at + 6 * MINUTE, order, why },
            { kind: 'RELEASE', at: at + 3 * HOUR, order, why },
          ] as const)
        : []),
      ...(neverPays(invoice)
        ? [{ kind: 'CLOSE_UNPAID', at: at + DAY, order } as const]
        : advances(order, why !== null)),
    ];
  });
}

/** Time after its placing at which an order comes to each milestone; the first ones depend on where it comes from. */
type Life = readonly (readonly [milestone: Milestone, after: number])[];

const laterLife: Life = [
  ['DISPATCHED', 20 * HOUR],
  ['PICKED_UP', 23 * HOUR],
  ['IN_TRANSIT', 44 * HOUR],
  ['DELIVERED', 70 * HOUR],
  ['COMPLETED', 4 * DAY],
];

function lifeOf({ channel, reference }: PlannedOrder, isHeld: boolean): Life {
  const confirmedAfter = isHeld ? 3 * HOUR + 10 * MINUTE : 20 * MINUTE;
  const paidAfter = {
    OWN_SITE: 3 * MINUTE,
    MARKETPLACE: pushesOf(reference)[0] === 'PAID' ? 0 : 5 * MINUTE,
    TELEPHONE: confirmedAfter + 20 * MINUTE,
  }[channel];
  const first: Life = [
    ['PAID', paidAfter],
    ['CONFIRMED', confirmedAfter],
  ];
  return [...first.toSorted(([, a], [, b]) => a - b), ...laterLife];
}

function advances(order: PlannedOrder, isHeld: boolean): Step[] {
  const life = lifeOf(order, isHeld);
  return life.map(([, after], i) => ({
    kind: 'ADVANCE',
    at: order.invoice.at + after,
    order,
    milestones: life.slice(0, i + 1).map(([milestone]) => milestone),
  }));
}

/** Why a careful clerk would stop an order. */
function holdReasonOf(order: PlannedOrder, goods: Goods): HoldReason | null {
  const total = order.lines.reduce((sum, line) => sum + worthOf(goods, line.code, line.quantity), 0n);
  if (order.invoice.country === 'Unspecified') {
    return {
      kind: 'ADDRESS',
      reason: 'The country is not stated.',
      settled: 'The customer gave the address by telephone.',
    };
  }
  if (total < RISKY_MINOR) return null;
  return {
    kind: 'RISK',
    reason: 'An unusually large order.',
    settled: 'Known customer, called back and agreed.',
  };
}

/** One morning for each day but the first, just before the first invoice of the day. */
function mornings(invoices: readonly Invoice[]): Step[] {
  const firsts = new Map<number, number>();
  for (const { at } of invoices) {
    const day = Math.floor(at / DAY);
    firsts.set(day, Math.min(at, firsts.get(day) ?? at));
  }
  return [...firsts.values()].slice(1).map((at) => ({ kind: 'MORNING', at: at - 1 }));
}

/** Time from each step to the next as it is waited for, in milliseconds of the recording. */
export const gapsOf = (steps: readonly Step[]): number[] =>
  steps.map((step, i) => Math.min(GAP_MAX, step.at - (steps[i - 1]?.at ?? step.at)));
