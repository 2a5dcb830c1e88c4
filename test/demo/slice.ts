// A small slice of the recorded orders for tests: 36 invoices that have everything that happens in the recording.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordingPath } from '../../prisma/seed/replay/recording.ts';

/**
 * Invoices of customers and guests, abroad and at home, of all channels; corrections of stock; and cancellations of all
 * kinds, before and after the goods were sent.
 */
const wanted = new Set(
  `552259 552299 552376 C552317 C552406 C552423 552443 C552455 552527 552533 552540 552541 C552546 552547 552648 552649
   552661 552703 C552704 C552718 552828 C552841 552845 552848 C552849 552866 552888 552960 553000 553145 C553222 553470
   C553510 C553519 C553536 C553564`.split(/\s+/),
);

/** One recorded line as the file has it. */
export interface Row {
  invoice: string;
  code: string;
  quantity: number;
  /** Pence. */
  price: number;
}

const lines = gunzipSync(readFileSync(recordingPath)).toString('utf8').split('\n');

/** The slice as CSV. */
export const sliceCsv = [lines[0], ...lines.filter((line) => wanted.has(line.split(',')[0] ?? '')), ''].join(
  '\n',
);

/** The slice as the tests read it, apart from the code that they test. */
export const sliceRows: readonly Row[] = sliceCsv
  .split('\n')
  .slice(1, -1)
  .map((line) => {
    const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? [];
    const [invoice = '', code = '', , quantity = '', , price = ''] = cells;
    return {
      invoice,
      code: code.toUpperCase(),
      quantity: Number(quantity),
      price: Math.round(Number(price) * 100),
    };
  });

const isGood = (row: Row): boolean => /^\d{5}[A-Z]{0,2}$/.test(row.code);

/** Lines by which goods are sold at a price. */
export const sales = sliceRows.filter((row) => isGood(row) && row.quantity > 0 && row.price > 0);

/** Lines by which goods are taken back. */
export const cancellations = sliceRows.filter((row) => isGood(row) && row.invoice.startsWith('C'));

/** The price at which each good is sold most often; of equals the first. */
export function pricesInSlice(): Map<string, number> {
  const prices = new Map<string, number>();
  for (const [code, rows] of Map.groupBy(sales, (row) => row.code)) {
    const counts = [...Map.groupBy(rows, (row) => row.price)].map(([price, same]) => ({
      price,
      count: same.length,
    }));
    prices.set(code, counts.reduce((best, next) => (next.count > best.count ? next : best)).price);
  }
  return prices;
}
