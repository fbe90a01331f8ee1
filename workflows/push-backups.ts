// Workflow `pushBackups`: starts the backups that pushes ask for, a few at once, and none of a repository twice at a time.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowCancellationType, ParentClosePolicy, condition, continueAsNew, defineQuery, defineSignal, isCancellation, log, proxyActivities, setCurrentDetails, setHandler, startChild, workflowInfo, type ChildWorkflowHandle } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { IngestInput, type IngestRequest, type IngestResult } from '../contract/ingest.ts';
import { QUERY, WORKFLOW, ingestWorkflowId } from '../contract/names.ts';
import { PUSHES_SIGNAL, PushSettings, PushesSignal, type PushesView } from '../contract/push.ts';
import { reportOf } from './failure.ts';
import { joining } from './ingest-steps.ts';
import { again, began, begin, emptyQueue, failed, joins, nextOf, succeeded, takePushes, viewOf, waitOf, type PushItem, type PushQueue } from './push-queue.ts';

/** Events after which a history is continued as new, so that replays stay short. */
const MOST_EVENTS = 4_000;
/** Ends when nothing was to do for so long; the next push starts it again. */
const IDLE = '1 hour';

const pushesSignal = defineSignal<[PushesSignal]>(PUSHES_SIGNAL);
const statusQuery = defineQuery<PushesView, [number?]>(QUERY.status);

const choosing = proxyActivities<Pick<Activities, 'chooseRepository'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 10 },
});

export interface PushBackupsInput {
  /** What the run before handed on. */
  queue?: PushQueue;
  mostEvents?: number;
}

/** What is known in this run only. */
interface Run {
  queue: PushQueue;
  /** Counts what happened, to wake who waits. */
  happened: number;
}

/** Runs until nothing was to do for an hour. A cancel ends it and what waits; backups that run go on by themselves, and are whole. */
export async function pushBackups({ queue = emptyQueue(PushSettings.parse({})), mostEvents = MOST_EVENTS }: PushBackupsInput): Promise<PushesView> {
  const run: Run = { queue, happened: 0 };
  setHandler(statusQuery, (limit = 100) => viewOf(run.queue, limit));
  setHandler(pushesSignal, (signal) => {
    const read = PushesSignal.safeParse(signal);
    if (!read.success) return log.error('a signal tells of no pushes', { issues: read.error.issues.length });
    takePushes(run.queue, read.data, Date.now());
    run.happened++;
  });
  try {
    for (const item of queue.items.filter(({ state }) => state === 'running' || state === 'joining')) void goOn(run, item);
    while (await work(run, mostEvents)) setCurrentDetails(detailsOf(run.queue));
  } catch (error) {
    if (isCancellation(error)) log.warn('ended with pushes that wait', { waiting: run.queue.items.map(({ url }) => url) });
    throw error;
  }
  if (run.queue.items.length === 0 && !isLong(mostEvents)) return viewOf(run.queue, 100);
  return continueAsNew<typeof pushBackups>({ queue: run.queue, ...(mostEvents === MOST_EVENTS ? {} : { mostEvents }) });
}

const isLong = (mostEvents: number): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= mostEvents;

/** Starts what is due and waits for something to happen. False when the run ends or is continued as new. */
async function work(run: Run, mostEvents: number): Promise<boolean> {
  if (isLong(mostEvents)) return false;
  for (let item = nextOf(run.queue, Date.now()); item !== null; item = nextOf(run.queue, Date.now())) {
    begin(run.queue, item);
    void backUp(run, item);
  }
  const seen = run.happened;
  const wait = waitOf(run.queue, Date.now());
  if (wait === null && run.queue.items.length === 0) return condition(() => run.happened !== seen, IDLE);
  if (wait === null) await condition(() => run.happened !== seen);
  else await condition(() => run.happened !== seen, wait);
  return true;
}

const detailsOf = (queue: PushQueue): string => {
  const { waiting, running, failed: ended } = viewOf(queue, 0);
  return `${waiting} wait, ${running} run, ${ended} failed`;
};

/** One backup, under the one id that its repository's backups have; where another goes on under it, that is waited for first. Never fails. */
async function backUp(run: Run, item: PushItem): Promise<void> {
  try {
    const repository = item.repository ?? (await choosing.chooseRepository({ url: item.url }));
    const request = requestOf(item, repository);
    const child = await startUnlessRunning(repository, request);
    if (child === null) return await waitForOther(run, item.key, repository, request);
    began(run.queue, item.key, repository, Date.now());
    succeeded(run.queue, item.key, await child.result(), Date.now());
  } catch (error) {
    tellFailure(run, item, error);
  } finally {
    run.happened++;
  }
}

const requestOf = ({ url, credential }: PushItem, name: string): IngestRequest => IngestInput.parse({ url, name, ...(credential === null ? {} : { credential }) });

/** Null when a backup of the repository runs already. */
async function startUnlessRunning(repository: string, request: IngestRequest): Promise<ChildWorkflowHandle<(request: IngestRequest) => Promise<IngestResult>> | null> {
  try {
    return await startChild<(request: IngestRequest) => Promise<IngestResult>>(WORKFLOW.ingest, {
      workflowId: ingestWorkflowId(repository),
      args: [request],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      memo: { requestedBy: 'push' },
      staticSummary: `Back up ${repository}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** How long a wait that ended badly keeps from trying again, in milliseconds. */
const AFTER_BAD_WAIT = 15_000;

/** The other run may have looked before the push: when it has ended, however it ended, it is this one's turn again. */
async function waitForOther(run: Run, key: string, repository: string, request: IngestRequest): Promise<void> {
  joins(run.queue, key);
  run.happened++;
  const whole = await joining.joinIngest({ request, workflowId: ingestWorkflowId(repository) }).then(() => true, () => false);
  again(run.queue, key, Date.now() + (whole ? 0 : AFTER_BAD_WAIT));
}

/** Takes up what the run before this one had begun. */
async function goOn(run: Run, item: PushItem): Promise<void> {
  const { key, chosen } = item;
  if (item.state !== 'running' || chosen === null) return backUp(run, item);
  try {
    succeeded(run.queue, key, await joining.joinIngest({ request: requestOf(item, chosen), workflowId: ingestWorkflowId(chosen) }), Date.now());
  } catch (error) {
    tellFailure(run, item, error);
  } finally {
    run.happened++;
  }
}

function tellFailure(run: Run, { key, url }: PushItem, error: unknown): void {
  const { facts: _, ...report } = reportOf(error);
  log.warn('a backup that a push asked for failed', { origin: url, kind: report.kind });
  failed(run.queue, key, report, Date.now());
}
