// Records the history of `embedRecords` that test/workflows/replay.test.ts replays: `node test/embed-records/record-histories.ts`.
import type { EmbeddingPass } from '../../activities/embed-records.ts';
import { TASK_QUEUE, WORKFLOW, embedRecordsWorkflowId } from '../../contract/names.ts';
import { TEXTS_SIGNAL } from '../../contract/record-search.ts';
import { saveHistory } from '../harness/recorder.ts';
import { startTemporal, startWorker, unique } from '../harness/temporal.ts';

const temporal = await startTemporal();
try {
  const workerId = unique('worker');
  // told of texts while it looks; then after an attempt that may hold some; then nothing is left
  const passes: EmbeddingPass[] = [{ embedder: 'e', vectors: 1, held: 0 }, { embedder: 'e', vectors: 2, held: 100 }];
  const [looking, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, workerId, standIns: {
    embedRecords: async () => {
      looking.resolve();
      await told.promise;
      return passes.shift() ?? { embedder: 'e', vectors: 0, held: 0 };
    },
  } });
  const handle = await temporal.client.workflow.start(WORKFLOW.embedRecords, { workflowId: embedRecordsWorkflowId(workerId), taskQueue: TASK_QUEUE, args: [{ worker: workerId }] });
  await looking.promise;
  await handle.signal(TEXTS_SIGNAL);
  told.resolve();
  await handle.result();
  await saveHistory(temporal, 'embed-records', handle.workflowId);
  await worker.stop();
} finally {
  await temporal.stop();
}
