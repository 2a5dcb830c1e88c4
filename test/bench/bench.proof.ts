// The benchmark itself, at a pace at which it says little: that all sides start, answer the same and are measured.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../setup/source.ts';
import type { Comparison } from './compare.ts';
import type { ExecutorResult } from './executors.ts';
import type { SocketResult } from './sockets.ts';

const results = join(project, '.data/bench/results');

interface Kept {
  requests: Comparison[];
  sockets: SocketResult[];
  executors: ExecutorResult[];
  postgraphile: Comparison[];
  vendure: Comparison[];
}

/** Run the benchmark; what it kept. */
function run(...args: string[]): Kept {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'bench.ts'), '--rounds', '1', '--seconds', '0.5', ...args],
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  );
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const newest = readdirSync(results).sort().at(-1) ?? '';
  return JSON.parse(readFileSync(join(results, newest), 'utf8')) as Kept;
}

const namesOf = (comparisons: readonly Comparison[]) =>
  comparisons.filter(({ throughput, cpu }) => throughput > 0 && cpu > 0).map(({ workload }) => workload);

test('G18 G47 the benchmark compares requests with the same work by hand, and executors with each other', () => {
  const { requests, executors } = run('--only', 'requests,executors');
  expect(namesOf(requests)).toEqual([
    'order page',
    'order detail',
    'product search',
    'stock list',
    'orderPlace, spread',
    'orderPlace, one hot SKU',
  ]);
  expect(executors.map(({ cpuMicros }) => Object.keys(cpuMicros))).toEqual(
    Array(4).fill(['graphql-js 17', '@graphql-tools/executor', 'Dayshift', 'graphql-jit']),
  );
}, 300_000);

test('G26 the benchmark tells thousands of sockets, beside a bare broadcast', () => {
  const { sockets } = run('--only', 'sockets', '--sockets', '1,2000');
  expect(sockets.map((result) => result.sockets)).toEqual([1, 2_000]);
  for (const { cpuMicros, bareCpuMicros, throughput } of sockets)
    expect(Math.min(cpuMicros, bareCpuMicros, throughput)).toBeGreaterThan(0);
}, 300_000);

test('G47 the benchmark compares with SQL by hand, PostGraphile and Vendure in one run, whose answers are the same', () => {
  const { requests, postgraphile, vendure } = run('--others', '--only', 'order detail');
  expect(namesOf(requests)).toEqual(['order detail']);
  expect(namesOf(postgraphile)).toEqual(['order page', 'order detail']);
  expect(namesOf(vendure)).toEqual(['order page', 'order detail', 'product search']);
}, 500_000);
