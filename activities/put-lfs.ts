// Archives the objects of Git LFS that pointers of all refs' history name; what cannot be had is a hole, told in the ledger.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPivoError } from '../contract/failures.ts';
import type { IngestJob } from '../contract/ingest.ts';
import type { LfsEntry, LfsPointer, LfsRecord } from '../contract/lfs.ts';
import type { Hole, PackProof } from '../contract/visit.ts';
import { emptyLedger, extendLedger, readLedger, recordOf, type LfsLedger } from '../archive/ledger.ts';
import { localObjects } from '../archive/local-packs.ts';
import { checkPacks } from '../archive/packs.ts';
import { bareConfig, packedRefs } from '../archive/snapshots.ts';
import { bringObjects, reasonOf } from '../lfs/bring.ts';
import { configuredUrl, lfsPlaces } from '../lfs/endpoint.ts';
import { pathsOfBlobs, pointersInPacks, type FoundPointer } from '../lfs/find-pointers.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { lastKnown, loadObservation, originCache, saveObservation, type Known, type Observation, type OriginCache } from './origin-cache.ts';

/** Objects that were missing before and are asked for again by one visit. */
const MOST_AGAIN = 1000;
/** Objects whose oids a hole names. */
const NAMED_IN_HOLE = 3;

export interface LfsOutcome {
  objects: number;
  missing: number;
  /** Objects that this run archived. */
  archived: number;
}

interface Step {
  deps: ActivityDeps;
  job: IngestJob;
  run: ActRun;
  cache: OriginCache;
  observation: Observation;
  known: Known | null;
}

/**
 * A server that cannot be reached makes holes, never a failed backup. Fails with StorageFull, StorageReadOnly, WorkerLost,
 * VisitConflict when another run wrote the ledger, or Cancelled; may be repeated: what is archived is not fetched again.
 */
export async function putLfs(deps: ActivityDeps, job: IngestJob, run: ActRun): Promise<LfsOutcome> {
  const cache = originCache(deps.cache, job.repository);
  const observation = await loadObservation(cache, job.runId);
  const known = await lastKnown(deps.store, job.repository);
  const { record, hole, archived } = await look({ deps, job, run, cache, observation, known });
  const holes = [...observation.holes.filter(({ lfs }) => lfs === undefined), ...(hole === null ? [] : [hole])];
  await saveObservation(cache, job.runId, { ...observation, holes, ...(record === null ? {} : { lfs: record }) });
  return { objects: record?.objects ?? 0, missing: record?.missing ?? 0, archived };
}

interface Looked {
  /** Null: it could not be looked. */
  record: LfsRecord | null;
  hole: Hole | null;
  archived: number;
}

async function look(step: Step): Promise<Looked> {
  const { deps: { store }, job: { repository }, observation, known, run } = step;
  const before = known?.visit.lfs;
  const packs = observation.packs ?? known?.visit.packs ?? [];
  const seen = new Set(before === undefined ? [] : known?.visit.packs.map(({ name }) => name));
  const fresh = packs.filter(({ name }) => !seen.has(name));
  if (before !== undefined && before.missing === 0 && fresh.length === 0) return { record: before, hole: null, archived: 0 };
  const ledger = await readLedger(store, repository, before?.ledger).catch((error: unknown) => lostLedger(error, before, run));
  try {
    const found = await newPointers(step, packs, ledger.lost === undefined ? fresh : packs, ledger);
    return await settle(step, packs, ledger, found);
  } catch (error) {
    if (!isPivoError(error, 'GitFailed', 'Damaged', 'NotFound')) throw error; // a damaged pack is told by verifications; it must not cost a backup
    run.log.warn({ repository, reason: error.message }, 'the packs could not be searched for pointers of Git LFS: the next backup looks again');
    if (fresh.length > 0 || before === undefined) return { record: null, hole: null, archived: 0 };
    return { record: before, hole: known?.visit.holes.find(({ lfs }) => lfs !== undefined) ?? null, archived: 0 };
  }
}

/** A damaged ledger is begun anew from all packs; the objects are in the archive. */
function lostLedger(error: unknown, before: LfsRecord | undefined, run: ActRun): LfsLedger {
  if (!isPivoError(error, 'Damaged')) throw error;
  run.log.error({ reason: error.message }, 'the ledger of Git LFS is begun anew');
  return emptyLedger(before?.ledger?.number);
}

/** Pointers in `fresh` whose objects the ledger does not know, or misses by a pointer that gives another length; the first blob of each is kept. */
async function newPointers({ deps: { store }, job: { repository }, run, cache, observation: { objectFormat } }: Step, packs: readonly PackProof[], fresh: readonly PackProof[], ledger: LfsLedger): Promise<Map<string, FoundPointer>> {
  const found = new Map<string, FoundPointer>();
  if (fresh.length === 0) return found;
  run.onProgress({ phase: 'looking for Git LFS pointers' });
  await checkPacks(store, repository, fresh); // git passes over one that is not there
  const objects = await localObjects(store, repository, packs, cache.folder, run.signal);
  for await (const pointer of pointersInPacks({ objects, packs: fresh.map(({ name }) => name), objectFormat, scratch: cache.folder }, run.signal)) {
    const known = ledger.entries.get(pointer.oid);
    const isNew = known === undefined || (known.state === 'missing' && known.size !== pointer.size);
    if (isNew && !found.has(pointer.oid)) found.set(pointer.oid, pointer);
  }
  return found;
}

