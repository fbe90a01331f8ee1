// Somebody who may do anything to archived files, as disks and administrators may and PIVO never does: for damage in tests.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { proveStream } from '../../archive/proof.ts';
import type { Store } from '../../archive/store.ts';

/** Paths are those of the store. */
export interface ArchiveHand {
  read(path: string): Promise<Buffer>;
  /** Puts other bytes in the place of a file. */
  replace(path: string, bytes: Buffer): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The hand on an archive of this machine. */
export function localHand(store: Store): ArchiveHand {
  const at = (path: string): string => store.localPath(path) ?? '/nonexistent';
  return {
    read: (path) => readFile(at(path)),
    replace: async (path, bytes) => {
      await chmod(at(path), 0o644);
      await writeFile(at(path), bytes);
      await chmod(at(path), 0o444);
    },
    remove: async (path) => {
      await chmod(dirname(at(path)), 0o755);
      await rm(at(path));
    },
  };
}

/** Changes one bit in the middle of a file; done twice, the file is as it was. */
export async function flipBitBy(hand: ArchiveHand, path: string): Promise<void> {
  const bytes = await hand.read(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await hand.replace(path, bytes);
}

/** Every file below a folder of the store; what is still under a temporary name is none. */
export async function* filesBelow(store: Store, folder: string): AsyncGenerator<string> {
  for (const { name, kind } of await store.list(folder)) {
    if (name.startsWith('.tmp-')) continue;
    if (kind === 'folder') yield* filesBelow(store, `${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

/** SHA-256 of every file below a folder of the store, by its path. */
export async function fingerprintOf(store: Store, folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const path of filesBelow(store, folder)) found.set(path, (await proveStream(store.open(path))).sha256);
  return found;
}
