// The audit records of a restore of many: who decided, and what became of all of it.
import { isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { AuditEvent } from '../contract/events.ts';
import type { FailureReport } from '../contract/failures.ts';
import { WORKFLOW } from '../contract/names.ts';
import type { RestoreAllJob, RestoreAllReceipt, RestoreAllSummary } from '../contract/restore-all.ts';
import type { Decision } from './approval.ts';
import { reportOf } from './failure.ts';
import { outcomeOf } from './restore-audit.ts';
import { recordSurely } from './untold.ts';

/** Stands for all repositories in the id of a run that tells later; no repository has that name. */
const ALL = '*';

/** Records the outcome, later when that cannot be now. A record that can never be written is logged: it must not replace the outcome itself. */
export async function auditRestoreAll(job: RestoreAllJob, plan: RestoreAllSummary | null, ending: { receipt: RestoreAllReceipt } | { report: FailureReport }): Promise<void> {
  const { request, restoreId } = job;
  const about = { restoreId, target: plan?.excerpt.target ?? request.target, point: request.at, planHash: plan?.planHash ?? null, engine: request.engine, requestedBy: request.requestedBy };
  const record: Omit<AuditEvent, 'type'> = 'receipt' in ending
    ? { ...base(job, 'restore-all', WORKFLOW.restoreAll), outcome: OUTCOMES[ending.receipt.outcome], actor: request.requestedBy, details: { ...about, ...told(ending.receipt) } }
    : { ...base(job, 'restore-all', WORKFLOW.restoreAll), outcome: outcomeOf(ending.report.kind), actor: request.requestedBy, details: { ...about, ...ending.report } };
  try {
    await recordSurely(ALL, record);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record, report: reportOf(error) });
  }
}

const OUTCOMES: Record<RestoreAllReceipt['outcome'], AuditEvent['outcome']> = { done: 'done', partly: 'failed', cancelled: 'cancelled' };

/** Each repository has a record of its own. */
function told({ receipts: _receipts, counts, outcome, ...receipt }: RestoreAllReceipt): Record<string, unknown> {
  const missing = counts.failed + counts.refused + counts['not begun'];
  return { ...receipt, counts, result: outcome, message: `${counts.restored + counts.unchanged} of ${counts.repositories} repositories are back${missing === 0 ? '' : `, ${missing} are not`}` };
}

/** Records who approved or rejected the plan. Fails when it can never be recorded: nothing is done then. */
export async function auditDecisionOfAll(job: RestoreAllJob, { planHash }: RestoreAllSummary, decision: Decision): Promise<void> {
  const action = decision.approved ? 'approve' : 'reject';
  const details = { restoreId: job.restoreId, planHash, ...(decision.approved || decision.reason === null ? {} : { reason: decision.reason }) };
  await recordSurely(ALL, { ...base(job, action, action), outcome: 'done', actor: decision.by, details });
}

function base({ workflow }: RestoreAllJob, action: AuditEvent['action'], name: string): Pick<AuditEvent, 'id' | 'time' | 'action' | 'repository' | 'workflow'> {
  return { id: `audit:${name}:${workflowInfo().runId}`, time: new Date().toISOString(), action, repository: null, workflow };
}
