import { createHash } from 'node:crypto';
import { type Context, context, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator } from '@opentelemetry/sdk-trace-base';
import type { TraceSpan } from './trace.ts';

const PATIENCE_MS = 10_000;

/** The trace of a run has always the same id, so that whoever has the run's id finds it: the first half of its SHA-256. */
export function traceId(run: string): string {
  return createHash('sha256').update(run).digest('hex').slice(0, 32);
}

/**
 * Sends a trace over OTLP/HTTP to where OpenTelemetry's variables of this process say, headers and time-outs included.
 * @throws Error where it was not taken
 */
export async function exportTrace(run: string, root: TraceSpan, version: string): Promise<void> {
  const random = new RandomIdGenerator();
  const exporter = new OTLPTraceExporter();
  const provider = new BasicTracerProvider({
    // What the environment says, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, outranks our own.
    resource: resourceFromAttributes({ 'service.name': 'faultline', 'service.version': version }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    idGenerator: { generateTraceId: () => traceId(run), generateSpanId: () => random.generateSpanId() },
    spanProcessors: [new BatchSpanProcessor(exporter)],
    forceFlushTimeoutMillis: PATIENCE_MS,
  });
  try {
    record(provider.getTracer('faultline', version), root, context.active());
    await provider.forceFlush();
  } finally {
    await provider.shutdown().catch(() => {});
  }
}

function record(
  tracer: Tracer,
  { name, start, end, attributes, events, error, children }: TraceSpan,
  within: Context,
): void {
  const span = tracer.startSpan(name, { startTime: new Date(start), attributes: { ...attributes } }, within);
  for (const event of events) span.addEvent(event.name, { ...event.attributes }, new Date(event.at));
  if (error) {
    span.setAttribute('error.type', error.type);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.text });
  }
  for (const child of children) record(tracer, child, trace.setSpan(within, span));
  span.end(new Date(end));
}
