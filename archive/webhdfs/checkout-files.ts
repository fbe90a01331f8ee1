// A checkout as plain files on HDFS, several at a time.
import { posix } from 'node:path';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { CheckoutEntry, CheckoutLaidOut, CheckoutSource } from '../store.ts';
import type { WebHdfsClient } from './client.ts';
import { Places } from '../places.ts';
import { sealBelow } from './seal.ts';
import { SEALED_PERMISSION, giveName, temporaryBeside, writeChecked } from './write-once.ts';
import type { Content } from './wire.ts';

/** Files under way at once. */
const AT_ONCE = 16;
/** A larger content is not held in memory: it is streamed while no other one is asked for. */
const HELD_BYTES = 1 << 20;

interface Placed {
  entry: CheckoutEntry;
  path: string;
}

/** Writes the files below `full`, whole or not at all; success when it is there already. */
export async function layOutPlain(client: WebHdfsClient, path: string, full: string, source: CheckoutSource, signal?: AbortSignal): Promise<CheckoutLaidOut> {
  const laidOut: CheckoutLaidOut = { path, kind: 'files', files: 0, bytes: 0, renamed: [] };
  const placed = place(source, laidOut);
  const there = await client.status(full, signal);
  if (there !== null && there.permission !== SEALED_PERMISSION) await sealBelow(client, full); // an attempt ended before it could
  if (there !== null) return laidOut;
  const staging = temporaryBeside(full);
  try {
    await client.makeFolders(staging, '755', signal);
    await writeAll(client, staging, placed, source, signal);
    await publish(client, staging, full, laidOut, signal);
    return laidOut;
  } catch (error) {
    await client.removeTemporary(staging).catch(() => {});
    if (isPivoError(error, 'Exists') && (await client.status(full, signal)) !== null) return laidOut; // another attempt was faster
    throw error;
  }
}

function place(source: CheckoutSource, laidOut: CheckoutLaidOut): Placed[] {
  const placed: Placed[] = [];
  const places = new Places(true);
  for (const entry of source.entries) {
    const { path, reason } = places.next(entry);
    if (reason !== null) laidOut.renamed.push({ path: entry.path, stored: path, reason });
    if (path === null) continue;
    placed.push({ entry, path });
    laidOut.files += 1;
    laidOut.bytes += entry.bytes;
  }
  return placed;
}

/** Contents come one after the other; small ones are held while they are written, so that many writes overlap. */
async function writeAll(client: WebHdfsClient, staging: string, placed: readonly Placed[], source: CheckoutSource, signal?: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>();
  let problem: { error: unknown } | null = null;
  const start = (path: string, content: Content): void => {
    const write: Promise<void> = writeChecked(client, posix.join(staging, path), content, null, signal)
      .then(() => {}, (error: unknown) => void (problem ??= { error }))
      .finally(() => running.delete(write));
    running.add(write);
  };
  try {
    for (const { entry, path } of placed) {
      signal?.throwIfAborted();
      const content = await source.content(entry);
      if (entry.bytes > HELD_BYTES) await writeChecked(client, posix.join(staging, path), content, null, signal);
      else start(path, await held(content, entry));
      while (running.size >= AT_ONCE) await Promise.race(running);
      if (problem !== null) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (problem !== null) throw (problem as { error: unknown }).error;
}

async function held(content: AsyncIterable<Uint8Array>, entry: CheckoutEntry): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== entry.bytes) throw new PivoError('Damaged', `object ${entry.oid} has ${bytes.length} bytes instead of ${entry.bytes}`);
  return bytes;
}

/** Counts what HDFS has, gives it its name, and makes its folders read-only. */
async function publish(client: WebHdfsClient, staging: string, full: string, laidOut: CheckoutLaidOut, signal?: AbortSignal): Promise<void> {
  const { fileCount, length } = await client.contentSummary(staging, signal);
  if (fileCount !== laidOut.files || length !== laidOut.bytes) throw new PivoError('Damaged', `${staging} has ${fileCount} files and ${length} bytes, ${laidOut.files} and ${laidOut.bytes} were written`);
  const status = await client.status(staging, signal);
  if (status === null) throw new PivoError('StorageUnavailable', `${staging} was made and is not there`);
  await giveName(client, staging, full, status, signal);
  await sealBelow(client, full);
}
