// Aligned tables and progress for the terminal.

/** Rows of cells as lines, the first column to the left, all others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

export const fixed = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Shows how far something is, on a terminal only. */
export function progressOf(name: string): { at(part: number): void; end(): void } {
  const isShown = process.stderr.isTTY || process.env.BENCH_PROGRESS !== undefined;
  return {
    at(part) {
      if (isShown) process.stderr.write(`\r\x1b[K${name} … ${Math.round(part * 100)} %`);
    },
    end() {
      if (isShown) process.stderr.write('\r\x1b[K');
    },
  };
}
