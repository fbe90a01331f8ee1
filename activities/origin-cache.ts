// The disposable bare repository that fetches go to: refs of the last snapshot, its packs, and what a run observed.
import { mkdir, readFile, readdir, rename, rm, symlink, unlink, writeFile, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isPivoError, PivoError } from '../contract/failures.ts';
import { LfsRecord } from '../contract/lfs.ts';
import { Head, ObjectFormat, ObjectId, Ref, type Snapshot } from '../contract/snapshot.ts';
import { CheckoutRecord, FsckFinding, Hole, PackProof, type Visit } from '../contract/visit.ts';
import { localObjects } from '../archive/local-packs.ts';
import { checkPacks } from '../archive/packs.ts';
import { provePack } from '../archive/proof.ts';
import { bareConfig, byName, packedRefs, readSnapshot } from '../archive/snapshots.ts';
import type { Store } from '../archive/store.ts';
import { listVisitNumbers, readVisit, readVisitFile } from '../archive/visits.ts';
import { killGroup } from '../git/process.ts';
import { quotePath, unquotePath } from '../git/quote.ts';
import { replaceFile } from '../whole-file.ts';

/** Refs of the origin live below this prefix in the cache, so that none can be taken for the cache's own. */
export const ORIGIN_PREFIX = 'refs/o/';

/** How many visits back a ref is remembered as something the archive has. */
const FORMER_VISITS = 16;

/** What one run saw of the origin and did with it; the steps of a run hand it on through the cache. */
const Observation = z.strictObject({
  previous: z.strictObject({ seq: z.number(), sha256: z.string() }).nullable(),
  unchanged: z.boolean(),
  objectFormat: ObjectFormat,
  head: Head,
  refs: z.array(Ref),
  shallow: z.array(ObjectId),
  holes: z.array(Hole),
  lfs: LfsRecord.optional(),
  fsck: z.array(FsckFinding),
  packs: z.array(PackProof).nullable(),
  newPacks: z.array(z.string()),
  fetched: z.strictObject({ packs: z.number(), objects: z.number(), bytes: z.number() }),
  checkout: CheckoutRecord.nullable(),
});
export type Observation = z.infer<typeof Observation>;

export interface OriginCache {
  /** Folder of this repository's caches. */
  folder: string;
  gitDir: string;
  packs: string;
}

/** What the archive knows of a repository before this run. */
export interface Known {
  visit: Visit;
  sha256: string;
  snapshot: Snapshot;
}

export function originCache(cache: string, repository: string): OriginCache {
  const folder = join(cache, repository);
  const gitDir = join(folder, 'fetch.git');
  return { folder, gitDir, packs: join(gitDir, 'objects', 'pack') };
}

/** The last visit with its snapshot, or null for a repository that was never backed up. */
export async function lastKnown(store: Store, repository: string): Promise<Known | null> {
  const seq = (await listVisitNumbers(store, repository)).at(-1);
  if (seq === undefined) return null;
  const { visit, sha256 } = await readVisitFile(store, repository, seq);
  return { visit, sha256, snapshot: await readSnapshot(store, repository, visit) };
}

/**
 * Makes the cache anew from the archive. Packs that a killed attempt finished are kept: they are adopted, or make
 * the next fetch short; everything else that it left (`tmp_pack_*`, locks, half-written refs) is gone.
 */
export async function prepareCache(cache: OriginCache, store: Store, repository: string, known: Known | null, objectFormat: ObjectFormat, signal: AbortSignal): Promise<void> {
  const kept = join(cache.folder, 'kept');
  await rm(kept, { recursive: true, force: true });
  if (known === null || known.snapshot.shallow.length === 0) await keepFinishedPacks(cache, kept);
  await rm(cache.gitDir, { recursive: true, force: true });
  await mkdir(join(cache.gitDir, 'refs'), { recursive: true });
  await mkdir(join(cache.gitDir, 'objects', 'info'), { recursive: true });
  await rename(kept, cache.packs).catch(() => mkdir(cache.packs, { recursive: true }));
  await writeFile(join(cache.gitDir, 'HEAD'), 'ref: refs/heads/.invalid\n');
  await writeFile(join(cache.gitDir, 'config'), bareConfig(objectFormat));
  if (known === null || known.snapshot.shallow.length > 0) return; // a shallow past is fetched anew: its gaps would pass for haves
  await writeFile(join(cache.gitDir, 'packed-refs'), packedRefs([...known.snapshot.refs.map(inCache), ...(await formerTips(store, repository, known))].sort(byName)));
  await borrowPacks(cache, store, repository, known.visit, signal);
}

const inCache = (ref: Ref): Ref => ({ ...ref, name: quotePath(Buffer.concat([Buffer.from(ORIGIN_PREFIX), unquotePath(ref.name).subarray('refs/'.length)])) });

/**
 * What refs pointed to some visits ago and no longer do, as refs of the cache: git then tells the origin that it has
 * them, so that a branch that comes back costs bytes, not its history.
 */
