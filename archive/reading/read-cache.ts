// The disposable bare repository that a reader reads from: every pack of every visit, and an index over them.
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PivoError } from '../../contract/failures.ts';
import { git } from '../../git/process.ts';
import { replaceFile } from '../../whole-file.ts';
import { localObjects } from '../local-packs.ts';
import { commitsWithoutParents } from '../object-gaps.ts';
import { bareConfig } from '../snapshots.ts';
import type { Store } from '../store.ts';
import { extendHistory, keepHistory, keptHistory, type History } from './history.ts';

export interface ReadCache {
  gitDir: string;
  history: History;
}

/** With more packs than this, one index over all of them is written. */
const FEW_PACKS = 4;

/**
 * The read cache below `folder`, brought up to the last visit. Several processes may do this at once: files are made
 * aside and renamed into place. Fails with NotFound when the repository has no visit, and with Damaged.
 */
export async function openReadCache(store: Store, repository: string, folder: string): Promise<ReadCache> {
  const gitDir = join(folder, 'read.git');
  const kept = await keptHistory(gitDir, store, repository);
  const history = await extendHistory(kept, store, repository);
  if (history === null) throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.', facts: { repository } });
  if (kept === null) return makeAnew(store, repository, folder, gitDir, history);
  if (history !== kept) await update(store, repository, gitDir, history);
  return { gitDir, history };
}

async function makeAnew(store: Store, repository: string, folder: string, gitDir: string, history: History): Promise<ReadCache> {
  await mkdir(folder, { recursive: true });
  await discardLeftovers(folder);
  const aside = await mkdtemp(join(folder, ASIDE));
  try {
    await makeSkeleton(aside, history);
    await update(store, repository, aside, history);
    if (await moveInto(aside, gitDir)) return { gitDir, history };
    if ((await keptHistory(gitDir, store, repository)) !== null) return await openReadCache(store, repository, folder);
    await discard(gitDir, folder);
    if (await moveInto(aside, gitDir)) return { gitDir, history };
    return await openReadCache(store, repository, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Folders of caches under construction begin so. */
const ASIDE = 'read-';
/** Milliseconds after which nobody works on one any more. */
const LEFT_BEHIND = 86_400_000;

/** Removes what killed processes left. */
async function discardLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(ASIDE)) continue;
    const since = (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? Date.now();
    if (since < Date.now() - LEFT_BEHIND) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** False when something is there already. */
async function moveInto(aside: string, gitDir: string): Promise<boolean> {
  try {
    await rename(aside, gitDir);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Takes a cache of another archive away in one step, then removes it. */
async function discard(gitDir: string, folder: string): Promise<void> {
  const old = await mkdtemp(join(folder, ASIDE));
  await rename(gitDir, join(old, 'old')).catch(() => {}); // another process was faster
  await rm(old, { recursive: true, force: true });
}

/** The smallest bare repository that git accepts. */
async function makeSkeleton(gitDir: string, { objectFormat }: History): Promise<void> {
  await mkdir(join(gitDir, 'objects', 'pack'), { recursive: true });
  await mkdir(join(gitDir, 'refs'), { recursive: true });
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/.invalid\n');
  await writeFile(join(gitDir, 'config'), bareConfig(objectFormat));
}

async function update(store: Store, repository: string, gitDir: string, history: History): Promise<void> {
  const folder = join(gitDir, 'objects', 'pack');
  const present = new Set((await readdir(folder)).filter((name) => name.endsWith('.idx')));
  const missing = Object.keys(history.packs).filter((name) => !present.has(`${name}.idx`));
  await addPacks(store, repository, gitDir, missing, history);
  const packs = Object.keys(history.packs);
  if (packs.length > FEW_PACKS && missing.length > 0) await writeIndexOverAll(gitDir, packs, history);
  for (const name of history.replaced) for (const extension of ['idx', 'pack']) await rm(join(folder, `${name}.${extension}`), { force: true });
  if (history.gaps && missing.length > 0) await noteGaps(gitDir);
  await keepHistory(gitDir, history);
}

/** Links to the packs, each before its index: git looks for indexes. */
async function addPacks(store: Store, repository: string, gitDir: string, names: readonly string[], history: History): Promise<void> {
  const wanted = names.flatMap((name) => (history.packs[name] === undefined ? [] : [{ name, ...history.packs[name] }]));
  const objects = await localObjects(store, repository, wanted, dirname(gitDir));
  for (const name of names) {
    for (const extension of ['pack', 'idx']) await symlink(join(objects, 'pack', `${name}.${extension}`), join(gitDir, 'objects', 'pack', `${name}.${extension}`)).catch(ignoreExisting);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** A multi-pack-index (gitformat-pack(5)), made in a scratch repository of links and renamed into place. */
async function writeIndexOverAll(gitDir: string, packs: readonly string[], history: History): Promise<void> {
  const folder = join(gitDir, 'objects', 'pack');
  const scratch = await mkdtemp(join(gitDir, 'index-'));
  try {
    await makeSkeleton(scratch, history);
    const links = join(scratch, 'objects', 'pack');
    for (const name of packs) for (const extension of ['pack', 'idx']) await symlink(join(folder, `${name}.${extension}`), join(links, `${name}.${extension}`));
    await git(['multi-pack-index', 'write'], { gitDir: scratch });
    await rename(join(links, 'multi-pack-index'), join(folder, 'multi-pack-index'));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Commits whose parents are nowhere are boundaries for git (gitrepository-layout(5), `shallow`). */
async function noteGaps(gitDir: string): Promise<void> {
  const commits = await commitsWithoutParents(gitDir);
  await replaceFile(join(gitDir, 'shallow'), commits.map((oid) => `${oid}\n`).join(''));
}
