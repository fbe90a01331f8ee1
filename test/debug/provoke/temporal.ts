// Failures of Temporal, said by a worker of its TypeScript SDK and by its command line.
import { join } from 'node:path';
import { temporalCli } from '../../harness/temporal.ts';
import type { Failure } from './failure.ts';
import type { Lab } from './lab.ts';

const JOBS = join(import.meta.dirname, 'jobs');
const WORKFLOWS = join(JOBS, 'temporal-workflows.ts');

const worker = (lab: Lab, address: string, queue: string, { workflows = WORKFLOWS, seconds = 8, namespace = 'default' }: { workflows?: string; seconds?: number; namespace?: string } = {}): Promise<string> =>
  lab.say(process.execPath, [join(JOBS, 'temporal-worker.ts'), address, namespace, queue, workflows, String(seconds)], { seconds: 60 });

/** One run on a worker that ends after some seconds: what the worker logged, then the history as the command line shows it. */
const run = (name: string, type: string, seconds = 8): Failure => ({
  name,
  provoke: async (lab) => {
    const [{ address }, cli] = await Promise.all([lab.temporal(), temporalCli()]);
    const id = `${type}-2026-11-20`;
    await lab.say(cli, ['workflow', 'start', '--address', address, '--type', type, '--task-queue', `${type}-queue`, '--workflow-id', id, '--execution-timeout', '600s']);
    const said = await worker(lab, address, `${type}-queue`, { seconds });
    const shown = await lab.say(cli, ['workflow', 'show', '--address', address, '--workflow-id', id, '--detailed', '--color', 'never']);
    await lab.say(cli, ['workflow', 'terminate', '--address', address, '--workflow-id', id]);
    return `${said}${shown}`;
  },
});

export const FAILURES: readonly Failure[] = [
  run('temporal-activity-timeout', 'copyOrders'),
  run('temporal-heartbeat-timeout', 'scanOrders'),
  run('temporal-result-too-large', 'exportOrders'),
  run('temporal-activity-unregistered', 'renamedStep'),
  run('temporal-no-worker-on-queue', 'trainModel'),
  run('temporal-workflow-unregistered', 'refundOrders'),
  run('temporal-workflow-bug', 'billingRun'),
  { name: 'temporal-server-down', provoke: async (lab) => worker(lab, `127.0.0.1:${await lab.deadPort()}`, 'orders') },
  { name: 'temporal-wrong-namespace', provoke: async (lab) => worker(lab, (await lab.temporal()).address, 'orders', { namespace: 'prodution' }) },
  {
    name: 'temporal-nondeterminism',
    provoke: async (lab) => {
      const [{ address }, cli] = await Promise.all([lab.temporal(), temporalCli()]);
      await lab.say(cli, ['workflow', 'start', '--address', address, '--type', 'nightlyLoad', '--task-queue', 'nightly', '--workflow-id', 'nightly-2026-11-20']);
      const before = await worker(lab, address, 'nightly', { seconds: 2 });
      const after = await worker(lab, address, 'nightly', { workflows: join(JOBS, 'temporal-workflows-changed.ts'), seconds: 7 });
      await lab.say(cli, ['workflow', 'terminate', '--address', address, '--workflow-id', 'nightly-2026-11-20']);
      return `${before}${after}`;
    },
  },
];
