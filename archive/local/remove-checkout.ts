// Removes a checkout from a local file system: its folder gets another name, then its files go, folder by folder.
import { chmod, lstat, readdir, realpath, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PivoError } from '../../contract/failures.ts';
import { removedCheckoutPath } from '../checkout-folder.ts';

/**
 * Removes the checkout at `path` below `root`. Other checkouts keep the files that they share with it by hard links. Fails with InvalidInput
 * for what is no checkout's folder, and where a symbolic link leads out of the repository's.
 */
export async function removeCheckoutFiles(root: string, path: string): Promise<void> {
  const aside = join(root, removedCheckoutPath(path));
  const full = join(root, path);
  if (!(await isFolder(dirname(full), path))) return;
  if ((await realpath(dirname(full))) !== join(await realpath(root), dirname(path))) throw new PivoError('InvalidInput', `a symbolic link leads from ${dirname(path)} to another folder`, { hint: 'Nothing was removed: remove the checkout where it is, or the link.', facts: { path } });
  if (await isFolder(aside, path)) await removeFolder(Buffer.from(aside)); // of an attempt that ended
  if (!(await isFolder(full, path))) return;
  await rename(full, aside);
  await removeFolder(Buffer.from(aside));
}

async function isFolder(full: string, path: string): Promise<boolean> {
  const found = await lstat(full).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null || found.isDirectory()) return found !== null;
  throw new PivoError('InvalidInput', `${path} is no folder`, { hint: 'A checkout is one; nothing was removed.', facts: { path } });
}

/** Names are bytes here, a symbolic link is removed and never followed, and no file's mode is touched: others may share it. */
async function removeFolder(folder: Buffer): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const child = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    await (entry.isDirectory() ? removeFolder(child) : unlink(child));
  }
  await rmdir(folder);
}