async function formerTips(store: Store, repository: string, known: Known): Promise<Ref[]> {
  const present = new Set(known.snapshot.refs.map((ref) => ref.oid));
  const former = new Map<string, Ref>();
  const seen = new Set([known.visit.snapshotPath]);
  for (let seq = known.visit.seq - 1; seq > 0 && seq >= known.visit.seq - FORMER_VISITS; seq--) {
    const visit = await readVisit(store, repository, seq);
    if (seen.has(visit.snapshotPath)) continue;
    seen.add(visit.snapshotPath);
    const { refs, shallow } = await readSnapshot(store, repository, visit);
    for (const ref of shallow.length > 0 ? [] : refs) if (!present.has(ref.oid)) former.set(ref.oid, { ...ref, name: `refs/former/${ref.oid}` });
  }
  return [...former.values()];
}

/** Finished packs of an earlier attempt that are still whole: regular files with an index; links are the archive's. */
async function keepFinishedPacks(cache: OriginCache, kept: string): Promise<void> {
  await mkdir(kept, { recursive: true });
  for (const name of await finishedPacks(cache)) if (await isWhole(join(cache.packs, name), name)) for (const extension of ['pack', 'idx']) await rename(join(cache.packs, `${name}.${extension}`), join(kept, `${name}.${extension}`));
}

function isWhole(base: string, name: string): Promise<boolean> {
  return provePack(base, name).then(() => true, (error: unknown) => {
    if (isPivoError(error, 'Damaged')) return false;
    throw error;
  });
}

/** The archive's packs of a visit, as links in the cache: git sees exactly what the visit lists. */
async function borrowPacks(cache: OriginCache, store: Store, repository: string, visit: Visit, signal: AbortSignal): Promise<void> {
  const objects = await localObjects(store, repository, visit.packs, cache.folder, signal);
  if (store.localPath('') !== null) await checkPacks(store, repository, visit.packs); // copies were checked as they were made
  for (const { name } of visit.packs) {
    for (const extension of ['pack', 'idx'] as const) {
      await symlink(join(objects, 'pack', `${name}.${extension}`), join(cache.packs, `${name}.${extension}`)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }
}

/** Names of the complete packs in the cache that are not the archive's own. */
export async function finishedPacks(cache: OriginCache): Promise<string[]> {
  const files: string[] = await readdir(cache.packs).catch(() => []);
  const names = files.flatMap((file) => (/^pack-[0-9a-f]+\.idx$/.test(file) && files.includes(file.replace(/idx$/, 'pack')) ? [file.slice(0, -4)] : []));
  const regular = await Promise.all(names.map(async (name) => (await lstat(join(cache.packs, `${name}.pack`))).isFile()));
  return names.filter((_, i) => regular[i]).sort();
}

/** After a visit the archive has everything: what is left in the cache would only look new to the next run. */
export async function discardPacks(cache: OriginCache): Promise<void> {
  await rm(cache.packs, { recursive: true, force: true });
  await rm(joinedFolder(cache), { recursive: true, force: true });
}

/** Where packs are joined. */
export const joinedFolder = (cache: OriginCache): string => join(cache.folder, 'joined');

const observationFile = (cache: OriginCache, runId: string): string => join(cache.folder, 'runs', `${runId}.json`);

/** Keeps what a run observed for its next steps. */
export async function saveObservation(cache: OriginCache, runId: string, observation: Observation): Promise<void> {
  const file = observationFile(cache, runId);
  await mkdir(join(cache.folder, 'runs'), { recursive: true });
  await replaceFile(file, JSON.stringify(observation));
}

/** What the run observed. Fails with WorkerLost when this worker's cache does not have it: the sequence starts over. */
export async function loadObservation(cache: OriginCache, runId: string): Promise<Observation> {
  try {
    return Observation.parse(JSON.parse(await readFile(observationFile(cache, runId), 'utf8')));
  } catch (error) {
    throw new PivoError('WorkerLost', `the cache of run ${runId} is gone`, { hint: 'The run starts over by itself.', cause: error });
  }
}

/** Forgets finished runs; the newest stays for steps that are tried again. */
export async function forgetOtherRuns(cache: OriginCache, runId: string): Promise<void> {
  const runs = await readdir(join(cache.folder, 'runs')).catch(() => []);
  await Promise.all(runs.filter((file) => !file.startsWith(runId)).map((file) => unlink(join(cache.folder, 'runs', file)).catch(() => {})));
}

/** When a process began, from /proc (proc(5), stat field 22): with its id it names one process for ever. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** Notes the git of this attempt, so that the next attempt can end it when this worker is killed. */
export async function noteChild(cache: OriginCache, pid: number): Promise<void> {
  await mkdir(cache.folder, { recursive: true });
  await writeFile(join(cache.folder, 'git.pid'), JSON.stringify({ pid, start: await startOf(pid) }));
}

/** Ends the git that a killed attempt left running: two must not write one cache. */
export async function endLeftoverChild(cache: OriginCache): Promise<void> {
  const noted = await readFile(join(cache.folder, 'git.pid'), 'utf8').then((text) => JSON.parse(text) as { pid: number; start: string | null }, () => null);
  if (noted === null) return;
  if (noted.start !== null && (await startOf(noted.pid)) === noted.start) killGroup(noted.pid);
  await rm(join(cache.folder, 'git.pid'), { force: true });
}
