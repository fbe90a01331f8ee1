// Archives the snapshot that a run found, then its visit: from then on the backup exists.
import type { IngestJob, VisitOutcome } from '../contract/ingest.ts';
import type { CheckoutRecord, Visit } from '../contract/visit.ts';
import { PivoError } from '../contract/failures.ts';
import { listDecisionNumbers } from '../archive/decisions.ts';
import { packFolder } from '../archive/layout.ts';
import { ensure, makeSnapshot, putSnapshot } from '../archive/snapshots.ts';
import { commitVisit, listVisitNumbers, readVisit } from '../archive/visits.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { decideByPolicy, isHeld } from './gate.ts';
import { discardPacks, lastKnown, loadObservation, originCache, type Observation, type OriginCache } from './origin-cache.ts';
import { forgetOrigin } from './push/known-origins.ts';
import { changesSince } from './ref-changes.ts';

const NO_CHECKOUT: CheckoutRecord = { commit: null, kind: 'none', path: null, time: null, reason: 'not laid out by this run', files: 0, bytes: 0, symlinks: [], executables: [], gitlinks: [], renamed: [] };

/** Fails with VisitConflict when another run was first, StorageFull, StorageReadOnly or WorkerLost; may be repeated. */
export async function putVisit(deps: ActivityDeps, job: IngestJob, run: ActRun): Promise<VisitOutcome> {
  const cache = originCache(deps.cache, job.repository);
  const observation = await loadObservation(cache, job.runId);
  const mine = await alreadyCommitted(deps, job, observation);
  const visit = mine ?? (await commit(deps, job, run, cache, observation));
  await discardPacks(cache);
  run.log.info({ repository: visit.repository, visit: visit.seq, snapshot: visit.snapshot }, 'visit committed');
  return outcomeOf(visit, observation, await isHeld(deps.store, visit, run.log));
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
  if (packs === null) throw new PivoError('WorkerLost', `run ${job.runId} observed the origin again after its packs were archived`, { hint: 'The run starts over by itself.' });
  const seq = (previous?.seq ?? 0) + 1;
  const changes = await changesSince(known, observation, cache, run.signal);
  await decideByPolicy(deps, { repository: job.repository, seq, snapshot, changes, observation, cache }, run);
  const decisions = (await listDecisionNumbers(deps.store, job.repository)).at(-1);
  if (known !== null && known.visit.origin !== job.origin) forgetOrigin(deps.store, job.repository);
  return commitVisit(
    deps.store,
    {
      formatVersion: 1,
      repository: job.repository,
      origin: job.origin,
      seq,
      previous,
      time: new Date(Math.max(Date.now(), known === null ? 0 : Date.parse(known.visit.time) + 1)).toISOString(),
      snapshot: snapshot.id,
      snapshotPath,
      objectFormat: snapshot.objectFormat,
      head: snapshot.head.oid,
      outcome: holes.length > 0 ? 'partial' : unchanged ? 'unchanged' : 'full',
      packs,
      newPacks,
      replaces: known?.visit.replaces ?? {}, // so that the last visit tells of every repair
      changes,
      ...(decisions === undefined ? {} : { decisions }), // so that one that gets lost is missed
      holes,
      ...(observation.lfs === undefined ? {} : { lfs: observation.lfs }),
      fsck: observation.fsck,
      checkout: checkout ?? known?.visit.checkout ?? NO_CHECKOUT,
      workflow: { id: job.workflowId, runId: job.runId, attempt: run.attempt },
    },
    run.signal,
  );
}

function outcomeOf(visit: Visit, observation: Observation, held: boolean): VisitOutcome {
  return {
    repository: visit.repository,
    origin: visit.origin,
    visit: visit.seq,
    snapshot: visit.snapshot,
    unchanged: visit.outcome === 'unchanged',
    head: visit.head,
    refs: observation.refs.length,
    changes: visit.changes,
    ...(held ? { held } : {}),
    newPacks: observation.fetched.packs,
    newObjects: observation.fetched.objects,
    newBytes: observation.fetched.bytes,
    holes: visit.holes.length,
    ...lfsOf(visit),
    time: visit.time,
  };
}

function lfsOf({ lfs }: Visit): Pick<VisitOutcome, 'lfs'> {
  return lfs === undefined || lfs.objects === 0 ? {} : { lfs: { objects: lfs.objects, bytes: lfs.bytes, missing: lfs.missing } };
}
