// A checkout on a local file system: plain files, hard links to the last checkout for what did not change.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, copyFile, link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { escapeGitName, isGitName } from '../places.ts';
import type { CheckoutEntry, CheckoutLaidOut, CheckoutSource } from '../store.ts';
import { cannotLink } from './write-once.ts';

/** Longest name of one path part on the file systems PIVO is used on, in bytes. */
const NAME_BYTES = 255;

interface Placed {
  path: Buffer | null;
  reason: string | null;
}

/** Where an entry is stored: its own path, or one with the dangerous first character of a part escaped as `%XX`. */
function placeOf(path: Buffer): Placed {
  const text = path.toString('latin1');
  const parts = text.split('/');
  if (parts.some((part) => part.length > NAME_BYTES)) return { path: null, reason: 'a name is longer than 255 bytes' };
  if (parts.some((part) => part === '' || part === '.' || part === '..') || text.includes('\0')) return { path: null, reason: 'no file system takes this name' };
  const safe = parts.map((part) => (isGitName(Buffer.from(part, 'latin1').toString('utf8')) ? escapeGitName(Buffer.from(part, 'latin1')).toString('latin1') : part));
  const renamed = safe.join('/') !== text;
  return { path: Buffer.from(safe.join('/'), 'latin1'), reason: renamed ? 'git would take this name for a repository' : null };
}

const fileMode = (mode: number): number => (mode === 0o100755 ? 0o555 : 0o444);
const below = (folder: string, path: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), path]);

/** Lays the files out under a temporary name and renames the folder into place; success when it is there already. */
export async function layOutFiles(path: string, full: string, root: string, source: CheckoutSource, signal?: AbortSignal): Promise<CheckoutLaidOut> {
  const laidOut: CheckoutLaidOut = { path, kind: 'files', files: 0, bytes: 0, renamed: [] };
  const there = (await lstat(full).catch(() => null)) !== null;
  const staging = join(dirname(full), `.tmp-${randomUUID()}`);
  const made = new Set<string>();
  const taken = new Set<string>();
  if (!there) await mkdir(staging, { recursive: true });
  try {
    for (const entry of source.entries) {
      signal?.throwIfAborted();
      const place = nextPlace(entry, taken);
      if (place.reason !== null) laidOut.renamed.push({ path: entry.path, stored: place.path?.toString('utf8') ?? null, reason: place.reason });
      if (place.path === null) continue;
      laidOut.files += 1;
      laidOut.bytes += entry.bytes;
      if (!there) await place1(entry, place.path, { staging, root, source, made, signal });
    }
    if (!there) await publish(staging, full);
    return laidOut;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A malformed tree can name a path twice, or a file and a folder alike: the first one stays. */
function nextPlace(entry: CheckoutEntry, taken: Set<string>): Placed {
  const place = placeOf(entry.path);
  if (place.path === null) return place;
  const key = place.path.toString('latin1');
  const parents = key.split('/').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join('/'));
  if (taken.has(key) || taken.has(`${key}/`) || parents.some((parent) => taken.has(parent))) return { path: null, reason: 'another entry of the tree has this name' };
  taken.add(key);
  for (const parent of parents) taken.add(`${parent}/`);
  return place;
}

interface Placing {
  staging: string;
  root: string;
  source: CheckoutSource;
  made: Set<string>;
  signal: AbortSignal | undefined;
}

async function place1(entry: CheckoutEntry, path: Buffer, placing: Placing): Promise<void> {
  const target = below(placing.staging, path);
  const slash = path.lastIndexOf(47);
  const folder = slash < 0 ? '' : path.subarray(0, slash).toString('latin1');
  if (!placing.made.has(folder)) {
    await mkdir(below(placing.staging, Buffer.from(folder, 'latin1')), { recursive: true });
    placing.made.add(folder);
  }
  const { previous } = placing.source;
  if (previous?.has(entry.path, entry.oid, entry.mode) === true) {
    const old = below(join(placing.root, previous.path), path);
    if (await linkOrCopy(old, target)) return;
  }
  await pipeline(await placing.source.content(entry), createWriteStream(target, { flags: 'wx', mode: fileMode(entry.mode) }), placing.signal === undefined ? {} : { signal: placing.signal });
}

/** False when the old file is gone: the content comes from the packs then. */
async function linkOrCopy(old: Buffer, target: Buffer): Promise<boolean> {
  try {
    await link(old, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    if (!cannotLink(error)) throw error;
  }
  return copyFile(old, target).then(() => true, () => false);
}

async function publish(staging: string, full: string): Promise<void> {
  await sealBelow(staging);
  try {
    await rename(staging, full);
  } catch (error) {
    if (!['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await unseal(staging);
    return;
  }
  await chmod(full, 0o555);
}

/** Read-only folders from the bottom up; the top one last, after it was renamed. */
async function sealBelow(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    if (!entry.isDirectory()) continue;
    const child = below(folder, entry.name).toString('latin1');
    await sealBytes(Buffer.from(child, 'latin1'));
  }
}

async function sealBytes(folder: Buffer): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) await sealBytes(Buffer.concat([folder, Buffer.from('/'), entry.name]));
  }
  await chmod(folder, 0o555);
}

/** Another attempt was first: make ours removable again. */
async function unseal(folder: string): Promise<void> {
  const walk = async (at: Buffer): Promise<void> => {
    await chmod(at, 0o755);
    for (const entry of await readdir(at, { withFileTypes: true, encoding: 'buffer' })) if (entry.isDirectory()) await walk(Buffer.concat([at, Buffer.from('/'), entry.name]));
  };
  await walk(Buffer.from(folder));
}
