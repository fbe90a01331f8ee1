// A backup that a person must approve first: under an id of its own, so that it does not stand in the way of others.
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { PivoError, type FailureReport } from '../contract/failures.ts';
import type { IngestApproval, IngestRequest } from '../contract/ingest.ts';
import { UPDATE, ingestWorkflowId } from '../contract/names.ts';
import { takeDecisions, type Decision } from './approval.ts';
import { reportOf, workflowFailure } from './failure.ts';
import { auditIngest, auditIngestDecision } from './ingest-audit.ts';
import { anywhere } from './ingest-steps.ts';

/** Where the run is, for the `status` query and, with details, the server's own page. */
export type Tell = (phase: string, details?: string, approval?: IngestApproval) => void;

/** The request as it may be carried out. Fails with PlanRejected or PlanExpired, and as `planIngest` does. */
export async function approvedIngest(request: IngestRequest, repository: string, tell: Tell): Promise<IngestRequest> {
  const { workflowId } = workflowInfo();
  if (workflowId === ingestWorkflowId(repository)) throw workflowFailure(new PivoError('InvalidInput', `a backup that needs approval cannot wait as ${workflowId}: no other could start`, { hint: 'Start it under another workflow id.' }).report());
  try {
    return await decided(request, tell);
  } catch (error) {
    await CancellationScope.nonCancellable(() => auditIngest(repository, { report: reportOf(error) }));
    throw error;
  }
}

async function decided(request: IngestRequest, tell: Tell): Promise<IngestRequest> {
  let approval: IngestApproval | null = null;
  const decisions = takeDecisions(() => ({ name: `the backup ${workflowInfo().workflowId}`, state: approval?.state ?? 'planning', planHash: approval?.planHash ?? null }), () => approval);
  const { plan, planHash } = await anywhere.planIngest({ request });
  const expires = new Date(Date.now() + request.expiresAfter * 1000).toISOString();
  const move = (state: IngestApproval['state']): void => {
    approval = { state, planHash, plan, expires };
    tell(state, detailsOf(approval), approval);
  };
  move('awaiting approval');
  const decision = await decisions.decided(request.expiresAfter);
  move(decision === null ? 'expired' : decision.approved ? 'approved' : 'rejected');
  if (decision === null) throw refusal('PlanExpired', `nobody approved the backup of ${plan.origin} until ${expires}`);
  await CancellationScope.nonCancellable(() => auditIngestDecision(plan, planHash, decision));
  if (decision.approved) return { ...request, name: plan.repository, url: plan.origin, approval: 'waived' };
  throw refusal('PlanRejected', rejection(plan.origin, decision));
}

const rejection = (origin: string, { by, reason }: Extract<Decision, { approved: false }>): string => `${by} rejected the backup of ${origin}${reason === null ? '' : `: ${reason}`}`;

const refusal = (kind: FailureReport['kind'], message: string): Error => workflowFailure(new PivoError(kind, message, { hint: 'Nothing was fetched.' }).report());

/** What the server's own page shows, and how to decide there. */
function detailsOf({ state, planHash, plan, expires }: IngestApproval): string {
  const { workflowId } = workflowInfo();
  const lines = [`**${state}**`, `back up ${plan.origin} as ${plan.repository}`];
  if (state === 'awaiting approval') {
    lines.push(`Until ${expires}: \`pivo approve ${workflowId} ${planHash}\` or \`pivo reject ${workflowId}\``);
    lines.push(`or \`temporal workflow update execute --workflow-id ${workflowId} --name ${UPDATE.approve} --input '{"planHash":"${planHash}","approver":"NAME"}'\``);
  }
  return lines.join('\n');
}
