// What the recorded orders of a real shop come to, computed from their file alone: no code of the importer is used here.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface MonthTotals {
  orders: number;
  /** In pence, by the month in which it was sold. */
  sold: number;
  freight: number;
  /** What was cancelled since, at the prices it was sold for. */
  cancelled: number;
}

export interface RecordedTotals {
  /** Lines of the files, without headers. */
  lines: number;
  months: Map<string, MonthTotals>;
  /** Lines by what should become of them. */
  outcomes: Record<string, number>;
}

interface Purchase {
  month: string;
  pence: number;
  left: number;
}

const FREIGHT = ['POST', 'DOT', 'C2'];
const ACCOUNTS = ['D', 'B', 'CRUK', 'BANK CHARGES', 'AMAZONFEE'];
const NO_GOODS = /^(M|S|GIFT_.*)$/;

/** The totals of files in their order. */
export function recordedTotals(...paths: string[]): RecordedTotals {
  const totals: RecordedTotals = { lines: 0, months: new Map(), outcomes: {} };
  const bought = new Map<string, Purchase[]>();
  const invoices = new Set<string>();
  const count = (outcome: string) => {
    totals.outcomes[outcome] = (totals.outcomes[outcome] ?? 0) + 1;
  };
  const monthOf = (name: string): MonthTotals => {
    const month = totals.months.get(name) ?? { orders: 0, sold: 0, freight: 0, cancelled: 0 };
    totals.months.set(name, month);
    return month;
  };

  const sell = (row: Row, month: string, key: string, pence: number) => {
    const own = monthOf(month);
    if (!invoices.has(row.invoice)) own.orders++;
    invoices.add(row.invoice);
    if (FREIGHT.includes(row.code)) {
      own.freight += pence * row.quantity;
      return count('FREIGHT');
    }
    own.sold += pence * row.quantity;
    bought.set(key, [...(bought.get(key) ?? []), { month, pence, left: row.quantity }]);
    count('SOLD');
  };

  const cancel = (row: Row, key: string) => {
    if (row.customer === '') return count('CANCELLATION_OF_GUEST');
    let rest = -row.quantity;
    for (const purchase of [...(bought.get(key) ?? [])].reverse()) {
      const units = Math.min(rest, purchase.left);
      purchase.left -= units;
      rest -= units;
      monthOf(purchase.month).cancelled += units * purchase.pence;
    }
    if (rest === -row.quantity) count('CANCELLATION_UNKNOWN');
    else count(rest > 0 ? 'CANCELLED_IN_PART' : 'CANCELLED');
  };

  for (const row of paths.flatMap(readRows)) {
    totals.lines++;
    const cancels = row.invoice.startsWith('C');
    const pence = Math.round(Number(row.price) * 100);
    const key = `${row.customer}|${row.code}`;
    if (ACCOUNTS.includes(row.code)) count('ACCOUNT_ENTRY');
    else if (Math.abs(pence / 100 - Number(row.price)) > 1e-9) count('PRICE_TOO_FINE');
    else if (row.quantity > 0) sell(row, row.date.slice(0, 7), key, pence);
    else if (FREIGHT.includes(row.code) || NO_GOODS.test(row.code)) count('CREDIT_WITHOUT_GOODS');
    else if (cancels) cancel(row, key);
    else count('STOCK_ADJUSTED');
  }
  return totals;
}

interface Row {
  invoice: string;
  code: string;
  quantity: number;
  date: string;
  price: string;
  customer: string;
}

const CELL = /("(?:[^"]|"")*"|[^,]*)(?:,|$)/y;

/** The files of the shop have one line for each record. */
function readRows(path: string): Row[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const cells: string[] = [];
    for (CELL.lastIndex = 0; cells.length < 8; ) cells.push(CELL.exec(line)?.[1] ?? '');
    const [invoice = '', code = '', , quantity = '', date = '', price = '', customer = ''] = cells;
    return { invoice, code: code.toUpperCase(), quantity: Number(quantity), date, price, customer };
  });
}
