// One batch of lines of an imported file: judged, taken over and accounted for in one transaction.

import type { Actor } from '../../core/actor.ts';
import { analyseGrown } from '../../core/analyse.ts';
import type { CsvLine } from '../../core/csv.ts';
import { lockName, type Tx } from '../../core/db.ts';
import { newId } from '../../core/ids.ts';
import { latestElsewhere } from '../../core/inputs.ts';
import { momentIn } from '../../core/time.ts';
import type { OrderImport } from '../../generated/prisma/client.ts';
import { importAdjustments } from '../../inventory/actions/import-adjustments.ts';
import {
  addSums,
  countSums,
  type Entry,
  type Invoice,
  openEntries,
  readEntries,
  type Sums,
} from '../rules/import-invoices.ts';
import { isTaken } from '../texts.ts';
import { amendImported, type OrderAmendment, type PastCancellation } from './amend-imported.ts';
import { matchCancellations } from './import-cancellations.ts';
import { insertImported, insertLines } from './import-orders.ts';
import { type BatchSales, type OrdersSoFar, prepareSales } from './import-sales.ts';

/** Lines that were not taken over, or not wholly, of which an import keeps what they say. All of them are counted. */
export const IMPORT_PROBLEMS_MAX = 10_000;

const TEXT_KEPT = 500;

export interface ImportBatch {
  orderImportId: string;
  /** How many lines of the file lie before those of the batch. */
  from: number;
  lines: readonly CsvLine[];
}

type RunningImport = OrderImport & { currency: string; timeZone: string };

/**
 * Take over lines of a file and move the checkpoint of its import: both or neither. Answers how far the import is:
 * where another process came first, nothing happens. Batches of all imports run one after another. Locks the import,
 * customers, orders, and stock last.
 */
export async function importBatch(
  tx: Tx,
  actor: Actor,
  { orderImportId, from, lines }: ImportBatch,
  at: Date,
): Promise<Pick<OrderImport, 'state' | 'linesRead' | 'linesImported' | 'linesRejected'>> {
  await lockName(tx, 'order-import');
  const run = await lockImport(tx, orderImportId);
  if (run.state !== 'RUNNING' || run.linesRead !== from) return run;
  const { entries, invoices } = readEntries(lines, settingsOf(run, at));
  const soFar = await refuseKnown(tx, actor, run, invoices);
  const sales = await prepareSales(tx, actor, run, invoices, soFar, at);
  const cancellations = await matchCancellations(tx, actor, run.storeId, invoices, sales.sold);
  await insertImported(tx, actor, sales.orders, at);
  await insertLines(
    tx,
    sales.additions.flatMap(({ orderId, lines: added }) => added.map((line) => ({ ...line, orderId }))),
  );
  await analyseGrown(tx, FILLED);
  await amendImported(tx, actor, amendmentsOf(sales.additions, cancellations), at);
  await adjustPast(tx, actor, run, invoices, sales.variants, at);
  await keepInvoices(tx, run, invoices, sales);
  return accountFor(tx, run, entries);
}

/** Tables that grow with an import. */
const FILLED = [
  'order',
  'order_line',
  'imported_invoice',
  'customer',
  'product',
  'variant',
  'product_version',
  'product_version_text',
  'person_order',
  'payment_account',
] as const;

async function lockImport(tx: Tx, id: string): Promise<RunningImport> {
  await tx.$queryRaw`SELECT 1 FROM order_import WHERE id = ${id}::uuid FOR UPDATE`;
  const { store, ...row } = await tx.orderImport.findUniqueOrThrow({
    where: { id },
    include: { store: { select: { currencies: true, timeZone: true } } },
  });
  return { ...row, currency: store.currencies[0] ?? '', timeZone: store.timeZone };
}

function settingsOf({ currency, timeZone }: RunningImport, at: Date) {
  const moments = new Map<string, Date | null>();
  const momentOf = (shown: string): Date | null => {
    const known = moments.get(shown);
    if (known !== undefined) return known;
    const moment = momentIn(timeZone, shown);
    moments.set(shown, moment);
    return moment;
  };
  return { currency, momentOf, latest: latestElsewhere(at) };
}

/**
 * Reject lines of invoices that another import took over, and sales under the number of another order. Answers the
 * orders of invoices that this import has begun already.
 */
