// Workflow `retain`: carries out exactly the retention plan that a person applied, repository by repository, each recorded before anything goes.
import { ActivityCancellationType, CancellationScope, continueAsNew, defineQuery, isCancellation, log, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AuditEvent } from '../contract/events.ts';
import type { FailureReport } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY } from '../contract/names.ts';
import { RetainInput, type Retained, type RetainItem, type RetentionSummary } from '../contract/retention.ts';
import { endingOf, parseWorkflowInput, reportOf } from './failure.ts';
import { recordSurely } from './untold.ts';

const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 } as const;

const acts = proxyActivities<Pick<Activities, 'planRetain' | 'awaitIngestEnd' | 'recordRetention' | 'removeCheckouts'>>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '30 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
});

/** Repositories of one run; a run over more goes on as a new one. */
const REPOSITORIES_A_RUN = 100;
/** Failures that a result names. */
const NAMED = 100;

const statusQuery = defineQuery<Progress>(QUERY.status);

/** What a run hands on to the one that goes on. */
interface Onward {
  items: RetainItem[];
  summary: RetentionSummary;
}

/** Fails with PlanChanged where no plan of now has the hash; a repository that fails is a line of the result. */
export async function retain(input: unknown, onward?: Onward): Promise<RetentionSummary> {
  let progress: Progress = { phase: 'planning' };
  setHandler(statusQuery, () => progress);
  const request = parseWorkflowInput(RetainInput, input, 'retain input');
  const summary = onward?.summary ?? { hash: request.hash, repositories: 0, removed: 0, files: 0, bytes: 0, failed: [], failures: 0 };
  try {
    const { runId, memo } = workflowInfo();
    const by = typeof memo?.['requestedBy'] === 'string' ? memo['requestedBy'] : 'temporal';
    const items = onward?.items ?? (await acts.planRetain(request)).map((item) => ({ ...item, by, runId }));
    for (const [i, item] of items.slice(0, REPOSITORIES_A_RUN).entries()) {
      progress = { phase: `removing checkouts of ${item.repository}`, done: i, total: items.length };
      setCurrentDetails(`${summary.removed} checkouts removed, ${items.length - i} repositories to go`);
      await retainOne(item, summary);
    }
    if (items.length > REPOSITORIES_A_RUN) await continueAsNew<typeof retain>(input, { items: items.slice(REPOSITORIES_A_RUN), summary });
    setCurrentDetails(`${summary.removed} checkouts of ${summary.repositories} repositories removed, ${summary.failures} repositories failed`);
    return summary;
  } catch (error) {
    throw endingOf(error);
  }
}

/** Between the record and the removal nobody may be half-way through a backup that names one of the checkouts: who begins later sees the record. */
async function retainOne(item: RetainItem, summary: RetentionSummary): Promise<void> {
  const { repository } = item;
  try {
    await acts.awaitIngestEnd({ repository });
    const record = await acts.recordRetention(item);
    await acts.awaitIngestEnd({ repository });
    const retained = await acts.removeCheckouts({ repository, record });
    summary.repositories += 1;
    summary.removed += retained.removed;
    summary.files += retained.files;
    summary.bytes += retained.bytes;
    await audit(item, { retained });
  } catch (error) {
    const report = reportOf(error);
    await CancellationScope.nonCancellable(() => audit(item, { report }));
    if (isCancellation(error)) throw error;
    summary.failures += 1;
    if (summary.failed.length < NAMED) summary.failed.push({ repository, kind: report.kind, message: report.message });
  }
}

async function audit({ repository, hash, by, runId }: RetainItem, ending: { retained: Retained } | { report: FailureReport }): Promise<void> {
  const outcome: AuditEvent['outcome'] = 'retained' in ending ? 'done' : ending.report.kind === 'Cancelled' ? 'cancelled' : ending.report.kind === 'PlanChanged' ? 'refused' : 'failed';
  const details = 'retained' in ending ? { plan: hash, ...ending.retained } : { plan: hash, ...ending.report };
  const about: Omit<AuditEvent, 'type'> = { id: `audit:retain:${runId}:${repository}`, time: new Date().toISOString(), action: 'retain', outcome, repository, actor: by, workflow: { id: workflowInfo().workflowId, runId }, details };
  try {
    await recordSurely(repository, about);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the audit record was not written', { record: about, report: reportOf(error) });
  }
}
