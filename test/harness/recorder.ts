// What recorders of histories share: runs on workers of their own, and what test/workflows/replay.test.ts reads of them.
import { writeFile } from 'node:fs/promises';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { historyToText } from './history.ts';
import { startWorker, unique, type TestTemporal, type TestWorkerOptions } from './temporal.ts';

const FOLDER = new URL('../workflows/histories/', import.meta.url);

export type Run = WorkflowHandleWithFirstExecutionRunId;

export interface Recording {
  type: string;
  workflowId: string;
  args?: unknown[];
  worker?: Partial<TestWorkerOptions>;
  /** What people do while it runs. */
  during?: (run: Run) => Promise<unknown>;
  /** The file that its history goes to, or, where there are several, what is to be kept. */
  keep: string | ((run: Run) => Promise<unknown>);
}

/** Keeps a history as `{file}.json`; one that is there stays as it is, for it may be of code that is no more. `runId`: missing, the last run. */
export async function saveHistory(temporal: TestTemporal, file: string, workflowId: string, runId?: string): Promise<void> {
  const history = await temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
  await writeFile(new URL(`${file}.json`, FOLDER), historyToText(history, temporal.folder), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** One run, or several that go on from each other; one that fails is kept too. */
export async function recordRun(temporal: TestTemporal, { type, workflowId, args = [], worker: options, during, keep }: Recording): Promise<void> {
  const taskQueue = options?.taskQueue ?? unique('queue');
  const worker = await startWorker(temporal, { ...options, taskQueue });
  const run = await temporal.client.workflow.start(type, { taskQueue, workflowId, args, memo: { requestedBy: 'recorder' } });
  await during?.(run);
  await run.result().catch(() => {});
  await (typeof keep === 'string' ? saveHistory(temporal, keep, workflowId) : keep(run));
  await worker.stop();
}

/** Both runs of a history that was continued as new once. */
export async function saveContinued(temporal: TestTemporal, [first, second]: readonly [string, string], { workflowId, firstExecutionRunId }: Pick<Run, 'workflowId' | 'firstExecutionRunId'>): Promise<void> {
  await saveHistory(temporal, first, workflowId, firstExecutionRunId);
  await saveHistory(temporal, second, workflowId);
}

/** Fails so often, and then never again. */
export function failing(times: number, error: Error): () => void {
  let left = times;
  return () => {
    if (left-- > 0) throw error;
  };
}
