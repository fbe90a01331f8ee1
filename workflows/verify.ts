// Workflow `verify`: reads the files of an archive, or a part of them, and keeps what is wrong.
import { ActivityCancellationType, defineQuery, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY } from '../contract/names.ts';
import { VerifyInput, type Part, type VerificationRun, type VerificationSummary } from '../contract/verification.ts';
import { endingOf, parseWorkflowInput } from './failure.ts';

const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes', maximumAttempts: 20 } as const;

const soon = proxyActivities<Pick<Activities, 'chooseVerifyPart'>>({ startToCloseTimeout: '30 seconds', heartbeatTimeout: '10 seconds', retry: RETRY });
/** Beats several times a second; an attempt that follows goes on behind the last repository that was finished. */
const reading = proxyActivities<Pick<Activities, 'verifyPart'>>({
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '30 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
});

const statusQuery = defineQuery<Progress>(QUERY.status);

/** Damage is a result, not a failure. Fails with the report of the act that failed. */
export async function verify(input: unknown): Promise<VerificationSummary> {
  let progress: Progress = { phase: 'starting' };
  setHandler(statusQuery, () => progress);
  const { repository = null, part, rotate, engine } = parseWorkflowInput(VerifyInput, input ?? {}, 'verify input');
  const { workflowId, runId, startTime } = workflowInfo();
  try {
    const wanted: Part | null = rotate === undefined ? (part ?? null) : { part: await soon.chooseVerifyPart({ repository, of: rotate }), of: rotate };
    progress = { phase: wanted === null ? 'reading everything' : `reading part ${wanted.part} of ${wanted.of}` };
    setCurrentDetails(progress.phase);
    const run: VerificationRun = { run: runId, workflowId, repository, part: wanted, engine, started: startTime.toISOString() };
    const summary = await reading.verifyPart(run);
    setCurrentDetails(`${progress.phase}: ${summary.files} files of ${summary.repositories} repositories, ${summary.findings} findings${summary.damaged.length === 0 ? '' : ` in ${summary.damaged.join(', ')}`}`);
    return summary;
  } catch (error) {
    throw endingOf(error);
  }
}
