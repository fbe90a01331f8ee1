// What goes into Temporal's clients and workers so that a trace goes on through workflows and activities.
import { fileURLToPath } from 'node:url';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryActivityInboundInterceptor, OpenTelemetryWorkflowClientInterceptor, makeWorkflowExporter } from '@temporalio/interceptors-opentelemetry';
import type { Resource } from '@opentelemetry/resources';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';

/** For a worker. */
export interface TemporalTracing {
  activity: ActivityInterceptorsFactory[];
  /** Takes the spans that workflows make out of their sandbox. */
  sinks: NonNullable<WorkerOptions['sinks']>;
  /** Modules to be bundled with the workflows. */
  workflowModules: string[];
}

export function temporalTracing(processor: SpanProcessor, resource: Resource): TemporalTracing {
  return {
    activity: [(ctx) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(ctx) })],
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    workflowModules: [fileURLToPath(new URL('../workflows/tracing.ts', import.meta.url))],
  };
}

/** For a client: what it starts and tells belongs to the trace of who asked. Looking at a run, as often as that is done, is no step of anything. */
export function clientTracing(): WorkflowClientInterceptor[] {
  const quiet: WorkflowClientInterceptor = { describe: (input, next) => next(input), query: (input, next) => next(input) };
  return [Object.assign(new OpenTelemetryWorkflowClientInterceptor(), quiet)];
}
