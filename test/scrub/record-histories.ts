// Records the histories of verifications, drills and repairs that test/workflows/replay.test.ts replays: `node test/scrub/record-histories.ts`.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { drillRepository } from '../../activities/drill.ts';
import { emitVisit } from '../../activities/emit-visit.ts';
import { verifyPart } from '../../activities/verify.ts';
import { packPath } from '../../archive/layout.ts';
import { latestVisit } from '../../archive/visits.ts';
import { PivoError } from '../../contract/failures.ts';
import { WORKFLOW, drillWorkflowId, emitWorkflowId, repairWorkflowId, verifyWorkflowId } from '../../contract/names.ts';
import { fixture } from '../fixtures/generate.ts';
import { flipBitBy, localHand } from '../harness/archive-hand.ts';
import { gate } from '../harness/ingest-acts.ts';
import { openIngest } from '../harness/ingest.ts';
import { failing, recordRun, saveHistory, type Recording } from '../harness/recorder.ts';
import { startTemporal, type StandIns } from '../harness/temporal.ts';

const NAMES = ['acme.a', 'acme.b', 'acme.c'] as const;
const [DAMAGED, WHOLE, LAST] = NAMES;
const temporal = await startTemporal();
const pivo = await openIngest(join(temporal.folder, 'home'));
const { deps } = pivo;
const origin = (name: string): string => join(temporal.folder, `${name}.git`);

const record = (type: string, workflowId: string, args: unknown[], keep: Recording['keep'], standIns: StandIns = {}, during?: Recording['during']): Promise<void> =>
  recordRun(temporal, { type, workflowId, args, worker: { deps, standIns }, keep, ...(during === undefined ? {} : { during }) });

/** Changes a bit of the pack that the last visit needs. */
async function damage(repository: string): Promise<void> {
  const visit = await latestVisit(deps.store, repository);
  await flipBitBy(localHand(deps.store), packPath(repository, visit?.packs.at(-1)?.name ?? '', 'pack'));
}

/** One that is tried again, of the part whose turn it is; and one that a person ends. */
async function recordVerifications(): Promise<void> {
  const away = failing(1, new PivoError('StorageUnavailable', 'the store is away'));
  await record(WORKFLOW.verify, verifyWorkflowId(undefined, 'recorded'), [{ rotate: 2 }], 'verify.rotated', { verifyPart: async (...act) => (away(), verifyPart(...act)) });
  const held = gate();
  const waiting: StandIns = { verifyPart: async (_deps, _verification, run) => held.pass(run.signal).then(() => Promise.reject(new Error('never'))) };
  await record(WORKFLOW.verify, verifyWorkflowId(WHOLE, undefined), [{ repository: WHOLE }], 'verify.cancelled', waiting, (run) => held.began.then(() => run.cancel()));
}

/** Of three repositories one does not come back, and of another no attempt ends; what a run of more than it may hold goes on with; and one of no repository. */
async function recordDrills(): Promise<void> {
  const standIns: StandIns = {
    drillRepository: async (ports, job, run) => {
      if (job.repository === WHOLE) throw new PivoError('StorageReadOnly', 'there is no scratch');
      return drillRepository(ports, job, run);
    },
  };
  await record(WORKFLOW.drill, drillWorkflowId(undefined), [{}], 'drill.failed', standIns);
  await record(WORKFLOW.drill, `${drillWorkflowId(undefined)}:next`, [{}, { names: [LAST], summary: { proven: 200, failed: 0, drills: [] } }], 'drill.next');
  await record(WORKFLOW.drill, drillWorkflowId('nobody'), [{ repository: 'nobody' }], 'drill.not-found');
}

/** A repair whose visit is told by a run of its own, for the event log is down; one that finds an object nowhere; and one of no repository. */
async function recordRepairs(): Promise<void> {
  const logIsDown = failing(4, new PivoError('Unavailable', 'the event log is down'));
  const emitting: StandIns = { emitVisit: async (ports, { job, visit }, run) => (logIsDown(), emitVisit(ports, job, visit, run)) };
  await record(WORKFLOW.repair, repairWorkflowId(DAMAGED), [{ repository: DAMAGED }], async (run) => {
    await temporal.client.workflow.getHandle(emitWorkflowId(DAMAGED, run.firstExecutionRunId)).result();
    await saveHistory(temporal, 'repair.untold', run.workflowId);
  }, emitting);
  await damage(WHOLE);
  await record(WORKFLOW.repair, repairWorkflowId(WHOLE), [{ repository: WHOLE }], 'repair.done');
  await damage(LAST);
  await rename(origin(LAST), `${origin(LAST)}.gone`);
  await record(WORKFLOW.repair, repairWorkflowId(LAST), [{ repository: LAST }], 'repair.nowhere');
  await record(WORKFLOW.repair, repairWorkflowId('nobody'), [{ repository: 'nobody' }], 'repair.not-found');
}

try {
  for (const name of NAMES) {
    await fixture('renamed-head').build(origin(name));
    await pivo.ingest(origin(name), name);
  }
  await recordVerifications();
  await damage(DAMAGED);
  await recordDrills();
  await recordRepairs();
} finally {
  await pivo.close();
  await temporal.stop();
}
process.exit();
