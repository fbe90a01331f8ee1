// Health of one PIVO process in a container: exit code 0 when the part that is named does its work.
import { request } from 'node:http';
import { loadConfig, type Config } from '../config.ts';
import { workerQueue } from '../contract/names.ts';
import { temporalConnectionOptions } from '../stack/temporal-profile.ts';

const ANSWERS_WITHIN = 5_000;
/** A worker's long poll lasts a minute; one that was seen less than two ago is there. */
const SEEN_WITHIN = 120_000;

const CHECKS: Record<string, (config: Config) => Promise<boolean>> = {
  metadata: ({ paths }) => answers(paths.metadataSocket, '/health'),
  server: ({ paths }) => answers(paths.serverSocket, '/healthz'),
  worker: polls,
};

function answers(socketPath: string, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path, signal: AbortSignal.timeout(ANSWERS_WITHIN) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

/** True when Temporal was asked for work on the queue that is this home's worker's alone. */
async function polls({ temporal: { address = '', namespace }, workerId }: Config): Promise<boolean> {
  const { Connection } = await import('@temporalio/client');
  const connection = Connection.lazy(temporalConnectionOptions({ address }));
  try {
    const queue = { namespace, taskQueue: { name: workerQueue(workerId) }, taskQueueType: ACTIVITY_QUEUE };
    const { pollers } = await connection.withDeadline(Date.now() + ANSWERS_WITHIN, () => connection.workflowService.describeTaskQueue(queue));
    return (pollers ?? []).some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < SEEN_WITHIN);
  } finally {
    await connection.close();
  }
}

/** `TASK_QUEUE_TYPE_ACTIVITY` of temporal.api.enums.v1. */
const ACTIVITY_QUEUE = 2;

const check = CHECKS[process.argv[2] ?? ''];
const healthy = check !== undefined && (await check(loadConfig()).catch(() => false));
process.exit(healthy ? 0 : 1);
