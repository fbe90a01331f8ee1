// Trees read as raw bytes: their entries, and the way from a commit to one path.
import { PivoError } from '../../contract/failures.ts';
import type { CatFile } from '../../git/cat-file.ts';
import { quotePath, unquotePath } from '../../git/quote.ts';

export interface TreeEntry {
  /** Six octal digits, as `git ls-tree` shows them. */
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  oid: string;
  name: Buffer;
}

export interface ListedEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  oid: string;
  /** Bytes of a blob; null for trees, gitlinks, and blobs that the archive lacks. */
  size: number | null;
  /** Path from the root of the commit, as `quotePath` writes it. */
  path: string;
}

/** Entries of a tree object: `mode SP name NUL id` each, in git's order. Fails with Damaged. */
export function parseTree(oid: string, content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    const next = end + 1 + oid.length / 2;
    if (space === -1 || end === -1 || next > content.length) throw new PivoError('Damaged', `tree ${oid} cannot be read`, { facts: { oid } });
    const mode = canonicalMode(Number.parseInt(content.toString('latin1', at, space), 8));
    entries.push({ mode, type: TYPES[mode] ?? 'blob', oid: content.toString('hex', end + 1, next), name: content.subarray(space + 1, end) });
    at = next;
  }
  return entries;
}

const TYPES: Record<string, TreeEntry['type']> = { '040000': 'tree', '160000': 'commit' };

/** The mode that git takes a written one for (cache.h, canon_mode): old tools wrote 100664 and the like. */
function canonicalMode(mode: number): string {
  const kind = mode & 0o170000;
  if (kind === 0o100000) return (mode & 0o100) === 0 ? '100644' : '100755';
  if (kind === 0o120000) return '120000';
  return kind === 0o040000 ? '040000' : '160000';
}

/** Entries of the tree with this id. Fails with NotFound when the archive lacks it. */
export async function readTree(objects: CatFile, oid: string): Promise<TreeEntry[]> {
  const tree = await objects.read(oid);
  if (tree?.type !== 'tree') throw new PivoError('NotFound', `tree ${oid} is not in the archive`, { hint: 'The origin itself lacked it, or a pack is damaged: see `pivo verify`.', facts: { oid } });
  return parseTree(tree.oid, tree.content);
}

/** The root tree of a commit. Fails with NotFound when that is no commit of the archive. */
export async function rootOf(objects: CatFile, commit: string): Promise<TreeEntry> {
  const found = await objects.read(commit);
  const tree = found?.type === 'commit' ? /^tree ([0-9a-f]{40,64})$/m.exec(found.content.toString('latin1', 0, 80))?.[1] : undefined;
  if (tree === undefined) throw new PivoError('NotFound', `there is no commit ${commit} in the archive`, { facts: { commit } });
  return { mode: '040000', type: 'tree', oid: tree, name: Buffer.alloc(0) };
}

/** The parts of a path as people give it; leading, trailing and double `/` mean nothing. */
function partsOf(path: string): Buffer[] {
  const bytes = unquotePath(path);
  const parts: Buffer[] = [];
  for (let at = 0; at <= bytes.length; ) {
    const slash = bytes.indexOf(47, at);
    const end = slash === -1 ? bytes.length : slash;
    if (end > at) parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return parts;
}

/** A path as the archive writes it: without superfluous `/`, quoted where it is not UTF-8. */
export const normalPath = (path: string): string => quotePath(rawPath(path));

/** The bytes of a path without superfluous `/`. */
export const rawPath = (path: string): Buffer => joined(partsOf(path));

const joined = (parts: readonly Buffer[]): Buffer => Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from('/'), part])));

/** What a commit has at a path (the root for an empty one), or null. */
export async function findPath(objects: CatFile, commit: string, path: string): Promise<TreeEntry | null> {
  let entry: TreeEntry | undefined = await rootOf(objects, commit);
  for (const part of partsOf(path)) {
    if (entry.type !== 'tree') return null;
    entry = (await readTree(objects, entry.oid)).find(({ name }) => name.equals(part));
    if (entry === undefined) return null;
  }
  return entry;
}

