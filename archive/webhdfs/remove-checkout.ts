// Removes a checkout from HDFS: its folder gets another name, then everything below it goes in one request.
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { FileStatus, WebHdfsClient } from './client.ts';

/**
 * Removes the folder at `full`; `aside` is the temporary name that it gets first, the same for every attempt. Fails with InvalidInput where a file has
 * one of the names. It goes past the trash of HDFS; a snapshot that HDFS itself made of a folder above keeps it.
 */
export async function removeFolderOf(client: WebHdfsClient, full: string, aside: string): Promise<void> {
  if (await isFolder(client, aside)) await removeAside(client, aside); // of an attempt that ended
  if (!(await isFolder(client, full))) return;
  await client.rename(full, aside).catch(async (error: unknown) => {
    if (!isPivoError(error, 'StorageUnavailable') || (await client.status(full)) !== null) throw error; // the answer was lost
  });
  await removeAside(client, aside);
}

async function isFolder(client: WebHdfsClient, path: string): Promise<boolean> {
  const found: FileStatus | null = await client.status(path);
  if (found === null || found.type === 'DIRECTORY') return found !== null;
  throw new PivoError('InvalidInput', `${path} is no folder`, { hint: 'A checkout is one; nothing was removed.', facts: { path } });
}

/** HDFS removes nothing below a folder that may not be written, unless a superuser asks. */
async function removeAside(client: WebHdfsClient, aside: string): Promise<void> {
  await unseal(client, aside);
  await client.removeTemporary(aside);
  if ((await client.status(aside)) !== null) throw new PivoError('StorageUnavailable', `${aside} was removed, and is still there`);
}

async function unseal(client: WebHdfsClient, folder: string): Promise<void> {
  await client.setPermission(folder, '755');
  for (const { pathSuffix, type } of (await client.list(folder)) ?? []) if (type === 'DIRECTORY') await unseal(client, `${folder}/${pathSuffix}`);
}
