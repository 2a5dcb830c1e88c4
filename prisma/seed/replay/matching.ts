// Which earlier orders a recorded cancellation belongs to, and why some belong to none.

import { makePurchases as makeHoldings } from '../../../src/orders/rules/cancellations.ts';
import type { BookedLine, BookedOrder } from './books.ts';
import type { Invoice, RecordedLine } from './recording.ts';

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
  const purchases = makeHoldings<Omit<Taking, 'units'>>();
  const refused = new Set<string>();
  return {
    placed(customerId, order, line) {
      if (customerId !== null) purchases.bought(customerId, line.sku, line.quantity, { order, line });
    },
    refused(customerId, code) {
      if (customerId !== null) refused.add(`${customerId}|${code}`);
    },
    take({ customerId }, { code, quantity }) {
      if (customerId === null) return { takings: [], rest: quantity, why: 'CANCELLED_BY_GUEST' };
      const { takings, rest } = purchases.take(customerId, code, quantity);
      return {
        takings: takings.map(({ source, units }) => ({ ...source, units })),
        rest,
        why: refused.has(`${customerId}|${code}`) ? 'CANCELLED_REFUSED' : 'CANCELLED_UNKNOWN',
      };
    },
  };
}
