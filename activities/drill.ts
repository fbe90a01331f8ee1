// Act: one restore drill: a restore of the last visit to a scratch path by the restore's own acts, compared in full, then removed.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compareWithArchive } from '../archive/compare.ts';
import { localObjects } from '../archive/local-packs.ts';
import { readRepairedVisit } from '../archive/repairs.ts';
import { readSnapshot } from '../archive/snapshots.ts';
import { latestVisit, listRepositories } from '../archive/visits.ts';
import type { DrillRecord } from '../contract/drill.ts';
import { isPivoError, PivoError, type FailureReport } from '../contract/failures.ts';
import { RestoreInput, type RestoreJob, type RestoreReceipt } from '../contract/restore.ts';
import type { Visit } from '../contract/visit.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { drillStore } from './drill-store.ts';
import { originCache } from './origin-cache.ts';
import { planRestore } from './restore/plan-restore.ts';
import { proveRestore } from './restore/prove-restore.ts';
import { pushRefs } from './restore/push-refs.ts';
import { reconstruct } from './restore/reconstruct.ts';

export interface DrillJob {
  repository: string;
  workflow: { id: string; runId: string };
}

/** Every repository with a visit. */
export async function listForDrill({ store }: ActivityDeps): Promise<string[]> {
  return listRepositories(store);
}

/**
 * Drills one repository and keeps the outcome; a drill that fails is an outcome too. Fails only with NotFound for an unknown
 * repository, with what a later attempt may cure (StorageUnavailable and the like), and when it is cancelled. Nothing of it stays on the disk.
 */
export async function drillRepository(deps: ActivityDeps, job: DrillJob, run: ActRun): Promise<DrillRecord> {
  const started = new Date();
  const visit = await latestVisit(deps.store, job.repository).catch((error: unknown) => {
    if (isPivoError(error, 'Damaged')) return error;
    throw error;
  });
  if (visit === null) throw new PivoError('NotFound', `there is no repository "${job.repository}" in the archive`, { hint: '`pivo repos` lists what is there.' });
  const base = { run: job.workflow.runId, repository: job.repository, started: started.toISOString(), ...pointOf(isPivoError(visit) ? null : visit, started) };
  const keep = (rest: Omit<DrillRecord, keyof typeof base | 'finished'>): DrillRecord => {
    const record: DrillRecord = { ...base, ...rest, finished: new Date().toISOString() };
    deps.results.recordDrill(record);
    return record;
  };
  try {
    if (isPivoError(visit)) throw visit;
    const proven = await restoreAndCompare(deps, job, visit, run);
    return keep({ outcome: 'proven', ...proven, message: null, hint: null });
  } catch (error) {
    if (run.signal.aborted || !isPivoError(error) || !error.permanent) throw error;
    run.log.error({ repository: job.repository, kind: error.kind, facts: error.facts }, `the drill failed: ${error.message}`);
    return keep({ outcome: 'failed', seconds: null, refs: null, objects: null, bytes: null, message: error.message, hint: error.hint ?? null });
  }
}

export interface FailedDrill {
  job: DrillJob;
  started: string;
  report: FailureReport;
}

/** Keeps a drill that no attempt could finish. */
export async function recordFailedDrill({ results }: ActivityDeps, { job, started, report }: FailedDrill): Promise<DrillRecord> {
  const { message, hint = null } = report;
  const record: DrillRecord = { run: job.workflow.runId, repository: job.repository, outcome: 'failed', started, finished: new Date().toISOString(), ...pointOf(null, new Date()), seconds: null, refs: null, objects: null, bytes: null, message, hint };
  results.recordDrill(record);
  return record;
}

function pointOf(visit: Visit | null, now: Date): Pick<DrillRecord, 'visit' | 'snapshot' | 'visitTime' | 'age'> {
  if (visit === null) return { visit: null, snapshot: null, visitTime: null, age: null };
  return { visit: visit.seq, snapshot: visit.snapshot, visitTime: visit.time, age: Math.max(0, (now.getTime() - Date.parse(visit.time)) / 1000) };
}

async function restoreAndCompare(deps: ActivityDeps, { repository, workflow }: DrillJob, { seq }: Visit, run: ActRun): Promise<Pick<DrillRecord, 'seconds' | 'refs' | 'objects' | 'bytes'>> {
  const scratch = join(deps.cache, 'drills', repository);
  await rm(scratch, { recursive: true, force: true }); // what a killed attempt left
  await mkdir(scratch, { recursive: true });
  const target = join(scratch, 'restored.git');
  const request = RestoreInput.parse({ repository, target, refs: 'all', approval: 'waived', requestedBy: 'drill' });
  const job: RestoreJob = { restoreId: `drill-${workflow.runId}`, workflow, request };
  const forDrill: ActivityDeps = { ...deps, cache: deps.cache, protocols: [...deps.protocols, 'file'], store: drillStore(deps.store, join(scratch, 'store')) };
  try {
    const began = performance.now();
    const receipt = await restoreTo(forDrill, job, run);
    const seconds = (performance.now() - began) / 1000;
    run.onProgress({ phase: `comparing ${repository}` });
    const visit = await readRepairedVisit(deps.store, repository, receipt.plan.point.visit);
    if (visit.seq !== seq) run.log.info({ repository, visit: visit.seq }, 'a newer visit was restored');
    const snapshot = await readSnapshot(deps.store, repository, visit);
    const objects = await localObjects(deps.store, repository, visit.packs, originCache(deps.cache, repository).folder, run.signal);
    const compared = await compareWithArchive(target, snapshot, visit.packs.map(({ name }) => name), objects, run.signal);
    return { seconds, ...compared, bytes: receipt.proof.bytesVerified };
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
    await rm(join(deps.cache, 'restores', job.restoreId), { recursive: true, force: true });
  }
}

async function restoreTo(deps: ActivityDeps, job: RestoreJob, run: ActRun): Promise<RestoreReceipt> {
  const started = new Date().toISOString();
  await planRestore(deps, job, run);
  const reconstruction = await reconstruct(deps, job, run);
  const pushed = await pushRefs(deps, { job, reconstruction }, run);
  return proveRestore(deps, { job, reconstruction, pushed, approvedBy: null, started }, run);
}
