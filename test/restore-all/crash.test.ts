// A worker that is killed in the middle of a restore of many: started again, everything is back, and what was pushed is not pushed twice.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { RestoreAllReceipt } from '../../contract/restore-all.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { appears } from '../harness/appears.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest } from '../harness/ingest.ts';
import { startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';
import { backUpMany, numbered, statusOf } from './many.ts';

const WORKER = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));
const NAMES = numbered(8);
/** Its target thinks until it is told to go on. */
const SLOW = 'acme.r04';

let temporal: TestTemporal;
let home: string;
let origins: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  home = join(temporal.folder, 'home');
  origins = join(temporal.folder, 'origins');
  const pivo = await openIngest(home);
  await backUpMany(pivo, origins, NAMES);
  await pivo.close();
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

it('while one push is under way and others are done', { timeout: 120_000 }, async () => {
  const target = join(temporal.folder, 'restored');
  const gate = join(temporal.folder, 'gate');
  const pushes = join(temporal.folder, 'pushes');
  await mkdir(gate);
  await writeFile(pushes, '');
  for (const name of NAMES) {
    const hooks = join(target, `${name}.git/hooks`);
    await initBare(join(target, `${name}.git`));
    await mkdir(hooks, { recursive: true });
    if (name === SLOW) await writeFile(join(hooks, 'pre-receive'), `#!/bin/sh\ntouch '${gate}/began'\nwhile ! test -e '${gate}/open'; do sleep 0.05; done\n`, { mode: 0o755 });
    await writeFile(join(hooks, 'post-receive'), `#!/bin/sh\necho ${name} >> '${pushes}'\n`, { mode: 0o755 });
  }
  const first = await startWorkerProcess();
  const handle = await temporal.client.workflow.start('restoreAll', { taskQueue: TASK_QUEUE, workflowId: `restore-all:${unique('killed')}`, args: [{ target, approval: 'waived', atOnce: 2 }] });
  await appears(gate, 'began');
  await expect.poll(async () => (await statusOf(handle)).progress.done, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const before = (await readFile(pushes, 'utf8')).split('\n').filter((name) => name !== '');
  expect(before).not.toContain(SLOW);
  await startWorkerProcess();
  await writeFile(join(gate, 'open'), '');
  const receipt = (await handle.result()) as RestoreAllReceipt;
  expect(receipt).toMatchObject({ outcome: 'done', counts: { repositories: 8, restored: 8, failed: 0 } });
  const pushed = (await readFile(pushes, 'utf8')).split('\n').filter((name) => name !== '');
  for (const name of before) expect(pushed.filter((each) => each === name)).toHaveLength(1);
  for (const name of NAMES) expect(describeDifference(await compareRepositories(join(origins, `${name}.git`), join(target, `${name}.git`)))).toBe('');
});
