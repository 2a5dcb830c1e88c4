// What a line of an imported file says, and why it says nothing that can be taken over. Pure: no database, no clock.

import type { CsvDefect } from '../../core/csv.ts';
import { MONEY_MINOR_MAX, parseMinor } from '../../core/money.ts';
import type { ImportOutcome } from '../texts.ts';
import { countryOf } from './import-countries.ts';

/** The columns of a file, as its header names them. */
export const importColumns = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/** Most units of one line. */
const IMPORT_QUANTITY_MAX = 10_000_000;

/** What a line is, before it is known whether it fits what was taken over before. */
export type ImportLineKind = 'SALE' | 'FREIGHT' | 'ADJUSTMENT' | 'CANCELLATION';

export interface ImportLine {
  kind: ImportLineKind;
  /** Number of its invoice. */
  reference: string;
  /** In upper case. */
  sku: string;
  /** Empty where there is none. */
  description: string;
  /** Units, always above 0: those that were sold, taken back or written off. */
  quantity: number;
  unitPriceMinor: bigint;
  at: Date;
  /** Number of the customer; null for guests. */
  customer: string | null;
  /** ISO 3166-1 alpha-2 code, `ZZ` where it is none; `region` is then what the file says. */
  country: string;
  region: string | null;
}

/** A line as it was judged: what it says, or why it is rejected, with what it comes to as far as that can be read. */
export interface JudgedLine {
  line: ImportLine | null;
  rejected: ImportOutcome | null;
  units: number;
  amountMinor: bigint;
}

export interface ImportSettings {
  currency: string;
  /** The moment that a time of the file stands for; null when it is none. */
  momentOf: (shown: string) => Date | null;
  /** Latest moment that can have been. */
  latest: Date;
}

// Codes that stand for no goods. What is sent with an order is its freight; what is keyed in by hand or sent as a sample
// has a price like goods, but a credit of it is money and no units; the rest are entries of the accounts.
const freightCodes: ReadonlySet<string> = new Set(['POST', 'DOT', 'C2']);
const chargeCodes = /^(M|S|SAMPLES?|GIFT_.*)$/;
const accountCodes = /^(D|B|CRUK|BANK CHARGES|AMAZONFEE|ADJUST\d*|TEST\d*)$/;

const REFERENCE = /^\S(.{0,126}\S)?$/u;
const SKU = /^[A-Z0-9][A-Z0-9._/-]{0,63}$/;
const WHOLE = /^-?\d{1,12}(\.0+)?$/;
const DESCRIPTION_MAX = 200;
const EARLIEST = Date.UTC(2000, 0);

const defects = {
  EMPTY: 'LINE_EMPTY',
  TOO_LONG: 'LINE_TOO_LONG',
  NOT_UTF8: 'NOT_UTF8',
  CONTROL_CHARACTERS: 'CONTROL_CHARACTERS',
  QUOTES: 'QUOTES_OPEN',
  COLUMNS: 'COLUMNS_DIFFER',
} as const satisfies Record<CsvDefect, ImportOutcome>;

/** A line that is broken as a line. */
export const judgeDefect = (defect: CsvDefect): JudgedLine => ({
  line: null,
  rejected: defects[defect],
  units: 0,
  amountMinor: 0n,
});

/** Judge the values of a line, in the order of `importColumns`. The first thing that is wrong rejects it. */
export function judgeLine(values: readonly string[], settings: ImportSettings): JudgedLine {
  const [invoice = '', code = '', description = '', quantity = '', date = '', price = '', ...rest] =
    values.map((value) => value.trim());
  const [customer = '', country = ''] = rest;
  const sku = code.toUpperCase();
  const units = WHOLE.test(quantity) ? Number.parseInt(quantity, 10) : 0;
  const isKnown = units !== 0 && Math.abs(units) <= IMPORT_QUANTITY_MAX;
  const unitPriceMinor = parseMinor(price, settings.currency);
  const size = isKnown ? Math.abs(units) : 0;
  const amountMinor = (unitPriceMinor ?? 0n) * BigInt(size);
  const judged = { units: size, amountMinor };
  const reject = (rejected: ImportOutcome): JudgedLine => ({ ...judged, line: null, rejected });

  if (!REFERENCE.test(invoice)) return reject('INVOICE_INVALID');
  if (accountCodes.test(sku)) return reject('ACCOUNT_ENTRY');
  if (!SKU.test(sku)) return reject('CODE_INVALID');
  if (!isKnown) return reject('QUANTITY_INVALID');
  if (unitPriceMinor === null)
    return reject(/^\d{1,18}\.\d+$/.test(price) ? 'PRICE_TOO_FINE' : 'PRICE_INVALID');
  if (unitPriceMinor < 0n || amountMinor > MONEY_MINOR_MAX) return reject('PRICE_INVALID');
  const at = settings.momentOf(date);
  if (!at || at.getTime() < EARLIEST || at > settings.latest) return reject('DATE_INVALID');
  const number = customer.replace(/^(\d+)\.0+$/, '$1');
  if (number !== '' && !REFERENCE.test(number)) return reject('CUSTOMER_INVALID');
  const kind = kindOf(sku, units, isCancellation(invoice));
  if (kind === 'CREDIT_WITHOUT_GOODS' || kind === 'CANCELLATION_WITHOUT_CREDIT') return reject(kind);
  const line: ImportLine = {
    kind,
    reference: invoice,
    sku,
    description: [...description.normalize('NFC').replace(/\s+/g, ' ')].slice(0, DESCRIPTION_MAX).join(''),
    quantity: size,
    unitPriceMinor,
    at,
    customer: number || null,
    ...countryOf(country),
  };
  return { ...judged, line, rejected: null };
}

/** An invoice that takes back what others sold. */
const isCancellation = (invoice: string): boolean => /^C/i.test(invoice);

function kindOf(
  sku: string,
  units: number,
  cancels: boolean,
): ImportLineKind | 'CREDIT_WITHOUT_GOODS' | 'CANCELLATION_WITHOUT_CREDIT' {
  const isGood = !freightCodes.has(sku) && !chargeCodes.test(sku);
  if (cancels && units > 0) return 'CANCELLATION_WITHOUT_CREDIT';
  if (units < 0 && !isGood) return 'CREDIT_WITHOUT_GOODS';
  if (cancels) return 'CANCELLATION';
  if (units < 0) return 'ADJUSTMENT';
  return freightCodes.has(sku) ? 'FREIGHT' : 'SALE';
}
