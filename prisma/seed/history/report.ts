// The report of an import: what became of every line of its file, in lines, units and money.

import { formatMinor } from '../../../src/core/money.ts';
import type { OrderImport, OrderImportProblem } from '../../../src/generated/prisma/client.ts';
import type { Sums } from '../../../src/orders/rules/import-invoices.ts';
import {
  type ImportFailure,
  type ImportOutcome,
  importFailures,
  importOutcomes,
  isTaken,
} from '../../../src/orders/texts.ts';

/** What a report tells of one import, or of several together. */
export type Reported = Pick<
  OrderImport,
  | 'fileName'
  | 'lineCount'
  | 'linesRead'
  | 'linesImported'
  | 'linesRejected'
  | 'outcomes'
  | 'failure'
  | 'failureDetail'
>;

const LABEL = 84;
const count = (number: number): string => number.toLocaleString('en');
const row = (label: string, cells: readonly string[]): string =>
  `${label.padEnd(LABEL)}${cells.map((cell, i) => cell.padStart([9, 12, 16][i] ?? 10)).join('')}`.trimEnd();

/** The report, line by line. */
export function reportOf(report: Reported, currency: string): string[] {
  const { fileName, lineCount, linesRead, linesImported, linesRejected, failure, failureDetail } = report;
  const name = fileName ?? 'file';
  if (failure) {
    const detail = failureDetail ? `: ${failureDetail}` : '';
    const rest = linesRead > 0 ? ` ${count(linesRead)} lines of it are done with.` : ' Nothing was changed.';
    return [`${name}: ${importFailures[failure as ImportFailure].en}${detail}.${rest}`];
  }
  const sums = report.outcomes as Sums;
  const rows = (isOf: (outcome: ImportOutcome) => boolean) =>
    (Object.keys(importOutcomes) as ImportOutcome[]).filter(isOf).flatMap((outcome) => {
      const sum = sums[outcome];
      if (!sum) return [];
      const amount = formatMinor(BigInt(sum.amountMinor), currency).replace(/\B(?=(\d{3})+\.)/g, ',');
      return [row(`    ${importOutcomes[outcome].en}`, [count(sum.lines), count(sum.units), amount])];
    });
  const isWhole = linesRead === lineCount && linesImported + linesRejected === linesRead;
  return [
    row(name, ['lines', 'units', currency]),
    row('  imported', [count(linesImported)]),
    ...rows(isTaken),
    row('  rejected', [count(linesRejected)]),
    ...rows((outcome) => !isTaken(outcome)),
    `${row('  lines of the file, each counted once', [count(lineCount ?? 0)])}  ${isWhole ? '✓' : '✗ differs'}`,
  ];
}

/** Several imports as one. */
export function sumOf(imports: readonly Reported[]): Reported {
  const outcomes: Sums = {};
  for (const { outcomes: own } of imports) {
    for (const [outcome, sum] of Object.entries(own as Sums) as [
      ImportOutcome,
      NonNullable<Sums[ImportOutcome]>,
    ][]) {
      const before = outcomes[outcome] ?? { lines: 0, units: 0, amountMinor: '0' };
      outcomes[outcome] = {
        lines: before.lines + sum.lines,
        units: before.units + sum.units,
        amountMinor: String(BigInt(before.amountMinor) + BigInt(sum.amountMinor)),
      };
    }
  }
  const total = (of: (one: Reported) => number) => imports.reduce((sum, one) => sum + of(one), 0);
  return {
    fileName: `All ${imports.length} files`,
    lineCount: total(({ lineCount }) => lineCount ?? 0),
    linesRead: total(({ linesRead }) => linesRead),
    linesImported: total(({ linesImported }) => linesImported),
    linesRejected: total(({ linesRejected }) => linesRejected),
    outcomes: outcomes as OrderImport['outcomes'],
    failure: null,
    failureDetail: null,
  };
}

/** What is said of a file that was imported before. */
export const sameFile = ({ fileName, finishedAt }: Pick<OrderImport, 'fileName' | 'finishedAt'>): string =>
  `${fileName ?? 'The file'} was imported before, on ${finishedAt?.toISOString().slice(0, 10) ?? 'another day'}: nothing changed.`;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Lines that were not taken over as CSV: file, line, reason, and the line itself. */
export const problemsCsv = (problems: readonly (OrderImportProblem & { fileName: string })[]): string =>
  ['File,Line,Reason,Explanation,Text', ...problems.map(problemRow), ''].join('\n');

const problemRow = ({
  fileName,
  position,
  outcome,
  text,
}: OrderImportProblem & { fileName: string }): string =>
  [
    quoted(fileName),
    position,
    outcome,
    quoted(importOutcomes[outcome as ImportOutcome].en),
    quoted(text),
  ].join(',');
