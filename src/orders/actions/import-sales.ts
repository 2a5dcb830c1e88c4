// What a batch of a file sold: its customers, its goods and the orders that its invoices become.

import { importVariants } from '../../catalog/actions/import-variants.ts';
import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { newId } from '../../core/ids.ts';
import { localeOf } from '../../core/texts.ts';
import type { OrderImport } from '../../generated/prisma/client.ts';
import { importCustomers } from '../../identity/actions/import-customers.ts';
import {
  fitIntoOrder,
  goodsOf,
  type Invoice,
  type InvoiceEntry,
  openEntries,
} from '../rules/import-invoices.ts';
import type { ImportLine } from '../rules/import-lines.ts';
import type { ImportedLine, ImportedOrder } from './import-orders.ts';

/** A line of a file as a line of an order. */
export interface SoldLine {
  orderId: string;
  customerId: string | null;
  line: ImportedLine;
}

/** Lines and freight that an order gets which is there already. */
export interface OrderAddition {
  orderId: string;
  reference: string;
  freightMinor: bigint;
  lines: (ImportedLine & { position: number })[];
}

export interface BatchSales {
  orders: ImportedOrder[];
  additions: OrderAddition[];
  /** By the entry that each came from. */
  sold: Map<InvoiceEntry, SoldLine>;
  /** Variants by SKU: of what is sold here, and of what is written off. */
  variants: Awaited<ReturnType<typeof importVariants>>;
}

/** Orders of invoices that the same import took over before, by reference: more lines of them are found now. */
export type OrdersSoFar = ReadonlyMap<
  string,
  { id: string; customerId: string | null; totalMinor: bigint; lines: number }
>;

/** Make the customers and goods that are not there yet, and the rows of what was sold. Writes no orders. */
export async function prepareSales(
  tx: Tx,
  actor: Actor,
  run: OrderImport & { currency: string },
  invoices: readonly Invoice[],
  soFar: OrdersSoFar,
  at: Date,
): Promise<BatchSales> {
  const locale = localeOf(run.locale) ?? 'en';
  const selling = invoices.flatMap((invoice) => openEntries(invoice, 'SALE', 'FREIGHT'));
  const references = selling.flatMap(({ line }) => line.customer ?? []);
  const customers = await importCustomers(tx, actor, { references, locale }, at);
  const customerIdOf = ({ customer }: ImportLine) => customers.get(customer ?? '') ?? null;
  const fitting = invoices.map((invoice) => ({
    reference: invoice.reference,
    entries: fitIntoOrder(
      openEntries(invoice, 'SALE', 'FREIGHT'),
      customerIdOf,
      soFar.get(invoice.reference) ?? null,
    ),
  }));
  const named = [
    ...fitting.flatMap(({ entries }) => entries.filter(({ line }) => line.kind === 'SALE')),
    ...invoices.flatMap((invoice) => openEntries(invoice, 'ADJUSTMENT')),
  ];
  const goods = { categoryId: run.categoryId, locale, goods: goodsOf(named) };
  const sales: BatchSales = {
    orders: [],
    additions: [],
    sold: new Map(),
    variants: await importVariants(tx, actor, goods, at),
  };
  for (const { reference, entries } of fitting) {
    const [first] = entries;
    if (!first) continue;
    const order = soFar.get(reference);
    const orderId = order?.id ?? newId();
    const customerId = order ? order.customerId : customerIdOf(first.line);
    const lines = entries.flatMap((entry) => {
      if (entry.line.kind === 'FREIGHT') return [];
      const line = lineOf(entry.line, sales.variants);
      sales.sold.set(entry, { orderId, customerId, line });
      return [line];
    });
    const freightMinor = entries
      .filter(({ line }) => line.kind === 'FREIGHT')
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    if (order) {
      const positioned = lines.map((line, i) => ({ ...line, position: order.lines + i + 1 }));
      sales.additions.push({ orderId, reference, freightMinor, lines: positioned });
    } else {
      const { storeId, currency } = run;
      const { at: placedAt, country, region } = first.line;
      const whose = { customerId, country, region, placedAt };
      sales.orders.push({ id: orderId, storeId, currency, reference, ...whose, freightMinor, lines });
    }
  }
  return sales;
}

function lineOf(
  { sku, description, quantity, unitPriceMinor }: ImportLine,
  variants: BatchSales['variants'],
): ImportedLine {
  const variant = variants.get(sku);
  if (!variant) throw new Error(`there is no variant ${sku}`);
  const { variantId, name, taxRateBasisPoints } = variant;
  const price = { quantity, cancelled: 0, unitPriceMinor, taxRateBasisPoints };
  return { id: newId(), variantId, sku, name: description || name, ...price };
}
