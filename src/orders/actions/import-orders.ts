// Rows of imported orders: what was sold and is over. Nothing is promised, owed or waited for because of them.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { emitAll } from '../../core/events.ts';
import { formatMinor } from '../../core/money.ts';
import type { Order } from '../../generated/prisma/client.ts';
import { importAccounts, settledElsewhere } from '../../payments/actions/import-accounts.ts';
import { paymentStateOf } from '../../payments/rules.ts';
import { lineAmounts, orderTotals } from '../rules/amounts.ts';
import { orderEvent } from './order-events.ts';

/** A line of an imported order before it is written. */
export interface ImportedLine {
  id: string;
  variantId: string;
  sku: string;
  name: string;
  quantity: number;
  cancelled: number;
  unitPriceMinor: bigint;
  taxRateBasisPoints: number;
}

export interface ImportedOrder {
  id: string;
  storeId: string;
  currency: string;
  reference: string;
  /** Null for guests, and for customers who were erased. */
  customerId: string | null;
  country: string;
  region: string | null;
  placedAt: Date;
  freightMinor: bigint;
  lines: ImportedLine[];
}

/**
 * Write orders as completed, delivered and settled elsewhere, in a few statements for all of them: no stock, no clock,
 * no payment. Each has one event, `order.imported`. Of their moments only that of the invoice is known.
 */
export async function insertImported(
  tx: Tx,
  actor: Actor,
  drafts: readonly ImportedOrder[],
  at: Date,
): Promise<void> {
  if (drafts.length === 0) return;
  const numbers = await tx.$queryRaw<{ number: string }[]>`
    SELECT nextval('order_number')::text AS number FROM generate_series(1, ${drafts.length}::int)`;
  const orders = drafts.map((draft, i) => rowOf(actor, draft, numbers[i]?.number ?? ''));
  await insertOrders(tx, orders);
  await insertReceivers(tx, drafts);
  await insertLines(
    tx,
    drafts.flatMap(({ id: orderId, lines }) =>
      lines.map((line, i) => ({ ...line, orderId, position: i + 1 })),
    ),
  );
  await importAccounts(
    tx,
    drafts.map(({ id: orderId, storeId, currency }) => ({ orderId, storeId, currency })),
    at,
  );
  const events = orders.map((order, i) => {
    const draft = drafts[i];
    const payload = {
      number: order.number,
      reference: draft?.reference ?? '',
      total: formatMinor(order.totalMinor, order.currency),
      currency: order.currency,
      lineCount: draft?.lines.length ?? 0,
    };
    return orderEvent('order.imported', null, order, payload, at);
  });
  await emitAll(tx, actor, events);
}

// Prisma would plan each of these statements anew for every number of rows; the database takes any number as one value.

async function insertOrders(tx: Tx, orders: readonly Order[]): Promise<void> {
  const rows = orders.map((order) => ({
    ...order,
    merchandiseMinor: String(order.merchandiseMinor),
    freightMinor: String(order.freightMinor),
    totalMinor: String(order.totalMinor),
    taxMinor: String(order.taxMinor),
  }));
  await tx.$executeRaw`
    INSERT INTO "order" (id, number, store_id, customer_id, partner_id, external_reference, state, payment_state,
      fulfilment_state, currency, merchandise_minor, freight_minor, total_minor, tax_minor, placed_at, confirmed_at,
      completed_at)
    SELECT id, number, "storeId", "customerId", "partnerId", "externalReference", state::order_state,
      "paymentState"::order_payment_state, "fulfilmentState"::order_fulfilment_state, currency, "merchandiseMinor",
      "freightMinor", "totalMinor", "taxMinor", "placedAt", "confirmedAt", "completedAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, number text, "storeId" uuid, "customerId" uuid,
      "partnerId" uuid, "externalReference" text, state text, "paymentState" text, "fulfilmentState" text, currency text,
      "merchandiseMinor" bigint, "freightMinor" bigint, "totalMinor" bigint, "taxMinor" bigint, "placedAt" timestamptz,
      "confirmedAt" timestamptz, "completedAt" timestamptz)`;
}

/** Whom an order went to is not told, only to which country: as with a masked receiver, there is no more to be had. */
async function insertReceivers(tx: Tx, drafts: readonly ImportedOrder[]): Promise<void> {
  const rows = drafts.map(({ id, country, region }) => ({ id, country, region }));
  await tx.$executeRaw`
    INSERT INTO person_order (order_id, name, country, region, city, lines, masked)
    SELECT id, '', country, region, '', '{}', true
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, country text, region text)`;
}

/** Write lines of orders that are there, all of them in one statement. What was sold is with the customer. */
export async function insertLines(
  tx: Tx,
  lines: readonly (ImportedLine & { orderId: string; position: number })[],
): Promise<void> {
  const rows = lines.map((line) => {
    const { totalMinor, taxMinor } = lineAmounts(line);
    return {
      ...line,
      unitPriceMinor: String(line.unitPriceMinor),
      totalMinor: String(totalMinor),
      taxMinor: String(taxMinor),
    };
  });
  await tx.$executeRaw`
    INSERT INTO order_line (id, order_id, position, variant_id, sku, name, quantity, dispatched, unit_price_minor,
      tax_rate_basis_points, total_minor, tax_minor)
    SELECT id, "orderId", position, "variantId", sku, name, quantity, quantity, "unitPriceMinor", "taxRateBasisPoints",
      "totalMinor", "taxMinor"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, "orderId" uuid, position int, "variantId" uuid,
      sku text, name text, quantity int, "unitPriceMinor" bigint, "taxRateBasisPoints" int, "totalMinor" bigint,
      "taxMinor" bigint)`;
}

const rowOf = (actor: Actor, draft: ImportedOrder, number: string): Order => ({
  id: draft.id,
  number,
  storeId: draft.storeId,
  customerId: draft.customerId,
  partnerId: actor.partnerId,
  guestHash: null,
  guestNetwork: null,
  externalReference: draft.reference,
  state: 'COMPLETED',
  paymentState: paymentStateOf(settledElsewhere),
  fulfilmentState: 'DELIVERED',
  afterSalesState: 'NONE',
  held: false,
  awaitingStock: false,
  shipBy: null,
  flag: null,
  currency: draft.currency,
  ...orderTotals(draft.lines, draft.freightMinor),
  cancelReason: null,
  placedAt: draft.placedAt,
  confirmedAt: draft.placedAt,
  paidAt: null,
  dispatchedAt: null,
  deliveredAt: null,
  completedAt: draft.placedAt,
  cancelledAt: null,
  version: 1,
});
