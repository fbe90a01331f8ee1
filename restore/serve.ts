// Disposable bare repositories with exactly the refs of a point, for git to serve: their objects are the read cache's.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { resolvePoint } from '../archive/reading/points.ts';
import type { RepositoryReader } from '../archive/reading/reader.ts';
import { byName, snapshotFiles } from '../archive/snapshots.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { chooseRefs } from './choose-refs.ts';

/** Milliseconds after which a repository that nobody asked for is removed. */
const UNUSED = 7 * 86_400_000;

/**
 * The repository of a point, with the refs that a restore of that point brings back: all of an instant, snapshot or visit; of a commit HEAD's branch
 * at that commit, and the tags that are its ancestors. Made when it is first asked for, below `{cache}/{repository}/served`.
 * Fails as `resolvePoint` does.
 */
export async function servedRepository(reader: RepositoryReader, cache: string, asked: string, signal?: AbortSignal): Promise<string> {
  const state = await stateOf(reader, asked, signal);
  const files = snapshotFiles(state).filter(([name]) => name !== 'snapshot.json');
  const content = files.map(([name, bytes]) => [name, name === 'objects/info/alternates' ? `${join(reader.gitDir, 'objects')}\n` : bytes] as const);
  const hash = createHash('sha256');
  for (const [name, bytes] of content) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  const gitDir = join(cache, reader.repository, 'served', `${hash.digest('hex').slice(0, 32)}.git`);
  const now = new Date();
  if (await utimes(gitDir, now, now).then(() => true, () => false)) return gitDir;
  await removeUnused(dirname(gitDir));
  return make(gitDir, content);
}

/** The refs, HEAD and boundary that a client sees. */
async function stateOf(reader: RepositoryReader, asked: string, signal?: AbortSignal): Promise<Snapshot> {
  const point = await resolvePoint(reader, asked);
  const { refs, head } = await chooseRefs('default', point, reader.gitDir, signal);
  const gaps = (await readFile(join(reader.gitDir, 'shallow'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return { ...point.snapshot, refs: [...refs].sort(byName), head, shallow: [...new Set([...point.snapshot.shallow, ...gaps])].sort() };
}

/** Made aside and renamed into place: two at once make the same. */
async function make(gitDir: string, files: readonly (readonly [string, string | Buffer])[]): Promise<string> {
  const aside = `${gitDir}.${randomUUID().slice(0, 8)}`;
  try {
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(aside, name)), { recursive: true });
      await writeFile(join(aside, name), bytes);
    }
    await rename(aside, gitDir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return gitDir;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function removeUnused(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const used = (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? Date.now();
    if (used < Date.now() - UNUSED) await rm(join(folder, name), { recursive: true, force: true });
  }
}
