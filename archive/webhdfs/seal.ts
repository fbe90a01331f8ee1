// Folders that take nothing more: read-only from the bottom up.
import type { WebHdfsClient } from './client.ts';
import { SEALED_PERMISSION, isTemporary } from './write-once.ts';

/** Makes a folder and all below it read-only; the top one last. */
export async function sealBelow(client: WebHdfsClient, folder: string): Promise<void> {
  for (const { pathSuffix, type } of (await client.list(folder)) ?? []) if (type === 'DIRECTORY' && !isTemporary(pathSuffix)) await sealBelow(client, `${folder}/${pathSuffix}`);
  await client.setPermission(folder, SEALED_PERMISSION);
}
