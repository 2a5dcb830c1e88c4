// The report at the end of the replay: what became of every line of the recording, and whether the sums agree.

import { formatMinor } from '../../../src/core/money.ts';
import type { Money } from './money.ts';
import type { Invoice } from './recording.ts';
import { type Acts, placedIn } from './stage.ts';
import { type Outcome, outcomes, type Sums, type Tally } from './tally.ts';
import type { ApiTotals } from './totals.ts';

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
  money: Money;
  acts: Acts;
  api: ApiTotals;
}

/** The report, line by line. */
export const reportOf = (facts: ReportFacts): string[] => [
  ...tableOf(facts),
  '',
  ...actsOf(facts.acts, facts.api),
  '',
  ...salesOf(facts),
  '',
  ...moneyOf(facts),
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
  const line = (label: string, number: number): string => row(label, [count(number)]);
  return [
    line('Orders placed', placedIn(acts)),
    line('  on the own site, by customers and guests', acts.boughtOnSite),
    line('  on the marketplace, pushed by its program', acts.pushed),
    line('  by telephone', acts.telephoned),
    line('  not placed: nothing of them was in stock', acts.refused),
    line('  paid', acts.paid),
    line('  never paid, and closed', acts.closed),
    line('  pushed as paid, and waited for stock', acts.waited),
    line('  held', acts.held),
    line('  held, and released', acts.released),
    line('  confirmed', acts.confirmed),
    line('  dispatched', acts.dispatched),
    line('  delivered, as the carrier reports', acts.delivered),
    line('  completed', acts.completed),
    line('  cancellations in them', acts.cancelled),
    line('  returns of what was sent', acts.returned),
    line('Goods that came in again in the mornings', acts.restocked),
    `Orders now: ${now}.`,
    `On hold: ${count(api.held)}, of them waiting for stock: ${count(api.awaitingStock)}.`,
  ];
}

/** The recording at the prices of the catalog, and what the orders come to. */
function salesOf({ invoices, tally, money, acts, api }: ReportFacts): string[] {
  const placed = tally.sums('PLACED').catalogMinor;
  const cancelled = tally.sums('CANCELLED').catalogMinor;
  const { closedMinor } = money.sums();
  const left = placed - cancelled - closedMinor;
  const lines = invoices.reduce((sum, invoice) => sum + invoice.lines.length, 0);
  return [
    'Orders are placed at the prices of the catalog, the most frequent one of each good:',
    amount('placed', placed),
    amount('cancelled', -cancelled),
    amount('never paid, and closed', -closedMinor),
    amount('to be the total of all orders', left),
    check(api.totalMinor === left, amount('total of all orders, as the API says', api.totalMinor)),
    check(api.orders === placedIn(acts), row('  orders, as the API says', [count(api.orders)])),
    check(lines === tally.total().lines, row('  lines of the recording, each counted once', [count(lines)])),
    amount(
      'the same goods at the prices recorded',
      tally.sums('PLACED').recordedMinor - tally.sums('CANCELLED').recordedMinor,
    ),
  ];
}

/** What the replay paid, and what the accounts of the orders say. */
function moneyOf({ money, api }: ReportFacts): string[] {
  const { capturedMinor, backMinor, outstandingMinor } = money.sums();
  return [
    'Money as the replay moved it, and as the accounts of the orders sum up:',
    checkSame('captured', capturedMinor, api.capturedMinor),
    checkSame('paid back, or on its way back', backMinor, api.refundingMinor + api.refundedMinor),
    amount('  of it on its way back', api.refundingMinor),
    checkSame('outstanding', outstandingMinor, api.outstandingMinor),
  ];
}

const amount = (label: string, minor: bigint): string => row(`  ${label}`, ['', '', pounds(minor)]);
const check = (holds: boolean, line: string): string =>
  `${line.padEnd(LABEL + 29)} ${holds ? '✓' : '✗ differs'}`;

/** An amount that two sides come to; both, where they differ. */
const checkSame = (label: string, own: bigint, api: bigint): string =>
  own === api ? check(true, amount(label, own)) : check(false, amount(`${label}: ${pounds(own)}, API`, api));
