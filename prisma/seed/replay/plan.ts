// What happens when: the recorded invoices and the work on their orders, as steps in the order of their time.

import type { Good } from './goods.ts';
import type { Invoice, RecordedLine } from './recording.ts';

/** An order to be placed: an invoice's lines that sell goods, or a part of them where they are too many for one order. */
export interface PlannedOrder {
  /** Number of the invoice, with `-1`, `-2` … where it was split. */
  reference: string;
  invoice: Invoice;
  lines: readonly RecordedLine[];
}

export type Step =
  | { kind: 'PLACE' | 'CONFIRM' | 'COMPLETE'; at: number; order: PlannedOrder }
  | { kind: 'HOLD' | 'RELEASE'; at: number; order: PlannedOrder; why: HoldReason }
  | { kind: 'CANCEL'; at: number; invoice: Invoice }
  | { kind: 'DELIVERY'; at: number };

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
  if (lines.length === 0) return [];
  if (lines.length <= ORDER_LINES_MAX) return [{ reference: invoice.number, invoice, lines }];
  return Array.from({ length: Math.ceil(lines.length / ORDER_LINES_MAX) }, (_, i) => ({
    reference: `${invoice.number}-${i + 1}`,
    invoice,
    lines: lines.slice(i * ORDER_LINES_MAX, (i + 1) * ORDER_LINES_MAX),
  }));
}

/**
 * Steps of the replay. A clerk confirms an order after 20 minutes; a large one and one to nowhere in particular are
 * held for three hours first; after four days the goods are with the customer. Goods that sold out are delivered each
 * morning. What would happen after the last invoice is left to do.
 */
export function stepsOf(invoices: readonly Invoice[], goods: ReadonlyMap<string, Good>): Step[] {
  const end = Math.max(0, ...invoices.map((invoice) => invoice.at));
  const steps = [...deliveries(invoices), ...invoices.flatMap((invoice) => stepsOfInvoice(invoice, goods))];
  return steps.filter((step) => step.at <= end).sort((a, b) => a.at - b.at);
}

function stepsOfInvoice(invoice: Invoice, goods: ReadonlyMap<string, Good>): Step[] {
  if (invoice.cancels) return [{ kind: 'CANCEL', at: invoice.at, invoice }];
  return ordersOf(invoice).flatMap((order): Step[] => {
    const { at } = invoice;
    const why = holdReasonOf(order, goods);
    const confirmedAt = at + (why ? 3 * HOUR + 10 * MINUTE : 20 * MINUTE);
    return [
      { kind: 'PLACE', at, order },
      ...(why
        ? ([
            { kind: 'HOLD', at: at + 5 * MINUTE, order, why },
            { kind: 'RELEASE', at: at + 3 * HOUR, order, why },
          ] as const)
        : []),
      { kind: 'CONFIRM', at: confirmedAt, order },
      { kind: 'COMPLETE', at: at + 4 * DAY, order },
    ];
  });
}

/** Why a careful clerk would stop an order. */
function holdReasonOf(order: PlannedOrder, goods: ReadonlyMap<string, Good>): HoldReason | null {
  const total = order.lines.reduce(
    (sum, line) => sum + (goods.get(line.code)?.priceMinor ?? 0n) * BigInt(line.quantity),
    0n,
  );
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

/** One delivery each morning but the first, just before the first invoice of the day. */
function deliveries(invoices: readonly Invoice[]): Step[] {
  const mornings = new Map<number, number>();
  for (const { at } of invoices) {
    const day = Math.floor(at / DAY);
    mornings.set(day, Math.min(at, mornings.get(day) ?? at));
  }
  return [...mornings.values()].slice(1).map((at) => ({ kind: 'DELIVERY', at: at - 1 }));
}

/** Time from each step to the next as it is waited for, in milliseconds of the recording. */
export const gapsOf = (steps: readonly Step[]): number[] =>
  steps.map((step, i) => Math.min(GAP_MAX, step.at - (steps[i - 1]?.at ?? step.at)));
