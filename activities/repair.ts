// Act: replaces damaged packs by new ones, of objects that other packs or the origin still have, and says so in a repair visit.
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { keepLocally, localObjects } from '../archive/local-packs.ts';
import { packPath } from '../archive/layout.ts';
import { proveLocalPack, putPack } from '../archive/packs.ts';
import { allTips } from '../archive/reading/tips.ts';
import { verifyPacks } from '../archive/reading/verify-packs.ts';
import type { Flaw } from '../archive/reading/findings.ts';
import { readSnapshot } from '../archive/snapshots.ts';
import { commitVisit, listVisitNumbers, readVisitFile } from '../archive/visits.ts';
import { isPivoError, PivoError } from '../contract/failures.ts';
import type { RepairJob, RepairResult } from '../contract/repair.ts';
import type { PackProof, Visit } from '../contract/visit.ts';
import { startGit } from '../git/process.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { originCache } from './origin-cache.ts';
import { addOrigin, askForObjects, indexAnew, missingObjects, openSources, packAnew } from './repair-sources.ts';

interface Damaged {
  proof: PackProof;
  /** Visits that need it. */
  visits: Visit[];
  idxIsWhole: boolean;
}

interface Repair extends Damaged {
  /** The ids of the objects that it held. */
  objects: () => AsyncIterable<string>;
  missing: string[];
  from: 'archive' | 'origin';
}

/** Missing objects that a result names. */
const NAMED = 100;

/**
 * Reads every pack of the repository and repairs those that are not whole. A pack with an object that is nowhere to be found stays as
 * it is; when no pack can be repaired nothing is written. Fails with NotFound, VisitConflict, LimitExceeded, or as the store does.
 */
