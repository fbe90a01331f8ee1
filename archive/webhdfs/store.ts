// The store on HDFS through WebHDFS: `webhdfs://namenode:9870/path`.
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { PivoError } from '../../contract/failures.ts';
import type { Store, StoredFile } from '../store.ts';
import { hdfsAddress } from './address.ts';
import { layOutHar } from './checkout-har.ts';
import { layOutPlain } from './checkout-files.ts';
import { WebHdfsClient } from './client.ts';
import { Cluster } from './cluster.ts';
import { sealBelow } from './seal.ts';
import type { WebHdfsSettings } from './settings.ts';
import { isTemporary, writeOnce } from './write-once.ts';

/** Reads of a local file on its way into HDFS. */
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
    open: (path, range, signal) => client.open(at(path), range, signal),
    stat: async (path) => {
      const found = await client.status(at(path));
      return found === null ? null : { kind: found.type === 'DIRECTORY' ? 'folder' : 'file', bytes: found.length, mode: Number.parseInt(found.permission, 8) & 0o777 };
    },
    list: async (path) => listed(await client.list(at(path))),
    seal: async (path) => sealBelow(client, at(path)),
    layOut: async (path, source, signal) => (source.kind === 'files' ? layOutPlain : layOutHar)(client, path, at(path), source, signal),
    localPath: () => null,
  };
}

/** Opens the file only when its bytes are asked for. */
async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
}

/** Names that start with `.tmp-` are writes under way, or what a crash left of them: not part of the archive. */
function listed(entries: Awaited<ReturnType<WebHdfsClient['list']>>): StoredFile[] {
  return (entries ?? []).flatMap(({ pathSuffix, type, length }) => (pathSuffix === '' || isTemporary(pathSuffix) ? [] : [{ name: pathSuffix, kind: type === 'DIRECTORY' ? ('folder' as const) : ('file' as const), bytes: length }]));
}
