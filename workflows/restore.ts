// Workflow `restore`: plan, a person's approval, reconstruction, push, proof, receipt.
import { CancellationScope, defineQuery, patched, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { PivoError } from '../contract/failures.ts';
import { QUERY } from '../contract/names.ts';
import { RestoreInput, restoreIdOf, type PlanSummary, type RestoreJob, type RestorePlan, type RestoreReceipt, type RestoreStatus } from '../contract/restore.ts';
import { endingOf, parseWorkflowInput, reportOf, workflowFailure } from './failure.ts';
import { takeDecisions, type Approval } from './approval.ts';
import { auditDecision, auditRestore, outcomeOf, type AuditedPlan } from './restore-audit.ts';
import { carryOut, discardBegun, type CarriedFacts, type CarryingOut } from './restore-carry-out.ts';
import { detailsOf } from './restore-details.ts';
import { looking } from './restore-steps.ts';
import { tell } from './tell.ts';

const statusQuery = defineQuery<RestoreStatus>(QUERY.status);
const planQuery = defineQuery<RestorePlan | null>(QUERY.plan);

/** One run: what it was asked, where it is, and how it tells. */
interface Run {
  job: RestoreJob;
  status: RestoreStatus;
  plan: PlanSummary | null;
  /** The plan is being carried out. */
  begun: CarryingOut | null;
  approval: Approval;
  tell: (change: Partial<RestoreStatus>) => void;
}

/**
 * Restores `input.repository` as it was at `input.point` to `input.target`, after a person approved the plan unless
 * that is waived. Returns the receipt with an excerpt of its plan. Fails with the report of the step that failed.
 */
export async function restore(input: unknown): Promise<RestoreReceipt> {
  const run = begin();
  run.job.request = parseWorkflowInput(RestoreInput, input, 'restore input');
  try {
    const receipt = await carryThrough(run);
    run.tell({ state: 'done', receipt });
    await CancellationScope.nonCancellable(() => auditRestore(run.job, audited(run.plan), { receipt }));
    return receipt;
  } catch (error) {
    await CancellationScope.nonCancellable(() => endBadly(run, error));
    throw endingOf(error);
  }
}

const audited = (plan: PlanSummary | null): AuditedPlan | null => (plan === null ? null : { planHash: plan.planHash, target: plan.excerpt.target });

/** Handlers are set before anything is awaited. */
function begin(): Run {
  const { workflowId, runId } = workflowInfo();
  const restoreId = restoreIdOf({ workflowId, runId });
  const status: RestoreStatus = { restoreId, state: 'planning', planHash: null, plan: null, counts: null, expires: null, receipt: null };
  setHandler(statusQuery, () => status);
  setHandler(planQuery, () => status.plan);
  const approval = takeDecisions(() => ({ ...status, name: `restore ${restoreId}` }), () => status);
  const tell = (change: Partial<RestoreStatus>): void => {
    Object.assign(status, change);
    setCurrentDetails(detailsOf(status, workflowId));
  };
  tell({});
  return { job: { restoreId, workflow: { id: workflowId, runId }, request: undefined as never }, status, plan: null, begun: null, approval, tell };
}

async function carryThrough(run: Run): Promise<RestoreReceipt> {
  const started = workflowInfo().startTime.toISOString();
  const plan = await looking.planRestore(run.job);
  run.plan = plan;
  run.tell({ planHash: plan.planHash, plan: plan.excerpt, counts: plan.counts });
  if (run.job.request.approval === 'waived') return carryOutPlan(run, plan, plan.queue, { approvedBy: null, started });
  const approvedBy = await approved(run, plan);
  return carryOutPlan(run, plan, await looking.recheckPlan(run.job), { approvedBy, started });
}

/** Who approved. Fails with PlanRejected or PlanExpired. */
async function approved(run: Run, plan: PlanSummary): Promise<string> {
  const { expiresAfter } = run.job.request;
  const expires = new Date(Date.now() + expiresAfter * 1000).toISOString();
  run.tell({ state: 'awaiting approval', expires });
  if (patched('tell-approval')) void tellOfApproval(run, plan, expires); // never fails, and no decision waits for it
  const decision = await run.approval.decided(expiresAfter);
  if (decision === null) throw workflowFailure(new PivoError('PlanExpired', `nobody approved the plan of restore ${run.job.restoreId} until ${expires}`, { hint: 'Nothing was changed. Start the restore again.' }).report());
  run.tell({ state: decision.approved ? 'reconstructing' : 'rejected' });
  await CancellationScope.nonCancellable(() => auditDecision(run.job, plan, decision));
  if (decision.approved) return decision.by;
  throw workflowFailure(new PivoError('PlanRejected', `${decision.by} rejected the plan of restore ${run.job.restoreId}${decision.reason === null ? '' : `: ${decision.reason}`}`, { hint: 'Nothing was changed.' }).report());
}

/** Whoever may approve need not look whether something waits. */
async function tellOfApproval({ job: { restoreId, request } }: Run, { excerpt, planHash }: PlanSummary, expires: string): Promise<void> {
  const facts = { restore: restoreId, target: excerpt.target, point: request.point ?? null, planHash, requestedBy: request.requestedBy, expires };
  await tell({ event: 'restore.approval', key: `restore.approval:${restoreId}`, time: new Date().toISOString(), repository: request.repository, facts });
}

function carryOutPlan(run: Run, plan: PlanSummary, queue: string, facts: CarriedFacts): Promise<RestoreReceipt> {
  run.begun = { job: run.job, makesTarget: plan.excerpt.makesTarget, changing: null, tell: (state) => run.tell({ state }), goOn: () => looking.recheckPlan(run.job) };
  return carryOut(run.begun, queue, facts);
}

/** Tidies up and records what became of it; neither may hide the failure itself. */
async function endBadly(run: Run, error: unknown): Promise<void> {
  const report = reportOf(error);
  const outcome = outcomeOf(report.kind);
  run.tell({ state: outcome === 'done' ? 'failed' : outcome });
  if (run.begun !== null) await discardBegun(run.begun);
  await auditRestore(run.job, audited(run.plan), { report });
}
