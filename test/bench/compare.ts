// Two servers side by side: their answers compared, then slices of load on one and the other in turns.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Pace } from './bench-options.ts';
import { ask } from './ipc.ts';
import type { Load, Order } from './load.ts';
import type { Server } from './processes.ts';
import type { Workload } from './workloads.ts';

export interface Side {
  server: Server;
  token: string;
  requestsOf(workload: Workload): Order['requests'];
  /** What an answer says, where the other side says it in other words. */
  read?(workload: Workload, data: unknown): unknown;
}

/** What one side did in a slice. */
interface Slice {
  perSecond: number;
  cpuMicros: number;
  p50: number;
  p99: number;
}

export interface Comparison {
  workload: string;
  sides: Record<string, Slice>;
  /** Throughput of the first side as a part of the second’s, the median over the rounds. */
  throughput: number;
  /** CPU of a request on the second side as a part of the first’s. */
  cpu: number;
}

/** Time on each side before anything is measured: code is compiled by then, and what is cached is in the caches. */
const WARM_UP_MS = 5_000;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** The process that sends the load. */
export function openGenerator(): { send(order: Order): Promise<Load>; stop(): Promise<void> } {
  const child: ChildProcess = fork(join(import.meta.dirname, 'load.ts'));
  return {
    send: (order) => ask<Load>(child, { order }),
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function answerOf(side: Side, { path, body }: Order['requests'][number]): Promise<unknown> {
  const response = await fetch(side.server.origin + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${side.token}`, 'content-type': 'application/json' },
    ...(body ? { body: body.replace('@key', crypto.randomUUID()) } : {}),
  });
  return ((await response.json()) as { data: unknown }).data;
}

/** What differs from call to call when orders are placed: their ids and numbers. */
const withoutNames = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (key, value) => (key === 'id' || key === 'number' ? null : value)));

/** Throws when the two sides do not answer the same. */
export async function expectSameAnswers(
  workload: Workload,
  first: Side,
  second: Side,
  samples = 10,
): Promise<void> {
  const [own, others] = [first.requestsOf(workload), second.requestsOf(workload)];
  const step = Math.max(1, Math.floor(own.length / samples));
  for (let i = 0; i < own.length; i += step) {
    const answers = await Promise.all([
      answerOf(first, own[i] ?? { path: '' }),
      answerOf(second, others[i] ?? { path: '' }),
    ]);
    const said = answers.map((data, side) => [first, second][side]?.read?.(workload, data) ?? data);
    const [a, b] = workload.writes ? said.map(withoutNames) : said;
    if (isDeepStrictEqual(a, b) && a) continue;
    throw new Error(
      `${workload.name}, request ${i}: the answers differ\n${first.server.name}: ${JSON.stringify(a).slice(0, 2_000)}\n${second.server.name}: ${JSON.stringify(b).slice(0, 2_000)}`,
    );
  }
}

/** Load on both sides in turns, so that whatever else the machine does hits both. */
export async function compare(
  workload: Workload,
  sides: readonly [Side, Side],
  { rounds, sliceMs, connections }: Pace,
  generator: ReturnType<typeof openGenerator>,
  progress: (done: number) => void,
): Promise<Comparison> {
  const slice = async (side: Side, milliseconds: number): Promise<Slice> => {
    const before = await side.server.usage();
    const load = await generator.send({
      origin: side.server.origin,
      token: side.token,
      requests: side.requestsOf(workload),
      connections,
      milliseconds,
    });
    const { cpuMicros } = await side.server.usage();
    return {
      perSecond: load.requests / load.seconds,
      cpuMicros: (cpuMicros - before.cpuMicros) / load.requests,
      p50: load.times[Math.floor(load.times.length * 0.5)] ?? 0,
      p99: load.times[Math.floor(load.times.length * 0.99)] ?? 0,
    };
  };
  for (const side of sides) await slice(side, Math.max(sliceMs, WARM_UP_MS));
  const taken: [Slice, Slice][] = [];
  for (let round = 0; round < rounds; round++) {
    progress(round / rounds);
    // Whoever comes first in one round comes last in the next.
    const [a, b] = round % 2 ? [...sides].reverse() : sides;
    const [x, y] = [await slice(a as Side, sliceMs), await slice(b as Side, sliceMs)];
    taken.push(round % 2 ? [y, x] : [x, y]);
  }
  const middle = (side: 0 | 1): Slice => ({
    perSecond: median(taken.map((pair) => pair[side].perSecond)),
    cpuMicros: median(taken.map((pair) => pair[side].cpuMicros)),
    p50: median(taken.map((pair) => pair[side].p50)),
    p99: median(taken.map((pair) => pair[side].p99)),
  });
  return {
    workload: workload.name,
    sides: { [sides[0].server.name]: middle(0), [sides[1].server.name]: middle(1) },
    throughput: median(taken.map(([own, other]) => own.perSecond / other.perSecond)),
    cpu: median(taken.map(([own, other]) => other.cpuMicros / own.cpuMicros)),
  };
}
