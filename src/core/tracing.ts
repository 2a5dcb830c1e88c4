// Traces of operations, where they are configured. Where they are not, nothing of OpenTelemetry is loaded.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Attributes } from '@opentelemetry/api';
import type { Env } from './env.ts';

/** Spans that a collector does not take within this time are lost when the process stops. */
const FLUSH_MS = 2_000;

/** Something that was done for a caller and is over. */
export interface Span {
  name: string;
  /** How long it took, until now. */
  milliseconds: number;
  /** Header with which the caller says of which trace this is a part. */
  traceparent: string | undefined;
  /** The code of what went wrong here; undefined also where the caller was at fault. */
  failure: string | undefined;
  /** Read only for spans that are sent. */
  attributes: () => Attributes;
}

export interface Tracer {
  /** The id of the trace, if somebody else knows of it. */
  tell(span: Span): string | undefined;
  /** Send what waits. */
  close(): Promise<void>;
}

let tracer: Tracer | null = null;

/** Where traces are sent, as the specification of OTLP reads its variables; undefined where they are not. */
const collectorOf = (env: Env): string | undefined =>
  env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/?$/, '/v1/traces');

export async function openTracing(env: Env): Promise<void> {
  const url = collectorOf(env);
  if (!url) return;
  const { startTracer } = await import('./tracer.ts');
  tracer = startTracer(url, env);
}

export async function closeTracing(): Promise<void> {
  const closing = tracer;
  tracer = null;
  if (closing) await Promise.race([closing.close(), sleep(FLUSH_MS, undefined, { ref: false })]);
}

/** Tell of something that is over. Returns the id of its trace where the caller or the collector has that trace. */
export const tellSpan = (span: Span): string | undefined => tracer?.tell(span);
