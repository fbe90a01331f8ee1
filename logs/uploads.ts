// The folder in which uploads wait to be read: beside the log index, and the only one from which anything is removed.
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Folder of a log index's uploads. */
export const uploadsOf = (index: string): string => join(resolve(dirname(index)), 'uploads');

/** True for a path that lies directly in the folder of uploads, however it is written. */
export const isUploaded = (index: string, path: string): boolean => dirname(resolve(path)) === uploadsOf(index);

/** Removes uploads; whatever lies elsewhere, and every folder, stays. */
export async function dropUploaded(index: string, paths: readonly string[]): Promise<void> {
  await Promise.all(paths.filter((path) => isUploaded(index, path)).map((path) => rm(path, { force: true })));
}
