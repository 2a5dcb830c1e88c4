// What is measured about this process, in the form that Prometheus reads. Whoever measures something defines it here.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { log } from './log.ts';

const registry = new Registry();
const named = (name: string) => ({ name: `dayshift_${name}`, registers: [registry] });
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A count that only grows. Labels must have few values: never ids, never what callers make up. */
export const defineCounter = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Counter<Label> => new Counter({ ...named(name), help, labelNames: [...labelNames] });

/** How long something takes, in seconds. */
export const defineDuration = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Histogram<Label> => new Histogram({ ...named(name), help, labelNames: [...labelNames], buckets: SECONDS });

export interface Sample<Label extends string> {
  labels?: Partial<Record<Label, string>>;
  value: number;
}

/** Something that is read when it is asked for. Where that fails it is left out, and the rest is told all the same. */
export function defineGauge<Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: () => readonly Sample<Label>[] | Promise<readonly Sample<Label>[]>,
): void {
  const gauge = new Gauge({
    ...named(name),
    help,
    labelNames: [...labelNames],
    async collect() {
      gauge.reset();
      // Without labels it would be 0 again, which is not the same as not known.
      if (labelNames.length === 0) gauge.remove();
      try {
        for (const { labels = {}, value } of await read()) gauge.set(labels as Record<Label, string>, value);
      } catch (error) {
        log.debug({ error, metric: name }, 'a metric could not be read');
      }
    },
  });
}

let isStarted = false;

/** Measure the process itself as well: its event loop, memory and garbage collection. */
export function startMetrics(): void {
  if (isStarted) return;
  isStarted = true;
  collectDefaultMetrics({ register: registry });
}

export const metricsType = registry.contentType;

/** Everything that is measured, as text. */
export const readMetrics = (): Promise<string> => registry.metrics();
