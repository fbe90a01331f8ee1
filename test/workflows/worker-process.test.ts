// The worker as a process: it says when it is ready, and never outlives who started it.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';

const ENTRY = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));
const children: ChildProcess[] = [];
let temporal: TestTemporal;

beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.stop();
});

function spawnWorker(address: string): { child: ChildProcess; said(): string } {
  const child = fork(ENTRY, { env: { PATH: process.env['PATH'], PIVO_HOME: join(temporal.folder, unique('home')), TEMPORAL_ADDRESS: address }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return { child, said: () => text };
}

async function readyWorker(): Promise<ChildProcess> {
  const { child } = spawnWorker(temporal.server.address);
  expect((await once(child, 'message'))[0]).toEqual({ type: 'ready', pid: child.pid });
  return child;
}

it('ends when the one who started it is gone', async () => {
  const child = await readyWorker();
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('ends on SIGTERM', async () => {
  const child = await readyWorker();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it.each([
  ['no address of Temporal', '', 'no Temporal address is configured'],
  ['a Temporal that does not answer', '127.0.0.1:1', 'Temporal at 127.0.0.1:1 does not answer'],
])('says why it cannot start: %s', async (_what, address, message) => {
  const { child, said } = spawnWorker(address);
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said()).toContain(message);
});
