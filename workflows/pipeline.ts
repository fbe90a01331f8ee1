// Workflow `pipeline`: analyse, generate and validate, a person's approval, commit, merge request, and watching the run.
import { CancellationScope, defineQuery, isCancellation, log, patched, setCurrentDetails, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { PivoError } from '../contract/failures.ts';
import { QUERY } from '../contract/names.ts';
import type { JobState, PipelineStatus, WatchedJob, WatchedPipeline } from '../contract/pipeline.ts';
import { PipelineInput, pipelineIdOf, type FailedJob, type PipelineJob, type PipelineOutcome, type PipelinePreview, type PipelineRunStatus, type ProposedPipeline } from '../contract/pipeline-run.ts';
import { takeDecisions, type Approval } from './approval.ts';
import { endingOf, parseWorkflowInput, reportOf, workflowFailure } from './failure.ts';
import { patiently } from './patiently.ts';
import { auditPipeline, auditPipelineDecision } from './pipeline-audit.ts';
import { pipelineDetails } from './pipeline-details.ts';
import { stepsOf } from './pipeline-steps.ts';
import { outcomeOf } from './restore-audit.ts';
import { tell } from './tell.ts';

/** Seconds between two looks at a run: the first, and the longest while nothing changes. */
const [FIRST_LOOK, LONGEST_LOOK] = [1, 60];
/** Seconds within which a run begins; after it none does. */
const BEGINS_WITHIN = 15 * 60;
/** Failed jobs whose logs are read. */
const MOST_LOGS = 5;
/** Seconds that a forge is waited for until it gives them: how the run ended is known without. */
const LOGS_WITHIN = 3600;

const ENDED: readonly JobState[] = ['passed', 'failed', 'cancelled', 'skipped'];

const statusQuery = defineQuery<PipelineRunStatus>(QUERY.status);
const planQuery = defineQuery<PipelinePreview | null>(QUERY.plan);

interface Run {
  job: PipelineJob;
  made: ProposedPipeline | null;
  status: PipelineRunStatus;
  steps: ReturnType<typeof stepsOf>;
  approval: Approval;
  tell(change: Partial<PipelineRunStatus>): void;
}

/**
 * Proposes a pipeline for `input.repository`; when a person has approved its hash, commits the files on a branch, asks for a merge and watches
 * the run. A run that fails on the forge is a result. Fails with the report of the step that failed, with PlanRejected and with PlanExpired.
 */
export async function pipeline(input: unknown): Promise<PipelineOutcome> {
  const run = begin();
  run.job.request = parseWorkflowInput(PipelineInput, input, 'pipeline input');
  run.steps = stepsOf(run.job.request.worker);
  try {
    const outcome = await carryThrough(run);
    run.tell({ state: 'done' });
    await CancellationScope.nonCancellable(() => auditPipeline(run.job, run.made, { outcome }));
    return outcome;
  } catch (error) {
    await CancellationScope.nonCancellable(() => endBadly(run, error));
    throw endingOf(error);
  }
}

/** Handlers are set before anything is awaited. */
function begin(): Run {
  const { workflowId, runId } = workflowInfo();
  const pipelineId = pipelineIdOf({ workflowId, runId });
  const status: PipelineRunStatus = { pipelineId, state: 'planning', planHash: null, plan: null, expires: null, branch: null, commit: null, mergeRequest: null, run: null, waitsUntil: null };
  setHandler(statusQuery, () => status);
  setHandler(planQuery, () => status.plan);
  const approval = takeDecisions(() => ({ ...status, name: `pipeline ${pipelineId}` }), () => status);
  const tell = (change: Partial<PipelineRunStatus>): void => {
    Object.assign(status, change);
    setCurrentDetails(pipelineDetails(status, workflowId));
  };
  tell({});
  return { job: { pipelineId, workflow: { id: workflowId, runId }, request: undefined as never }, made: null, status, steps: undefined as never, approval, tell };
}

async function carryThrough(run: Run): Promise<PipelineOutcome> {
  const { job, steps } = run;
  const made = await forgivingly(run, () => steps.proposePipeline(job));
  run.made = made;
  run.tell({ planHash: made.proposalHash, plan: made.preview });
  const approvedBy = await approved(run, made);
  const place = await forgivingly(run, () => steps.findCommitPlace({ job, approvedBy, hash: made.proposalHash }));
  const { commit } = await forgivingly(run, () => steps.commitPipeline({ job, place, hash: made.proposalHash }));
  run.tell({ branch: place.branch, commit });
  const mergeRequest = await forgivingly(run, () => steps.requestPipelineMerge({ job, place }));
  run.tell({ mergeRequest: mergeRequest.url, state: 'watching' });
  const { seen, ended } = await watched(run, commit);
  const failed = await failedJobs(run, seen);
  await keep(run, { status: 'watched', failed });
  return { pipelineId: job.pipelineId, repository: job.request.repository, system: made.preview.system, proposalHash: made.proposalHash, requestedBy: job.request.requestedBy, approvedBy, branch: place.branch, commit, mergeRequest, run: seen, ended, failed };
}

const forgivingly = <T>({ tell }: Run, step: () => Promise<T>, most?: number): Promise<T> => patiently(step, (waitsUntil) => tell({ waitsUntil }), most);

const keep = (run: Run, change: Parameters<Activities['keepPipeline']>[0]['change']): Promise<void> => forgivingly(run, () => run.steps.keepPipeline({ job: run.job, change }));

/** Who approved. Fails with PlanRejected or PlanExpired. */
async function approved(run: Run, made: ProposedPipeline): Promise<string> {
  const { pipelineId, request } = run.job;
  const expires = new Date(Date.now() + request.expiresAfter * 1000).toISOString();
  run.tell({ state: 'awaiting approval', expires });
  if (patched('tell-approval')) void tellOfApproval(run, made, expires); // never fails, and no decision waits for it
  const decision = await run.approval.decided(request.expiresAfter);
  if (decision === null) throw workflowFailure(new PivoError('PlanExpired', `nobody approved the proposal of pipeline ${pipelineId} until ${expires}`, { hint: 'Nothing was committed. Generate it again.' }).report());
  run.tell({ state: decision.approved ? 'committing' : 'rejected' });
  await CancellationScope.nonCancellable(() => auditPipelineDecision(run.job, made, decision));
  if (decision.approved) return decision.by;
  throw workflowFailure(new PivoError('PlanRejected', `${decision.by} rejected the proposal of pipeline ${pipelineId}${decision.reason === null ? '' : `: ${decision.reason}`}`, { hint: 'Nothing was committed.' }).report());
}

/** Whoever may approve need not look whether something waits. */
async function tellOfApproval({ job: { pipelineId, request } }: Run, { preview: { system }, proposalHash }: ProposedPipeline, expires: string): Promise<void> {
  const facts = { pipeline: pipelineId, system, planHash: proposalHash, requestedBy: request.requestedBy, expires };
  await tell({ event: 'pipeline.approval', key: `pipeline.approval:${pipelineId}`, time: new Date().toISOString(), repository: request.repository, facts }, request.worker);
}

/** The run until it ends; as it was last where it takes longer than it is watched, or where none begins. */
async function watched(run: Run, commit: string): Promise<{ seen: WatchedPipeline | null; ended: boolean }> {
  const began = Date.now();
  const { watchFor } = run.job.request;
  for (let [wait, before] = [FIRST_LOOK, '']; ; ) {
    const seen = await forgivingly(run, () => run.steps.lookAtPipeline({ job: run.job, commit }));
    const state = JSON.stringify(seen?.jobs.map((each) => each.state) ?? null);
    run.tell({ run: seen });
    if (seen !== null && ENDED.includes(seen.state)) return { seen, ended: true };
    if (Date.now() - began >= Math.min(watchFor, seen === null ? BEGINS_WITHIN : watchFor) * 1000) return { seen, ended: false };
    wait = state === before ? Math.min(wait * 2, LONGEST_LOOK) : FIRST_LOOK;
    before = state;
    await sleep(wait * 1000);
  }
}

/** Failed jobs of the run, the first with their logs read into the log index; a log that cannot be read is told. */
async function failedJobs(run: Run, seen: WatchedPipeline | null): Promise<FailedJob[]> {
  const failed: FailedJob[] = [];
  const until = Date.now() + LOGS_WITHIN * 1000;
  for (const each of seen?.jobs.filter(({ state }) => state === 'failed') ?? []) {
    const { id, name, stage } = each;
    failed.push({ id, name, stage, ...(failed.length < MOST_LOGS ? await logOf(run, each, until) : { source: null, note: `only the logs of the first ${MOST_LOGS} are read` }) });
  }
  return failed;
}

async function logOf(run: Run, { id, name }: WatchedJob, until: number): Promise<Pick<FailedJob, 'source' | 'note'>> {
  const most = patched('log-patience') ? (until - Date.now()) / 1000 : undefined;
  try {
    return { ...(await forgivingly(run, () => run.steps.readJobLog({ job: run.job, of: { id, name } }), most)), note: null };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { source: null, note: reportOf(error).message };
  }
}

/** Keeps and records what became of it; neither may hide the failure itself. What was committed stays committed. */
async function endBadly(run: Run, error: unknown): Promise<void> {
  const report = reportOf(error);
  const outcome = outcomeOf(report.kind);
  const { branch, commit, mergeRequest } = run.status;
  run.tell({ state: outcome === 'done' ? 'failed' : outcome });
  const status: PipelineStatus | undefined = outcome === 'rejected' || outcome === 'expired' ? outcome : commit !== null && mergeRequest !== null ? undefined : 'failed';
  if (run.made !== null) await run.steps.keepPipeline({ job: run.job, change: { ...(status === undefined ? {} : { status }), failure: report.message } }).catch((failure: unknown) => log.error('what became of the pipeline was not kept', { report: reportOf(failure) }));
  await auditPipeline(run.job, run.made, { report, left: { branch, commit, mergeRequest } });
}
