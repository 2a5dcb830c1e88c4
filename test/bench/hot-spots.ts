// Where a profiled process spent its time: by package or file, by function, and by what functions call.

import type { Profiler, Runtime } from 'node:inspector';
import { project } from '../setup/source.ts';
import { fixed, table } from './table.ts';

type Sums = Map<string, number>;

/** The places with most time: of their own by module and by function, and with all that they call. */
export function hotSpots(profile: Profiler.Profile, count = 40): string[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const callers = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const [modules, functions, whole]: [Sums, Sums, Sums] = [new Map(), new Map(), new Map()];
  let total = 0;
  profile.samples?.forEach((sampled, i) => {
    const micros = profile.timeDeltas?.[i] ?? 0;
    const frame = nodes.get(sampled)?.callFrame;
    if (!frame || frame.functionName === '(idle)') return;
    total += micros;
    add(modules, moduleOf(frame), micros);
    add(functions, nameOf(frame), micros);
    const above = new Set<string>();
    for (let id: number | undefined = sampled; id !== undefined; id = callers.get(id)) {
      const callFrame = nodes.get(id)?.callFrame;
      if (callFrame) above.add(nameOf(callFrame));
    }
    for (const name of above) add(whole, name, micros);
  });
  const most = (sums: Sums) =>
    [...sums]
      .sort(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, micros]) => [name, `${fixed((micros / total) * 100, 1)} %`]);
  return [
    ...table(['module', 'of its own'], most(modules)),
    '',
    ...table(['function', 'of its own'], most(functions)),
    '',
    ...table(['function', 'with what it calls'], most(whole)),
  ];
}

const add = (sums: Sums, name: string, micros: number): void => {
  sums.set(name, (sums.get(name) ?? 0) + micros);
};

const nameOf = ({ functionName, url, lineNumber }: Runtime.CallFrame): string =>
  `${functionName || '(anonymous)'}  ${url ? `${shortened(url)}:${lineNumber + 1}` : ''}`;

function moduleOf({ url, functionName }: Runtime.CallFrame): string {
  if (!url) return functionName.startsWith('(') ? functionName : '(native)';
  const path = shortened(url);
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;
}

const shortened = (url: string): string =>
  url.replace(`file://${project}/`, '').replace(/^.*node_modules\//, 'node_modules/');
