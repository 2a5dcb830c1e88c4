// Lines of a file as entries of invoices: which belong together, and what becomes of each. Pure: no database, no clock.

import type { CsvLine } from '../../core/csv.ts';
import { MONEY_MINOR_MAX } from '../../core/money.ts';
import { type ImportOutcome, isTaken } from '../texts.ts';
import { type ImportLine, type ImportSettings, judgeDefect, judgeLine } from './import-lines.ts';

/** A line of the file and what becomes of it; null until that is known. */
export interface Entry {
  csv: CsvLine;
  outcome: ImportOutcome | null;
  units: number;
  amountMinor: bigint;
}

/** A line that says something. */
export interface InvoiceEntry extends Entry {
  line: ImportLine;
}

export interface Invoice {
  reference: string;
  /** In the order of the file. */
  entries: InvoiceEntry[];
}

/** Judge lines, and put those that say something together by their invoices, however they are mixed. */
export function readEntries(
  lines: readonly CsvLine[],
  settings: ImportSettings,
): { entries: Entry[]; invoices: Invoice[] } {
  const invoices = new Map<string, Invoice>();
  const entries = lines.map((csv): Entry => {
    const judged = csv.values ? judgeLine(csv.values, settings) : judgeDefect(csv.defect ?? 'EMPTY');
    const { line, rejected, units, amountMinor } = judged;
    if (!line) return { csv, outcome: rejected, units, amountMinor };
    const entry = { csv, line, outcome: null, units, amountMinor };
    const invoice = invoices.get(line.reference) ?? { reference: line.reference, entries: [] };
    invoice.entries.push(entry);
    invoices.set(line.reference, invoice);
    return entry;
  });
  return { entries, invoices: [...invoices.values()] };
}

/** The entries of an invoice whose fate is open, of some kinds. */
export const openEntries = ({ entries }: Invoice, ...kinds: readonly ImportLine['kind'][]): InvoiceEntry[] =>
  entries.filter(({ outcome, line }) => outcome === null && kinds.includes(line.kind));

/** What an order has so far that lines of its invoice are added to. */
export interface OrderSoFar {
  customerId: string | null;
  totalMinor: bigint;
}

/**
 * The entries that fit into one order, with those rejected that name another customer or make it too large. The first
 * line, or the order that is there, says whose it is.
 */
export function fitIntoOrder(
  entries: readonly InvoiceEntry[],
  customerIdOf: (line: ImportLine) => string | null,
  soFar: OrderSoFar | null,
): InvoiceEntry[] {
  const [first] = entries;
  if (!first) return [];
  const customerId = soFar ? soFar.customerId : customerIdOf(first.line);
  let totalMinor = soFar?.totalMinor ?? 0n;
  return entries.filter((entry) => {
    if (customerIdOf(entry.line) !== customerId) entry.outcome = 'CUSTOMER_DIFFERS';
    else if (totalMinor + entry.amountMinor > MONEY_MINOR_MAX) entry.outcome = 'TOTAL_TOO_LARGE';
    else {
      totalMinor += entry.amountMinor;
      entry.outcome = entry.line.kind === 'FREIGHT' ? 'FREIGHT' : 'SOLD';
      return true;
    }
    return false;
  });
}

/** What goods are called: by SKU the name that stands most often among entries, of equals the latest; null without one. */
export function goodsOf(entries: readonly InvoiceEntry[]): { sku: string; name: string | null }[] {
  const counts = new Map<string, Map<string, number>>();
  for (const { line } of entries) {
    const names = counts.get(line.sku) ?? new Map<string, number>();
    if (line.description !== '') names.set(line.description, (names.get(line.description) ?? 0) + 1);
    counts.set(line.sku, names);
  }
  return [...counts].map(([sku, names]) => {
    let best: string | null = null;
    let most = 0;
    for (const [name, count] of names) if (count >= most) [best, most] = [name, count];
    return { sku, name: best };
  });
}

/** What became of lines: how many, their units, and what they come to in minor units. */
export interface OutcomeSums {
  lines: number;
  units: number;
  amountMinor: string;
}

export type Sums = Partial<Record<ImportOutcome, OutcomeSums>>;

/** The sums with those of entries added. Every entry counts once, with the one thing that became of it. */
export function addSums(before: Sums, entries: readonly Entry[]): Sums {
  const sums: Sums = { ...before };
  for (const { csv, outcome, units, amountMinor } of entries) {
    if (outcome === null) throw new Error(`nothing became of line ${csv.number}`);
    const own = sums[outcome] ?? { lines: 0, units: 0, amountMinor: '0' };
    sums[outcome] = {
      lines: own.lines + 1,
      units: own.units + units,
      amountMinor: String(BigInt(own.amountMinor) + amountMinor),
    };
  }
  return sums;
}

/** Lines of sums that were taken over, and those that were not. */
export function countSums(sums: Sums): { imported: number; rejected: number } {
  let [imported, rejected] = [0, 0];
  for (const [outcome, { lines }] of Object.entries(sums)) {
    if (isTaken(outcome as ImportOutcome)) imported += lines;
    else rejected += lines;
  }
  return { imported, rejected };
}
