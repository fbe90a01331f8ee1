// Temporal's tracing interceptors for the bundle where a collector is named; whoever waits for a step wakes when they would without them.
import { OpenTelemetryInboundInterceptor, OpenTelemetryInternalsInterceptor, OpenTelemetryOutboundInterceptor } from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import type { WorkflowInterceptors } from '@temporalio/workflow';

type Step<Input, Output> = (input: Input) => Promise<Output>;

/**
 * The step itself, while its span ends aside. The interceptors' own promise is settled some turns of the queue later, and a run that does several
 * things at once would take its next steps in another order than where tracing is off: it could not go on with the other setting.
 */
function undelayed<Input, Output>(next: Step<Input, Output>, traced: (next: Step<Input, Output>) => Promise<Output>): Promise<Output> {
  const steps: Promise<Output>[] = [];
  const span = traced((input) => {
    const step = next(input);
    steps.push(step);
    return step;
  });
  const [step] = steps;
  if (step === undefined) return span; // of a history from before SDK 1.13.2, which replays as it was written
  span.catch(() => {}); // it fails as the step does
  return step;
}

class Inbound extends OpenTelemetryInboundInterceptor {
  override execute(...[input, next]: Parameters<OpenTelemetryInboundInterceptor['execute']>): Promise<unknown> {
    return undelayed(next, (step) => super.execute(input, step));
  }
  override handleSignal(...[input, next]: Parameters<OpenTelemetryInboundInterceptor['handleSignal']>): Promise<void> {
    return undelayed(next, (step) => super.handleSignal(input, step));
  }
  override handleUpdate(...[input, next]: Parameters<OpenTelemetryInboundInterceptor['handleUpdate']>): Promise<unknown> {
    return undelayed(next, (step) => super.handleUpdate(input, step));
  }
}

class Outbound extends OpenTelemetryOutboundInterceptor {
  override scheduleActivity(...[input, next]: Parameters<OpenTelemetryOutboundInterceptor['scheduleActivity']>): Promise<unknown> {
    return undelayed(next, (step) => super.scheduleActivity(input, step));
  }
  override startChildWorkflowExecution(...[input, next]: Parameters<OpenTelemetryOutboundInterceptor['startChildWorkflowExecution']>): Promise<[Promise<string>, Promise<unknown>]> {
    return undelayed(next, (step) => super.startChildWorkflowExecution(input, step));
  }
  override continueAsNew(...[input, next]: Parameters<OpenTelemetryOutboundInterceptor['continueAsNew']>): Promise<never> {
    return undelayed(next, (step) => super.continueAsNew(input, step));
  }
  override signalWorkflow(...[input, next]: Parameters<OpenTelemetryOutboundInterceptor['signalWorkflow']>): Promise<void> {
    return undelayed(next, (step) => super.signalWorkflow(input, step));
  }
}

export const interceptors = (): WorkflowInterceptors => ({ inbound: [new Inbound()], outbound: [new Outbound()], internals: [new OpenTelemetryInternalsInterceptor()] });
