// The audit records of a pipeline: who decided, and what became of it.
import { isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { AuditEvent } from '../contract/events.ts';
import type { FailureReport } from '../contract/failures.ts';
import { WORKFLOW } from '../contract/names.ts';
import type { PipelineJob, PipelineOutcome, PipelineRunStatus, ProposedPipeline } from '../contract/pipeline-run.ts';
import type { Decision } from './approval.ts';
import { reportOf } from './failure.ts';
import { outcomeOf } from './restore-audit.ts';
import { recordSurely } from './untold.ts';

/** `left`: what stays on the forge. */
type PipelineEnding = { outcome: PipelineOutcome } | { report: FailureReport; left: Pick<PipelineRunStatus, 'branch' | 'commit' | 'mergeRequest'> };

/** Records who approved or rejected the proposal, later when that cannot be now. Fails when it can never be recorded: nothing is committed then. */
export async function auditPipelineDecision(job: PipelineJob, { proposalHash, preview }: ProposedPipeline, decision: Decision): Promise<void> {
  const action = decision.approved ? 'approve' : 'reject';
  const details = { pipelineId: job.pipelineId, proposalHash, forge: preview.forge, ...(decision.approved || decision.reason === null ? {} : { reason: decision.reason }) };
  await recordSurely(job.request.repository, { ...base(job, action, action), outcome: 'done', actor: decision.by, details });
}

/** Records the outcome, later when that cannot be now. A record that can never be written is logged: it must not replace the outcome itself. */
export async function auditPipeline(job: PipelineJob, made: ProposedPipeline | null, ending: PipelineEnding): Promise<void> {
  const about = { pipelineId: job.pipelineId, forge: made?.preview.forge ?? job.request.forge ?? null, proposalHash: made?.proposalHash ?? null, requestedBy: job.request.requestedBy };
  const record: Omit<AuditEvent, 'type'> = 'outcome' in ending
    ? { ...base(job, 'pipeline', WORKFLOW.pipeline), outcome: 'done', actor: job.request.requestedBy, details: { ...about, ...told(ending.outcome) } }
    : { ...base(job, 'pipeline', WORKFLOW.pipeline), outcome: outcomeOf(ending.report.kind), actor: job.request.requestedBy, details: { ...about, ...ending.left, ...ending.report } };
  try {
    await recordSurely(job.request.repository, record);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record, report: reportOf(error) });
  }
}

function base({ request, workflow }: PipelineJob, action: AuditEvent['action'], name: string): Pick<AuditEvent, 'id' | 'time' | 'action' | 'repository' | 'workflow'> {
  return { id: `audit:${name}:${workflowInfo().runId}`, time: new Date().toISOString(), action, repository: request.repository, workflow };
}

/** Of the jobs, those that failed. */
const told = ({ approvedBy, branch, commit, mergeRequest, run, ended, failed }: PipelineOutcome): Record<string, unknown> => ({ approvedBy, branch, commit, mergeRequest: mergeRequest.url, run: run?.state ?? null, ended, failed: failed.map(({ name }) => name) });
