// Records the histories of reading logs and of making their vectors that test/workflows/replay.test.ts replays: `node test/logs/record-histories.ts`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ingestLogs } from '../../activities/ingest-logs.ts';
import { PivoError } from '../../contract/failures.ts';
import { EMBED_LOGS_WORKFLOW_ID, WORKFLOW, ingestLogsWorkflowId } from '../../contract/names.ts';
import { HASHED_SETTINGS } from '../../logs/vectors/settings.ts';
import { gate } from '../harness/ingest-acts.ts';
import { failing, recordRun, type Recording } from '../harness/recorder.ts';
import { startTemporal, testDeps, unique, type StandIns } from '../harness/temporal.ts';
import { hadoopLines } from './temporary.ts';

const temporal = await startTemporal();
const workerId = unique('worker');
const deps = { ...testDeps(temporal, workerId), embeddings: HASHED_SETTINGS };

const record = (type: string, workflowId: string, args: unknown[], keep: string, standIns: StandIns = {}, during?: Recording['during']): Promise<void> =>
  recordRun(temporal, { type, workflowId, args, worker: { workerId, deps, standIns }, keep, ...(during === undefined ? {} : { during }) });

/** By the worker that has the file, at its second try; and of a file that there is not, by whoever takes it. */
async function recordReading(): Promise<void> {
  const path = join(temporal.folder, 'datanode.log');
  await writeFile(path, hadoopLines(3));
  const away = failing(1, new PivoError('Unavailable', 'the log index is busy'));
  await record(WORKFLOW.ingestLogs, ingestLogsWorkflowId('recorded'), [{ paths: [path], worker: workerId }], 'ingest-logs.read', { ingestLogs: async (...act) => (away(), ingestLogs(...act)) });
  await record(WORKFLOW.ingestLogs, ingestLogsWorkflowId('nothing'), [{ paths: [join(temporal.folder, 'nothing.log')] }], 'ingest-logs.not-found');
}

/** One to its end, and one that a person ends. */
async function recordVectors(): Promise<void> {
  await record(WORKFLOW.embedLogs, EMBED_LOGS_WORKFLOW_ID, [], 'embed-logs.made');
  const held = gate();
  const waiting: StandIns = { embedLogs: async (_deps, _input, run) => held.pass(run.signal).then(() => Promise.reject(new Error('never'))) };
  await record(WORKFLOW.embedLogs, EMBED_LOGS_WORKFLOW_ID, [], 'embed-logs.cancelled', waiting, (run) => held.began.then(() => run.cancel()));
}

try {
  await recordReading();
  await recordVectors();
} finally {
  await deps.events.close();
  await temporal.stop();
}
process.exit();
