// Verifies one repository of the archive, or a part of its files, from its visits down to every object id.
import type { Progress } from '../../contract/ingest.ts';
import { PivoError } from '../../contract/failures.ts';
import type { ArchivedKind, Part, ReadFile, RepositoryVerdict } from '../../contract/verification.ts';
import type { PackProof, Visit } from '../../contract/visit.ts';
import { listForgeExports } from '../forge-data.ts';
import { decisionPath, repositoryPath, visitPath } from '../layout.ts';
import { localObjects } from '../local-packs.ts';
import { asRepaired, repairsIn } from '../repairs.ts';
import { isRemoved, listRetentions, removedBy, type RemovedCheckouts } from '../retentions.ts';
import type { Store } from '../store.ts';
import { DAMAGED_HINT, findingOf, type Flaw } from './findings.ts';
import type { Library } from './library.ts';
import { verifyCheckouts } from './verify-checkouts.ts';
import { verifyDecisions } from './verify-decisions.ts';
import { verifyForge } from './verify-forge.ts';
import { verifyHars } from './verify-hars.ts';
import { verifyLfs } from './verify-lfs.ts';
import { verifyObjects } from './verify-objects.ts';
import { verifyPacks, type PackProblem } from './verify-packs.ts';
import { isInPart } from './verify-part.ts';
import { verifySnapshots, verifyVisits } from './verify-visits.ts';

export interface VerifyOptions {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
  /** Only the files of this part. The chain of visits is read whole each time: it says what there is. */
  part?: Part | undefined;
  /** What others found who read the packs, by a pack's path in the store; undefined: nobody did. */
  told?: ((pack: string) => PackProblem[] | undefined) | undefined;
}

/**
 * Reads everything that the visits of a repository name: the chain of visits, the gate's decisions, snapshots with their ids recomputed, each pack
 * and index once against its visit and by git, what every state's refs reach, every file of each checkout, objects of Git LFS, and what was exported of its forge. What is wrong is a finding, not a failure.
 * Fails with NotFound for an unknown repository, Cancelled, and as the store does when it does not answer.
 */
export async function verifyRepository(store: Store, library: Pick<Library, 'cacheOf'>, repository: string, { signal, onProgress, part, told }: VerifyOptions): Promise<RepositoryVerdict> {
  const flaws: Flaw[] = [];
  const files: ReadFile[] = [];
  const below = repositoryPath(repository).length + 1;
  const includes = (path: string): boolean => part === undefined || isInPart(repository, path.slice(below), part);
  onProgress({ phase: `checking visits of ${repository}` });
  const stored = await verifyVisits(store, repository, flaws);
  if (stored.length === 0 && flaws.length === 0 && (await listForgeExports(store, repository)).length === 0) throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.', facts: { repository } });
  const includesSnapshot = (path: string): boolean => includes(`${repositoryPath(repository)}/${path}`);
  const snapshots = await verifySnapshots(store, repository, stored, flaws, includesSnapshot);
  files.push(...(await smallFiles(store, repository, stored, includes)));
  const objects = (packs: readonly PackProof[]): Promise<string> => localObjects(store, repository, packs, library.cacheOf(repository), signal);
  const common = { store, repository, objects, includes, onRead: (file: ReadFile) => void files.push(file), findings: flaws, signal, onProgress };
  await verifyDecisions({ ...common, visits: stored });
  const { packs, bytes, damaged } = await verifyPacks({ ...common, visits: stored, told });
  const repairs = repairsIn(stored);
  const visits = stored.map((visit) => asRepaired(visit, repairs));
  const onVisit = (done: number, total: number): void => onProgress({ phase: `walking the objects of ${repository}`, done, total });
  await verifyObjects({ ...common, visits, snapshots, damaged, onVisit });
  const before = await removedSoFar(store, repository, flaws);
  const kept = visits.filter(({ checkout }) => !isRemoved(checkout, before));
  const checkoutFlaws: Flaw[] = [];
  await verifyHars({ ...common, findings: checkoutFlaws, visits: kept, damaged });
  const checked = await verifyCheckouts({ ...common, findings: checkoutFlaws, visits: kept, damaged });
  flaws.push(...(await stillFlaws(store, repository, kept, checkoutFlaws)));
  const lfsBytes = await verifyLfs({ ...common, visits: stored });
  const forgeBytes = await verifyForge(common);
  const findings = flaws.map((flaw) => findingOf(flaw, stored));
  const read = (of: ArchivedKind): number => files.filter(({ kind }) => kind === of).length;
  return { repository, ok: findings.length === 0, visits: stored.length, snapshots: snapshots.size, packs, checkouts: read('checkout'), forgeFiles: read('forge'), bytes: bytes + checked.bytes + lfsBytes + forgeBytes, findings, files };
}

/** The checkouts that retention removed; a record that cannot be read is a finding. */
async function removedSoFar(store: Store, repository: string, flaws: Flaw[]): Promise<RemovedCheckouts> {
  return removedBy(await listRetentions(store, repository, ({ kind, message }, file) => flaws.push({ file, problem: kind === 'NotFound' ? 'it is not there, and a later record is' : message, hint: DAMAGED_HINT, visits: [] })));
}

/** What is wrong with checkouts, but for those that were removed while they were read. */
async function stillFlaws(store: Store, repository: string, visits: readonly Visit[], flaws: readonly Flaw[]): Promise<Flaw[]> {
  if (flaws.length === 0) return [];
  const removed = removedBy(await listRetentions(store, repository, () => {}));
  const gone = visits.filter(({ checkout }) => isRemoved(checkout, removed)).map(({ checkout }) => `${repositoryPath(repository)}/${checkout.path ?? ''}`);
  return flaws.filter(({ file }) => !gone.some((folder) => file === folder || file.startsWith(`${folder}/`)));
}

/** The visits and the folders of snapshots that were read. */
async function smallFiles(store: Store, repository: string, visits: readonly Visit[], includes: (path: string) => boolean): Promise<ReadFile[]> {
  const files: ReadFile[] = [];
  for (const { seq } of visits) {
    const file = visitPath(repository, seq);
    if (includes(file)) files.push({ kind: 'visit', file, bytes: (await store.stat(file))?.bytes ?? 0 });
  }
  for (const path of new Set(visits.map(({ snapshotPath }) => snapshotPath))) {
    const file = `${repositoryPath(repository)}/${path}`;
    if (includes(file)) files.push({ kind: 'snapshot', file, bytes: (await store.stat(`${file}/snapshot.json`))?.bytes ?? 0 });
  }
  return files;
}

/** Every file, or folder that is read as one, that the visits of a repository name: what a verification must have read. */
export function archivedFiles(repository: string, visits: readonly Visit[], removed: RemovedCheckouts = new Map()): string[] {
  const below = (path: string): string => `${repositoryPath(repository)}/${path}`;
  const files = visits.flatMap(({ seq, snapshotPath, packs, checkout }) => [
    visitPath(repository, seq),
    below(snapshotPath),
    ...packs.flatMap(({ name }) => [below(`objects/pack/${name}.pack`), below(`objects/pack/${name}.idx`)]),
    ...(checkout.path === null || isRemoved(checkout, removed) ? [] : [below(checkout.path)]),
  ]);
  const decisions = Math.max(0, ...visits.map(({ decisions = 0 }) => decisions));
  return [...new Set([...files, ...Array.from({ length: decisions }, (_, i) => decisionPath(repository, i + 1))])];
}
