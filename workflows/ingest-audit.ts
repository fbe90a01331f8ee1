// The audit record of an ingest: who asked, what became of it.
import { isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { AuditEvent } from '../contract/events.ts';
import type { FailureKind, FailureReport } from '../contract/failures.ts';
import type { IngestPlan, IngestResult } from '../contract/ingest.ts';
import { WORKFLOW } from '../contract/names.ts';
import type { Decision } from './approval.ts';
import { reportOf } from './failure.ts';
import { recordSurely } from './untold.ts';

const REFUSALS: FailureKind[] = ['InvalidInput', 'NameConflict', 'UrlRefused', 'CredentialMissing', 'LimitExceeded'];

/** How an ingest ended. */
export type Ending = { result: IngestResult } | { report: FailureReport };

/** Records the outcome, later when that cannot be now. A record that can never be written is logged: it must not replace the outcome itself. */
export async function auditIngest(repository: string, ending: Ending): Promise<void> {
  const record = auditRecord(repository, ending);
  try {
    await recordSurely(repository, record);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record, report: reportOf(error) });
  }
}

export function auditRecord(repository: string, ending: Ending): Omit<AuditEvent, 'type'> {
  const { workflowId, runId, memo } = workflowInfo();
  return {
    id: `audit:${WORKFLOW.ingest}:${runId}`,
    time: new Date().toISOString(),
    action: 'ingest',
    outcome: 'result' in ending ? 'done' : outcomeOf(ending.report),
    repository,
    actor: typeof memo?.['requestedBy'] === 'string' ? memo['requestedBy'] : 'temporal',
    workflow: { id: workflowId, runId },
    details: 'result' in ending ? { ...ending.result } : { ...ending.report },
  };
}

/** Records who approved or rejected a backup, later when that cannot be now. */
export async function auditIngestDecision({ repository, origin }: IngestPlan, planHash: string, decision: Decision): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const action = decision.approved ? 'approve' : 'reject';
  const details = { origin, planHash, ...(decision.approved || decision.reason === null ? {} : { reason: decision.reason }) };
  await recordSurely(repository, { id: `audit:${action}:${runId}`, time: new Date().toISOString(), action, outcome: 'done', repository, actor: decision.by, workflow: { id: workflowId, runId }, details });
}

function outcomeOf({ kind }: FailureReport): AuditEvent['outcome'] {
  if (kind === 'Cancelled') return 'cancelled';
  if (kind === 'PlanRejected') return 'rejected';
  if (kind === 'PlanExpired') return 'expired';
  return REFUSALS.includes(kind) ? 'refused' : 'failed';
}
