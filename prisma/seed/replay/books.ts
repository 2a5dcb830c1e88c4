// The orders of the demo as the API has them: read at the start, so that a demo that was stopped goes on where it was.

import type { Api } from './api.ts';
import { edgesOf, type Page, pagesOf } from './pages.ts';

export interface BookedLine {
  id: string;
  sku: string;
  quantity: number;
  cancelled: number;
  /** The marketplace's number of the line. */
  platformReference: string | null;
}

/** How far an order has come. Moments stay what they are when the order is cancelled later. */
interface Progress {
  state: 'PENDING_CONFIRMATION' | 'CONFIRMED' | 'COMPLETED' | 'CANCELLED';
  awaitingStock: boolean;
  placedAt: string;
  confirmedAt: string | null;
  dispatchedAt: string | null;
  completedAt: string | null;
  /** True when money came in. */
  isPaid: boolean;
  holds: { id: string; kind: string; releasedAt: string | null }[];
  /** Numbers of the invoices for which money went back, or is on its way. */
  creditNotes: string[];
  parcel: Parcel | null;
}

interface Parcel {
  trackingNumber: string;
  dispatchedAt: string;
  /** What the carrier reported. */
  scans: string[];
}

export interface BookedOrder extends Progress {
  id: string;
  /** Number of the invoice in the recording. */
  reference: string;
  /** True for an order that the marketplace pushed. */
  isPushed: boolean;
  lines: BookedLine[];
}

interface RawProgress extends Omit<Progress, 'isPaid' | 'holds' | 'creditNotes' | 'parcel'> {
  id: string;
  holds: Page<Progress['holds'][number]>;
  payment: {
    captured: { amount: string };
    refunds: Page<{ note: string | null; externalReference: string | null }>;
  } | null;
  shipments: Page<{
    trackingNumber: string;
    dispatchedAt: string | null;
    trackingEvents: Page<{ status: string }>;
  }>;
}

interface RawOrder extends RawProgress {
  externalReference: string | null;
  platformOrder: { reference: string } | null;
  contact: { email: string | null } | null;
  lines: Page<BookedLine>;
}

/** What the replay needs to know again after every act. */
export const PROGRESS = `id state awaitingStock placedAt confirmedAt dispatchedAt completedAt
  holds(first: 10) { edges { node { id kind releasedAt } } }
  payment { captured { amount } refunds(first: 20) { edges { node { note externalReference } } } }
  shipments(first: 1) { edges { node { trackingNumber dispatchedAt
    trackingEvents(first: 10) { edges { node { status } } } } } }`;

const LINES =
  'pageInfo { hasNextPage endCursor } edges { node { id sku quantity cancelled platformReference } }';
const WHOLE = `${PROGRESS} platformOrder { reference } lines(first: 100) { ${LINES} }`;

/** The remark under which a refund is found again. */
export const creditNote = (invoice: string): string => `Credit note ${invoice}`;

/** How far an order has come, of what the API answered. */
export function progressOf({ id: _, holds, payment, shipments, ...known }: RawProgress): Progress {
  const [parcel] = edgesOf(shipments);
  return {
    ...known,
    isPaid: Number(payment?.captured.amount ?? 0) > 0,
    holds: edgesOf(holds),
    creditNotes: edgesOf(payment?.refunds).flatMap(
      ({ note, externalReference }) => externalReference ?? /^Credit note (\S+)$/.exec(note ?? '')?.[1] ?? [],
    ),
    parcel: parcel?.dispatchedAt
      ? {
          trackingNumber: parcel.trackingNumber,
          dispatchedAt: parcel.dispatchedAt,
          scans: edgesOf(parcel.trackingEvents).map(({ status }) => status),
        }
      : null,
  };
}

/** Take over what an order is now. */
export async function refresh(api: Api, order: BookedOrder): Promise<void> {
  const { node } = await api.ask<{ node: RawProgress }>(
    `query order($id: ID!) { node(id: $id) { ... on Order { ${PROGRESS} } } }`,
    { id: order.id },
  );
  Object.assign(order, progressOf(node));
}

/** The order with this id, which has just been placed. */
export async function readOrder(api: Api, id: string, reference: string): Promise<BookedOrder> {
  const { node } = await api.ask<{ node: RawOrder }>(
    `query order($id: ID!) { node(id: $id) { ... on Order { ${WHOLE} } } }`,
    { id },
  );
  return bookedOf(api, node, reference);
}

/** An order as it was answered, with the lines that did not fit the first page. */
async function bookedOf(api: Api, raw: RawOrder, reference: string): Promise<BookedOrder> {
  const lines = edgesOf(raw.lines);
  let { pageInfo } = raw.lines;
  while (pageInfo?.hasNextPage) {
    const { node }: { node: { lines: Page<BookedLine> } } = await api.ask(
      `query moreLines($id: ID!, $after: String) { node(id: $id) { ... on Order { lines(first: 100, after: $after) { ${LINES} } } } }`,
      { id: raw.id, after: pageInfo.endCursor },
    );
    lines.push(...edgesOf(node.lines));
    ({ pageInfo } = node.lines);
  }
  return { ...progressOf(raw), id: raw.id, reference, isPushed: raw.platformOrder !== null, lines };
}

/**
 * Every order of the stores that came from the recording, by its reference. Shoppers give none: theirs stands in the
 * e-mail address of the receiver, so that the caller needs to see contacts unmasked.
 */
export async function readBooks(api: Api, storeIds: readonly string[]): Promise<Map<string, BookedOrder>> {
  const fields = `${WHOLE} externalReference contact { email }`;
  const books = new Map<string, BookedOrder>();
  for (const storeId of storeIds) {
    for await (const raw of pagesOf<RawOrder>(api, 'orders', fields, { storeId }, 25)) {
      const reference = referenceOf(raw);
      if (reference) books.set(reference, await bookedOf(api, raw, reference));
    }
  }
  return books;
}

const referenceOf = ({ externalReference, platformOrder, contact }: RawOrder): string | undefined =>
  externalReference ?? platformOrder?.reference ?? /\+([^@+]+)@/.exec(contact?.email ?? '')?.[1];
