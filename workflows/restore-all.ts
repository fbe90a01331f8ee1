// Workflow `restoreAll`: one plan for many repositories, one approval, one reconstruction, restores in a bounded window, one receipt of receipts.
import { CancellationScope, ContinueAsNew, condition, continueAsNew, defineQuery, isCancellation, log, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { PivoError } from '../contract/failures.ts';
import { QUERY } from '../contract/names.ts';
import { restoreIdOf } from '../contract/restore.ts';
import { RestoreAllInput, type RestoreAllJob, type RestoreAllPlan, type RestoreAllReceipt, type RestoreAllStatus, type RestoreAllSummary } from '../contract/restore-all.ts';
import { takeDecisions, type Approval } from './approval.ts';
import { endingOf, parseWorkflowInput, reportOf, workflowFailure } from './failure.ts';
import { patiently } from './patiently.ts';
import { auditDecisionOfAll, auditRestoreAll } from './restore-all-audit.ts';
import { detailsOfMany } from './restore-all-details.ts';
import { restoreMembers } from './restore-all-members.ts';
import { atForge, bySpark, planning } from './restore-all-steps.ts';
import { outcomeOf } from './restore-audit.ts';
import { tell } from './tell.ts';

/** Repositories that one act plans, and such acts at a time. */
const [A_SLICE, SLICES_AT_ONCE] = [25, 2];

/** Events after which a run goes on as a new one. */
const MOST_EVENTS = 10_000;

const statusQuery = defineQuery<RestoreAllStatus>(QUERY.status);
const planQuery = defineQuery<RestoreAllPlan | null>(QUERY.plan);

/** What a run hands on to the one that goes on with the approved plan. */
interface Onward {
  job: RestoreAllJob;
  plan: RestoreAllSummary;
  approvedBy: string | null;
  started: string;
  begun: string;
  done: number;
  failed: number;
}

/** The second argument, for runs that go on and for tests. */
interface Onwards {
  onward?: Onward;
  mostEvents?: number;
}

/** One run: what it was asked, where it is, and how it tells. */
interface Run {
  job: RestoreAllJob;
  status: RestoreAllStatus;
  plan: RestoreAllSummary | null;
  /** Set when the plan is being carried out. */
  onward: Onward | null;
  approval: Approval;
  tell: (change: Partial<RestoreAllStatus>) => void;
}

/**
 * Restores every repository of the choice as it was at `input.at`, after a person approved the one plan unless that is waived.
 * Returns the receipt of receipts with an excerpt of its rows, also when some repositories did not come back: its `outcome` says
 * so. Fails when there is nothing to restore, when nobody approves, and when it is cancelled; what was restored by then stays, with its receipt.
 */
export async function restoreAll(input: unknown, { onward, mostEvents = MOST_EVENTS }: Onwards = {}): Promise<RestoreAllReceipt> {
  const run = begin(onward ?? null);
  if (onward === undefined) run.job.request = parseWorkflowInput(RestoreAllInput, input, 'restore input');
  try {
    const goesOn = onward ?? (await approvedPlan(run));
    run.onward = goesOn;
    if (!(await carryOutAll(run, goesOn, mostEvents))) await continueAsNew<typeof restoreAll>(null, { onward: goesOn, mostEvents });
    const receipt = await receiptOf(run, goesOn, false);
    run.tell({ state: 'done', receipt, running: [] });
    await CancellationScope.nonCancellable(() => auditRestoreAll(run.job, goesOn.plan, { receipt }));
    return receipt;
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(() => endBadly(run, error));
    throw endingOf(error);
  }
}

/** Handlers are set before anything is awaited. */
function begin(onward: Onward | null): Run {
  const { workflowId, runId } = workflowInfo();
  const restoreId = onward?.job.restoreId ?? manyIdOf(workflowId, runId);
  const status: RestoreAllStatus = { restoreId, state: onward === null ? 'planning' : 'restoring', planHash: onward?.plan.planHash ?? null, plan: onward?.plan.excerpt ?? null, expires: null, progress: { done: onward?.done ?? 0, total: onward?.plan.excerpt.sums.ready ?? 0, failed: onward?.failed ?? 0 }, running: [], receipt: null };
  setHandler(statusQuery, () => status);
  setHandler(planQuery, () => status.plan);
  const approval = takeDecisions(() => ({ ...status, name: `restore ${restoreId}` }), () => status);
  const tell = (change: Partial<RestoreAllStatus>): void => {
    Object.assign(status, change);
    setCurrentDetails(detailsOfMany(status, workflowId));
  };
  tell({});
  return { job: onward?.job ?? { restoreId, workflow: { id: workflowId, runId }, request: undefined as never }, status, plan: onward?.plan ?? null, onward: null, approval, tell };
}

/** The id of a restore of many: what follows `restore-all:` in its workflow's id; under any other id as a restore's own. */
function manyIdOf(workflowId: string, runId: string): string {
  const named = /^restore-all:([A-Za-z0-9][A-Za-z0-9._-]{0,99})$/.exec(workflowId)?.[1];
  return named ?? restoreIdOf({ workflowId, runId });
}

/** Plans everything and waits for the decision. Fails with what would stop every repository, with PlanRejected, or PlanExpired. */
async function approvedPlan(run: Run): Promise<Onward> {
  const started = workflowInfo().startTime.toISOString();
  const slices = await planAll(run);
  const { empty, ...plan } = await planning.joinPlans({ job: run.job, slices });
  run.plan = plan;
  run.tell({ planHash: plan.planHash, plan: plan.excerpt, progress: { done: 0, total: plan.excerpt.sums.ready, failed: 0 } });
  if (empty !== null) throw workflowFailure(empty);
  const approvedBy = run.job.request.approval === 'waived' ? null : await approved(run, plan);
  return { job: run.job, plan, approvedBy, started, begun: new Date().toISOString(), done: 0, failed: 0 };
}

/** Plans slice by slice; gives where each begins. */
async function planAll(run: Run): Promise<number[]> {
  const total = await planning.chooseRestores(run.job);
  const { repositories: _chosen, ...request } = run.job.request; // the list is in the store from now on
  run.job = { ...run.job, request };
  run.tell({ progress: { done: 0, total, failed: 0 } });
  const slices = Array.from({ length: Math.ceil(total / A_SLICE) }, (_, i) => i * A_SLICE);
  const left = [...slices];
  const work = async (): Promise<void> => {
    for (let from = left.shift(); from !== undefined; from = left.shift()) {
      const slice = { job: run.job, from, count: A_SLICE };
      const notReady = await patiently(() => atForge.planRestores(slice), () => {});
      const { done, failed } = run.status.progress;
      run.tell({ progress: { done: Math.min(total, done + A_SLICE), total, failed: failed + notReady } });
    }
  };
  await Promise.all(Array.from({ length: SLICES_AT_ONCE }, work));
  return slices;
}

/** Who approved. Fails with PlanRejected or PlanExpired. */
async function approved(run: Run, plan: RestoreAllSummary): Promise<string> {
  const { restoreId, request: { expiresAfter } } = run.job;
  const expires = new Date(Date.now() + expiresAfter * 1000).toISOString();
  run.tell({ state: 'awaiting approval', expires });
  void tellOfApproval(run.job, plan, expires); // never fails, and no decision waits for it
  const decision = await run.approval.decided(expiresAfter);
  if (decision === null) throw workflowFailure(new PivoError('PlanExpired', `nobody approved the plan of restore ${restoreId} until ${expires}`, { hint: 'Nothing was changed. Start the restore again.' }).report());
  run.tell({ state: decision.approved ? 'reconstructing' : 'rejected' });
  await CancellationScope.nonCancellable(() => auditDecisionOfAll(run.job, plan, decision));
  if (decision.approved) return decision.by;
  throw workflowFailure(new PivoError('PlanRejected', `${decision.by} rejected the plan of restore ${restoreId}${decision.reason === null ? '' : `: ${decision.reason}`}`, { hint: 'Nothing was changed.' }).report());
}

/** Whoever may approve need not look whether something waits. */
async function tellOfApproval({ restoreId, request }: RestoreAllJob, { excerpt, planHash }: RestoreAllSummary, expires: string): Promise<void> {
  const facts = { restore: restoreId, target: excerpt.target, point: request.at, planHash, requestedBy: request.requestedBy, expires };
  await tell({ event: 'restore.approval', key: `restore.approval:${restoreId}`, time: new Date().toISOString(), repository: null, facts });
}

/** False when a new run must go on. */
async function carryOutAll(run: Run, onward: Onward, mostEvents: number): Promise<boolean> {
  const { job, plan } = onward;
  if (job.request.engine === 'spark' && onward.done === 0) {
    run.tell({ state: 'reconstructing' });
    await bySpark.reconstructRestores({ job, planHash: plan.planHash });
  }
  run.tell({ state: 'restoring' });
  const window = { job, planHash: plan.planHash, approvedBy: onward.approvedBy, done: onward.done, failed: onward.failed, running: new Set<string>(), mostEvents, changed: () => {} };
  window.changed = () => {
    Object.assign(onward, { done: window.done, failed: window.failed });
    run.tell({ progress: { done: window.done, total: plan.excerpt.sums.ready, failed: window.failed }, running: [...window.running] });
  };
  return restoreMembers(window);
}

function receiptOf(run: Run, { job, plan, approvedBy, started, begun }: Onward, cancelled: boolean): Promise<RestoreAllReceipt> {
  run.tell({ state: 'reporting' });
  return planning.receiptOfMany({ job, planHash: plan.planHash, approvedBy, started, begun, cancelled });
}

/** What was restored stays, and the receipt says so; neither receipt nor audit may hide the failure itself. */
async function endBadly(run: Run, error: unknown): Promise<void> {
  const report = reportOf(error);
  if (run.onward !== null) {
    const { onward } = run;
    await condition(() => run.status.running.length === 0);
    await receiptOf(run, onward, isCancellation(error)).then((receipt) => run.tell({ receipt }), (failure: unknown) => log.error('the receipt was not written', { report: reportOf(failure) }));
  }
  const outcome = outcomeOf(report.kind);
  run.tell({ state: outcome === 'done' ? 'failed' : outcome });
  await auditRestoreAll(run.job, run.plan, { report });
}
