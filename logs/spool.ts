// The folder in which uploads wait to be read: beside the log index, and the only one from which anything is removed.
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Folder of a log index's spool. */
export const spoolOf = (index: string): string => join(resolve(dirname(index)), 'spool');

/** True for a path that lies directly in the spool, however it is written. */
export const isSpooled = (index: string, path: string): boolean => dirname(resolve(path)) === spoolOf(index);

/** Removes files of the spool; whatever lies elsewhere, and every folder, stays. */
export async function dropSpooled(index: string, paths: readonly string[]): Promise<void> {
  await Promise.all(paths.filter((path) => isSpooled(index, path)).map((path) => rm(path, { force: true })));
}
