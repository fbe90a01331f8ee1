// What a run has to tell the event log, and the run of its own that tells it when the log cannot take it now.
import { ParentClosePolicy, isCancellation, log, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AuditEvent } from '../contract/events.ts';
import type { IngestJob } from '../contract/ingest.ts';
import { EMIT_WORKFLOW, emitWorkflowId } from '../contract/names.ts';
import { mayPass, reportOf, workerIsGone } from './failure.ts';
import { anywhere } from './ingest-steps.ts';

/** A committed visit and the queue of the worker that wrote it. */
export interface UntoldVisit {
  job: IngestJob;
  queue: string;
  visit: number;
}

/** Input of the workflow `emit`. */
export interface Untold {
  repository: string;
  visit: UntoldVisit | null;
  record: Omit<AuditEvent, 'type'> | null;
}

/** Emits on the worker that wrote the visit, or, when that is gone, on any that lives. Fails as the step does. */
export async function emitOnLivingWorker({ job, queue, visit }: UntoldVisit, stepOn: (queue: string) => Pick<Activities, 'emitVisit'>): Promise<number> {
  for (let on = queue; ; on = await anywhere.nameWorkerQueue()) {
    try {
      return (await stepOn(on).emitVisit({ job, visit })).events;
    } catch (error) {
      if (!workerIsGone(error) && reportOf(error).kind !== 'WorkerLost') throw error;
      log.warn('emitting on another worker', { queue: on });
    }
  }
}

/** Records what was done, by a run of its own when the event log cannot take it now. Fails as the step does when it can never be written. */
export async function recordSurely(repository: string, record: Omit<AuditEvent, 'type'>): Promise<void> {
  try {
    await anywhere.recordAudit(record);
  } catch (error) {
    if (isCancellation(error) || !mayPass(error)) throw error;
    log.warn('the event log is down: the audit record is told later', { id: record.id, report: reportOf(error) });
    await tellLater({ repository, visit: null, record });
  }
}

/** Starts the run that goes on trying, and does not wait for it: the next backup of the repository need not wait either. */
export async function tellLater(untold: Untold): Promise<void> {
  await startChild(EMIT_WORKFLOW, {
    workflowId: emitWorkflowId(untold.repository, workflowInfo().runId, untold.record?.action),
    args: [untold],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `Tell the event log what became of ${untold.repository}`,
  });
}