export async function repairRepository(deps: ActivityDeps, job: RepairJob, run: ActRun): Promise<RepairResult> {
  const { repository } = job.request;
  const { visits, sha256 } = await readVisits(deps, repository);
  const last = visits.at(-1) as Visit;
  if (last.workflow.runId === job.workflow.runId) return resultOf(last, visits.at(-2));
  const folder = join(originCache(deps.cache, repository).folder, 'repair');
  try {
    const { whole, damaged } = await findDamage(deps, repository, visits, run);
    if (damaged.length === 0) return { repository, visit: null, repaired: [], lost: [] };
    const repairs = await findObjects(deps, job, { folder, visits, whole, damaged }, run);
    const gitDir = join(folder, 'sources.git');
    const done: { pack: string; by: PackProof; from: Repair['from'] }[] = [];
    const taken = new Set(visits.flatMap(({ packs }) => packs.map(({ name }) => name)));
    for (const { proof, objects, missing, from } of repairs) {
      if (missing.length > 0) continue;
      run.onProgress({ phase: 'packing what was found', done: done.length, total: repairs.length });
      const base = await packAnew(gitDir, join(folder, 'new'), objects, taken, run.signal);
      const local = await proveLocalPack(deps.store, base, basename(base));
      const by = local.proof;
      taken.add(by.name);
      await putPack(deps.store, repository, local, run.signal);
      await keepLocally(deps.store, repository, base, by.name, originCache(deps.cache, repository).folder);
      done.push({ pack: proof.name, by, from });
    }
    const lost = repairs.filter(({ missing }) => missing.length > 0).map(({ proof, missing }) => ({ pack: proof.name, missing: missing.length, objects: missing.slice(0, NAMED) }));
    if (done.length === 0) return { repository, visit: null, repaired: [], lost };
    const visit = await commitVisit(deps.store, repairVisit(last, sha256, new Map(done.map(({ pack, by }) => [pack, by])), job, run.attempt), run.signal);
    run.log.info({ repository, visit: visit.seq, replaces: visit.replaces }, 'repair visit committed');
    return { repository, visit: visit.seq, repaired: done.map(({ pack, by, from }) => ({ pack, by: [by.name], objects: by.objects, from })), lost };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All visits, ascending, and the SHA-256 of the last one's file. Fails with NotFound, and with Damaged: a chain that cannot be read cannot be gone on with. */
async function readVisits({ store }: ActivityDeps, repository: string): Promise<{ visits: Visit[]; sha256: string }> {
  const visits: Visit[] = [];
  let sha256 = '';
  for (const seq of await listVisitNumbers(store, repository)) {
    const file = await readVisitFile(store, repository, seq);
    visits.push(file.visit);
    sha256 = file.sha256;
  }
  if (visits.length === 0) throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.' });
  return { visits, sha256 };
}

/** Reads every pack and index that no repair replaced. */
async function findDamage(deps: ActivityDeps, repository: string, visits: readonly Visit[], run: ActRun): Promise<{ whole: PackProof[]; damaged: Damaged[] }> {
  const flaws: Flaw[] = [];
  const objects = (packs: readonly PackProof[]): Promise<string> => localObjects(deps.store, repository, packs, originCache(deps.cache, repository).folder, run.signal);
  const { damaged: names } = await verifyPacks({ store: deps.store, repository, visits, objects, includes: () => true, onRead: () => {}, findings: flaws, signal: run.signal, onProgress: (progress) => run.onProgress(progress) });
  const replaced = new Set(visits.flatMap((visit) => Object.keys(visit.replaces)));
  const proofs = [...new Map(visits.flatMap(({ packs }) => packs.map((proof) => [proof.name, proof] as const))).values()];
  const damaged = proofs.filter(({ name }) => names.has(name) && !replaced.has(name)).map((proof): Damaged => ({
    proof,
    visits: visits.filter(({ packs }) => packs.some(({ name }) => name === proof.name)),
    idxIsWhole: !flaws.some(({ file }) => file === packPath(repository, proof.name, 'idx')),
  }));
  return { whole: proofs.filter(({ name }) => !names.has(name)), damaged };
}

interface Search {
  folder: string;
  visits: readonly Visit[];
  whole: readonly PackProof[];
  damaged: readonly Damaged[];
}

/** Looks for the objects of each damaged pack: in the archive first, then at the origin. */
async function findObjects(deps: ActivityDeps, { request }: RepairJob, { folder, visits, whole, damaged }: Search, run: ActRun): Promise<Repair[]> {
  const { repository, credential = null } = request;
  const last = visits.at(-1) as Visit;
  const objects = await localObjects(deps.store, repository, whole, originCache(deps.cache, repository).folder, run.signal);
  const gitDir = await openSources(folder, last.objectFormat, objects, whole.map(({ name }) => name));
  run.onProgress({ phase: 'looking for the objects in other packs' });
  const repairs: Repair[] = [];
  for (const each of damaged) {
    const listed = await objectsOf(deps, repository, each, gitDir, run.signal);
    repairs.push({ ...each, objects: listed, missing: await missingOf(gitDir, listed, run.signal), from: 'archive' });
  }
  if (repairs.every(({ missing }) => missing.length === 0)) return repairs;
  run.onProgress({ phase: 'fetching from the origin' });
  const access = { url: last.origin, credential, objectFormat: last.objectFormat };
  const why = await addOrigin(deps, folder, gitDir, access, await tipsOf(deps, repository, damaged.flatMap((each) => each.visits)), run);
  if (why !== null) run.log.warn({ repository, why }, 'the origin could not be asked for what is missing');
  else await askForObjects(deps, folder, access, (await Promise.all(repairs.map(({ objects }) => missingOf(gitDir, objects, run.signal)))).flat(), run);
  for (const repair of repairs) {
    if (repair.missing.length === 0) continue;
    repair.missing = await missingOf(gitDir, repair.objects, run.signal);
    repair.from = 'origin';
  }
  return repairs;
}

/** As its index lists them; where that is damaged too, as a new index does, or else all that the visits' refs reach. */
async function objectsOf({ store }: ActivityDeps, repository: string, { proof, visits, idxIsWhole }: Damaged, gitDir: string, signal: AbortSignal): Promise<() => AsyncIterable<string>> {
  const format = proof.name.length === 'pack-'.length + 64 ? 'sha256' : 'sha1';
  if (idxIsWhole) return () => indexed(store.open(packPath(repository, proof.name, 'idx'), undefined, signal), format, signal);
  const readable = await indexAnew(store, repository, proof.name, gitDir, signal).catch((error: unknown) => {
    if (isPivoError(error, 'NotFound', 'Damaged')) return false;
    throw error;
  });
  if (readable) return () => indexed(createReadStream(join(gitDir, 'objects', 'pack', `${proof.name}.idx`)), format, signal);
  const tips = await tipsOf({ store }, repository, visits);
  return () => reached(gitDir, tips, signal);
}

/** `offset SP id SP (crc)` (git-show-index(1)). */
async function* indexed(idx: AsyncIterable<Uint8Array>, format: string, signal: AbortSignal): AsyncGenerator<string> {
  const running = startGit(['show-index', `--object-format=${format}`], { input: idx, signal });
  try {
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1') })) yield line.split(' ')[1] ?? '';
    await running.done;
  } finally {
    running.kill('SIGKILL');
  }
}

/** Everything that these objects reach, what is missing too. */
async function* reached(gitDir: string, tips: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  const absent = new Set(await missingObjects(gitDir, tips, signal));
  yield* absent;
  const running = startGit(['rev-list', '--objects', '--no-object-names', '--missing=print', '--stdin'], { gitDir, input: `${tips.filter((tip) => !absent.has(tip)).join('\n')}\n`, signal });
  try {
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1') })) yield line.replace(/^\?/, '');
    await running.done;
  } catch (error) {
    const absent = isPivoError(error, 'GitFailed') ? /\b[0-9a-f]{40,64}\b/.exec(String(error.facts['stderr']))?.[0] : undefined; // git ends at a commit that is missing
    if (absent === undefined) throw error;
    yield absent;
  } finally {
    running.kill('SIGKILL');
  }
}

const missingOf = (gitDir: string, objects: () => AsyncIterable<string>, signal: AbortSignal): Promise<string[]> => missingObjects(gitDir, objects(), signal);

async function tipsOf({ store }: Pick<ActivityDeps, 'store'>, repository: string, visits: readonly Visit[]): Promise<string[]> {
  const tips = new Set<string>();
  for (const [, [visit]] of Map.groupBy(visits, ({ snapshotPath }) => snapshotPath)) {
    if (visit === undefined) continue;
    const snapshot = await readSnapshot(store, repository, visit);
    for (const tip of allTips(snapshot)) tips.add(tip);
  }
  return [...tips];
}

/** The state of the last visit, with new packs in place of damaged ones. */
function repairVisit(last: Visit, sha256: string, by: ReadonlyMap<string, PackProof>, { workflow }: RepairJob, attempt: number): Visit {
  const kept = last.packs.filter(({ name }) => !by.has(name));
  return {
    ...last,
    seq: last.seq + 1,
    previous: { seq: last.seq, sha256 },
    time: new Date(Math.max(Date.now(), Date.parse(last.time) + 1)).toISOString(),
    outcome: last.holes.length > 0 ? 'partial' : 'unchanged',
    packs: [...kept, ...by.values()],
    newPacks: [...by.values()].map(({ name }) => name),
    replaces: { ...last.replaces, ...Object.fromEntries([...by].map(([damaged, { name }]) => [damaged, [name]])) },
    changes: { created: 0, updated: 0, forced: 0, deleted: 0 },
    workflow: { ...workflow, attempt },
  };
}

/** What a committed repair visit says, for an attempt that comes after it. */
function resultOf(visit: Visit, before: Visit | undefined): RepairResult {
  const objects = new Map(visit.packs.map(({ name, objects }) => [name, objects]));
  const repaired = Object.entries(visit.replaces).filter(([pack, by]) => before?.replaces[pack]?.join() !== by.join());
  return { repository: visit.repository, visit: visit.seq, repaired: repaired.map(([pack, by]) => ({ pack, by, objects: by.reduce((sum, name) => sum + (objects.get(name) ?? 0), 0), from: 'archive' })), lost: [] };
}
