// Which earlier orders a recorded cancellation belongs to: the newest of the same customer with the same good.

import type { BookedLine, BookedOrder } from './books.ts';
import type { Invoice, RecordedLine } from './recording.ts';

/** Units of one good that one customer has in one line of an order. */
interface Holding {
  order: BookedOrder;
  line: BookedLine;
  /** Units that no cancellation of the replay took yet. */
  left: number;
}

export interface Taking {
  order: BookedOrder;
  line: BookedLine;
  units: number;
}

/** Why units of a cancellation belong to no order. */
export type Unmatched = 'CANCELLED_UNKNOWN' | 'CANCELLED_BY_GUEST' | 'CANCELLED_REFUSED';

export interface Match {
  takings: Taking[];
  /** Units that no order had. */
  rest: number;
  why: Unmatched;
}

/** What customers bought in the replay so far. Guests have no number under which their orders could be found again. */
export interface Purchases {
  placed(customerId: string | null, order: BookedOrder, line: BookedLine): void;
  /** A line was refused, because it was out of stock. */
  refused(customerId: string | null, code: string): void;
  /** Take a cancelled line's units from the newest orders that have them. */
  take(invoice: Pick<Invoice, 'customerId'>, line: Pick<RecordedLine, 'code' | 'quantity'>): Match;
}

export function makePurchases(): Purchases {
  const holdings = new Map<string, Holding[]>();
  const refused = new Set<string>();
  return {
    placed(customerId, order, line) {
      if (customerId === null) return;
      const key = keyOf(customerId, line.sku);
      holdings.set(key, [...(holdings.get(key) ?? []), { order, line, left: line.quantity }]);
    },
    refused(customerId, code) {
      if (customerId !== null) refused.add(keyOf(customerId, code));
    },
    take({ customerId }, { code, quantity }) {
      if (customerId === null) return { takings: [], rest: quantity, why: 'CANCELLED_BY_GUEST' };
      const key = keyOf(customerId, code);
      const takings: Taking[] = [];
      let rest = quantity;
      for (const holding of holdings.get(key)?.toReversed() ?? []) {
        const units = Math.min(rest, holding.left);
        if (units === 0) continue;
        holding.left -= units;
        rest -= units;
        takings.push({ order: holding.order, line: holding.line, units });
      }
      return { takings, rest, why: refused.has(key) ? 'CANCELLED_REFUSED' : 'CANCELLED_UNKNOWN' };
    },
  };
}

const keyOf = (customerId: string, code: string): string => `${customerId}|${code}`;
