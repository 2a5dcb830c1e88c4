// What became of every recorded line: counted once, in units and in money.

import { type Goods, worthOf } from './goods.ts';
import type { RecordedLine } from './recording.ts';

/** What can become of a line, in the words of the report. */
export const outcomes = {
  PLACED: 'sold: placed in an order',
  OUT_OF_STOCK: 'sold, but not in stock here: refused',
  NO_PRODUCT: 'no product: postage, discount, fee, voucher …',
  WITHOUT_PRICE: 'given away or found: no price',
  STOCK_CORRECTION: 'stock written off: no sale',
  CANCELLED: 'cancelled before its dispatch',
  RETURNED: 'given back after its dispatch: paid back',
  CANCELLED_UNKNOWN: 'cancelled, of an order before the data starts',
  CANCELLED_BY_GUEST: 'cancelled by a guest: order not known',
  CANCELLED_REFUSED: 'cancelled, but it was never placed here',
  CANCELLED_CLOSED: 'cancelled, but somebody closed the order',
  NOT_REACHED: 'not reached',
} as const;

export type Outcome = keyof typeof outcomes;

export interface Sums {
  lines: number;
  units: number;
  /** At the price that was recorded, in pence. */
  recordedMinor: bigint;
  /** At the price of the catalog, in pence; 0 for what is no good. */
  catalogMinor: bigint;
}

export interface Tally {
  /** A line became this. `units` when it did not with all of its units. */
  count(outcome: Outcome, line: RecordedLine, units?: number): void;
  /** Units of a line that is counted already became this. */
  countUnits(outcome: Outcome, line: RecordedLine, units: number): void;
  /** True when it is known what became of a line. */
  has(line: RecordedLine): boolean;
  sums(outcome: Outcome): Sums;
  total(): Sums;
}

const nothing = (): Sums => ({ lines: 0, units: 0, recordedMinor: 0n, catalogMinor: 0n });

export function makeTally(goods: Goods): Tally {
  const byOutcome = new Map<Outcome, Sums>();
  const counted = new Set<RecordedLine>();
  const add = (outcome: Outcome, line: RecordedLine, lines: number, units: number) => {
    const sums = byOutcome.get(outcome) ?? nothing();
    counted.add(line);
    byOutcome.set(outcome, {
      lines: sums.lines + lines,
      units: sums.units + units,
      recordedMinor: sums.recordedMinor + line.unitPriceMinor * BigInt(units),
      catalogMinor: sums.catalogMinor + worthOf(goods, line.code, units),
    });
  };
  return {
    count: (outcome, line, units = line.quantity) => add(outcome, line, 1, units),
    countUnits: (outcome, line, units) => add(outcome, line, 0, units),
    has: (line) => counted.has(line),
    sums: (outcome) => byOutcome.get(outcome) ?? nothing(),
    total: () =>
      [...byOutcome.values()].reduce(
        (all, sums) => ({
          lines: all.lines + sums.lines,
          units: all.units + sums.units,
          recordedMinor: all.recordedMinor + sums.recordedMinor,
          catalogMinor: all.catalogMinor + sums.catalogMinor,
        }),
        nothing(),
      ),
  };
}
