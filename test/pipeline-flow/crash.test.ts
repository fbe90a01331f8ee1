// A worker that is killed at every step: its successors end with one commit, one merge request and a whole row.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { PipelineOutcome, PipelineRunStatus } from '../../contract/pipeline-run.ts';
import { statePipelines } from '../../state/pipelines.ts';
import type { FakeForge } from '../forges/fake-forge.ts';
import type { GitHttpServer } from '../harness/git-http.ts';
import { startTemporal, type TestTemporal } from '../harness/temporal.ts';
import { hostedRepository, runOf, writeConfig } from './scene.ts';

const WORKER = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));

let temporal: TestTemporal;
let fake: FakeForge;
let http: GitHttpServer;
let home: string;
let origin: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  const hosted = await hostedRepository(temporal.folder);
  ({ fake, http, origin } = hosted);
  home = join(temporal.folder, 'home');
  const [settings] = hosted.settings;
  if (settings !== undefined) await writeConfig(home, settings);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await http.close();
  await fake.close();
  await temporal.stop();
});

/** The worker as `pivo up` starts it, when both its queues are polled. */
async function startWorkerProcess(): Promise<ChildProcess> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PIVO_HOME: home, TEMPORAL_ADDRESS: temporal.server.address, PIVO_LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child;
}

/** Kills the worker when the forge is asked this, and waits for its successor. `done`: the forge did it, and nobody heard. */
async function killedAt(worker: ChildProcess, on: string, done: boolean): Promise<ChildProcess> {
  const killed = once(worker, 'exit');
  fake.fault({ on, act: () => void worker.kill('SIGKILL'), reset: done ? 'after' : 'before' });
  await killed;
  return startWorkerProcess();
}

it('once each way, before and after the forge acted', { timeout: 300_000 }, async () => {
  let worker = await startWorkerProcess();
  const { workflow } = temporal.client;
  await workflow.execute('ingest', { taskQueue: TASK_QUEUE, workflowId: 'ingest:shop', args: [{ url: origin, name: 'shop' }] });
  const handle = await workflow.start('pipeline', { taskQueue: TASK_QUEUE, workflowId: 'pipeline:killed', args: [{ repository: 'shop' }] });
  const status = (): Promise<PipelineRunStatus> => handle.query<PipelineRunStatus>('status');
  await expect.poll(async () => (await status()).state, { timeout: 60_000 }).toBe('awaiting approval');
  worker.kill('SIGKILL');
  worker = await startWorkerProcess();
  await handle.executeUpdate('approve', { args: [{ planHash: (await status()).planHash, approver: 'ada' }] });
  for (const [route, done] of [['GET /projects/{id}', false], ['POST /projects/{id}/repository/commits', true], ['POST /projects/{id}/merge_requests', true], ['GET /projects/{id}/pipelines', false]] as const) worker = await killedAt(worker, route, done);
  await expect.poll(async () => (await status()).state, { timeout: 60_000 }).toBe('watching');
  const { branch } = await status();
  runOf(fake, branch ?? '', { build: 'failed', log: 'ERROR: Job failed: exit code 1\n' });
  worker = await killedAt(worker, 'GET /projects/{id}/jobs/{job_id}/trace', false);

  const outcome = await handle.result() as PipelineOutcome;
  const ours = [...fake.git.commits].filter(([, { message }]) => message.startsWith('Add a pipeline'));
  expect(ours.map(([id]) => id)).toEqual([outcome.commit]);
  expect(fake.requests).toHaveLength(1);
  expect(outcome).toMatchObject({ approvedBy: 'ada', branch, ended: true, run: { state: 'failed' }, failed: [{ name: 'test', note: null }] });
  expect(statePipelines(join(home, 'state.db')).find('killed')).toMatchObject({ status: 'watched', approver: 'ada', commitId: outcome.commit, mergeRequest: outcome.mergeRequest.url });
});
