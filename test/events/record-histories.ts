// Records the histories of a backup while the event log is down that test/workflows/replay.test.ts replays: `node test/events/record-histories.ts`.
import { PivoError } from '../../contract/failures.ts';
import { WORKFLOW, emitWorkflowId, ingestWorkflowId } from '../../contract/names.ts';
import { ingestActs } from '../harness/ingest-acts.ts';
import { failing, recordRun, saveHistory } from '../harness/recorder.ts';
import { startTemporal } from '../harness/temporal.ts';

const temporal = await startTemporal();
const logIsDown = failing(4, new PivoError('Unavailable', 'the event log is down'));
const cacheIsGone = failing(1, new PivoError('WorkerLost', 'the cache of this worker is gone'));

try {
  // its events are told by a run of its own, which tries another worker when the first one cannot any more
  await recordRun(temporal, {
    type: WORKFLOW.ingest, workflowId: ingestWorkflowId('recorded'), args: [{ url: 'https://host.example/recorded.git' }],
    worker: { standIns: ingestActs({ emitVisit: async () => (logIsDown(), cacheIsGone(), { events: 2 }) }).standIns },
    async keep({ workflowId, firstExecutionRunId }) {
      const later = emitWorkflowId('recorded', firstExecutionRunId);
      await temporal.client.workflow.getHandle(later).result();
      await saveHistory(temporal, 'ingest.untold', workflowId);
      await saveHistory(temporal, 'emit.visit', later);
    },
  });
} finally {
  await temporal.stop();
}
process.exit();
