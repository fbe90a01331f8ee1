// Joins an act to Temporal: heartbeats from its progress, cancellation to its signal, PivoError to ApplicationFailure.
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { fromReport, isPivoError, type PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import type { Turns } from './turns.ts';

/** One outside act as it is written: one object in, one out. */
export type Act<Input, Output> = (deps: ActivityDeps, input: Input, run: ActRun) => Promise<Output>;

/** How often a silent act says that its worker lives, in milliseconds; several fit into one heartbeat timeout. */
const HEARTBEAT_MS = 500;

/** The Temporal activity of an act. With `turns`, the act waits for its turn first, heartbeating: it is heavy. */
export function toActivity<Input, Output>(deps: ActivityDeps, act: Act<Input, Output>, turns?: Turns): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const heart = startHeart(context);
    const run: ActRun = { signal: context.cancellationSignal, onProgress: heart.beat, attempt: context.info.attempt, log: logOf(deps, context) };
    try {
      const work = (): Promise<Output> => act(deps, input, run);
      return await (turns === undefined ? work() : turns.take(run.signal, work));
    } catch (error) {
      throw failureOf(hideFailure(error, deps), run);
    } finally {
      heart.stop();
    }
  };
}

/** Beats with the last progress, at once when the phase changes. */
function startHeart(context: Context): { beat(progress: Progress): void; stop(): void } {
  let last: Progress | undefined;
  const timer = setInterval(() => context.heartbeat(last), HEARTBEAT_MS);
  return {
    beat(progress) {
      const changed = progress.phase !== last?.phase;
      last = progress;
      if (changed) context.heartbeat(progress);
    },
    stop: () => clearInterval(timer),
  };
}

function logOf(deps: ActivityDeps, { info }: Context): ActRun['log'] {
  return deps.log.child({ workflowId: info.workflowExecution?.workflowId, runId: info.workflowExecution?.runId, activity: info.activityType, attempt: info.attempt });
}

/** Others' words in a failure may name people. */
function hideFailure(error: unknown, { vault }: ActivityDeps): unknown {
  if (vault === undefined || !isPivoError(error)) return error;
  return fromReport(vault.people.texts(error.report()), error.cause);
}

/** What Temporal is told: a kind that decides about retries, and the report; never the cause, which may hold anything. */
function failureOf(error: unknown, { signal, log }: ActRun): unknown {
  if (signal.aborted) return signal.reason instanceof CancelledFailure ? signal.reason : new CancelledFailure('cancelled');
  if (!isPivoError(error)) {
    if (!(error instanceof ApplicationFailure)) log.error({ error }, 'an act failed unexpectedly');
    return error;
  }
  log.warn({ kind: error.kind, facts: error.facts, error: error.cause }, error.message);
  return toApplicationFailure(error);
}

/** The failure that carries a PivoError through Temporal; `reportIn` of contract/failures.ts is the way back. */
export function toApplicationFailure(error: PivoError, nonRetryable = error.permanent): ApplicationFailure {
  return ApplicationFailure.create({ message: error.message, type: error.kind, nonRetryable, details: [error.report()] });
}
