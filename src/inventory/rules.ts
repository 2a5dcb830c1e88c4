// What is true of stock. Pure: no database, no clock.

import type { Problem } from '../core/errors.ts';
import { addMinutes } from '../core/time.ts';
import { inventoryProblem } from './texts.ts';

/** The counters of one stock. */
export interface Counters {
  onHand: number;
  allocated: number;
  damaged: number;
  safetyStock: number;
}

/** Counters with what reservations hold of the stock now. */
export interface HeldStock extends Counters {
  reserved: number;
  /** Those of the reserved units that whoever asks holds. */
  own: number;
}

/** Units that may be promised, whoever has reserved them: on hand less allocated, damaged and safety stock, never below 0. */
export const promisable = (stock: Counters): number =>
  Math.max(0, stock.onHand - stock.allocated - stock.damaged - stock.safetyStock);

/** Units that anybody may have now: those that may be promised and that nobody reserved. */
export const sellable = (stock: Counters & { reserved: number }): number =>
  Math.max(0, promisable(stock) - stock.reserved);

/** Units that are kept for who asks. Where stock was lost since, all reservations cannot be kept: the first order is. */
const kept = (stock: HeldStock): number => Math.min(stock.own, promisable(stock));

/** Units that who asks may have: what is kept for them, and what anybody may have. */
export const sellableToHolder = (stock: HeldStock): number => kept(stock) + sellable(stock);

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
  /** Units at the locations of the store that its orders, and reservations made in it, hold now. */
  held: number;
}

/**
 * Units of a variant that a store may promise now to who asks, given its stocks at the locations of the store: what is
 * kept for them, and what is sellable there but for the buffer, as long as the store holds no more than its share of
 * all that is fit for sale. What is kept was within share and buffer when it was reserved, and stays promised.
 */
export function storeSellable(stocks: readonly HeldStock[], limit: StoreLimit | undefined): number {
  const own = sum(stocks.map(kept));
  const free = sum(stocks.map(sellable));
  if (!limit) return own + free;
  const { shareBasisPoints, bufferUnits, held } = limit;
  const withinShare =
    shareBasisPoints === null
      ? free
      : Math.floor((sum(stocks.map(fitForSale)) * shareBasisPoints) / 10_000) - held;
  return own + Math.max(0, Math.min(free - (bufferUnits ?? 0), withinShare));
}

export interface WantedLine {
  /** The line of an order that wants the units; for a reservation, any name. */
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

/** Minutes for which units are reserved. */
export const RESERVED_MINUTES = { default: 15, max: 60 } as const;

/** Minutes for which somebody may have units of a variant reserved on end, however often that is renewed. */
export const HELD_MINUTES_MAX = 120;

/** Minutes without such a reservation after which they may begin anew. */
export const PAUSE_MINUTES = 60;

/** Units of one variant that a shopper may have reserved in a store at once, where the store does not allow fewer. */
export const SHOPPER_UNITS_MAX = 20;

/** Units of one variant that one holder of reservations may have reserved in a store at once. */
export const reservedUnitsMax = (
  { lineQuantityMax }: { lineQuantityMax: number },
  forShopper: boolean,
): number => (forShopper ? Math.min(lineQuantityMax, SHOPPER_UNITS_MAX) : lineQuantityMax);

/** Reservations that may be live at once: a customer's, those of all guests of a network, a key's, a colleague's. */
const liveReservationsMax: Readonly<Record<string, number>> = {
  CUSTOMER: 5,
  GUEST: 20,
  KEY: 1_000,
  STAFF: 50,
};

export interface ReservationWish {
  by: { kind: string };
  lines: readonly { variantId: string; quantity: number }[];
  minutes: number;
  /** Units of one variant that they may have reserved here at once. */
  unitsMax: number;
}

/** What whoever wishes has reserved already, but for what the new reservation replaces. */
export interface ReservedBefore {
  live: number;
  /** Since when they have had units of its variants; null when they have not. */
  heldSince: Date | null;
  /** Units by variant that count with those of the wish. */
  units: ReadonlyMap<string, number>;
}

/** Limits that a reservation would exceed. */
export function reservationProblems(
  { by, lines, minutes, unitsMax }: ReservationWish,
  { live, heldSince, units }: ReservedBefore,
  at: Date,
): Problem[] {
  const wanted = new Map(units);
  for (const { variantId, quantity } of lines) wanted.set(variantId, (wanted.get(variantId) ?? 0) + quantity);
  const liveMax = liveReservationsMax[by.kind] ?? 0;
  const lastMoment = addMinutes(heldSince ?? at, HELD_MINUTES_MAX);
  const left = Math.max(0, Math.floor((lastMoment.getTime() - at.getTime()) / 60_000));
  return [
    ...lines.flatMap(({ variantId }, i) => {
      if ((wanted.get(variantId) ?? 0) <= unitsMax) return [];
      const params = { max: unitsMax, reserved: units.get(variantId) ?? 0 };
      return [inventoryProblem('RESERVED_UNITS_LIMIT', { path: ['lines', i, 'quantity'], params })];
    }),
    ...(minutes > left
      ? [
          inventoryProblem('RESERVED_FOR_LONG', {
            path: ['minutes'],
            params: { minutes: left, pause: PAUSE_MINUTES },
          }),
        ]
      : []),
    ...(live < liveMax ? [] : [inventoryProblem('TOO_MANY_RESERVATIONS', { params: { max: liveMax } })]),
  ];
}

export type ReservationState = 'LIVE' | 'EXPIRED' | 'RELEASED' | 'ORDERED';

/** Where a reservation is at a moment. */
export function reservationState(
  { expiresAt, endedAt, orderId }: { expiresAt: Date; endedAt: Date | null; orderId: string | null },
  at: Date,
): ReservationState {
  if (orderId !== null) return 'ORDERED';
  if (endedAt !== null) return 'RELEASED';
  return expiresAt > at ? 'LIVE' : 'EXPIRED';
}

const sum = (units: readonly number[]): number => units.reduce((a, b) => a + b, 0);
