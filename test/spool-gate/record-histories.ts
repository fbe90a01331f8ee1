// Records the histories of spool gates and replays that test/workflows/replay.test.ts replays: `node test/spool-gate/record-histories.ts`.
import type { WorkflowHandle } from '@temporalio/client';
import { PivoError } from '../../contract/failures.ts';
import { WORKFLOW } from '../../contract/names.ts';
import type { Opening } from '../../contract/spool-gate.ts';
import type { SpoolBatch, SpoolKind } from '../../contract/spool.ts';
import { saveHistory } from '../harness/recorder.ts';
import { startTemporal, startWorker, unique, type StandIns } from '../harness/temporal.ts';
import { gateHome, startGate } from './home.ts';

const temporal = await startTemporal();

const ended = (tag: string, kind: SpoolKind, records: number): SpoolBatch => ({ tag, kind, status: 'done', reason: 'records', segments: 1, failed: 0, records, duplicates: 0, bytes: 100, opened: '2026-11-21T10:00:00.000Z', finished: '2026-11-21T10:00:01.000Z' });

/** One run with acts that answer at once; the first storing fails. */
async function record(file: string, openings: Opening[], start: (home: ReturnType<typeof gateHome>, taskQueue: string) => Promise<WorkflowHandle>): Promise<void> {
  const home = gateHome(temporal, unique('worker'));
  const taskQueue = unique('queue');
  const standIns: StandIns = {
    awaitSpoolOpening: async () => openings.shift() ?? null,
    claimSegments: async () => {},
    storeSegments: async (_deps, _batch, run) => {
      if (run.attempt === 1) throw new PivoError('Unavailable', 'the records database is away');
    },
    requestPushBackups: async () => {},
    settleSegments: async (_deps, { tag, kind }) => ended(tag, kind, 1),
    nextArchivedBatches: async (_deps, { after }) => (after === null ? ['event-1-a', 'event-2-b'].map((tag) => ({ kind: 'event', tag })) : []),
    replayArchived: async (_deps, { archived }) => ended(archived.tag, archived.kind, 3),
  };
  const worker = await startWorker(temporal, { taskQueue, workerId: home.workerId, deps: home.deps, standIns });
  const handle = await start(home, taskQueue);
  await handle.result();
  await saveHistory(temporal, file, handle.workflowId);
  await worker.stop();
}

try {
  await record('spool-gate.event', [{ reason: 'left', tag: 'event-1-left', segments: 0 }, { reason: 'records', tag: null, segments: 3 }], (home, queue) => startGate(temporal, home, queue));
  await record('spool-gate.push', [{ reason: 'seconds', tag: null, segments: 1 }], (home, queue) => startGate(temporal, home, queue, 'push'));
  await record('spool-replay', [], ({ workerId }, taskQueue) => temporal.client.workflow.start(WORKFLOW.replaySpool, { workflowId: unique('replay'), taskQueue, args: [{ worker: workerId }] }));
} finally {
  await temporal.stop();
}
process.exit();
