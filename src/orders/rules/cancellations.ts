// Which earlier purchases a cancellation takes back, where it only says who and what. Pure: no database, no clock.

/** Units of one good that a customer bought in one line of an order. */
interface Holding<Source> {
  source: Source;
  /** Units that no cancellation took yet. */
  left: number;
  /** When they were bought, in milliseconds. */
  boughtAt: number;
}

export interface TakenUnits<Source> {
  source: Source;
  units: number;
}

export interface Taken<Source> {
  takings: TakenUnits<Source>[];
  /** Units that no purchase had. */
  rest: number;
}

/** What customers bought so far, each purchase with the line that it stands in. */
export interface Purchases<Source> {
  /** Units were bought. Purchases of one moment are told in their order. */
  bought(customer: string, good: string, units: number, source: Source, boughtAt?: number): void;
  /** Take units back that were bought until a moment: from the newest purchases of the same customer and good. */
  take(customer: string, good: string, units: number, until?: number): Taken<Source>;
}

export function makePurchases<Source>(): Purchases<Source> {
  const holdings = new Map<string, Holding<Source>[]>();
  const keyOf = (customer: string, good: string): string => JSON.stringify([customer, good]);
  return {
    bought(customer, good, units, source, boughtAt = 0) {
      const key = keyOf(customer, good);
      const held = holdings.get(key) ?? [];
      held.push({ source, left: units, boughtAt });
      holdings.set(key, held);
    },
    take(customer, good, units, until = Number.POSITIVE_INFINITY) {
      const takings: TakenUnits<Source>[] = [];
      let rest = units;
      const held = (holdings.get(keyOf(customer, good)) ?? []).filter(({ boughtAt }) => boughtAt <= until);
      for (const holding of held.toSorted((a, b) => a.boughtAt - b.boughtAt).toReversed()) {
        const taken = Math.min(rest, holding.left);
        if (taken === 0) continue;
        holding.left -= taken;
        rest -= taken;
        takings.push({ source: holding.source, units: taken });
      }
      return { takings, rest };
    },
  };
}
