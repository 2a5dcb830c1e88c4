// The recorded orders of a real shop: read from CSV, grouped by invoice, each line judged for what it is.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { parseMinor } from '../../../src/core/money.ts';

/** What a recorded line is: goods sold, goods given back, or one of the things that are no order of goods. */
export type LineKind = 'SALE' | 'CANCELLATION' | 'NO_PRODUCT' | 'STOCK_CORRECTION' | 'WITHOUT_PRICE';

export interface RecordedLine {
  kind: LineKind;
  /** Stock code in upper case. */
  code: string;
  description: string;
  /** Units; those of a cancellation are positive too. */
  quantity: number;
  /** Price of one unit in pence as it was recorded. */
  unitPriceMinor: bigint;
}

export interface Invoice {
  number: string;
  /** Wall-clock time of the shop, in milliseconds. Only differences matter. */
  at: number;
  cancels: boolean;
  /** Null for guests. */
  customerId: string | null;
  country: string;
  lines: RecordedLine[];
}

/** The recording that comes with Dayshift. */
export const recordingPath = join(import.meta.dirname, 'orders.csv.gz');

/** Read a recording, plain or gzipped: its invoices in the order in which they were written. */
export function readRecording(path: string = recordingPath): Invoice[] {
  const bytes = readFileSync(path);
  return parseRecording((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
}

interface Row {
  InvoiceNo: string;
  StockCode: string;
  Description: string;
  Quantity: string;
  InvoiceDate: string;
  UnitPrice: string;
  CustomerID: string;
  Country: string;
}

export function parseRecording(csv: string): Invoice[] {
  const rows = parse<Row>(csv, { columns: true, bom: true, skip_empty_lines: true });
  const invoices = new Map<string, Invoice>();
  for (const row of rows) {
    const invoice = invoices.get(row.InvoiceNo) ?? invoiceOf(row);
    invoice.lines.push(lineOf(row, invoice.cancels));
    invoices.set(row.InvoiceNo, invoice);
  }
  return [...invoices.values()].sort((a, b) => a.at - b.at);
}

const invoiceOf = (row: Row): Invoice => ({
  number: row.InvoiceNo,
  at: Date.parse(`${row.InvoiceDate.replace(' ', 'T')}Z`),
  cancels: row.InvoiceNo.startsWith('C'),
  customerId: row.CustomerID.replace(/\.0$/, '') || null,
  country: row.Country,
  lines: [],
});

function lineOf(row: Row, cancels: boolean): RecordedLine {
  const code = row.StockCode.trim().toUpperCase();
  const quantity = Number.parseInt(row.Quantity, 10);
  const unitPriceMinor = parseMinor(row.UnitPrice, 'GBP') ?? 0n;
  return {
    kind: kindOf(code, quantity, unitPriceMinor, cancels),
    code,
    description: row.Description.trim().replace(/\s+/g, ' '),
    quantity: Math.abs(quantity),
    unitPriceMinor,
  };
}

// Postage, discounts, fees, samples, commissions, vouchers, what was keyed in by hand, and tests.
const noProduct =
  /^(POST|DOT|C2|D|M|S|B|PADS|CRUK|BANK CHARGES|AMAZONFEE|SAMPLES?|ADJUST\d*|TEST\d*|GIFT_.*)$|[^A-Z0-9._/-]/;

function kindOf(code: string, quantity: number, unitPriceMinor: bigint, cancels: boolean): LineKind {
  if (noProduct.test(code)) return 'NO_PRODUCT';
  if (cancels) return quantity < 0 ? 'CANCELLATION' : 'STOCK_CORRECTION';
  if (quantity <= 0) return 'STOCK_CORRECTION';
  return unitPriceMinor > 0n ? 'SALE' : 'WITHOUT_PRICE';
}
