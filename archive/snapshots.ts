// Snapshots: their id, the bare repository that each one is, and how they are written and read.
import { createHash } from 'node:crypto';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { Snapshot, type Head, type ObjectFormat, type Ref } from '../contract/snapshot.ts';
import { unquotePath } from '../git/quote.ts';
import type { Visit } from '../contract/visit.ts';
import { repositoryPath, snapshotFolder } from './layout.ts';
import { readJson, readSmall } from './read.ts';
import type { Store } from './store.ts';

const TARGET_TYPE = { commit: 'revision', tree: 'directory', blob: 'content', tag: 'release' } as const;

/** Order of refs: by the bytes of their names. */
export const byName = (a: { name: string }, b: { name: string }): number => Buffer.compare(unquotePath(a.name), unquotePath(b.name));

/**
 * The id of a state of refs, as Software Heritage computes it (SWHID specification, "Snapshots"): each branch is
 * `type SP name NUL length ":" target`, sorted by the bytes of the names, HEAD an alias when symbolic.
 * A SHA-256 repository gets the same construction with SHA-256 under `pivo:1:snp:`.
 */
export function snapshotId(objectFormat: ObjectFormat, head: Head, refs: readonly Ref[]): string {
  const branches: { name: string; type: string; target: Buffer }[] = refs.map((ref) => ({ name: ref.name, type: TARGET_TYPE[ref.type], target: Buffer.from(ref.oid, 'hex') }));
  if (head.symref !== null) branches.push({ name: 'HEAD', type: 'alias', target: unquotePath(head.symref) });
  else if (head.oid !== null) branches.push({ name: 'HEAD', type: TARGET_TYPE.commit, target: Buffer.from(head.oid, 'hex') });
  const manifest = Buffer.concat(branches.sort(byName).flatMap(({ name, type, target }) => [Buffer.from(`${type} `), unquotePath(name), Buffer.from(`\0${target.length}:`), target]));
  const hash = createHash(objectFormat).update(`snapshot ${manifest.length}\0`).update(manifest).digest('hex');
  return objectFormat === 'sha1' ? `swh:1:snp:${hash}` : `pivo:1:snp:${hash}`;
}

/** A snapshot with its refs in order and its id. */
export function makeSnapshot(state: Pick<Snapshot, 'objectFormat' | 'head' | 'refs' | 'shallow'>): Snapshot {
  const refs = [...state.refs].sort(byName);
  return { formatVersion: 1, id: snapshotId(state.objectFormat, state.head, refs), objectFormat: state.objectFormat, head: state.head, refs, shallow: [...state.shallow].sort() };
}

/** The folder of a snapshot below its repository's. */
export function folderOf(snapshot: Snapshot): string {
  const boundary = snapshot.shallow.length === 0 ? null : createHash('sha256').update(snapshot.shallow.join('\n')).digest('hex').slice(0, 40);
  return snapshotFolder(snapshot.id, boundary);
}

/**
 * Refs in git's packed format, truly sorted and fully peeled as the header says
 * (refs/packed-backend.c: an unsorted or unpeeled file loses look-ups silently).
 */
export function packedRefs(refs: readonly Ref[]): Buffer {
  const lines = refs.flatMap((ref) => [Buffer.from(`${ref.oid} `), unquotePath(ref.name), Buffer.from(`\n${ref.peeled === undefined ? '' : `^${ref.peeled}\n`}`)]);
  return Buffer.concat([Buffer.from('# pack-refs with: peeled fully-peeled sorted \n'), ...lines]);
}

/** The HEAD file; a repository whose HEAD is not known gets one that names no possible branch. */
export function headFile(head: Head): Buffer {
  if (head.symref === null) return Buffer.from(`${head.oid ?? 'ref: refs/heads/.invalid'}\n`);
  return Buffer.concat([Buffer.from('ref: '), unquotePath(head.symref), Buffer.from('\n')]);
}

