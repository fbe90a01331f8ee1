// A checkout as one Hadoop Archive: all contents in part files, streamed, and the index that Hadoop finds them by.
import { PivoError, isPivoError } from '../../contract/failures.ts';
import { harIndex } from '../har/format.ts';
import { OWNER, packEntries, partsOf, type Packed } from '../har/packing.ts';
import type { CheckoutLaidOut, CheckoutSource } from '../store.ts';
import type { WebHdfsClient } from './client.ts';
import { SEALED_PERMISSION, giveName, temporaryBeside, writeChecked } from './write-once.ts';

/** Writes `{path}.har`, whole or not at all; success when it is there already. `full`: its path in HDFS without `.har`. */
export async function layOutHar(client: WebHdfsClient, path: string, full: string, source: CheckoutSource, signal?: AbortSignal): Promise<CheckoutLaidOut> {
  const { packed, renamed } = packEntries(source.entries);
  const laidOut: CheckoutLaidOut = { path, kind: 'har', files: packed.length, bytes: packed.reduce((sum, { entry }) => sum + entry.bytes, 0), renamed };
  const har = `${full}.har`;
  if ((await client.status(har, signal)) !== null) return laidOut;
  const staging = temporaryBeside(har);
  try {
    await client.makeFolders(staging, '755', signal);
    await writeParts(client, staging, packed, source, signal);
    const { index, masterIndex } = harIndex(packed.map(({ file }) => file), Date.now(), OWNER);
    await writeChecked(client, `${staging}/_index`, index, null, signal);
    await writeChecked(client, `${staging}/_masterindex`, masterIndex, null, signal);
    await publish(client, staging, har, signal);
    return laidOut;
  } catch (error) {
    await client.setPermission(staging, '755').catch(() => {});
    await client.removeTemporary(staging).catch(() => {});
    if (isPivoError(error, 'Exists') && (await client.status(har, signal)) !== null) return laidOut; // another attempt was faster
    throw error;
  }
}

async function publish(client: WebHdfsClient, staging: string, har: string, signal?: AbortSignal): Promise<void> {
  const status = await client.status(staging, signal);
  if (status === null) throw new PivoError('StorageUnavailable', `${staging} was made and is not there`);
  await client.setPermission(staging, SEALED_PERMISSION, signal);
  await giveName(client, staging, har, status, signal);
}

async function writeParts(client: WebHdfsClient, staging: string, packed: readonly Packed[], source: CheckoutSource, signal?: AbortSignal): Promise<void> {
  for (const [name, entries] of partsOf(packed)) await writeChecked(client, `${staging}/${name}`, contents(entries, source, signal), null, signal);
}

/** Offsets are promised by the entries' sizes: fails with Damaged when a content has another one. */
async function* contents(packed: readonly Packed[], source: CheckoutSource, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const { entry } of packed) {
    signal?.throwIfAborted();
    let bytes = 0;
    for await (const chunk of await source.content(entry)) {
      bytes += chunk.length;
      yield chunk;
    }
    if (bytes !== entry.bytes) throw new PivoError('Damaged', `object ${entry.oid} has ${bytes} bytes instead of ${entry.bytes}`);
  }
}
