// Records the histories that replay.test.ts replays: `node test/workflows/record-histories.ts`. Run it when the steps of
// a workflow change on purpose and its old runs need not go on; old files may stay as long as they replay.
import { mkdir, writeFile } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../../contract/failures.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import { historyToText } from '../harness/history.ts';
import { gate, ingestActs, visitOf } from '../harness/ingest-acts.ts';
import { startTemporal, startWorker, unique, type StandIns, type TestTemporal } from '../harness/temporal.ts';

const FOLDER = new URL('histories/', import.meta.url);

async function save(file: string, handle: WorkflowHandle): Promise<void> {
  await writeFile(new URL(`${file}.json`, FOLDER), historyToText(await handle.fetchHistory()));
}

/** One run with these stand-ins; `during` may disturb it. */
async function record(temporal: TestTemporal, file: string, standIns: StandIns, workflowId?: string, during?: (handle: WorkflowHandle, taskQueue: string) => Promise<unknown>): Promise<void> {
  const taskQueue = unique('queue');
  const worker = await startWorker(temporal, { taskQueue, standIns: ingestActs(standIns).standIns });
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: workflowId ?? ingestWorkflowId('recorded'), args: [{ url: 'https://host.example/recorded.git' }], memo: { requestedBy: 'recorder' } });
  await during?.(handle, taskQueue);
  await handle.result().catch(() => {}); // failed runs are recorded too
  await save(file, handle);
  await worker.stop();
}

function heldFetch(): { held: ReturnType<typeof gate>; standIns: StandIns } {
  const held = gate();
  return { held, standIns: { fetchOrigin: async (_deps, _job, run) => held.pass(run.signal).then(() => ({ unchanged: false, refs: 1 })) } };
}

async function recordAll(temporal: TestTemporal): Promise<void> {
  await record(temporal, 'ingest.first', {});
  await record(temporal, 'ingest.unchanged', { fetchOrigin: async () => ({ unchanged: true, refs: 1 }) });
  await record(temporal, 'ingest.failed', {
    fetchOrigin: async () => {
      throw new PivoError('OriginRefused', 'there is no repository');
    },
  });
  let conflicts = 0;
  await record(temporal, 'ingest.started-over', {
    putVisit: async (_deps, job) => {
      if (conflicts++ === 0) throw new PivoError('VisitConflict', 'another run was first');
      return visitOf(job);
    },
  });
  await record(temporal, 'ingest.through-child', {}, 'typed');
  const cancelled = heldFetch();
  await record(temporal, 'ingest.cancelled', cancelled.standIns, undefined, async (handle) => {
    await cancelled.held.began;
    await handle.cancel();
  });
  const shared = heldFetch();
  await record(temporal, 'ingest.shared', shared.standIns, undefined, async (_handle, taskQueue) => {
    await shared.held.began;
    const joiner = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: 'joiner', args: [{ url: 'https://host.example/recorded.git' }] });
    while (!((await joiner.describe()).raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === 'joinIngest'));
    shared.held.open();
    await joiner.result();
    await save('ingest.joiner', joiner);
  });
}

await mkdir(FOLDER, { recursive: true });
const temporal = await startTemporal();
try {
  await recordAll(temporal);
} finally {
  await temporal.stop();
}
