// The run that does one thing for one repository of a fleet: started under the one id that it has, or waited for where one goes on.
import { TerminatedFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, CancelledFailure, ChildWorkflowCancellationType, ChildWorkflowFailure, ParentClosePolicy, getExternalWorkflowHandle, isCancellation, log, startChild, type ChildWorkflowHandle, type Workflow } from '@temporalio/workflow';
import { PivoError, type FailureReport } from '../contract/failures.ts';
import { reportOf } from './failure.ts';
import type { Run } from './fleet-state.ts';
import { joining } from './fleet-steps.ts';
import type { RunningEntry } from './fleet-window.ts';

export interface ChildRun {
  type: string;
  workflowId: string;
  input: unknown;
  summary: string;
  /** Waits for the run of that id that goes on; fails where that does another thing. */
  join(): Promise<unknown>;
}

/** Its result. Fails as the run does, and as a cancellation when this run is cancelled. */
export async function resultOf<T>(run: Run, entry: RunningEntry, child: ChildRun, again: boolean): Promise<T> {
  if (!again) {
    if (run.cancelled) throw new CancelledFailure('the run was cancelled');
    const started = await startUnlessRunning(run, child);
    if (started !== null) {
      entry.runId = started.firstExecutionRunId;
      if (run.cancelled) await cancelOwn(entry, child.workflowId);
      run.happened++;
      return (await started.result()) as T;
    }
    entry.own = false;
  }
  if (entry.own) return (await joining.joinRun({ workflowId: child.workflowId, runId: entry.runId ?? undefined })) as T;
  return (await waitFor(run, entry, child.join)) as T;
}

/** Null when one goes on under the id. It outlives this run; a cancel goes through `cancelOwn` also where an earlier history started it. */
async function startUnlessRunning(run: Run, { type, workflowId, input, summary }: ChildRun): Promise<ChildWorkflowHandle<Workflow> | null> {
  try {
    return await startChild(type, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      memo: { requestedBy: run.request.requestedBy },
      staticSummary: summary,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** The wait ends with this run's cancel; what is waited for goes on. */
async function waitFor(run: Run, { repository }: RunningEntry, join: () => Promise<unknown>): Promise<unknown> {
  const scope = new CancellationScope();
  run.waits.set(repository, scope);
  run.happened++;
  try {
    if (run.cancelled) scope.cancel();
    return await scope.run(join);
  } finally {
    run.waits.delete(repository);
  }
}

/** Asks a run that this one started to end; one that has ended already is as good. */
export async function cancelOwn({ runId }: RunningEntry, workflowId: string): Promise<void> {
  if (runId === null) return; // asked when it has started
  await getExternalWorkflowHandle(workflowId, runId).cancel().catch((error: unknown) => log.info('it had ended already', { workflowId, report: reportOf(error) }));
}

/** Why there is no result. */
export function childReport(error: unknown, workflowId: string): FailureReport {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
  if (cause instanceof TerminatedFailure || (cause !== undefined && isCancellation(cause))) return new PivoError('Cancelled', `${workflowId} was ended from outside`, { hint: 'The next run of the source takes it up again.' }).report();
  return reportOf(error);
}
