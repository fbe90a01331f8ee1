// A Temporal server, a repository to back up, and workers of both that die where they are told to: what crash suites begin with.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixture } from '../fixtures/generate.ts';
import { startTemporal, type TestTemporal } from './temporal.ts';

const ENTRY = fileURLToPath(new URL('./dying-worker.ts', import.meta.url));

export interface DyingWorkers {
  temporal: TestTemporal;
  /** The fixture `force-push`. */
  origin: string;
  /** Returns when it is ready; `dieAt` as dying-worker.ts reads it, empty for one that lives. Store and event log are those of the folder `shared`. */
  startWorker(taskQueue: string, workerId: string, dieAt: string, shared?: string): Promise<ChildProcess>;
  /** Kills this process too when a test is over. */
  keep(child: ChildProcess): void;
  /** Kills what a test has left. */
  killAll(): void;
  stop(): Promise<void>;
}

/** Once a test file. */
export async function dyingWorkers(): Promise<DyingWorkers> {
  const temporal = await startTemporal();
  const origin = join(temporal.folder, 'origin.git');
  await fixture('force-push').build(origin);
  const children: ChildProcess[] = [];
  return {
    temporal,
    origin,
    async startWorker(taskQueue, workerId, dieAt, shared = workerId) {
      const child = fork(ENTRY, [temporal.server.address, temporal.folder, taskQueue, workerId, dieAt, shared], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      children.push(child);
      await once(child, 'message');
      return child;
    },
    keep: (child) => void children.push(child),
    killAll: () => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
    },
    stop: () => temporal.stop(),
  };
}
