// The Temporal worker of one home: workflows and common acts on the shared queue, cached acts on a queue of its own.
import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../activities/index.ts';
import { PivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import { TASK_QUEUE, workerQueue } from '../contract/names.ts';
import { dataConverter } from '../stack/temporal-data.ts';
import { temporalConnectionOptions, type TemporalAddress } from '../stack/temporal-profile.ts';
import { workflowBundle } from './bundle.ts';
import { failPredecessorsAttempts } from '../stack/predecessor.ts';
import { sdkLogger } from '../stack/temporal-runtime.ts';

export interface WorkerSettings {
  temporal: TemporalAddress;
  /** The activities over this worker's ports: `createActivities(deps)`. */
  activities: Activities;
  /** The same after a restart: its queue's name and its identity at the server. */
  workerId: string;
  /** Where prebuilt workflow bundles are kept, first choice first. */
  bundleFolders: readonly string[];
  log: Log;
  /** The shared queue. Default: TASK_QUEUE. */
  taskQueue?: string;
}

export interface WorkerRun {
  /** Ends the worker when it aborts: running acts are cancelled and retried by the next worker. */
  signal: AbortSignal;
  /** Called when both queues are polled. */
  onReady(): void;
}

/** Settings for a small machine; a crash is noticed in a second. */
const TUNED = {
  stickyQueueScheduleToStartTimeout: '1 second',
  maxHeartbeatThrottleInterval: '500 milliseconds',
  defaultHeartbeatThrottleInterval: '500 milliseconds',
  maxCachedWorkflows: 100,
  workflowThreadPoolSize: 1,
  maxConcurrentWorkflowTaskExecutions: 20,
  maxConcurrentWorkflowTaskPolls: 4,
  /** An act that waits for its turn holds a place here: more places than turns, so that no task waits on the server. */
  maxConcurrentActivityTaskExecutions: 200,
  maxConcurrentActivityTaskPolls: 4,
  shutdownForceTime: '15 seconds',
} satisfies Partial<WorkerOptions>;

/** Who a worker is at the server; the same for its successor. */
export const workerIdentity = (workerId: string): string => `pivo-worker@${workerId}`;

/**
 * Runs until the signal aborts, then ends its acts and returns. Fails with Unavailable when Temporal does not answer
 * at the start, with CredentialMissing or InvalidInput when the key of its payloads cannot be had; later it waits for it.
 */
export async function runWorker(settings: WorkerSettings, run: WorkerRun): Promise<void> {
  const data = dataConverter(settings.temporal.codec);
  const connection = await connect(settings.temporal);
  try {
    const [codePath] = await Promise.all([workflowBundle(settings.bundleFolders, sdkLogger(settings.log), data.failureConverterPath), endPredecessor(connection, data, settings)]);
    const workers = await createWorkers(connection, codePath, data, settings);
    await runTogether(workers, run);
  } finally {
    await connection.close();
  }
}

async function connect(temporal: TemporalAddress): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(temporalConnectionOptions(temporal));
  } catch (error) {
    if (error instanceof PivoError) throw error;
    throw new PivoError('Unavailable', `Temporal at ${temporal.address} does not answer: ${(error as Error).message}`, { hint: 'Start it with `pivo up`, or correct TEMPORAL_ADDRESS.', cause: error });
  }
}

/** A help, not a condition: without it heartbeat timeouts do the same, later. */
async function endPredecessor(connection: NativeConnection, dataConverter: DataConverter, { temporal, workerId, log }: WorkerSettings): Promise<void> {
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter });
  try {
    await failPredecessorsAttempts(client, workerIdentity(workerId), log);
  } catch (error) {
    log.warn({ error }, 'could not look for attempts of the worker before this one');
  }
}

async function createWorkers(connection: NativeConnection, codePath: string, dataConverter: DataConverter, { temporal, activities, workerId, taskQueue = TASK_QUEUE }: WorkerSettings): Promise<Worker[]> {
  const common: Omit<WorkerOptions, 'taskQueue'> = { ...TUNED, connection, namespace: temporal.namespace, identity: workerIdentity(workerId), activities, dataConverter };
  return Promise.all([
    Worker.create({ ...common, taskQueue, workflowBundle: { codePath } }),
    Worker.create({ ...common, taskQueue: workerQueue(workerId) }),
  ]);
}

/** When one ends, both end. */
async function runTogether(workers: Worker[], { signal, onReady }: WorkerRun): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const running = workers.map((worker) => worker.runUntil(stopped).catch((error: unknown) => {
    failed.abort();
    throw error;
  }));
  onReady();
  const ends = await Promise.allSettled(running);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
