// Which paths differ between two trees: both are walked together, equal ids are not looked into.
import type { CatFile } from '../../git/cat-file.ts';
import { readTree, type TreeEntry } from './tree.ts';

export interface PathDifference {
  /** A added, D deleted, M modified, T type changed. */
  status: 'A' | 'D' | 'M' | 'T';
  path: Buffer;
  old: TreeEntry | null;
  new: TreeEntry | null;
}

/** Differences of what two commits have at one path, files only, in the order of their paths. */
export async function* diffEntries(objects: CatFile, path: Buffer, old: TreeEntry | null, now: TreeEntry | null): AsyncGenerator<PathDifference> {
  if (old?.oid === now?.oid && old?.mode === now?.mode) return;
  const [oldFile, newFile] = [fileOf(old), fileOf(now)];
  if (oldFile !== null || newFile !== null) yield { status: statusOf(oldFile, newFile), path, old: oldFile, new: newFile };
  if (old?.type === 'tree' || now?.type === 'tree') yield* diffFolders(objects, path, folderOf(old), folderOf(now));
}

const fileOf = (entry: TreeEntry | null): TreeEntry | null => (entry === null || entry.type === 'tree' ? null : entry);
const folderOf = (entry: TreeEntry | null): string | null => (entry?.type === 'tree' ? entry.oid : null);

function statusOf(old: TreeEntry | null, now: TreeEntry | null): PathDifference['status'] {
  if (old === null) return 'A';
  if (now === null) return 'D';
  return kindOf(old) === kindOf(now) ? 'M' : 'T';
}

/** File, symlink or gitlink; an executable bit is no other kind. */
const kindOf = ({ mode }: TreeEntry): number => Number.parseInt(mode, 8) & 0o170000;

async function* diffFolders(objects: CatFile, folder: Buffer, old: string | null, now: string | null): AsyncGenerator<PathDifference> {
  if (old === now) return;
  const [before, after] = [await entriesOf(objects, old), await entriesOf(objects, now)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const prefix = folder.length === 0 ? [] : [folder, Buffer.from('/')];
  for (const name of names) yield* diffEntries(objects, Buffer.concat([...prefix, Buffer.from(name, 'latin1')]), before.get(name) ?? null, after.get(name) ?? null);
}

/** Entries by name, a character a byte. */
async function entriesOf(objects: CatFile, oid: string | null): Promise<Map<string, TreeEntry>> {
  const entries = oid === null ? [] : await readTree(objects, oid);
  return new Map(entries.map((entry) => [entry.name.toString('latin1'), entry]));
}