/** `lfs.storage` is for stock git-lfs, which looks there for the objects of a repository that it reaches by path. */
const REPOSITORY_CONFIG = '[gc]\n\tauto = 0\n[uploadpack]\n\tallowFilter = true\n[receive]\n\thideRefs = refs\n[lfs]\n\tstorage = ../../lfs\n';

/** The config of a bare repository of this object format (gitrepository-layout(5), extensions.objectFormat). */
export function bareConfig(objectFormat: ObjectFormat): string {
  const sha256 = objectFormat === 'sha256';
  return `[core]\n\trepositoryformatversion = ${sha256 ? 1 : 0}\n\tfilemode = true\n\tbare = true\n${sha256 ? '[extensions]\n\tobjectFormat = sha256\n' : ''}`;
}

/** The files of a snapshot's folder; snapshot.json is last, so that it says the others are there. */
export function snapshotFiles(snapshot: Snapshot): [name: string, content: string | Buffer][] {
  return [
    ['HEAD', headFile(snapshot.head)],
    ['config', bareConfig(snapshot.objectFormat) + REPOSITORY_CONFIG],
    ['packed-refs', packedRefs(snapshot.refs)],
    ['refs/.keep', ''],
    ['objects/info/alternates', '../../../objects\n'],
    ...(snapshot.shallow.length === 0 ? [] : [['shallow', snapshot.shallow.map((oid) => `${oid}\n`).join('')] as [string, string]]),
    ['snapshot.json', `${JSON.stringify(snapshot, null, 1)}\n`],
  ];
}

/** Writes a snapshot's folder and seals it; what is there already must be the same. Returns its path below the repository's. */
export async function putSnapshot(store: Store, repository: string, snapshot: Snapshot, signal?: AbortSignal): Promise<string> {
  const folder = folderOf(snapshot);
  const place = `${repositoryPath(repository)}/${folder}`;
  if ((await store.stat(`${place}/snapshot.json`)) === null) {
    for (const [name, content] of snapshotFiles(snapshot)) await ensure(store, `${place}/${name}`, typeof content === 'string' ? Buffer.from(content) : content, signal);
    await store.seal(place);
  }
  await check(store, repository, folder, snapshot);
  return folder;
}

/** Creates a file, or accepts the one that is there when it has the same bytes. */
export async function ensure(store: Store, path: string, content: Buffer, signal?: AbortSignal): Promise<void> {
  try {
    await store.create(path, content, signal);
  } catch (error) {
    if (!isPivoError(error, 'Exists')) throw error;
    if (content.equals(await readSmall(store, path))) return;
    throw new PivoError('Damaged', `${path} is not what it should be`, { hint: 'It was changed after it was archived: run `pivo verify`.', cause: error });
  }
}

async function check(store: Store, repository: string, folder: string, snapshot: Snapshot): Promise<void> {
  const stored = await readJson(store, `${repositoryPath(repository)}/${folder}/snapshot.json`, Snapshot);
  if (JSON.stringify(stored) !== JSON.stringify(snapshot)) {
    throw new PivoError('Damaged', `${repository}/${folder}/snapshot.json does not hold the snapshot that it is named after`, { hint: 'Run `pivo verify`.' });
  }
}

/** The snapshot that a visit found. Fails with NotFound or Damaged. */
export async function readSnapshot(store: Store, repository: string, visit: Pick<Visit, 'snapshotPath'>): Promise<Snapshot> {
  const path = `${repositoryPath(repository)}/${visit.snapshotPath}/snapshot.json`;
  const snapshot = await readJson(store, path, Snapshot);
  const id = snapshotId(snapshot.objectFormat, snapshot.head, snapshot.refs);
  if (id === snapshot.id && folderOf(snapshot) === visit.snapshotPath) return snapshot;
  const what = id === snapshot.id ? `it belongs into ${folderOf(snapshot)}` : `its refs and HEAD make ${id}, not ${snapshot.id}`;
  throw new PivoError('Damaged', `${path}: ${what}`, { hint: 'It was changed after it was archived: run `pivo verify`.', facts: { path } });
}
