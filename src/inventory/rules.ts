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

/** Units that are fit for sale, whether they are promised or not. */
const fitForSale = (stock: Counters): number => Math.max(0, stock.onHand - stock.damaged - stock.safetyStock);

/** Units on hand that are neither promised to an order nor damaged. */
export const uncommitted = (stock: Counters): number => stock.onHand - stock.allocated - stock.damaged;

/** How much of the stock of a variant a store may sell. */
export interface StoreLimit {
  /** Part of what is fit for sale that its orders may hold, in basis points: 3000 is 30 %. Null: all of it. */
  shareBasisPoints: number | null;
  /** Units that it leaves to others. Null: none. */
  bufferUnits: number | null;
  /** Units at the locations of the store that its orders hold now. */
  held: number;
}

/**
 * Units of a variant that a store may promise now, given its stocks at the locations of the store: what is sellable
 * there but for the buffer, as long as its orders hold no more than its share of all that is fit for sale.
 */
export function storeSellable(stocks: readonly Counters[], limit: StoreLimit | undefined): number {
  const free = sum(stocks.map(sellable));
  if (!limit) return free;
  const { shareBasisPoints, bufferUnits, held } = limit;
  const withinShare =
    shareBasisPoints === null
      ? free
      : Math.floor((sum(stocks.map(fitForSale)) * shareBasisPoints) / 10_000) - held;
  return Math.max(0, Math.min(free - (bufferUnits ?? 0), withinShare));
}

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
  orderLineId: string;
  variantId: string;
  requested: number;
  /** Units that were left for this line after earlier lines of the same variant. */
  available: number;
}

/**
 * Spread lines over locations: each line takes from the location of the lowest priority number what is there and only
 * the remainder from each next one. Lines of one variant share, in their order, what is sellable and what `caps`
 * allows of it. The takings are the most that can be had; every line that gets less than it wants is listed as short.
 */
export function planAllocation(
  lines: readonly WantedLine[],
  candidates: readonly Candidate[],
  caps: ReadonlyMap<string, number>,
): { takings: Taking[]; short: ShortLine[] } {
  const stocks = Map.groupBy(
    candidates
      .toSorted((a, b) => a.priority - b.priority || (a.stockId < b.stockId ? -1 : 1))
      .map(({ stockId, variantId, sellable: units }) => ({ stockId, variantId, units })),
    (stock) => stock.variantId,
  );
  const allowed = new Map(caps);
  const takings: Taking[] = [];
  const short: ShortLine[] = [];
  lines.forEach(({ orderLineId, variantId, quantity }, line) => {
    const most = Math.min(quantity, allowed.get(variantId) ?? 0);
    let wanted = most;
    for (const stock of stocks.get(variantId) ?? []) {
      const units = Math.min(wanted, stock.units);
      if (units === 0) continue;
      takings.push({ orderLineId, stockId: stock.stockId, quantity: units });
      stock.units -= units;
      wanted -= units;
    }
    const available = most - wanted;
    allowed.set(variantId, (allowed.get(variantId) ?? 0) - available);
    if (available < quantity) short.push({ line, orderLineId, variantId, requested: quantity, available });
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
 * Which allocations give back how many units, so that each line keeps no more than what `keep` says. The latest give
 * first: what stays is nearest to the store's first location.
 */
export const planRelease = (
  allocations: readonly OpenAllocation[],
  keep: ReadonlyMap<string, number>,
): Giving[] =>
  [...keep].flatMap(([orderLineId, units]) => {
    const ofLine = allocations.filter((allocation) => allocation.orderLineId === orderLineId);
    return takeFrom(ofLine.toReversed(), sum(ofLine.map(({ quantity }) => quantity)) - units);
  });

export interface ShortDispatch {
  /** Place of the line among the quantities. */
  line: number;
  /** Units that are allocated to it. */
  allocated: number;
}

/** Which allocations leave the building with how many units, the earliest first, and the lines that have too few. */
export function planDispatch(
  allocations: readonly OpenAllocation[],
  quantities: ReadonlyMap<string, number>,
): { givings: Giving[]; short: ShortDispatch[] } {
  const byLine = Map.groupBy(allocations, (allocation) => allocation.orderLineId);
  const givings: Giving[] = [];
  const short: ShortDispatch[] = [];
  [...quantities].forEach(([orderLineId, units], line) => {
    const open = byLine.get(orderLineId) ?? [];
    const allocated = sum(open.map(({ quantity }) => quantity));
    if (allocated < units) short.push({ line, allocated });
    else givings.push(...takeFrom(open, units));
  });
  return { givings, short };
}

/** Take units from allocations in their order, as far as they go. */
function takeFrom(allocations: readonly OpenAllocation[], units: number): Giving[] {
  const givings: Giving[] = [];
  let wanted = units;
  for (const { id, stockId, quantity: open } of allocations) {
    const taken = Math.min(wanted, open);
    if (taken <= 0) break;
    givings.push({ allocationId: id, stockId, quantity: taken });
    wanted -= taken;
  }
  return givings;
}

const sum = (units: readonly number[]): number => units.reduce((a, b) => a + b, 0);
