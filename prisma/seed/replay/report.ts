// The report at the end of the replay: what became of every line of the recording, and whether the sums agree.

import { formatMinor, parseMinor } from '../../../src/core/money.ts';
import type { Api } from './api.ts';
import type { Department } from './department.ts';
import { pagesOf } from './pages.ts';
import type { Acts } from './play.ts';
import type { Invoice } from './recording.ts';
import { type Outcome, outcomes, type Sums, type Tally } from './tally.ts';

/** What the API says of the orders of the recording, all of them read. */
export interface ApiTotals {
  orders: number;
  byState: Map<string, number>;
  held: number;
  totalMinor: bigint;
}

interface OrderSums {
  externalReference: string | null;
  state: string;
  held: boolean;
  total: { amount: string };
}

export async function readTotals(
  api: Api,
  { storeId }: Department,
  references: ReadonlySet<string>,
): Promise<ApiTotals> {
  const totals: ApiTotals = { orders: 0, byState: new Map(), held: 0, totalMinor: 0n };
  const fields = 'externalReference state held total { amount }';
  for await (const order of pagesOf<OrderSums>(api, 'orders', fields, { storeId })) {
    if (!references.has(order.externalReference ?? '')) continue;
    totals.orders++;
    totals.byState.set(order.state, (totals.byState.get(order.state) ?? 0) + 1);
    if (order.held) totals.held++;
    totals.totalMinor += parseMinor(order.total.amount, 'GBP') ?? 0n;
  }
  return totals;
}

/** Count what the steps do not touch: lines that are no goods, and those that were not reached. */
export function countRest(tally: Tally, invoices: readonly Invoice[]): void {
  for (const line of invoices.flatMap((invoice) => invoice.lines)) {
    if (tally.has(line)) continue;
    tally.count(line.kind === 'SALE' || line.kind === 'CANCELLATION' ? 'NOT_REACHED' : line.kind, line);
  }
}

export interface ReportFacts {
  invoices: readonly Invoice[];
  /** Invoices of the recording that were not to be replayed. */
  leftOut: number;
  tally: Tally;
  acts: Acts;
  api: ApiTotals;
}

/** The report, line by line. */
export const reportOf = (facts: ReportFacts): string[] => [
  ...tableOf(facts),
  '',
  ...actsOf(facts.acts, facts.api),
  '',
  ...checksOf(facts),
];

const pounds = (minor: bigint): string => formatMinor(minor, 'GBP').replace(/\B(?=(\d{3})+\.)/g, ',');
const count = (number: number): string => number.toLocaleString('en');

const LABEL = 48;
const row = (label: string, cells: readonly string[]): string =>
  `${label.padEnd(LABEL)}${cells.map((cell, i) => cell.padStart([7, 9, 13][i] ?? 10)).join('')}`.trimEnd();
const cellsOf = (sums: Sums): string[] => [count(sums.lines), count(sums.units), pounds(sums.recordedMinor)];

function tableOf({ tally, leftOut }: ReportFacts): string[] {
  const shown = (Object.keys(outcomes) as Outcome[]).filter((outcome) => tally.sums(outcome).units > 0);
  return [
    row('Lines of the recording', ['lines', 'units', 'GBP recorded']),
    ...shown.map((outcome) => row(`  ${outcomes[outcome]}`, cellsOf(tally.sums(outcome)))),
    row('  all', cellsOf(tally.total())),
    ...(leftOut > 0 ? [`  (${count(leftOut)} more invoices were left out by --limit)`] : []),
  ];
}

const states: readonly (readonly [string, string])[] = [
  ['PENDING_CONFIRMATION', 'to confirm'],
  ['CONFIRMED', 'confirmed'],
  ['COMPLETED', 'completed'],
  ['CANCELLED', 'cancelled'],
];

function actsOf(acts: Acts, api: ApiTotals): string[] {
  const now = states.map(([state, title]) => `${count(api.byState.get(state) ?? 0)} ${title}`).join(', ');
  return [
    row('Orders placed', [count(acts.placed)]),
    row('  not placed: nothing of them was in stock', [count(acts.refused)]),
    row('  held, of them released', [count(acts.held), count(acts.released)]),
    row('  confirmed', [count(acts.confirmed)]),
    row('  completed', [count(acts.completed)]),
    row('  cancellations in them', [count(acts.cancelled)]),
    row('Goods that came in again in the mornings', [count(acts.delivered)]),
    `Orders now: ${now}; ${count(api.held)} on hold.`,
  ];
}

function checksOf({ invoices, tally, acts, api }: ReportFacts): string[] {
  const placed = tally.sums('PLACED').catalogMinor;
  const cancelled = tally.sums('CANCELLED').catalogMinor;
  const lines = invoices.reduce((sum, invoice) => sum + invoice.lines.length, 0);
  return [
    'Orders are placed at the prices of the catalog, the most frequent one of each good:',
    money('placed', placed),
    money('cancelled', -cancelled),
    money('to be the total of all orders', placed - cancelled),
    check(
      api.totalMinor === placed - cancelled,
      money('total of all orders, as the API says', api.totalMinor),
    ),
    check(api.orders === acts.placed, row('  orders, as the API says', [count(api.orders)])),
    check(lines === tally.total().lines, row('  lines of the recording, each counted once', [count(lines)])),
    money(
      'the same goods at the prices recorded',
      tally.sums('PLACED').recordedMinor - tally.sums('CANCELLED').recordedMinor,
    ),
  ];
}

const money = (label: string, minor: bigint): string => row(`  ${label}`, ['', '', pounds(minor)]);
const check = (holds: boolean, line: string): string =>
  `${line.padEnd(LABEL + 29)} ${holds ? '✓' : '✗ differs'}`;
