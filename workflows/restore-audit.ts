// The audit records of a restore: who decided, and what became of it.
import { isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { AuditEvent } from '../contract/events.ts';
import type { FailureKind, FailureReport } from '../contract/failures.ts';
import { WORKFLOW } from '../contract/names.ts';
import type { PlanSummary, RestoreJob, RestoreReceipt } from '../contract/restore.ts';
import { reportOf } from './failure.ts';
import type { Decision } from './approval.ts';
import { recordSurely } from './untold.ts';

/** How a restore ended. */
export type Ending = { receipt: RestoreReceipt } | { report: FailureReport };

const OUTCOMES: Partial<Record<FailureKind, AuditEvent['outcome']>> = {
  Cancelled: 'cancelled', PlanRejected: 'rejected', PlanExpired: 'expired',
  InvalidInput: 'refused', NotFound: 'refused', Ambiguous: 'refused', UrlRefused: 'refused', CredentialMissing: 'refused',
  Exists: 'refused', TargetRefused: 'refused', TargetChanged: 'refused', PlanChanged: 'refused',
};

/** What the audit calls a failure of this kind. */
export const outcomeOf = (kind: FailureKind): AuditEvent['outcome'] => OUTCOMES[kind] ?? 'failed';

/** What the audit tells of a plan. */
export type AuditedPlan = { planHash: string; target: string };

/** Records the outcome, later when that cannot be now. A record that can never be written is logged: it must not replace the outcome itself. */
export async function auditRestore(job: RestoreJob, plan: AuditedPlan | null, ending: Ending): Promise<void> {
  const about = { restoreId: job.restoreId, target: plan?.target ?? job.request.target, point: job.request.point, planHash: plan?.planHash ?? null, engine: job.request.engine, requestedBy: job.request.requestedBy };
  const record: Omit<AuditEvent, 'type'> = 'receipt' in ending
    ? { ...base(job, 'restore', WORKFLOW.restore), outcome: 'done', actor: job.request.requestedBy, details: { ...about, ...withoutPlan(ending.receipt) } }
    : { ...base(job, 'restore', WORKFLOW.restore), outcome: outcomeOf(ending.report.kind), actor: job.request.requestedBy, details: { ...about, ...ending.report } };
  try {
    await recordSurely(job.request.repository, record);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record, report: reportOf(error) });
  }
}

/** Records who approved or rejected the plan, later when that cannot be now. Fails when it can never be recorded: nothing is done then. */
export async function auditDecision(job: RestoreJob, plan: PlanSummary, decision: Decision): Promise<void> {
  const action = decision.approved ? 'approve' : 'reject';
  const details = { restoreId: job.restoreId, planHash: plan.planHash, ...(decision.approved || decision.reason === null ? {} : { reason: decision.reason }) };
  await recordSurely(job.request.repository, { ...base(job, action, action), outcome: 'done', actor: decision.by, details });
}

function base({ request, workflow }: RestoreJob, action: AuditEvent['action'], name: string): Pick<AuditEvent, 'id' | 'time' | 'action' | 'repository' | 'workflow'> {
  return { id: `audit:${name}:${workflowInfo().runId}`, time: new Date().toISOString(), action, repository: request.repository, workflow };
}

function withoutPlan({ plan: _plan, ...receipt }: RestoreReceipt): Record<string, unknown> {
  return receipt;
}
