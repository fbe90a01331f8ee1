// OpenTelemetry in this process: spans of requests, sent to a collector; loaded only where tracing is switched on.
import { SpanKind, SpanStatusCode, context, propagation, type Span } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { isPivoError } from '../contract/failures.ts';
import { temporalTracing, type TemporalTracing } from './temporal-tracing.ts';

/** A request as its span tells it: no query, no body, no secret. */
export interface AskedRequest {
  /** Such as `POST /api/v1/ingests`. */
  name: string;
  /** The header `traceparent` (W3C Trace Context), when the caller traces too. */
  traceparent: string | undefined;
}

export type RequestTracing = (asked: AskedRequest, run: () => Promise<number>) => Promise<void>;

export interface Tracing {
  /** What Temporal's worker needs to go on with a trace. */
  temporal: TemporalTracing;
  /** Runs it as a span of the caller's trace, or as the first of a new one; it tells the status of its answer. */
  request: RequestTracing;
  /** Runs it as the first span of a trace; what it is given goes along with each request. */
  first<T>(name: string, run: (headers: Record<string, string>) => Promise<T>): Promise<T>;
  /** Sends what has ended until now. */
  flush(): Promise<void>;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Milliseconds until a span is sent, at most. */
const SENT_AFTER = 1_000;
/** Milliseconds that a collector may take: a command waits for it no longer when it ends. */
const PATIENCE = 2_000;

/**
 * To be called once in a process. `endpoint`: base URL of the collector; headers with its key are taken from OTEL_EXPORTER_OTLP_HEADERS by the exporter.
 * A collector that is away stops nothing: its spans are lost.
 */
export function startTracing(endpoint: string, service: string): Tracing {
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: PATIENCE }), { scheduledDelayMillis: SENT_AFTER });
  const resource = new Resource({ 'service.name': service });
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  const tracer = provider.getTracer('pivo');
  return {
    temporal: temporalTracing(processor, resource),
    request: ({ name, traceparent }, run) => tracer.startActiveSpan(name, { kind: SpanKind.SERVER }, propagation.extract(context.active(), { traceparent }), (span) => ended(span, () => answered(span, run))),
    first: (name, run) => tracer.startActiveSpan(name, { kind: SpanKind.CLIENT }, (span) => ended(span, () => run(carried()))),
    flush: () => provider.forceFlush().catch(() => {}),
    close: () => provider.shutdown().catch(() => {}),
  };
}

/** A request that failed is answered all the same: its status tells. */
async function answered(span: Span, run: () => Promise<number>): Promise<void> {
  const status = await run();
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

async function ended<T>(span: Span, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: isPivoError(error) ? error.kind : 'Internal' });
    throw error;
  } finally {
    span.end();
  }
}

/** The headers by which the span that runs is known to the next process. */
function carried(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}
