// Where a repair finds objects: a scratch repository that sees the whole packs of the archive and, when asked, what the origin has.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { bareConfig } from '../archive/snapshots.ts';
import { packPath } from '../archive/layout.ts';
import type { Store } from '../archive/store.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { IngestLimits } from '../contract/ingest.ts';
import type { ObjectFormat } from '../contract/snapshot.ts';
import { lsRemote } from '../git/ls-remote.ts';
import { git, startGit } from '../git/process.ts';
import { withRemote } from '../git/remote.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { fetchById, fetchRefs } from './fetch-refs.ts';
import type { OriginCache } from './origin-cache.ts';

/** Tips that are asked for one by one, and objects that are asked for at once, when refs do not lead to them any more. */
const MOST_TIPS = 200;
const MOST_OBJECTS = 1_000;

/** A bare repository in `folder` that sees `packs` of `objects`; what was there is removed. */
export async function openSources(folder: string, objectFormat: ObjectFormat, objects: string, packs: readonly string[]): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const gitDir = await makeBare(join(folder, 'sources.git'), objectFormat);
  for (const name of packs) await linkPack(gitDir, join(objects, 'pack', name), name);
  return gitDir;
}

async function makeBare(gitDir: string, objectFormat: ObjectFormat): Promise<string> {
  await mkdir(join(gitDir, 'objects', 'pack'), { recursive: true });
  await mkdir(join(gitDir, 'refs'), { recursive: true });
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/.invalid\n');
  await writeFile(join(gitDir, 'config'), bareConfig(objectFormat));
  return gitDir;
}

async function linkPack(gitDir: string, base: string, name: string): Promise<void> {
  for (const extension of ['pack', 'idx']) await symlink(`${base}.${extension}`, join(gitDir, 'objects', 'pack', `${name}.${extension}`));
}

/** Makes a new index of a pack whose own is damaged or gone, where git finds it; false when the pack's objects are not right either. */
export async function indexAnew(store: Store, repository: string, name: string, gitDir: string, signal: AbortSignal): Promise<boolean> {
  const file = join(gitDir, 'objects', 'pack', `${name}.pack`);
  await pipeline(store.open(packPath(repository, name, 'pack'), undefined, signal), createWriteStream(file));
  try {
    await git(['index-pack', file], { gitDir, signal });
    return true;
  } catch (error) {
    if (!isPivoError(error, 'GitFailed')) throw error;
    await rm(file, { force: true });
    return false;
  }
}

export interface OriginAccess {
  url: string;
  credential: string | null;
  objectFormat: ObjectFormat;
}

/**
 * Fetches everything that the origin has into the folder of `gitDir`, lets `gitDir` see it, and asks for `tips` that its refs do not
 * lead to. Returns why the origin could not be asked, or null. Fails with LimitExceeded or Cancelled.
 */
export async function addOrigin(deps: ActivityDeps, folder: string, gitDir: string, { url, credential, objectFormat }: OriginAccess, tips: readonly string[], run: ActRun): Promise<string | null> {
  const cache: OriginCache = { folder, gitDir: await makeBare(join(folder, 'origin.git'), objectFormat), packs: join(folder, 'origin.git', 'objects', 'pack') };
  const limits = IngestLimits.parse({});
  const why = await withRemote(url, { ...deps, credential, limits: { memory: limits.memory, file: limits.bytes } }, async (remote) => {
    const fetch = { cache, remote, limits, run };
    const advertised = await lsRemote(remote, { signal: run.signal, maxRefs: limits.refs });
    if (advertised.refs.size > 0 || advertised.head.oid !== null) await fetchRefs(fetch, advertised);
    const absent = await missingObjects(cache.gitDir, tips, run.signal);
    for (const tip of absent.slice(0, MOST_TIPS)) await fetchById(fetch, [tip]).catch(unlessCancelled);
    return null;
  }).catch((error: unknown) => {
    if (isPivoError(error, 'OriginRefused', 'OriginUnreachable', 'OriginGone', 'UrlRefused', 'CredentialMissing')) return error.message;
    throw error;
  });
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true });
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${join(cache.gitDir, 'objects')}\n`);
  return why;
}

/** Asks the origin for single objects; what it refuses stays missing. */
export async function askForObjects(deps: ActivityDeps, folder: string, { url, credential }: OriginAccess, objects: readonly string[], run: ActRun): Promise<void> {
  const cache: OriginCache = { folder, gitDir: join(folder, 'origin.git'), packs: join(folder, 'origin.git', 'objects', 'pack') };
  const limits = IngestLimits.parse({});
  await withRemote(url, { ...deps, credential }, (remote) => fetchById({ cache, remote, limits, run }, objects.slice(0, MOST_OBJECTS))).catch(unlessCancelled);
}

function unlessCancelled(error: unknown): void {
  if (!isPivoError(error) || isPivoError(error, 'Cancelled')) throw error;
}

/** Those of `oids` that a repository does not have, in their order. */
export async function missingObjects(gitDir: string, oids: Iterable<string> | AsyncIterable<string>, signal: AbortSignal): Promise<string[]> {
  const running = startGit(['cat-file', '--buffer', '--batch-check=%(objectname)'], { gitDir, input: lines(oids), signal });
  const missing: string[] = [];
  try {
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1') })) if (line.endsWith(' missing')) missing.push(line.slice(0, -' missing'.length));
    await running.done;
    return missing;
  } finally {
    running.kill('SIGKILL');
  }
}

async function* lines(oids: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const oid of oids) {
    piece += `${oid}\n`;
    if (piece.length < 32 * 1024) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** One new pack of these objects in `folder`, under a name that `taken` does not have; its path without extension. */
export async function packAnew(gitDir: string, folder: string, oids: () => AsyncIterable<string>, taken: ReadonlySet<string>, signal: AbortSignal): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const compression of ['6', '5', '7', '4', '8', '3', '9', '1']) {
    const { stdout } = await git(['pack-objects', '--delta-base-offset', '--quiet', join(folder, 'pack')], { gitDir, input: lines(oids()), signal, config: { 'pack.compression': compression, 'pack.reuseObject': 'false' } });
    const name = `pack-${stdout.toString('latin1').trim()}`;
    if (!taken.has(name)) return join(folder, name);
    for (const file of await readdir(folder)) if (file.startsWith(name)) await rm(join(folder, file), { force: true }); // the same bytes: another compression makes others
  }
  throw new PivoError('Internal', 'no new name was found for a repaired pack', { hint: 'This is a fault of PIVO.' });
}
