// Workflow `ingest`: one backup run of one repository, and the one door through which all ways to start it go.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, ParentClosePolicy, defineQuery, log, patched, setCurrentDetails, setHandler, startChild, workflowInfo } from '@temporalio/workflow';
import { PivoError, type FailureReport } from '../contract/failures.ts';
import { IngestInput, type Claim, type IngestRequest, type IngestResult, type Progress, type VisitOutcome } from '../contract/ingest.ts';
import { QUERY, RepositoryName, WORKFLOW, ingestWorkflowId, nameOfOrigin } from '../contract/names.ts';
import { approvedIngest, type Tell } from './ingest-approval.ts';
import { auditIngest, auditRecord } from './ingest-audit.ts';
import { STARTS_OVER, anywhere, cachedSteps, emitSoonStep, joining } from './ingest-steps.ts';
import { endingOf, mayPass, parseWorkflowInput, reportOf, workerIsGone, workflowFailure } from './failure.ts';
import { emitOnLivingWorker, tellLater } from './untold.ts';

/** How often the sequence may start over on another worker, or after another run's visit. */
const MOST_STARTS = 10;

const statusQuery = defineQuery<Progress>(QUERY.status);

/**
 * Backs up `input.url`. Under the workflow id of its repository it does the work; under any other id it starts
 * that run, or joins the one that runs already. Fails with the report of the step that failed.
 */
export async function ingest(input: unknown): Promise<IngestResult> {
  const tell = tellStatus();
  const asked = parseWorkflowInput(IngestInput, input, 'ingest input');
  const repository = repositoryOf(asked);
  const request = { ...asked, name: repository }; // the acts must not find another name than the one that this run holds
  try {
    if (request.approval === 'required') return await throughOneRun(await approvedIngest(request, repository, tell), repository, tell);
    if (workflowInfo().workflowId !== ingestWorkflowId(repository)) return await throughOneRun(request, repository, tell);
    return await backUp(request, repository, tell);
  } catch (error) {
    const { kind, message } = reportOf(error);
    log.warn(message, { kind });
    throw endingOf(error);
  }
}

function tellStatus(): Tell {
  let progress: Progress = { phase: 'starting' };
  setHandler(statusQuery, () => progress);
  return (phase, details = phase, approval = progress.approval) => {
    progress = { phase, ...(approval === undefined ? {} : { approval }) };
    setCurrentDetails(details);
  };
}

/** The given name, or the one that the URL's path gives. A URL's host never becomes a name: it may hold a user and a password. */
function repositoryOf(request: IngestRequest): string {
  if (request.name !== undefined) return request.name;
  const path = request.url.replace(/^[a-z0-9+.-]+:\/\/[^/]*/i, '');
  const name = RepositoryName.safeParse(nameOfOrigin(isEncoded(request.url) && patched('file-url') ? decoded(path) : path));
  if (name.success) return name.data;
  throw workflowFailure(new PivoError('InvalidInput', 'ingest input: name: the URL gives no usable name', { hint: 'Add "name" to the input (`--name NAME`).' }).report());
}

/** `file:///a%20b` is the path `/a b`, and has its name (git/url.ts). */
const isEncoded = (url: string): boolean => /^file:.*%/is.test(url);

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // the URL is refused
  }
}

/** Starts the run of this repository or joins it. The run outlives this one; only a cancel of its starter is handed on. */
async function throughOneRun(request: IngestRequest, repository: string, tell: Tell): Promise<IngestResult> {
  const workflowId = ingestWorkflowId(repository);
  const { memo } = workflowInfo();
  tell(`through ${workflowId}`);
  try {
    const child = await startChild(WORKFLOW.ingest, {
      workflowId,
      args: [request],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Back up ${repository}`,
      ...(memo === undefined ? {} : { memo }),
    });
    return (await child.result()) as IngestResult;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return joining.joinIngest({ request, workflowId });
}

/** The whole run, and its audit record whatever becomes of it. */
async function backUp(request: IngestRequest, repository: string, tell: Tell): Promise<IngestResult> {
  let committed: Committed | undefined;
  try {
    committed = await archive(request, tell);
    return await CancellationScope.nonCancellable(() => tellOutcome(committed as Committed, tell));
  } catch (error) {
    const report = committed === undefined ? reportOf(error) : afterCommit(reportOf(error), committed.visit);
    await CancellationScope.nonCancellable(() => auditIngest(repository, { report }));
    throw committed === undefined ? error : workflowFailure(report);
  }
}

interface Committed {
  claim: Claim;
  visit: VisitOutcome;
}

/** From the claim to the committed visit; starts over on another worker when the first one is gone. */
async function archive(request: IngestRequest, tell: Tell): Promise<Committed> {
  const { workflowId, runId } = workflowInfo();
  for (let start = 1; ; start++) {
    tell('validating');
    const claim = await anywhere.claimRepository({ request, workflowId, runId });
    try {
      return { claim, visit: await archiveOn(claim, tell) };
    } catch (error) {
      if (!startsOver(error) || start === MOST_STARTS) throw error;
      log.warn('starting over', { start, queue: claim.queue, kind: reportOf(error).kind });
    }
  }
}

const startsOver = (error: unknown): boolean => workerIsGone(error) || STARTS_OVER.includes(reportOf(error).kind);

async function archiveOn({ job, queue }: Claim, tell: Tell): Promise<VisitOutcome> {
  const { fetchOrigin, putPacks, putLfs, putCheckout, putVisit } = cachedSteps(queue, job.limits);
  const withLfs = job.lfs === 'auto' && patched('git-lfs');
  tell('fetching');
  const { unchanged, lfs } = await fetchOrigin(job);
  if (!unchanged) {
    tell('storing packs');
    await putPacks(job);
  }
  if (withLfs && (!unchanged || lfs === true)) {
    tell('storing objects of Git LFS');
    await putLfs(job);
  }
  if (!unchanged) {
    tell('laying out the checkout');
    await putCheckout(job);
  }
  tell('writing the visit');
  return putVisit(job);
}

/** Emits the committed visit and records the outcome; what the event log cannot take now is told later, by a run of its own. */
async function tellOutcome({ claim: { job, queue }, visit }: Committed, tell: Tell): Promise<IngestResult> {
  const { repository } = job;
  const untold = { job, queue, visit: visit.visit };
  tell('emitting events');
  try {
    const result = { ...visit, events: await emitOnLivingWorker(untold, (on) => emitSoonStep(on, job.limits)) };
    await auditIngest(repository, { result });
    tell('done');
    return result;
  } catch (error) {
    if (!mayPass(error)) throw error;
    const result: IngestResult = { ...visit, events: 0, eventsPending: true };
    log.warn('the event log is down: the events are told later', { visit: visit.visit, report: reportOf(error) });
    await tellLater({ repository, visit: untold, record: auditRecord(repository, { result }) });
    tell('done, except for its events');
    return result;
  }
}

/** The visit stands whatever happens to its events, and the failure says so. */
function afterCommit(report: FailureReport, { visit, repository }: VisitOutcome): FailureReport {
  return { ...report, message: `visit ${visit} of ${repository} is archived, but its events are not out: ${report.message}`, hint: '`pivo reindex` rebuilds the index from the archive.', facts: { ...report.facts, visit } };
}
