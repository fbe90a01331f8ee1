// Workflow `forgeData`: exports what changed of a repository's forge into the archive, tells the event log, and records the outcome.
import { CancellationScope, defineQuery, isCancellation, log, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { AuditEvent } from '../contract/events.ts';
import type { FailureReport } from '../contract/failures.ts';
import { ForgeDataInput, type ForgeDataJob, type ForgeDataRequest, type ForgeDataResult, type ForgeDataStatus } from '../contract/forge-data.ts';
import { QUERY } from '../contract/names.ts';
import { endingOf, parseWorkflowInput, reportOf, workerIsGone } from './failure.ts';
import { emitForgeStep, forgeDataSteps } from './forge-data-steps.ts';
import { anywhere } from './ingest-steps.ts';
import { patiently } from './patiently.ts';
import { recordSurely } from './untold.ts';

/** How often a run begins anew because its worker is gone, or another run was faster. */
const MOST_STARTS = 5;
const STARTS_OVER = ['WorkerLost', 'VisitConflict'];

const statusQuery = defineQuery<ForgeDataStatus>(QUERY.status);

type Tell = (change: Partial<ForgeDataStatus>) => void;

/** Issues, merge requests, releases and so on of `input.repository`, as far as they are new or changed. Fails with the report of the step that failed. */
export async function forgeData(input: unknown): Promise<ForgeDataResult> {
  const status: ForgeDataStatus = { repository: '', state: 'looking', kind: null, records: {}, waitsUntil: null };
  setHandler(statusQuery, () => status);
  const tell: Tell = (change) => {
    Object.assign(status, change);
    setCurrentDetails(detailsOf(status));
  };
  const request = parseWorkflowInput(ForgeDataInput, input, 'forge data input');
  tell({ repository: request.repository });
  try {
    const result = await exported(request, tell);
    await CancellationScope.nonCancellable(() => record(request, { result }));
    tell({ state: 'done', kind: null });
    return result;
  } catch (error) {
    const report = reportOf(error);
    tell({ state: report.kind === 'Cancelled' ? 'cancelled' : 'failed', kind: null });
    await CancellationScope.nonCancellable(() => record(request, { report }));
    throw endingOf(error);
  }
}

async function exported(request: ForgeDataRequest, tell: Tell): Promise<ForgeDataResult> {
  for (let start = 1; ; start++) {
    const queue = await anywhere.nameWorkerQueue();
    try {
      const result = await exportOn(queue, request, tell);
      if (!result.unchanged) await tellLog(queue, result, tell);
      return result;
    } catch (error) {
      if (!(workerIsGone(error) || STARTS_OVER.includes(reportOf(error).kind)) || start === MOST_STARTS) throw error;
      log.warn('starting over', { start, queue, kind: reportOf(error).kind });
    }
  }
}

async function exportOn(queue: string, request: ForgeDataRequest, tell: Tell): Promise<ForgeDataResult> {
  const { workflowId, runId } = workflowInfo();
  const steps = forgeDataSteps(queue);
  const forgivingly = <T>(step: () => Promise<T>): Promise<T> => patiently(step, (waitsUntil) => tell({ waitsUntil }));
  tell({ state: 'looking', kind: null, records: {} });
  const job: ForgeDataJob = await forgivingly(() => steps.beginForgeData({ request, workflow: { id: workflowId, runId } }));
  const records: ForgeDataStatus['records'] = {};
  for (const step of job.steps) {
    tell({ state: 'asking', kind: step.name });
    records[step.name] = (await forgivingly(() => steps.fetchForgeStep({ job, step }))).records;
    tell({ records });
  }
  tell({ kind: 'release-assets' });
  await forgivingly(() => steps.fetchForgeAssets({ job }));
  tell({ state: 'storing', kind: null });
  return steps.putForgeExport({ job });
}

/** On any worker that lives: the archive has it all. */
async function tellLog(queue: string, { repository, export: upTo }: ForgeDataResult, tell: Tell): Promise<void> {
  tell({ state: 'telling' });
  for (let on = queue; ; on = await anywhere.nameWorkerQueue()) {
    try {
      await emitForgeStep(on).emitForgeExports({ repository, upTo });
      return;
    } catch (error) {
      if (!workerIsGone(error) && reportOf(error).kind !== 'WorkerLost') throw error;
    }
  }
}

async function record({ repository, url }: ForgeDataRequest, ending: { result: ForgeDataResult } | { report: FailureReport }): Promise<void> {
  const { workflowId, runId, memo } = workflowInfo();
  const outcome: AuditEvent['outcome'] = 'result' in ending ? 'done' : ending.report.kind === 'Cancelled' ? 'cancelled' : 'failed';
  const actor = typeof memo?.['requestedBy'] === 'string' ? memo['requestedBy'] : 'temporal';
  const details = { ...(url === undefined ? {} : { url }), ...('result' in ending ? ending.result : ending.report) };
  const about: Omit<AuditEvent, 'type'> = { id: `audit:forge-data:${runId}`, time: new Date().toISOString(), action: 'forge-data', outcome, repository, actor, workflow: { id: workflowId, runId }, details };
  try {
    await recordSurely(repository, about);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record: about, report: reportOf(error) });
  }
}

/** Markdown for the server's own page. */
function detailsOf({ repository, state, kind, records, waitsUntil }: ForgeDataStatus): string {
  const lines = [`**${state}** ${repository}${kind === null ? '' : `: ${kind}`}`, ...Object.entries(records).map(([name, count]) => `- ${name}: ${count}`)];
  return [...lines, ...(waitsUntil === null ? [] : [`the forge asked to wait until ${waitsUntil}`])].join('\n');
}