async function refuseKnown(
  tx: Tx,
  { partnerId }: Actor,
  { id, storeId }: RunningImport,
  invoices: readonly Invoice[],
): Promise<OrdersSoFar> {
  const references = invoices.map(({ reference }) => reference);
  const known = await tx.importedInvoice.findMany({
    where: { storeId, reference: { in: references } },
    select: {
      reference: true,
      orderImportId: true,
      order: {
        select: { id: true, customerId: true, totalMinor: true, _count: { select: { lines: true } } },
      },
    },
  });
  const byReference = new Map(known.map((invoice) => [invoice.reference, invoice]));
  const numbered = await tx.order.findMany({
    where: { externalReference: { in: references }, partnerId },
    select: { id: true, externalReference: true },
  });
  const orderOf = new Map(numbered.map((order) => [order.externalReference, order.id]));
  for (const invoice of invoices) {
    const own = byReference.get(invoice.reference);
    const isOthers = own && own.orderImportId !== id;
    for (const entry of invoice.entries) if (isOthers) entry.outcome = 'ALREADY_IMPORTED';
    const orderId = orderOf.get(invoice.reference);
    if (orderId && orderId !== own?.order?.id)
      for (const entry of openEntries(invoice, 'SALE', 'FREIGHT')) entry.outcome = 'REFERENCE_TAKEN';
  }
  return new Map(
    known.flatMap(({ reference, orderImportId, order }) =>
      order && orderImportId === id ? [[reference, { ...order, lines: order._count.lines }]] : [],
    ),
  );
}

function amendmentsOf(
  additions: BatchSales['additions'],
  cancellations: ReadonlyMap<string, PastCancellation[]>,
): OrderAmendment[] {
  const added = new Map(additions.map((addition) => [addition.orderId, addition]));
  return [...new Set([...added.keys(), ...cancellations.keys()])].map((orderId) => {
    const { reference = '', lines = [], freightMinor = 0n } = added.get(orderId) ?? {};
    return {
      orderId,
      reference,
      linesAdded: lines.length,
      freightAdded: freightMinor,
      cancellations: cancellations.get(orderId) ?? [],
    };
  });
}

/** Tell the ledger what was written off; nothing where the store has no location. */
async function adjustPast(
  tx: Tx,
  actor: Actor,
  { id: orderImportId, locationId }: RunningImport,
  invoices: readonly Invoice[],
  variants: BatchSales['variants'],
  at: Date,
): Promise<void> {
  const entries = invoices.flatMap((invoice) => openEntries(invoice, 'ADJUSTMENT'));
  for (const entry of entries) entry.outcome = locationId ? 'STOCK_ADJUSTED' : 'NO_LOCATION';
  if (!locationId || entries.length === 0) return;
  const adjustments = entries.map(
    ({ line: { sku, quantity: units, at: occurredAt, reference, description } }) => ({
      variantId: variants.get(sku)?.variantId ?? '',
      units,
      reason: [reference, description].filter(Boolean).join(': '),
      occurredAt,
    }),
  );
  await importAdjustments(tx, actor, { locationId, orderImportId, adjustments }, at);
}

/** Remember every invoice of which something was taken over, and the order that it became. */
async function keepInvoices(
  tx: Tx,
  { id: orderImportId, storeId }: RunningImport,
  invoices: readonly Invoice[],
  { orders, additions }: BatchSales,
): Promise<void> {
  const orderIds = new Map([
    ...orders.map((order) => [order.reference, order.id] as const),
    ...additions.map((addition) => [addition.reference, addition.orderId] as const),
  ]);
  const kept = invoices
    .filter(({ entries }) => entries.some(({ outcome }) => outcome !== null && isTaken(outcome)))
    .map(({ reference }) => ({
      storeId,
      reference,
      orderImportId,
      orderId: orderIds.get(reference) ?? null,
    }));
  const rows = JSON.stringify(kept);
  await tx.$executeRaw`
    INSERT INTO imported_invoice (store_id, reference, order_import_id, order_id)
    SELECT "storeId", reference, "orderImportId", "orderId"
    FROM jsonb_to_recordset(${rows}::jsonb) AS r ("storeId" uuid, reference text, "orderImportId" uuid, "orderId" uuid)
    ON CONFLICT (store_id, reference) DO UPDATE SET order_id = coalesce(imported_invoice.order_id, excluded.order_id)`;
}

/** What of a line can be kept: PostgreSQL has no zeros in text. */
const storable = (text: string): string => text.slice(0, TEXT_KEPT).replaceAll('\0', '\uFFFD');

/** Count what became of the lines, keep what people may want to mend, and move the checkpoint behind them. */
async function accountFor(tx: Tx, run: RunningImport, entries: readonly Entry[]): Promise<OrderImport> {
  const outcomes = addSums(run.outcomes as Sums, entries);
  const { imported, rejected } = countSums(outcomes);
  const problems = entries.flatMap(({ csv, outcome }) =>
    outcome !== null && (!isTaken(outcome) || outcome === 'CANCELLED_IN_PART')
      ? [
          {
            id: newId(),
            orderImportId: run.id,
            position: csv.number,
            outcome,
            text: storable(csv.text),
          },
        ]
      : [],
  );
  if (problems.length > 0) {
    const count = await tx.orderImportProblem.count({ where: { orderImportId: run.id } });
    await tx.orderImportProblem.createMany({
      data: problems.slice(0, Math.max(0, IMPORT_PROBLEMS_MAX - count)),
    });
  }
  return tx.orderImport.update({
    where: { id: run.id },
    data: {
      linesRead: run.linesRead + entries.length,
      linesImported: imported,
      linesRejected: rejected,
      outcomes: outcomes as object,
    },
  });
}
