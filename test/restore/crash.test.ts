// A worker that is killed during the push: started again, the restore is done, and done once.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { gitText } from '../../git/process.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { appears } from '../harness/appears.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { homeWithBackup } from '../harness/ingest.ts';
import { startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';

const WORKER = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));

let temporal: TestTemporal;
let home: string;
let origin: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  ({ home, origin } = await homeWithBackup(temporal.folder));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.stop();
});

/** The worker as `pivo up` starts it, when both its queues are polled. */
async function startWorkerProcess(): Promise<ChildProcess> {
  const env = { PATH: process.env['PATH'], PIVO_HOME: home, TEMPORAL_ADDRESS: temporal.server.address, PIVO_LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child;
}

const restoreTo = (target: string): ReturnType<TestTemporal['client']['workflow']['start']> =>
  temporal.client.workflow.start('restore', { taskQueue: TASK_QUEUE, workflowId: `restore:${unique('killed')}`, args: [{ repository: 'project', target, approval: 'waived' }] });

it('while a hook of the target thinks: the push of the dead worker and that of its successor end in one state', { timeout: 90_000 }, async () => {
  const gate = join(temporal.folder, 'gate');
  const target = join(temporal.folder, 'target.git');
  await mkdir(gate);
  await initBare(target);
  await mkdir(join(target, 'hooks'), { recursive: true });
  await writeFile(join(target, 'hooks/pre-receive'), `#!/bin/sh\ntouch '${gate}'/began\nwhile ! test -e '${gate}/open'; do sleep 0.05; done\n`);
  await chmod(join(target, 'hooks/pre-receive'), 0o755);

  const first = await startWorkerProcess();
  const handle = await restoreTo(target);
  await appears(gate, 'began');
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(await gitText(['for-each-ref'], { gitDir: target })).toBe('');
  await startWorkerProcess();
  await writeFile(join(gate, 'open'), '');
  const receipt = (await handle.result()) as RestoreReceipt;
  expect(receipt).toMatchObject({ outcome: 'done', proof: { planned: receipt.proof.observed, refs: 3 } });
  expect(describeDifference(await compareRepositories(origin, target))).toBe('');
});
