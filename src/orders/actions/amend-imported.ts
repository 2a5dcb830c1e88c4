// What later lines of a file do to imported orders: more lines of an invoice, and cancellations.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { emitAll, type NewEvent } from '../../core/events.ts';
import type { Order, OrderLine } from '../../generated/prisma/client.ts';
import { settledElsewhere } from '../../payments/actions/import-accounts.ts';
import { paymentStateOf } from '../../payments/rules.ts';
import { lineAmounts, orderTotals } from '../rules/amounts.ts';
import { orderEvent } from './order-events.ts';

/** What a cancellation takes off one order. */
export interface PastCancellation {
  /** Number of the cancelling invoice. */
  reference: string;
  cancelledAt: Date;
  /** Units by line of the order. */
  units: Map<string, number>;
}

export interface OrderAmendment {
  orderId: string;
  /** Number of its invoice. */
  reference: string;
  /** Lines that were just added to it. */
  linesAdded: number;
  freightAdded: bigint;
  cancellations: PastCancellation[];
}

type Amended = { order: Order; lines: OrderLine[] };

/**
 * Bring imported orders up to what was found of them later, in five statements for all of them. Each has one event for
 * the lines that were added, and one for each cancellation. An order of which nothing is left, no goods and no freight,
 * is cancelled; a cancellation takes units off what was delivered, at the price of the order. Locks orders by id.
 */
export async function amendImported(
  tx: Tx,
  actor: Actor,
  amendments: readonly OrderAmendment[],
  at: Date,
): Promise<void> {
  if (amendments.length === 0) return;
  const ids = amendments.map(({ orderId }) => orderId);
  await tx.$queryRaw`SELECT 1 FROM "order" WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  const orders = new Map(
    (await tx.order.findMany({ where: { id: { in: ids } } })).map((row) => [row.id, row]),
  );
  const lines = Map.groupBy(
    await tx.orderLine.findMany({ where: { orderId: { in: ids } }, orderBy: { position: 'asc' } }),
    ({ orderId }) => orderId,
  );
  const events: NewEvent[] = [];
  const after = amendments.map((amendment): Amended => {
    const order = orders.get(amendment.orderId);
    if (!order) throw new Error(`there is no order ${amendment.orderId}`);
    const own = lines.get(order.id) ?? [];
    const amended = amend({ order, lines: own }, amendment, at);
    events.push(...amended.events);
    return amended;
  });
  await writeLines(
    tx,
    after.flatMap((amended) => amended.lines),
  );
  await writeOrders(
    tx,
    after.map(({ order }) => order),
  );
  await emitAll(tx, actor, events);
}

function amend(start: Amended, amendment: OrderAmendment, at: Date): Amended & { events: NewEvent[] } {
  let now = start;
  const events: NewEvent[] = [];
  const { number } = start.order;
  const { reference, linesAdded: lineCount, freightAdded } = amendment;
  if (lineCount > 0 || freightAdded > 0n) {
    const before = now.order;
    now = amendedWith(now, now.lines, before.freightMinor + freightAdded, before.placedAt);
    const payload = { number, reference, lineCount };
    events.push(orderEvent('order.importExtended', before, now.order, payload, at));
  }
  for (const { reference: cancellation, cancelledAt, units } of amendment.cancellations) {
    const { order: before, lines } = now;
    now = amendedWith(
      now,
      lines.map((line) => takeOff(line, units)),
      before.freightMinor,
      cancelledAt,
    );
    const taken = lines
      .filter(({ id }) => units.has(id))
      .map(({ id, sku }) => ({ sku, quantity: units.get(id) ?? 0 }));
    const payload = { number, cancellation, lines: taken };
    events.push(orderEvent('order.importCancelled', before, now.order, payload, at));
  }
  return { ...now, events };
}

function takeOff(line: OrderLine, units: ReadonlyMap<string, number>): OrderLine {
  const taken = units.get(line.id) ?? 0;
  const after = { ...line, cancelled: line.cancelled + taken, dispatched: line.dispatched - taken };
  return { ...after, ...lineAmounts(after) };
}

/** An order with its lines and freight as they are now. `endedAt` is when nothing was left of it, if that is so. */
function amendedWith({ order }: Amended, lines: OrderLine[], freightMinor: bigint, endedAt: Date): Amended {
  const isCancelled =
    lines.length > 0 && freightMinor === 0n && lines.every((line) => line.cancelled === line.quantity);
  return {
    lines,
    order: {
      ...order,
      ...orderTotals(lines, freightMinor),
      state: isCancelled ? 'CANCELLED' : 'COMPLETED',
      paymentState: paymentStateOf(settledElsewhere, { isCancelled }),
      fulfilmentState: isCancelled ? 'UNFULFILLED' : 'DELIVERED',
      cancelReason: isCancelled ? 'OTHER' : null,
      cancelledAt: isCancelled ? endedAt : null,
      completedAt: isCancelled ? null : order.placedAt,
      version: order.version + 1,
    },
  };
}

async function writeLines(tx: Tx, lines: readonly OrderLine[]): Promise<void> {
  const rows = lines.map(({ id, cancelled, dispatched, totalMinor, taxMinor }) => ({
    id,
    cancelled,
    dispatched,
    totalMinor: String(totalMinor),
    taxMinor: String(taxMinor),
  }));
  await tx.$executeRaw`
    UPDATE order_line l SET cancelled = r.cancelled, dispatched = r.dispatched, total_minor = r."totalMinor",
      tax_minor = r."taxMinor"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, cancelled int, dispatched int,
      "totalMinor" bigint, "taxMinor" bigint)
    WHERE l.id = r.id AND l.cancelled <> r.cancelled`;
}

async function writeOrders(tx: Tx, orders: readonly Order[]): Promise<void> {
  const rows = orders.map(({ merchandiseMinor, freightMinor, totalMinor, taxMinor, ...order }) => ({
    ...order,
    merchandiseMinor: String(merchandiseMinor),
    freightMinor: String(freightMinor),
    totalMinor: String(totalMinor),
    taxMinor: String(taxMinor),
  }));
  await tx.$executeRaw`
    UPDATE "order" o SET state = r.state::order_state, payment_state = r."paymentState"::order_payment_state,
      fulfilment_state = r."fulfilmentState"::order_fulfilment_state, cancel_reason = r."cancelReason"::order_cancel_reason,
      cancelled_at = r."cancelledAt", completed_at = r."completedAt", merchandise_minor = r."merchandiseMinor",
      freight_minor = r."freightMinor", total_minor = r."totalMinor", tax_minor = r."taxMinor", version = r.version
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, state text, "paymentState" text,
      "fulfilmentState" text, "cancelReason" text, "cancelledAt" timestamptz, "completedAt" timestamptz,
      "merchandiseMinor" bigint, "freightMinor" bigint, "totalMinor" bigint, "taxMinor" bigint, version int)
    WHERE o.id = r.id`;
}
