// Workflow `repair`: replaces damaged packs of a repository by new ones, tells the event log of the repair visit, and records the outcome.
import { ActivityCancellationType, CancellationScope, defineQuery, isCancellation, log, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AuditEvent } from '../contract/events.ts';
import { PivoError, type FailureReport } from '../contract/failures.ts';
import { IngestLimits, type IngestJob, type Progress } from '../contract/ingest.ts';
import { QUERY, WORKFLOW } from '../contract/names.ts';
import { RepairInput, type RepairRequest, type RepairResult } from '../contract/repair.ts';
import { endingOf, mayPass, parseWorkflowInput, reportOf, workflowFailure } from './failure.ts';
import { anywhere, emitSoonStep } from './ingest-steps.ts';
import { emitOnLivingWorker, recordSurely, tellLater, type UntoldVisit } from './untold.ts';

const repairing = proxyActivities<Pick<Activities, 'repairRepository'>>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 },
});

const statusQuery = defineQuery<Progress>(QUERY.status);

/** Fails with Damaged, which names the objects, when nothing could be repaired; then nothing was written. */
export async function repair(input: unknown): Promise<RepairResult> {
  let progress: Progress = { phase: 'repairing' };
  setHandler(statusQuery, () => progress);
  const request = parseWorkflowInput(RepairInput, input, 'repair input');
  const { workflowId, runId } = workflowInfo();
  try {
    const result = await repairing.repairRepository({ request, workflow: { id: workflowId, runId } });
    progress = { phase: 'telling' };
    setCurrentDetails(`${result.repaired.length} packs repaired, ${result.lost.length} lost`);
    await CancellationScope.nonCancellable(() => tell(request, result));
    if (result.visit === null && result.lost.length > 0) throw workflowFailure(nothingRepaired(result));
    return result;
  } catch (error) {
    const report = reportOf(error);
    if (report.kind !== 'Damaged') await CancellationScope.nonCancellable(() => record(request, { report }));
    throw endingOf(error);
  }
}

async function tell(request: RepairRequest, result: RepairResult): Promise<void> {
  if (result.visit !== null) await emit(request, result.visit);
  const report = result.visit === null && result.lost.length > 0 ? nothingRepaired(result) : null;
  await record(request, report === null ? { result } : { report });
}

/** The index hears of the visit now, or from a run of its own when the event log is back. */
async function emit({ repository }: RepairRequest, visit: number): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const limits = IngestLimits.parse({});
  const job: IngestJob = { repository, origin: '', credential: null, checkout: 'none', limits, workflowId, runId };
  const untold: UntoldVisit = { job, queue: await anywhere.nameWorkerQueue(), visit };
  try {
    await emitOnLivingWorker(untold, (queue) => emitSoonStep(queue, limits));
  } catch (error) {
    if (!mayPass(error)) throw error;
    await tellLater({ repository, visit: untold, record: null });
  }
}

async function record({ repository }: RepairRequest, ending: { result: RepairResult } | { report: FailureReport }): Promise<void> {
  const { workflowId, runId, memo } = workflowInfo();
  const outcome: AuditEvent['outcome'] = 'result' in ending ? 'done' : ending.report.kind === 'Cancelled' ? 'cancelled' : 'failed';
  const actor = typeof memo?.['requestedBy'] === 'string' ? memo['requestedBy'] : 'temporal';
  const details = 'result' in ending ? { ...ending.result } : { ...ending.report };
  const about: Omit<AuditEvent, 'type'> = { id: `audit:${WORKFLOW.repair}:${runId}`, time: new Date().toISOString(), action: 'repair', outcome, repository, actor, workflow: { id: workflowId, runId }, details };
  try {
    await recordSurely(repository, about);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record: about, report: reportOf(error) });
  }
}

function nothingRepaired({ repository, lost }: RepairResult): FailureReport {
  const [first] = lost;
  const others = (first?.missing ?? 0) > 5 ? ` and ${(first?.missing ?? 0) - 5} more` : '';
  return new PivoError('Damaged', `${repository} could not be repaired: ${first?.missing ?? 0} objects of ${first?.pack ?? ''} are nowhere to be found: ${first?.objects.slice(0, 5).join(', ') ?? ''}${others}`, {
    hint: `Nothing was changed. Bring the file back from a copy of the archive, or make the origin reachable again and run \`pivo repair ${repository}\`.`,
    facts: { lost },
  }).report();
}
