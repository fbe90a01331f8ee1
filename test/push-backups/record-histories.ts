// Records the histories of backups that pushes ask for that test/workflows/replay.test.ts replays: `node test/push-backups/record-histories.ts`.
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../../contract/failures.ts';
import { QUERY, WORKFLOW, ingestWorkflowId, pushBackupsWorkflowId } from '../../contract/names.ts';
import { PUSHES_SIGNAL, type PushedOrigin, type PushesSignal, type PushesView } from '../../contract/push.ts';
import { gate, ingestActs } from '../harness/ingest-acts.ts';
import { failing, recordRun, saveContinued, type Run } from '../harness/recorder.ts';
import { startTemporal, unique } from '../harness/temporal.ts';

const temporal = await startTemporal();
const taskQueue = unique('queue');
const OWNER = 'https://forge.example/acme';
const [slow, shared] = [gate(), gate()];
const goneOnce = failing(1, new PivoError('OriginGone', 'there is no repository'));

const { standIns } = ingestActs({
  fetchOrigin: async (_deps, { repository }, run) => {
    if (repository === 'slow') await slow.pass(run.signal);
    if (repository === 'shared') await shared.pass(run.signal);
    if (repository === 'gone') goneOnce();
    return { unchanged: false, refs: 1 };
  },
});

const urlOf = (name: string): string => `${OWNER}/${name}.git`;
const pushed = (name: string, repository: string | null = name): PushedOrigin => ({ key: `${OWNER}/${name}`, url: urlOf(name), repository, owner: OWNER, credential: null, count: 1, first: Date.now(), last: Date.now() });

/** The run of now. */
const latest = ({ client, workflowId }: Run): WorkflowHandle => client.getHandle(workflowId);

async function push(run: Run, ...origins: PushedOrigin[]): Promise<void> {
  const signal: PushesSignal = { id: unique('batch'), settings: { every: 1, atOnce: 4 }, pushed: origins, ignored: [{ source: 'forge', repository: 'acme/nobody', count: 1, last: Date.now() }] };
  await latest(run).signal(PUSHES_SIGNAL, signal);
}

async function until(run: Run, holds: (view: PushesView) => boolean): Promise<void> {
  while (!holds(await latest(run).query<PushesView>(QUERY.status))) await sleep(50);
}

/** A first backup, one that joins a backup that runs, one that fails, and one that is pushed to while it runs; the rest in a second history, which a person ends. */
async function during(run: Run): Promise<void> {
  const before = await temporal.client.workflow.start(WORKFLOW.ingest, { taskQueue, workflowId: ingestWorkflowId('shared'), args: [{ url: urlOf('shared'), name: 'shared' }] });
  await shared.began;
  await push(run, pushed('new', null), pushed('shared'), pushed('gone'), pushed('slow'));
  await until(run, ({ done, failed, waiting, running }) => done.length === 1 && failed === 1 && waiting === 1 && running === 1);
  await push(run, pushed('slow'));
  while ((await latest(run).describe()).runId === run.firstExecutionRunId) {
    await push(run, pushed('new'));
    await sleep(300);
  }
  shared.open();
  slow.open();
  await before.result();
  await until(run, ({ waiting, running }) => waiting + running === 0);
  await latest(run).cancel();
}

try {
  await recordRun(temporal, {
    type: WORKFLOW.pushBackups, workflowId: pushBackupsWorkflowId('recorded'), args: [{ mostEvents: 60 }], worker: { taskQueue, standIns }, during,
    keep: (run) => saveContinued(temporal, ['push-backups.continued', 'push-backups.cancelled'], run),
  });
} finally {
  await temporal.stop();
}
process.exit();
