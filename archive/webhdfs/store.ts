// The store on HDFS through WebHDFS: `webhdfs://namenode:9870/path`.
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { Store, StoredFile, Usage } from '../store.ts';
import { hdfsAddress } from './address.ts';
import { layOutHar } from './checkout-har.ts';
import { layOutPlain } from './checkout-files.ts';
import { HdfsChecksum } from './checksum.ts';
import { WebHdfsClient } from './client.ts';
import { Cluster } from './cluster.ts';
import { removedCheckoutPath } from '../checkout-folder.ts';
import { removeFolderOf } from './remove-checkout.ts';
import { sealBelow } from './seal.ts';
import type { WebHdfsSettings } from './settings.ts';
import { BLOCK_BYTES, isTemporary, writeOnce } from './write-once.ts';

/** Reads of a local file on its way into HDFS: more than a connection holds back, so that one is sent before the next but one is asked for. */
const READ_BYTES = 1 << 20;

/** Opens the archive that the URL names; nothing is asked of the cluster yet. Fails with InvalidInput. */
export function webHdfsStore(url: string, settings: WebHdfsSettings = {}): Store {
  const address = hdfsAddress(url, settings.hadoopConf);
  const client = new WebHdfsClient(new Cluster(address, settings));
  const at = (path: string): string => {
    const normal = posix.normalize(path);
    if (posix.isAbsolute(normal) || normal === '..' || normal.startsWith('../')) throw new PivoError('InvalidInput', `${path} leads out of the archive`);
    return posix.join(address.root, normal).replace(/(.)\/$/, '$1').replace(/\/\.$/, '');
  };
  return {
    url: address.url,
    create: async (path, content, signal) => writeOnce(client, at(path), content, null, signal),
    adopt: async (path, localFile, proof, signal) => void (await writeOnce(client, at(path), bytesOf(localFile), proof, signal)),
    checksum: () => new HdfsChecksum(BLOCK_BYTES),
    open: (path, range, signal) => client.open(at(path), range, signal),
    stat: async (path) => {
      const found = await client.status(at(path));
      return found === null ? null : { kind: found.type === 'DIRECTORY' ? 'folder' : 'file', bytes: found.length, mode: Number.parseInt(found.permission, 8) & 0o777 };
    },
    list: async (path) => listed(await client.list(at(path))),
    usage: async (path, signal) => usageOf(client, at(path), signal),
    seal: async (path) => sealBelow(client, at(path)),
    layOut: async (path, source, signal) => (source.kind === 'files' ? layOutPlain : layOutHar)(client, path, at(path), source, signal),
    removeCheckout: async (path) => removeFolderOf(client, at(path), at(removedCheckoutPath(path))),
    localPath: () => null,
  };
}

/** Opens the file only when its bytes are asked for. A piece is written over once two more were asked for: a buffer of its own for each would cost half as much as its SHA-256. */
async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  const opened = await open(file);
  try {
    const buffers = [0, 1, 2].map(() => Buffer.allocUnsafeSlow(READ_BYTES));
    for (let n = 0; ; n++) {
      const { bytesRead, buffer } = await opened.read(buffers[n % buffers.length] as Buffer, 0, READ_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await opened.close();
  }
}

/** Names that start with `.tmp-` are writes under way, or what a crash left of them: not part of the archive. */
function listed(entries: Awaited<ReturnType<WebHdfsClient['list']>>): StoredFile[] {
  return (entries ?? []).flatMap(({ pathSuffix, type, length }) => (pathSuffix === '' || isTemporary(pathSuffix) ? [] : [{ name: pathSuffix, kind: type === 'DIRECTORY' ? ('folder' as const) : ('file' as const), bytes: length }]));
}

/**
 * GETCONTENTSUMMARY, one question whatever lies below. It counts no blocks: each file has ceil(bytes / block size) of them
 * (HDFS Architecture, "Data Blocks"), so that all together have at most one for each file and one for each full block.
 */
async function usageOf(client: WebHdfsClient, path: string, signal?: AbortSignal): Promise<Usage | null> {
  try {
    const { fileCount, directoryCount, length, spaceConsumed = length } = await client.contentSummary(path, signal);
    return { files: fileCount, folders: directoryCount, bytes: length, stored: spaceConsumed, blocks: fileCount + Math.floor(length / BLOCK_BYTES) };
  } catch (error) {
    if (isPivoError(error, 'NotFound')) return null;
    throw error;
  }
}
