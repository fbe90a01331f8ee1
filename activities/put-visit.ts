// Archives the snapshot that a run found, then its visit: from then on the backup exists.
import type { IngestJob, RefChanges, VisitOutcome } from '../contract/ingest.ts';
import type { Ref } from '../contract/snapshot.ts';
import type { CheckoutRecord, Hole, Visit } from '../contract/visit.ts';
import { PivoError } from '../contract/failures.ts';
import { packFolder } from '../archive/layout.ts';
import { ensure, makeSnapshot, putSnapshot } from '../archive/snapshots.ts';
import { commitVisit, listVisitNumbers, readVisit } from '../archive/visits.ts';
import { gitTest } from '../git/process.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { discardPacks, lastKnown, loadObservation, originCache, type Known, type Observation, type OriginCache } from './origin-cache.ts';

const NO_CHECKOUT: CheckoutRecord = { commit: null, kind: 'none', path: null, time: null, reason: 'not laid out by this run', files: 0, bytes: 0, symlinks: [], executables: [], gitlinks: [], renamed: [] };

/** Fails with VisitConflict when another run was first, StorageFull, StorageReadOnly or WorkerLost; may be repeated. */
export async function putVisit(deps: ActivityDeps, job: IngestJob, run: ActRun): Promise<VisitOutcome> {
  const cache = originCache(deps.cache, job.repository);
  const observation = await loadObservation(cache, job.runId);
  const mine = await alreadyCommitted(deps, job, observation);
  const visit = mine ?? (await commit(deps, job, run, cache, observation));
  await discardPacks(cache);
  run.log.info({ repository: visit.repository, visit: visit.seq, snapshot: visit.snapshot }, 'visit committed');
  return outcomeOf(visit, observation);
}

/** This run's visit when an earlier attempt committed it. */
async function alreadyCommitted(deps: ActivityDeps, job: IngestJob, observation: Observation): Promise<Visit | null> {
  const last = (await listVisitNumbers(deps.store, job.repository)).at(-1) ?? 0;
  if (last <= (observation.previous?.seq ?? 0)) return null;
  const visit = await readVisit(deps.store, job.repository, last);
  if (visit.workflow.runId === job.runId) return visit;
  throw new PivoError('VisitConflict', `visit ${last} of ${job.repository} was written by another run`, { hint: 'The run observes the origin again by itself.' });
}

async function commit(deps: ActivityDeps, job: IngestJob, run: ActRun, cache: OriginCache, observation: Observation): Promise<Visit> {
  const known = await lastKnown(deps.store, job.repository);
  const snapshot = makeSnapshot(observation);
  run.onProgress({ phase: 'archiving the snapshot' });
  const snapshotPath = await putSnapshot(deps.store, job.repository, snapshot, run.signal);
  if (snapshot.refs.length === 0) await ensure(deps.store, `${packFolder(job.repository)}/.keep`, Buffer.alloc(0), run.signal); // the snapshot borrows from this folder: it must be there
  const { previous, packs, newPacks, holes, checkout, unchanged } = observation;
  return commitVisit(
    deps.store,
    {
      formatVersion: 1,
      repository: job.repository,
      origin: job.origin,
      seq: (previous?.seq ?? 0) + 1,
      previous,
      time: new Date(Math.max(Date.now(), known === null ? 0 : Date.parse(known.visit.time) + 1)).toISOString(),
      snapshot: snapshot.id,
      snapshotPath,
      objectFormat: snapshot.objectFormat,
      head: snapshot.head.oid,
      outcome: holes.length > 0 ? 'partial' : unchanged ? 'unchanged' : 'full',
      packs: packs ?? [],
      newPacks,
      replaces: {},
      changes: await changesSince(known, snapshot.refs, holes, cache, run.signal),
      holes,
      fsck: observation.fsck,
      checkout: checkout ?? known?.visit.checkout ?? NO_CHECKOUT,
      workflow: { id: job.workflowId, runId: job.runId, attempt: run.attempt },
    },
    run.signal,
  );
}

/** What happened to the refs since the last visit. */
async function changesSince(known: Known | null, refs: readonly Ref[], holes: readonly Hole[], cache: OriginCache, signal: AbortSignal): Promise<RefChanges> {
  const before = new Map(known?.snapshot.refs.map((ref) => [ref.name, ref]));
  for (const hole of holes) before.delete(hole.ref ?? ''); // the origin still names it
  const changes: RefChanges = { created: 0, updated: 0, forced: 0, deleted: 0 };
  for (const ref of refs) {
    const old = before.get(ref.name);
    before.delete(ref.name);
    if (old === undefined) changes.created += 1;
    else if (old.oid !== ref.oid) {
      changes.updated += 1;
      if (!(await contains(cache, old, ref, signal))) changes.forced += 1;
    }
  }
  return { ...changes, deleted: before.size };
}

/** True when the new commit of a ref has the old one among its ancestors; anything but commits counts as forced. */
async function contains(cache: OriginCache, old: Ref, ref: Ref, signal: AbortSignal): Promise<boolean> {
  if (old.type !== 'commit' || ref.type !== 'commit') return false;
  return gitTest(['merge-base', '--is-ancestor', old.oid, ref.oid], { gitDir: cache.gitDir, signal }).catch(() => false);
}

function outcomeOf(visit: Visit, observation: Observation): VisitOutcome {
  return {
    repository: visit.repository,
    origin: visit.origin,
    visit: visit.seq,
    snapshot: visit.snapshot,
    unchanged: visit.outcome === 'unchanged',
    head: visit.head,
    refs: observation.refs.length,
    changes: visit.changes,
    newPacks: observation.fetched.packs,
    newObjects: observation.fetched.objects,
    newBytes: observation.fetched.bytes,
    holes: visit.holes.length,
    time: visit.time,
  };
}