/** Brings what is missing, writes what changed into the ledger, and says what is still missing. */
async function settle(step: Step, packs: readonly PackProof[], ledger: LfsLedger, found: ReadonlyMap<string, FoundPointer>): Promise<Looked> {
  const { deps: { store }, job: { repository }, run, known } = step;
  const missing = [...ledger.entries.values()].filter(({ state }) => state === 'missing');
  const again = turnOf(missing, known?.visit.seq ?? 0);
  const wanted = [...found.values(), ...again.filter(({ oid }) => !found.has(oid))];
  const changes = wanted.length === 0 ? [] : await inRepository(step, packs, async (gitDir) => {
    const reasons = await bring(step, gitDir, wanted);
    const lost = new Set(wanted.flatMap(({ oid, blob }) => (reasons.has(oid) && ledger.entries.get(oid)?.path === undefined ? [blob] : [])));
    const paths = await pathsOfBlobs(gitDir, lost, run.signal).catch((error: unknown) => noPaths(error));
    return wanted.map((pointer) => {
      const [before, reason] = [ledger.entries.get(pointer.oid), reasons.get(pointer.oid)];
      return entryOf(reason === undefined ? pointer : (before ?? pointer), reason, paths.get(pointer.blob) ?? before?.path); // one that did not help takes no other's place
    });
  });
  const changed = changes.filter((entry) => JSON.stringify(entry) !== JSON.stringify(ledger.entries.get(entry.oid)));
  const extended = await extendLedger(store, repository, ledger, changed, run.signal);
  const record = recordOf(extended);
  return { record, hole: holeOf(extended, record), archived: changed.filter(({ state }) => state === 'archived').length };
}

function noPaths(error: unknown): Map<string, string> {
  if (isPivoError(error, 'GitFailed')) return new Map(); // a history with gaps cannot be walked; the ledger has the blob
  throw error;
}

/** As many of the missing as one visit asks for, others at each visit. */
function turnOf(missing: readonly LfsEntry[], seq: number): LfsEntry[] {
  if (missing.length <= MOST_AGAIN) return [...missing];
  const from = (seq * MOST_AGAIN) % missing.length;
  return [...missing.slice(from), ...missing.slice(0, from)].slice(0, MOST_AGAIN);
}

function entryOf({ oid, size, blob }: FoundPointer, reason: string | undefined, path: string | undefined): LfsEntry {
  if (reason === undefined) return { oid, size, state: 'archived', blob };
  return { oid, size, state: 'missing', reason, blob, ...(path === undefined ? {} : { path }) };
}

function holeOf({ entries }: LfsLedger, { objects, missing }: LfsRecord): Hole | null {
  if (missing === 0) return null;
  const lost = [...entries.values()].filter(({ state }) => state === 'missing');
  const named = lost.slice(0, NAMED_IN_HOLE).map(({ oid, path, reason }) => `${path ?? oid.slice(0, 12)} (${reason ?? 'no reason known'})`);
  return { reason: `${missing} of ${objects} objects of Git LFS ${missing === 1 ? 'is' : 'are'} missing: ${named.join('; ')}${missing > NAMED_IN_HOLE ? ' and others' : ''}`, lfs: missing };
}

/** Why each object is still missing. Past the run's seconds those that are left are. */
async function bring({ deps, job, run, observation }: Step, gitDir: string, wanted: readonly LfsPointer[]): Promise<Map<string, string>> {
  const all = (reason: string): Map<string, string> => new Map(wanted.map(({ oid }) => [oid, reason]));
  try {
    const configured = await configuredUrl(gitDir, observation.head.oid, run.signal);
    const places = await lfsPlaces({ url: job.origin, operation: 'download', configured }, { ...deps, credential: job.credential }, run.signal);
    const bytes = Math.max(0, job.limits.bytes - observation.fetched.bytes);
    return await bringObjects(wanted, { store: deps.store, repository: job.repository, places, bytes, seconds: job.limits.seconds, signal: run.signal, onProgress: (progress) => run.onProgress({ phase: 'fetching Git LFS objects', ...progress }) });
  } catch (error) {
    run.signal.throwIfAborted();
    return all(reasonOf(error));
  }
}

/** A repository for git's questions about this state: its refs over the archive's packs. */
async function inRepository<T>({ deps: { store }, job: { repository }, run, cache, observation }: Step, packs: readonly PackProof[], use: (gitDir: string) => Promise<T>): Promise<T> {
  const objects = await localObjects(store, repository, packs, cache.folder, run.signal);
  const gitDir = await mkdtemp(join(cache.folder, 'lfs-'));
  try {
    await mkdir(join(gitDir, 'refs'));
    await mkdir(join(gitDir, 'objects', 'info'), { recursive: true });
    await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${objects}\n`);
    await writeFile(join(gitDir, 'HEAD'), `${observation.head.oid ?? 'ref: refs/heads/.invalid'}\n`);
    await writeFile(join(gitDir, 'config'), bareConfig(observation.objectFormat));
    await writeFile(join(gitDir, 'packed-refs'), packedRefs(observation.refs));
    if (observation.shallow.length > 0) await writeFile(join(gitDir, 'shallow'), observation.shallow.map((oid) => `${oid}\n`).join(''));
    return await use(gitDir);
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}
