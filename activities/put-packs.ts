// Archives the packs that the fetch brought; many small ones are joined into one first.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { IngestJob, PacksOutcome } from '../contract/ingest.ts';
import type { PackProof } from '../contract/visit.ts';
import { eachAtOnce } from '../archive/at-once.ts';
import { keepLocally } from '../archive/local-packs.ts';
import { packsToJoin, proveLocalPack, putPack, type LocalPack } from '../archive/packs.ts';
import { provePack } from '../archive/proof.ts';
import type { Store } from '../archive/store.ts';
import { gitText } from '../git/process.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { addFindings, fsckPacks } from './fsck-packs.ts';
import { finishedPacks, joinedFolder, lastKnown, loadObservation, originCache, saveObservation, type Observation, type OriginCache } from './origin-cache.ts';

/** Packs on their way into the archive: the second one uses what the first leaves idle while a store checks and names it. */
const AT_ONCE = 2;

/** Fails with StorageFull, StorageReadOnly, Damaged or WorkerLost; may be repeated. */
export async function putPacks(deps: ActivityDeps, job: IngestJob, run: ActRun): Promise<PacksOutcome> {
  const cache = originCache(deps.cache, job.repository);
  const observation = await loadObservation(cache, job.runId);
  const known = await lastKnown(deps.store, job.repository);
  const archived = new Set(known?.visit.packs.map((pack) => pack.name));
  const names = (await finishedPacks(cache)).filter((name) => !archived.has(name));
  const stop = new AbortController();
  const checking = fsckPacks({ gitDir: cache.gitDir, packs: names, objectFormat: observation.objectFormat, signal: AbortSignal.any([run.signal, stop.signal]) });
  try {
    const { outcome, changes } = await archivePacks(deps, job, run, { cache, before: known?.visit.packs ?? [], names });
    run.onProgress({ phase: "git's checks" });
    await saveObservation(cache, job.runId, { ...observation, ...changes, fsck: addFindings(known?.visit.fsck ?? [], await checking) });
    return outcome;
  } finally {
    stop.abort();
    await checking.catch(() => {}); // its git has ended before the cache is touched again
  }
}

interface Archiving {
  cache: OriginCache;
  before: PackProof[];
  /** Packs that the fetch brought. */
  names: string[];
}

async function archivePacks(deps: ActivityDeps, job: IngestJob, run: ActRun, { cache, before, names }: Archiving): Promise<{ outcome: PacksOutcome; changes: Pick<Observation, 'packs' | 'newPacks' | 'fetched'> }> {
  const fetched: LocalPack[] = [];
  for (const name of names) {
    run.onProgress({ phase: 'checking packs', done: fetched.length });
    const base = join(cache.packs, name);
    fetched.push(await proveLocalPack(deps.store, base, name).catch((error: unknown) => fetchAgain(base, error)));
  }
  const { put, all } = await joinSmall(deps, cache, before, fetched, run);
  let done = 0;
  const tell = (): void => run.onProgress({ phase: 'archiving packs', done, total: put.length });
  tell();
  await eachAtOnce(put, AT_ONCE, async (pack, signal) => {
    await putPack(deps.store, job.repository, pack, signal);
    await keepLocally(deps.store, job.repository, pack.base, pack.proof.name, cache.folder);
    done += 1;
    tell();
  }, run.signal);
  const sum = (of: (pack: LocalPack) => number, packs: LocalPack[]): number => packs.reduce((total, pack) => total + of(pack), 0);
  const outcome = { newPacks: put.length, newObjects: sum((pack) => pack.proof.objects, fetched), newBytes: sum((pack) => pack.proof.pack.bytes + pack.proof.idx.bytes, put) };
  const counts = { packs: outcome.newPacks, objects: outcome.newObjects, bytes: outcome.newBytes };
  return { outcome, changes: { packs: all, newPacks: put.map((pack) => pack.proof.name), fetched: counts } };
}

/** A pack that was damaged on this worker's disk goes, and the sequence starts over: the origin has its objects. */
async function fetchAgain(base: string, error: unknown): Promise<never> {
  if (!isPivoError(error, 'Damaged')) throw error;
  await Promise.all(['pack', 'idx'].map((extension) => rm(`${base}.${extension}`, { force: true })));
  throw new PivoError('WorkerLost', error.message, { hint: 'The run starts over by itself.', facts: error.facts, cause: error });
}

/** The packs to archive now, and all that the visit will list. */
async function joinSmall({ store }: ActivityDeps, cache: OriginCache, before: PackProof[], fetched: LocalPack[], run: ActRun): Promise<{ put: LocalPack[]; all: PackProof[] }> {
  const all = [...before, ...fetched.map((pack) => pack.proof)];
  const small = new Set(packsToJoin(all).map((pack) => pack.name));
  if (small.size === 0) return { put: fetched, all };
  run.onProgress({ phase: 'joining packs', total: small.size });
  const joined = await joinPacks(store, cache, all.filter(({ name }) => small.has(name)), run.signal).catch((error: unknown) => unjoined(error, run));
  if (joined === null) return { put: fetched, all };
  const put = [...fetched.filter((pack) => !small.has(pack.proof.name)), joined];
  return { put, all: [...all.filter((pack) => !small.has(pack.name)), joined.proof] };
}

/** An archived pack that is damaged is told by verifications; it must not cost a backup. */
function unjoined(error: unknown, run: ActRun): null {
  if (!isPivoError(error, 'GitFailed', 'Damaged')) throw error;
  run.log.error({ reason: error.message, hint: 'Run `pivo verify`, then `pivo repair`.' }, 'the small packs could not be joined: they stay as they are');
  return null;
}

/** One pack of the objects of several (git-pack-objects(1), --stdin-packs). Fails with Damaged when one of them is not what its visit says: git believes an index. */
async function joinPacks(store: Store, cache: OriginCache, packs: readonly PackProof[], signal: AbortSignal): Promise<LocalPack> {
  for (const proof of packs) {
    signal.throwIfAborted();
    const { pack, idx } = await provePack(join(cache.packs, proof.name), proof.name);
    if (pack.sha256 !== proof.pack.sha256 || idx.sha256 !== proof.idx.sha256) throw new PivoError('Damaged', `${proof.name} is not what its visit says`);
  }
  const folder = joinedFolder(cache);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const input = packs.map(({ name }) => `${name}.pack\n`).join('');
  const hash = await gitText(['pack-objects', '--stdin-packs', '--delta-base-offset', '--quiet', join(folder, 'pack')], { gitDir: cache.gitDir, input, signal });
  const base = join(folder, `pack-${hash}`);
  return proveLocalPack(store, base, `pack-${hash}`);
}
