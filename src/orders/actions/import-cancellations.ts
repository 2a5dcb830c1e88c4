// Which purchases the cancellations of a batch take back: those of earlier batches and files, and of its own.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { makePurchases, type Purchases } from '../rules/cancellations.ts';
import { type Invoice, type InvoiceEntry, openEntries } from '../rules/import-invoices.ts';
import type { PastCancellation } from './amend-imported.ts';
import type { SoldLine } from './import-sales.ts';

/** A line of an order, and the number of its order. */
interface Purchase {
  orderId: string;
  orderLineId: string;
}

/**
 * Match every cancellation, in the order of the file, with what its customer had bought by then of imported orders of
 * the store. Says what becomes of each, and what is taken off which order. Reads only.
 */
export async function matchCancellations(
  tx: Tx,
  actor: Actor,
  storeId: string,
  invoices: readonly Invoice[],
  sold: ReadonlyMap<InvoiceEntry, SoldLine>,
): Promise<Map<string, PastCancellation[]>> {
  const cancelling = new Set(invoices.flatMap((invoice) => openEntries(invoice, 'CANCELLATION')));
  if (cancelling.size === 0) return new Map();
  const { customerIdOf, variantIdOf } = await namesOf(tx, actor, cancelling);
  const purchases = makePurchases<Purchase>();
  const wanted = [...cancelling].flatMap(({ line }) => {
    const customerId = customerIdOf(line.customer);
    const variantId = variantIdOf(line.sku);
    return customerId && variantId ? [{ customerId, variantId }] : [];
  });
  await tellKnown(tx, storeId, wanted, purchases);
  const taken = new Map<string, PastCancellation[]>();
  const inOrder = [...sold.keys(), ...cancelling].sort((a, b) => a.csv.number - b.csv.number);
  for (const entry of inOrder) {
    const { line } = entry;
    const sale = sold.get(entry);
    if (sale) {
      const { orderId, customerId, line: own } = sale;
      const source = { orderId, orderLineId: own.id };
      if (customerId) purchases.bought(customerId, own.variantId, own.quantity, source, line.at.getTime());
      continue;
    }
    const customerId = customerIdOf(line.customer);
    const variantId = variantIdOf(line.sku);
    const { takings, rest } =
      customerId && variantId
        ? purchases.take(customerId, variantId, line.quantity, line.at.getTime())
        : { takings: [], rest: line.quantity };
    if (line.customer === null) entry.outcome = 'CANCELLATION_OF_GUEST';
    else if (takings.length === 0) entry.outcome = 'CANCELLATION_UNKNOWN';
    else entry.outcome = rest > 0 ? 'CANCELLED_IN_PART' : 'CANCELLED';
    for (const { source, units } of takings) add(taken, line.reference, line.at, source, units);
  }
  return taken;
}

/** Customers and variants of cancellations, as far as they are there: none is made for what is taken back. */
async function namesOf(tx: Tx, { partnerId }: Actor, entries: ReadonlySet<InvoiceEntry>) {
  const references = [...entries].flatMap(({ line }) => line.customer ?? []);
  const customers = await tx.customer.findMany({
    where: { partnerId, externalReference: { in: references } },
    select: { id: true, externalReference: true },
  });
  const variants = await tx.variant.findMany({
    where: { sku: { in: [...entries].map(({ line }) => line.sku) } },
    select: { id: true, sku: true },
  });
  const customerIds = new Map(customers.map(({ id, externalReference }) => [externalReference, id]));
  const variantIds = new Map(variants.map(({ id, sku }) => [sku, id]));
  return {
    customerIdOf: (reference: string | null) => (reference === null ? undefined : customerIds.get(reference)),
    variantIdOf: (sku: string) => variantIds.get(sku),
  };
}

/** Tell the units that are left of what customers bought before this batch. */
async function tellKnown(
  tx: Tx,
  storeId: string,
  wanted: readonly { customerId: string; variantId: string }[],
  purchases: Purchases<Purchase>,
): Promise<void> {
  const rows = await tx.$queryRaw<
    (Purchase & { customerId: string; variantId: string; left: number; at: Date })[]
  >`
    SELECT o.id AS "orderId", l.id AS "orderLineId", o.customer_id AS "customerId", l.variant_id AS "variantId",
      l.quantity - l.cancelled AS left, o.placed_at AS at
    FROM (SELECT DISTINCT * FROM unnest(${wanted.map(({ customerId }) => customerId)}::uuid[],
      ${wanted.map(({ variantId }) => variantId)}::uuid[])) AS w (customer_id, variant_id)
    JOIN "order" o ON o.customer_id = w.customer_id AND o.store_id = ${storeId}::uuid
    JOIN imported_invoice i ON i.order_id = o.id
    JOIN order_line l ON l.order_id = o.id AND l.variant_id = w.variant_id
    WHERE l.cancelled < l.quantity
    ORDER BY o.placed_at, o.id, l.position`;
  for (const { orderId, orderLineId, customerId, variantId, left, at } of rows)
    purchases.bought(customerId, variantId, left, { orderId, orderLineId }, at.getTime());
}

function add(
  taken: Map<string, PastCancellation[]>,
  reference: string,
  cancelledAt: Date,
  { orderId, orderLineId }: Purchase,
  units: number,
): void {
  const ofOrder = taken.get(orderId) ?? [];
  taken.set(orderId, ofOrder);
  let own = ofOrder.find((cancellation) => cancellation.reference === reference);
  if (!own) {
    own = { reference, cancelledAt, units: new Map() };
    ofOrder.push(own);
  }
  own.units.set(orderLineId, (own.units.get(orderLineId) ?? 0) + units);
}
