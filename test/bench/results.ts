// What was measured: printed as aligned tables, kept as JSON.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Say } from './bench-options.ts';
import type { Comparison } from './compare.ts';
import { folder } from './place.ts';
import { fixed, table } from './table.ts';

export function printComparisons(results: readonly Comparison[], say: Say): void {
  const [first] = results;
  if (!first) return;
  const [own = '', other = ''] = Object.keys(first.sides);
  const head = [
    'workload',
    ...[own, other].flatMap((name) => [`${name}/s`, 'CPU µs', 'p50 ms', 'p99 ms']),
    'throughput',
    'CPU',
  ];
  const rows = results.map(({ workload, sides, throughput, cpu }) => [
    workload,
    ...[own, other].flatMap((name) => {
      const { perSecond = 0, cpuMicros = 0, p50 = 0, p99 = 0 } = sides[name] ?? {};
      return [fixed(perSecond), fixed(cpuMicros), fixed(p50, 1), fixed(p99, 1)];
    }),
    fixed(throughput, 2),
    fixed(cpu, 2),
  ]);
  for (const line of table(head, rows)) say(line);
  say(
    `\nRatios: ${own} ÷ ${other} for throughput, ${other} ÷ ${own} for CPU; 1 is as fast, less is slower.\n`,
  );
}

/** Keep what was measured, under the moment at which it was. */
export async function keep(results: object): Promise<void> {
  const at = new Date().toISOString();
  await mkdir(join(folder, 'results'), { recursive: true });
  const path = join(folder, 'results', `${at.replaceAll(':', '-')}.json`);
  await writeFile(path, `${JSON.stringify({ at, node: process.version, ...results }, null, 2)}\n`);
}
