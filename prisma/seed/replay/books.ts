// The orders of the demo as the API has them: read at the start, so that a demo that was stopped goes on where it was.

import type { Api } from './api.ts';
import { edgesOf, type Page, pagesOf } from './pages.ts';

export interface BookedLine {
  id: string;
  sku: string;
  quantity: number;
  cancelled: number;
}

export interface BookedOrder {
  id: string;
  number: string;
  externalReference: string | null;
  state: 'PENDING_CONFIRMATION' | 'CONFIRMED' | 'COMPLETED' | 'CANCELLED';
  total: { amount: string };
  /** Holds that were ever placed; the id of the open one. */
  holds: { count: number; openId: string | null };
  lines: BookedLine[];
}

export interface RawOrder extends Omit<BookedOrder, 'holds' | 'lines'> {
  holds: Page<{ id: string; releasedAt: string | null }>;
  lines: Page<BookedLine>;
}

const LINES = 'pageInfo { hasNextPage endCursor } edges { node { id sku quantity cancelled } }';

/** What the replay needs to know of an order. */
export const ORDER_FIELDS = `id number externalReference state total { amount }
  holds(first: 10) { edges { node { id releasedAt } } } lines(first: 100) { ${LINES} }`;

/** An order as it was answered, with the lines that did not fit the first page. */
export async function bookedOf(api: Api, { holds, lines: first, ...order }: RawOrder): Promise<BookedOrder> {
  const lines = edgesOf(first);
  let { pageInfo } = first;
  while (pageInfo?.hasNextPage) {
    const { node }: { node: { lines: Page<BookedLine> } } = await api.ask(
      `query moreLines($id: ID!, $after: String) { node(id: $id) { ... on Order { lines(first: 100, after: $after) { ${LINES} } } } }`,
      { id: order.id, after: pageInfo.endCursor },
    );
    lines.push(...edgesOf(node.lines));
    ({ pageInfo } = node.lines);
  }
  const all = edgesOf(holds);
  const open = all.find((hold) => hold.releasedAt === null);
  return { ...order, lines, holds: { count: all.length, openId: open?.id ?? null } };
}

/** The order with this id as it is now. */
export async function readOrder(api: Api, id: string): Promise<BookedOrder> {
  const { node } = await api.ask<{ node: RawOrder }>(
    `query order($id: ID!) { node(id: $id) { ... on Order { ${ORDER_FIELDS} } } }`,
    { id },
  );
  return bookedOf(api, node);
}

/** Every order of a store that came from the recording, by its reference. */
export async function readBooks(api: Api, storeId: string): Promise<Map<string, BookedOrder>> {
  const books = new Map<string, BookedOrder>();
  for await (const raw of pagesOf<RawOrder>(api, 'orders', ORDER_FIELDS, { storeId }, 25)) {
    if (raw.externalReference) books.set(raw.externalReference, await bookedOf(api, raw));
  }
  return books;
}
