// The replay's own account of money, kept from the prices of the goods: what the API says must come to the same.

import type { BookedOrder } from './books.ts';
import { type Goods, worthOf } from './goods.ts';

/** Units by code of the good. */
export type Units = readonly (readonly [code: string, units: number])[];

export interface MoneySums {
  /** What came in. */
  capturedMinor: bigint;
  /** What of it went back, or is on its way. */
  backMinor: bigint;
  /** What is still to be paid. */
  outstandingMinor: bigint;
  /** What orders came to that nobody paid and that were closed for it. */
  closedMinor: bigint;
}

export interface Money {
  placed(order: BookedOrder, units: Units): void;
  /** What an order comes to, without what was taken back. */
  dueOf(order: BookedOrder): bigint;
  /** All that is due of an order came in. */
  paid(order: BookedOrder): void;
  /** Units that are not wanted any more, or came back: what was paid for them goes back. */
  takenBack(order: BookedOrder, units: Units): void;
  /** An order was closed because nobody paid it. */
  closed(order: BookedOrder): void;
  sums(): MoneySums;
}

interface Account {
  dueMinor: bigint;
  isPaid: boolean;
}

export function makeMoney(goods: Goods): Money {
  const accounts = new Map<BookedOrder, Account>();
  const sums = { capturedMinor: 0n, backMinor: 0n, closedMinor: 0n };
  const worth = (units: Units): bigint =>
    units.reduce((sum, [code, count]) => sum + worthOf(goods, code, count), 0n);
  const accountOf = (order: BookedOrder): Account => {
    const account = accounts.get(order);
    if (!account) throw new Error(`order ${order.reference} was not placed`);
    return account;
  };
  return {
    placed: (order, units) => void accounts.set(order, { dueMinor: worth(units), isPaid: false }),
    dueOf: (order) => accountOf(order).dueMinor,
    paid(order) {
      const account = accountOf(order);
      account.isPaid = true;
      sums.capturedMinor += account.dueMinor;
    },
    takenBack(order, units) {
      const account = accountOf(order);
      account.dueMinor -= worth(units);
      if (account.isPaid) sums.backMinor += worth(units);
    },
    closed(order) {
      const account = accountOf(order);
      sums.closedMinor += account.dueMinor;
      account.dueMinor = 0n;
    },
    sums: () => ({
      ...sums,
      outstandingMinor: [...accounts.values()].reduce(
        (sum, { dueMinor, isPaid }) => (isPaid ? sum : sum + dueMinor),
        0n,
      ),
    }),
  };
}
