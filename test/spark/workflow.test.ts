// The restore workflow with real Spark under it: a killed worker's application is joined, a cancelled run's is ended.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { homeWithBackup } from '../harness/ingest.ts';
import { startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';
import { gate, sparkUnderTest, type Gate, type SparkUnderTest } from './spark.ts';

const WORKER = join(import.meta.dirname, '../../workers/worker.ts');

let temporal: TestTemporal;
let spark: SparkUnderTest;
let home: string;
let origin: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  [temporal, spark] = await Promise.all([startTemporal(), sparkUnderTest()]);
  ({ home, origin } = await homeWithBackup(spark.folder));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.stop();
  await spark.close();
});

/** The worker as `pivo worker` starts it, told by its environment and its config.toml which Spark to use. */
async function startWorkerProcess({ settings: { home: sparkHome = '', master = '', conf, env } }: Gate): Promise<ChildProcess> {
  await writeFile(join(home, 'config.toml'), `[spark.conf]\n${Object.entries(conf).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}\n`).join('')}`);
  const child = spawn(process.execPath, [WORKER], {
    env: { ...env, PIVO_HOME: home, TEMPORAL_ADDRESS: temporal.server.address, PIVO_LOG_LEVEL: 'warn', SPARK_HOME: sparkHome, PIVO_SPARK_MASTER: master },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  await once(child, 'message');
  return child;
}

/** A restore by Spark to a path of its own. */
async function start(): Promise<{ target: string; restoreId: string; handle: Awaited<ReturnType<TestTemporal['client']['workflow']['start']>> }> {
  const restoreId = unique('spark');
  const target = join(spark.folder, `${restoreId}.git`);
  const handle = await temporal.client.workflow.start('restore', { taskQueue: TASK_QUEUE, workflowId: `restore:${restoreId}`, args: [{ repository: 'project', target, refs: 'all', engine: 'spark', approval: 'waived' }] });
  return { target, restoreId, handle };
}

it('a worker that is killed while Spark works: its successor joins the application, and the restore is done once', { timeout: 180_000 }, async () => {
  const events = join(spark.folder, 'events');
  await mkdir(events);
  const waiting = await gate({ ...spark.local, conf: { ...spark.local.conf, 'spark.eventLog.enabled': 'true', 'spark.eventLog.dir': `file://${events}` } }, spark.folder);
  const first = await startWorkerProcess(waiting);
  const { target, handle } = await start();
  await Promise.race([waiting.reached(), handle.result()]);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const second = await startWorkerProcess(waiting);
  await waiting.open();
  expect((await handle.result()) as RestoreReceipt).toMatchObject({ outcome: 'done', engine: 'spark', proof: { refs: 3, packsVerified: 1 } });
  expect(describeDifference(await compareRepositories(origin, target))).toBe('');
  expect(await readdir(events)).toHaveLength(1); // one application
  second.kill('SIGKILL');
  await once(second, 'exit');
});

it('a cancelled workflow has no application any more when it ends', { timeout: 180_000 }, async () => {
  const waiting = await gate(spark.standalone, spark.folder);
  await startWorkerProcess(waiting);
  const { restoreId, handle } = await start();
  await Promise.race([waiting.reached(), handle.result()]);
  expect(await spark.applications()).toHaveLength(1);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  await waiting.open();
  while ((await spark.applications()).length > 0);
  expect(await readdir(join(home, 'archive/restores', restoreId))).not.toContain('reconstruction.json');
});
