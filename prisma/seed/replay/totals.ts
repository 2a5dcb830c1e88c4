// What the API says at the end of the replay: the orders of the recording and their money, all pages read and summed.

import { parseMinor } from '../../../src/core/money.ts';
import type { Api } from './api.ts';
import type { BookedOrder } from './books.ts';
import type { Department } from './department.ts';
import { pagesOf } from './pages.ts';

export interface ApiTotals {
  orders: number;
  byState: Map<string, number>;
  held: number;
  awaitingStock: number;
  totalMinor: bigint;
  capturedMinor: bigint;
  refundingMinor: bigint;
  refundedMinor: bigint;
  outstandingMinor: bigint;
}

interface Amount {
  amount: string;
}

interface OrderSums {
  id: string;
  state: string;
  held: boolean;
  awaitingStock: boolean;
  total: Amount;
  payment: Record<'captured' | 'refunding' | 'refunded' | 'outstanding', Amount>;
}

const FIELDS = `id state held awaitingStock total { amount }
  payment { captured { amount } refunding { amount } refunded { amount } outstanding { amount } }`;

/** Read every order of the department's stores and sum those that are in the books. */
export async function readTotals(
  api: Api,
  { stores }: Department,
  books: Iterable<BookedOrder>,
): Promise<ApiTotals> {
  const totals: ApiTotals = {
    orders: 0,
    byState: new Map(),
    held: 0,
    awaitingStock: 0,
    totalMinor: 0n,
    capturedMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    outstandingMinor: 0n,
  };
  const ids = new Set([...books].map(({ id }) => id));
  for (const storeId of Object.values(stores)) {
    for await (const order of pagesOf<OrderSums>(api, 'orders', FIELDS, { storeId })) {
      if (ids.has(order.id)) add(totals, order);
    }
  }
  return totals;
}

function add(totals: ApiTotals, { state, held, awaitingStock, total, payment }: OrderSums): void {
  totals.orders++;
  totals.byState.set(state, (totals.byState.get(state) ?? 0) + 1);
  if (held) totals.held++;
  if (awaitingStock) totals.awaitingStock++;
  totals.totalMinor += minor(total);
  totals.capturedMinor += minor(payment.captured);
  totals.refundingMinor += minor(payment.refunding);
  totals.refundedMinor += minor(payment.refunded);
  totals.outstandingMinor += minor(payment.outstanding);
}

const minor = ({ amount }: Amount): bigint => parseMinor(amount, 'GBP') ?? 0n;
