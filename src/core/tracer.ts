// Spans as OpenTelemetry has them: which are sampled, what they belong to, and the collector that they are sent to.

import { defaultTextMapGetter, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Env } from './env.ts';
import { log } from './log.ts';
import type { Tracer } from './tracing.ts';

const SERVICE = 'dayshift';

/** Nothing is registered globally: libraries that know OpenTelemetry trace nothing of their own. */
export function startTracer(url: string, env: Env): Tracer {
  // Headers with credentials, time limits, compression and certificates the exporter reads from the environment itself.
  const exporter = new OTLPTraceExporter({ url });
  const provider = new TracerProvider({
    sampler: samplerOf(env),
    resource: resourceOf(env),
    spanProcessors: [new BatchSpanProcessor({ exporter: watched(exporter) })],
  });
  const tracer = provider.getTracer(SERVICE);
  const propagator = new W3CTraceContextPropagator();
  return {
    tell({ name, milliseconds, traceparent, failure, attributes }) {
      const parent = propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter);
      const end = Date.now();
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: end - milliseconds }, parent);
      const isKnown = span.isRecording() || trace.getSpanContext(parent) !== undefined;
      if (span.isRecording()) {
        span.setAttributes(attributes());
        if (failure) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        span.end(end);
      }
      return isKnown ? span.spanContext().traceId : undefined;
    },
    close: () => provider.shutdown().catch(() => {}),
  };
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: Env): Sampler {
  const root = name.endsWith('always_on')
    ? new AlwaysOnSampler()
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** What is said of this process. The name of OTEL_SERVICE_NAME goes before one in OTEL_RESOURCE_ATTRIBUTES. */
function resourceOf({ OTEL_SERVICE_NAME: name }: Env) {
  const detectors = [serviceInstanceIdDetector, resourceAttributesEnvDetector];
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': SERVICE }))
    .merge(detectResources({ detectors }))
    .merge(resourceFromAttributes(name ? { 'service.name': name } : {}));
}

/** The exporter, with one line in the log when the collector is lost and one when it is found again. */
function watched(exporter: SpanExporter): SpanExporter {
  let isUp = true;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const sent = result.code === ExportResultCode.SUCCESS;
        if (sent && !isUp) log.info('the collector takes traces again');
        // Only the message: the answer of the collector may be long.
        if (!sent && isUp)
          log.warn({ reason: result.error?.message }, 'the collector takes no traces: they are lost');
        isUp = sent;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
