// Joins the agent's acts to Temporal: heartbeats that carry the text so far, cancellation, failures with their wait.
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isPivoError, type PivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';

/** One attempt of one act. */
export interface AgentRun {
  signal: AbortSignal;
  /** 1 for the first attempt. */
  attempt: number;
  /** Tells the text so far to whoever looks at the run. */
  say(text: string): void;
  log: Log;
}

/** How often a silent act says that its worker lives, in milliseconds; several fit into one heartbeat timeout. */
const HEARTBEAT_MS = 1_000;
/** Most characters of a text that is not whole yet. */
const LONGEST_BEAT = 64_000;
/** Longest wait between two attempts, in seconds; a provider that asks for more has failed, and a person decides. */
const LONGEST_WAIT = 60;

/** The activity of an act; `log` without the conversation's facts. */
export function toAgentActivity<Input, Output>(log: Log, act: (input: Input, run: AgentRun) => Promise<Output>): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const { info, cancellationSignal: signal } = context;
    let text = '';
    const beat = (): void => context.heartbeat({ text });
    const timer = setInterval(beat, HEARTBEAT_MS);
    const say = (said: string): void => {
      text = said.slice(0, LONGEST_BEAT);
      beat();
    };
    const run: AgentRun = { signal, attempt: info.attempt, say, log: log.child({ workflowId: info.workflowExecution?.workflowId, attempt: info.attempt }) };
    try {
      return await act(input, run);
    } catch (error) {
      throw failureOf(error, run);
    } finally {
      clearInterval(timer);
    }
  };
}

function failureOf(error: unknown, { signal, log }: AgentRun): unknown {
  if (signal.aborted) return signal.reason instanceof CancelledFailure ? signal.reason : new CancelledFailure('cancelled');
  if (!isPivoError(error)) {
    log.error({ error }, 'an act of the agent failed unexpectedly');
    return error;
  }
  log.warn({ kind: error.kind, facts: error.facts }, error.message);
  return applicationFailure(error);
}

/** With `facts.retryAfter` (seconds) the next attempt waits that long. */
function applicationFailure(error: PivoError): ApplicationFailure {
  const retryAfter = typeof error.facts['retryAfter'] === 'number' ? error.facts['retryAfter'] : 0;
  const wait = retryAfter > 0 ? { nextRetryDelay: retryAfter * 1000 } : {};
  return ApplicationFailure.create({ message: error.message, type: error.kind, nonRetryable: error.permanent || retryAfter > LONGEST_WAIT, details: [error.report()], ...wait });
}
