// Workflow `drill`: restores repositories to a scratch path, compares them in full, and keeps how long that took.
import { ActivityCancellationType, continueAsNew, defineQuery, isCancellation, log, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { DrillInput, type DrillRecord, type DrillRequest, type DrillSummary } from '../contract/drill.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY } from '../contract/names.ts';
import { endingOf, parseWorkflowInput, reportOf } from './failure.ts';

const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 } as const;

const soon = proxyActivities<Pick<Activities, 'listForDrill' | 'recordFailedDrill'>>({ startToCloseTimeout: '5 minutes', heartbeatTimeout: '30 seconds', retry: RETRY });
const drilling = proxyActivities<Pick<Activities, 'drillRepository'>>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, // its scratch is removed before the run ends
  retry: RETRY,
});

/** Drills of one run; a run over more repositories goes on as a new one. */
const DRILLS_A_RUN = 200;
/** Drills that a result holds. */
const KEPT = 100;

const statusQuery = defineQuery<Progress>(QUERY.status);

/** What a run hands on to the one that goes on. */
interface Onward {
  names: string[];
  summary: DrillSummary;
}

/** A drill that fails is a result, not a failure; only of a repository that is not there is nothing told but that. */
export async function drill(input: unknown, onward?: Onward): Promise<DrillSummary> {
  let progress: Progress = { phase: 'starting' };
  setHandler(statusQuery, () => progress);
  const request = parseWorkflowInput(DrillInput, input ?? {}, 'drill input');
  const summary = onward?.summary ?? { proven: 0, failed: 0, drills: [] };
  try {
    const names = onward?.names ?? (await namesOf(request));
    for (const [i, repository] of names.slice(0, DRILLS_A_RUN).entries()) {
      progress = { phase: `drilling ${repository}`, done: i, total: names.length };
      setCurrentDetails(`drilling ${repository}: ${summary.proven} proven, ${summary.failed} failed, ${names.length - i} to go`);
      add(summary, await drillOne(repository, request));
    }
    if (names.length > DRILLS_A_RUN) await continueAsNew<typeof drill>(input, { names: names.slice(DRILLS_A_RUN), summary });
    setCurrentDetails(`${summary.proven} proven, ${summary.failed} failed`);
    return summary;
  } catch (error) {
    throw endingOf(error);
  }
}

const namesOf = ({ repository }: DrillRequest): Promise<string[]> => (repository === undefined ? soon.listForDrill() : Promise.resolve([repository]));

/** What no attempt could finish is kept as failed. */
async function drillOne(repository: string, request: DrillRequest): Promise<DrillRecord> {
  const { workflowId, runId } = workflowInfo();
  const job = { repository, workflow: { id: workflowId, runId } };
  const started = new Date().toISOString();
  try {
    return await drilling.drillRepository(job);
  } catch (error) {
    const report = reportOf(error);
    if (isCancellation(error) || (report.kind === 'NotFound' && request.repository !== undefined)) throw error;
    log.warn('the drill was not finished', { repository, report });
    return soon.recordFailedDrill({ job, started, report });
  }
}

function add(summary: DrillSummary, drill: DrillRecord): void {
  summary[drill.outcome] += 1;
  const place = drill.outcome === 'failed' ? 0 : summary.drills.length;
  summary.drills.splice(place, 0, drill);
  summary.drills.length = Math.min(summary.drills.length, KEPT);
}
