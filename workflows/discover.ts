// Workflow `discover`: asks a source page by page what it holds, waits where the forge asks for it, and keeps what changed.
import { ActivityCancellationType, defineQuery, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY, workerQueue } from '../contract/names.ts';
import { DiscoverInput, type Discovery, type ListingCursor } from '../contract/source.ts';
import { endingOf, parseWorkflowInput, workflowFailure } from './failure.ts';
import { patiently } from './patiently.ts';

/** Pages of one listing. */
const MOST_PAGES = 2_000;

type Steps = Pick<Activities, 'beginDiscovery' | 'discoverPage' | 'missingInDiscovery' | 'endDiscovery'>;

const statusQuery = defineQuery<Progress>(QUERY.status);

interface Run {
  request: { source: string; discovery: string };
  steps: Steps;
  tell(progress: Progress): void;
}

/**
 * What the source holds now. Nothing of it is changed before everything was listed: who fails in between leaves all as it was. What would vanish is looked for
 * twice, since a page may move while the one before it is read. Fails with the report of the step that failed.
 */
export async function discover(input: unknown): Promise<Discovery> {
  let progress: Progress = { phase: 'starting' };
  setHandler(statusQuery, () => progress);
  const { source, dryRun, acceptVanished, worker } = parseWorkflowInput(DiscoverInput, input, 'discover input');
  const tell = (now: Progress): void => {
    progress = now;
    setCurrentDetails(`${source}: ${now.phase}`);
  };
  try {
    const request = { source, discovery: workflowInfo().runId };
    const run: Run = { request, steps: stepsOf(worker), tell };
    await forgivingly(run, () => run.steps.beginDiscovery(request));
    await listAll(run);
    if ((await forgivingly(run, () => run.steps.missingInDiscovery(request))) > 0) await listAll(run);
    tell({ phase: 'deciding' });
    const discovery = await forgivingly(run, () => run.steps.endDiscovery({ ...request, dryRun, acceptVanished }));
    setCurrentDetails(`${source}: ${discovery.present} repositories, ${discovery.new} new, ${discovery.renamed} renamed, ${discovery.vanished} vanished`);
    return { ...discovery, ...(dryRun && { dryRun }) };
  } catch (error) {
    throw endingOf(error);
  }
}

/** On the queue of the worker whose home knows the source. A forge that cannot be had now is the workflow's to wait for. */
const stepsOf = (worker: string | undefined): Steps =>
  proxyActivities<Steps>({
    ...(worker === undefined ? {} : { taskQueue: workerQueue(worker) }),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '10 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6, nonRetryableErrorTypes: ['Unavailable'] },
  });

const forgivingly = <T>({ tell }: Run, step: () => Promise<T>): Promise<T> => patiently(step, (until) => tell({ phase: until === null ? 'asking again' : `waiting until ${until}, as the forge asks` }));

async function listAll(run: Run): Promise<void> {
  const { request, steps, tell } = run;
  let cursor: ListingCursor = null;
  for (let [page, listed] = [1, 0]; ; page++) {
    const at: ListingCursor = cursor;
    const found: Awaited<ReturnType<Steps['discoverPage']>> = await forgivingly(run, () => steps.discoverPage({ ...request, cursor: at }));
    listed += found.listed;
    tell({ phase: `${listed} repositories listed`, done: listed });
    cursor = found.cursor;
    if (cursor === null) return;
    if (page === MOST_PAGES) throw workflowFailure(new PivoError('LimitExceeded', `source "${request.source}" has more than ${MOST_PAGES} pages of repositories`, { hint: 'Make several sources of it, such as one for each subgroup.' }).report());
  }
}
