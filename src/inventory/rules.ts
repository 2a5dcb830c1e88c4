// What is true of stock. Pure: no database, no clock.

/** The counters of one stock. */
export interface Counters {
  onHand: number;
  allocated: number;
  damaged: number;
  safetyStock: number;
}

/** Units that may be promised: on hand less allocated, damaged and safety stock, never below 0. */
export const sellable = (stock: Counters): number =>
  Math.max(0, stock.onHand - stock.allocated - stock.damaged - stock.safetyStock);

/** Units on hand that are neither promised to an order nor damaged. */
export const uncommitted = (stock: Counters): number => stock.onHand - stock.allocated - stock.damaged;

export interface WantedLine {
  orderLineId: string;
  variantId: string;
  quantity: number;
}

export interface Candidate {
  stockId: string;
  variantId: string;
  /** Lower is taken from first. */
  priority: number;
  sellable: number;
}

export interface Taking {
  orderLineId: string;
  stockId: string;
  quantity: number;
}

export interface ShortLine {
  /** Index of the line among those wanted. */
  line: number;
  variantId: string;
  requested: number;
  /** Units that were left for this line after earlier lines of the same variant. */
  available: number;
}

/**
 * Spread lines over locations: each line takes from the location of the lowest priority number what is there and only
 * the remainder from each next one. Lines of one variant share what is sellable, in their order.
 * Lists every line that is short; the takings of a plan with short lines must not be used.
 */
export function planAllocation(
  lines: readonly WantedLine[],
  candidates: readonly Candidate[],
): { takings: Taking[]; short: ShortLine[] } {
  const left = new Map<string, { stockId: string; units: number }[]>();
  for (const candidate of [...candidates].sort(
    (a, b) => a.priority - b.priority || (a.stockId < b.stockId ? -1 : 1),
  )) {
    const stocks = left.get(candidate.variantId) ?? [];
    stocks.push({ stockId: candidate.stockId, units: candidate.sellable });
    left.set(candidate.variantId, stocks);
  }
  const takings: Taking[] = [];
  const short: ShortLine[] = [];
  lines.forEach(({ orderLineId, variantId, quantity }, line) => {
    let wanted = quantity;
    for (const stock of left.get(variantId) ?? []) {
      const units = Math.min(wanted, stock.units);
      if (units === 0) continue;
      takings.push({ orderLineId, stockId: stock.stockId, quantity: units });
      stock.units -= units;
      wanted -= units;
    }
    if (wanted > 0) short.push({ line, variantId, requested: quantity, available: quantity - wanted });
  });
  return { takings, short };
}

export interface OpenAllocation {
  id: string;
  orderLineId: string;
  stockId: string;
  quantity: number;
}

export interface Giving {
  allocationId: string;
  stockId: string;
  quantity: number;
}

/**
 * Which allocations give back how many units, the latest first, so that what stays allocated is nearest to the
 * store's first location. Lines without a quantity give back all.
 */
export function planRelease(
  allocations: readonly OpenAllocation[],
  quantities: ReadonlyMap<string, number>,
): Giving[] {
  const givings: Giving[] = [];
  for (const [orderLineId, quantity] of quantities) {
    let wanted = quantity;
    const ofLine = allocations.filter((allocation) => allocation.orderLineId === orderLineId);
    for (const { id, stockId, quantity: open } of ofLine.toReversed()) {
      const units = Math.min(wanted, open);
      if (units === 0) continue;
      givings.push({ allocationId: id, stockId, quantity: units });
      wanted -= units;
    }
  }
  return givings;
}
