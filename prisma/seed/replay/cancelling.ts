// Which earlier orders a recorded cancellation belongs to: the newest of the same customer with the same good.

import type { BookedLine, BookedOrder } from './books.ts';
import type { Invoice, RecordedLine } from './recording.ts';

/** Units of one good that one customer has in one line of an order. */
interface Holding {
  order: BookedOrder;
  line: BookedLine;
  /** Units that no cancellation of the replay took yet. */
  left: number;
  completed: boolean;
}

export interface Taking {
  order: BookedOrder;
  line: BookedLine;
  units: number;
}

/** Why units of a cancellation belong to no order that could be cancelled. */
export type Unmatched = 'CANCELLED_UNKNOWN' | 'CANCELLED_BY_GUEST' | 'CANCELLED_LATE' | 'CANCELLED_REFUSED';

export interface Match {
  takings: Taking[];
  rest: number;
  why: Unmatched;
}

/** What customers bought in the replay so far. */
export class Purchases {
  readonly #holdings = new Map<string, Holding[]>();
  readonly #refused = new Set<string>();

  /** A line of a customer's order was placed. Guests have no number under which it could be found again. */
  placed(customerId: string | null, order: BookedOrder, line: BookedLine): void {
    if (customerId === null) return;
    const key = keyOf(customerId, line.sku);
    const held = this.#holdings.get(key) ?? [];
    held.push({ order, line, left: line.quantity, completed: false });
    this.#holdings.set(key, held);
  }

  /** A line of a customer's order was refused, because it was out of stock. */
  refused(customerId: string | null, code: string): void {
    if (customerId !== null) this.#refused.add(keyOf(customerId, code));
  }

  /** An order's goods are with the customer: nothing of it can be cancelled any more. */
  completed(order: BookedOrder): void {
    for (const held of this.#holdings.values()) {
      for (const holding of held) if (holding.order === order) holding.completed = true;
    }
  }

  /** Take a cancelled line's units from the newest orders that have them. */
  take({ customerId }: Pick<Invoice, 'customerId'>, { code, quantity }: Pick<RecordedLine, 'code' | 'quantity'>): Match {
    if (customerId === null) return { takings: [], rest: quantity, why: 'CANCELLED_BY_GUEST' };
    const key = keyOf(customerId, code);
    const held = this.#holdings.get(key) ?? [];
    const takings: Taking[] = [];
    let rest = quantity;
    for (const holding of held.toReversed()) {
      const units = holding.completed ? 0 : Math.min(rest, holding.left);
      if (units === 0) continue;
      holding.left -= units;
      rest -= units;
      takings.push({ order: holding.order, line: holding.line, units });
    }
    return { takings, rest, why: this.#whyNot(key, held) };
  }

  #whyNot(key: string, held: readonly Holding[]): Unmatched {
    if (held.some((holding) => holding.completed && holding.left > 0)) return 'CANCELLED_LATE';
    return this.#refused.has(key) ? 'CANCELLED_REFUSED' : 'CANCELLED_UNKNOWN';
  }
}

const keyOf = (customerId: string, code: string): string => `${customerId}|${code}`;
