// Records the histories of restores that test/workflows/replay.test.ts replays: `node test/restore/record-histories.ts`.
import { join } from 'node:path';
import { recordAudit } from '../../activities/record-audit.ts';
import { planRestore } from '../../activities/restore/plan-restore.ts';
import { PivoError } from '../../contract/failures.ts';
import { WORKFLOW, emitWorkflowId, restoreWorkflowId, workerQueue } from '../../contract/names.ts';
import type { RestoreInput, RestoreStatus } from '../../contract/restore.ts';
import { fixture } from '../fixtures/generate.ts';
import { openIngest } from '../harness/ingest.ts';
import { failing, recordRun, saveHistory, type Recording, type Run } from '../harness/recorder.ts';
import { startTemporal, type StandIns } from '../harness/temporal.ts';

const temporal = await startTemporal();
const pivo = await openIngest(join(temporal.folder, 'home'));

/** A restore of a small repository to a new place, and what a person does once its plan waits. */
async function record(name: string, decide: (run: Run, status: RestoreStatus) => Promise<unknown>, { input = {}, standIns = {}, keep = `restore.${name}` }: { input?: Partial<RestoreInput>; standIns?: StandIns; keep?: Recording['keep'] } = {}): Promise<void> {
  const target = join(temporal.folder, `${name}.git`);
  await recordRun(temporal, {
    type: WORKFLOW.restore, workflowId: restoreWorkflowId(`recorded-${name}`), args: [{ repository: 'recorded', target, requestedBy: 'recorder', ...input }], worker: { deps: pivo.deps, standIns }, keep,
    async during(run) {
      for (;;) {
        const status = await run.query<RestoreStatus>('status');
        if (status.state !== 'planning') return decide(run, status);
      }
    },
  });
}

const approve = (run: Run, { planHash }: RestoreStatus): Promise<unknown> => run.executeUpdate('approve', { args: [{ planHash, approver: 'ada' }] });
const nothing = (): Promise<void> => Promise.resolve();
const reject = (run: Run): Promise<unknown> => run.executeUpdate('reject', { args: [{ approver: 'ada', reason: 'not ours' }] });

/** The worker that was to carry the plan out is gone, and at the end the event log is down: a run of its own tells it later. */
async function recordMoved(): Promise<void> {
  const logIsDown = failing(5, new PivoError('Unavailable', 'the event log is down'));
  const standIns: StandIns = {
    planRestore: async (...act) => ({ ...(await planRestore(...act)), queue: workerQueue('gone') }),
    recordAudit: async (...act) => (logIsDown(), recordAudit(...act)),
  };
  await record('moved', nothing, { input: { approval: 'waived' }, standIns, keep: async (run) => {
    const later = emitWorkflowId('recorded', run.firstExecutionRunId, 'restore');
    await temporal.client.workflow.getHandle(later).result();
    await saveHistory(temporal, 'restore.moved', run.workflowId);
    await saveHistory(temporal, 'emit.record', later);
  } });
}

try {
  const origin = join(temporal.folder, 'origin.git');
  await fixture('renamed-head').build(origin);
  await pivo.ingest(origin, 'recorded');
  await record('approved', approve);
  await record('rejected', reject);
  await record('expired', nothing, { input: { expiresAfter: 1 } });
  await record('cancelled', (run) => run.cancel());
  await record('failed', nothing, { input: { approval: 'waived' }, standIns: {
    pushRefs: async () => {
      throw new PivoError('TargetRefused', 'the target took nothing');
    },
  } });
  await recordMoved();
} finally {
  await pivo.close();
  await temporal.stop();
}
process.exit();