/** As `findPath`. Fails with NotFound whose hint names what is nearby. */
export async function requirePath(objects: CatFile, commit: string, path: string): Promise<TreeEntry> {
  const entry = await findPath(objects, commit, path);
  if (entry !== null) return entry;
  const { folder, names } = await nearby(objects, commit, path);
  const where = folder === '' ? 'The commit' : `${folder}/`;
  throw new PivoError('NotFound', `commit ${commit} has no ${normalPath(path)}`, {
    hint: names.length === 0 ? `${where} is empty.` : `${where} has ${names.join(', ')}.`,
    facts: { commit, path: normalPath(path), folder, nearby: names },
  });
}

const NEARBY = 8;

/** The deepest folder on the way to `path` that exists, and the names in it that are most like the one that is not. */
async function nearby(objects: CatFile, commit: string, path: string): Promise<{ folder: string; names: string[] }> {
  const parts = partsOf(path);
  let depth = 0;
  let entries = await readTree(objects, (await rootOf(objects, commit)).oid);
  for (; depth < parts.length; depth++) {
    const next = entries.find(({ name, type }) => type === 'tree' && name.equals(parts[depth] ?? Buffer.alloc(0)));
    if (next === undefined) break;
    entries = await readTree(objects, next.oid);
  }
  const wanted = (parts[depth] ?? Buffer.alloc(0)).toString('latin1');
  const names = entries.map(({ name, type }) => ({ text: quotePath(name) + (type === 'tree' ? '/' : ''), shared: likeness(wanted, name.toString('latin1')) }));
  return { folder: quotePath(joined(parts.slice(0, depth))), names: names.sort((a, b) => b.shared - a.shared).slice(0, NEARBY).map(({ text }) => text) };
}

/** How much two names have in common, from 0 to 1: pairs of letters that both have, in any case. */
function likeness(a: string, b: string): number {
  const pairs = (text: string): string[] => Array.from({ length: Math.max(1, text.length - 1) }, (_, at) => text.toLowerCase().slice(at, at + 2));
  const [ofA, ofB] = [new Set(pairs(a)), pairs(b)];
  return (2 * ofB.filter((pair) => ofA.has(pair)).length) / (ofA.size + ofB.length);
}

/** Questions about sizes that are under way at once. */
const SIZES_AT_ONCE = 1_000;

/**
 * Entries of a commit below a path, in git's order; of a file, itself. With `recursive` all files below, without it
 * one level. Lists one folder at a time, so that it may be ended early. Fails with NotFound.
 */
export async function* listTree(objects: CatFile, commit: string, path: string, { recursive = false }: { recursive?: boolean | undefined } = {}): AsyncGenerator<ListedEntry> {
  const entry = await requirePath(objects, commit, path);
  if (entry.type === 'tree') yield* listFolder(objects, entry.oid, rawPath(path), recursive);
  else yield await listed(objects, entry, rawPath(path));
}

async function* listFolder(objects: CatFile, oid: string, folder: Buffer, recursive: boolean): AsyncGenerator<ListedEntry> {
  const entries = await readTree(objects, oid);
  for (let at = 0; at < entries.length; at += SIZES_AT_ONCE) {
    const some = entries.slice(at, at + SIZES_AT_ONCE).map((entry) => ({ entry, path: folder.length === 0 ? entry.name : joined([folder, entry.name]) }));
    const lines = await Promise.all(some.map(({ entry, path }) => listed(objects, entry, path)));
    for (const [i, { entry, path }] of some.entries()) {
      if (recursive && entry.type === 'tree') yield* listFolder(objects, entry.oid, path, true);
      else if (lines[i] !== undefined) yield lines[i];
    }
  }
}

async function listed(objects: CatFile, { mode, type, oid }: TreeEntry, path: Buffer): Promise<ListedEntry> {
  return { mode, type, oid, size: type === 'blob' ? ((await objects.info(oid))?.size ?? null) : null, path: quotePath(path) };
}
