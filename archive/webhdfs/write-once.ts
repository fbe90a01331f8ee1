// Write-once files on HDFS: written aside, checked, then given their name, which is never taken from another.
import { createHash, randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { FileProof } from '../../contract/visit.ts';
import { proveStream } from '../proof.ts';
import type { LocalProof } from '../store.ts';
import { HdfsChecksum, sameChecksum } from './checksum.ts';
import type { FileStatus, WebHdfsClient } from './client.ts';
import type { Content } from './wire.ts';

export const FILE_PERMISSION = '444';
export const SEALED_PERMISSION = '555';
/** Said explicitly, because HDFS's checksum depends on it. */
export const BLOCK_BYTES = 128 * 2 ** 20;

export const isTemporary = (name: string): boolean => name.startsWith('.tmp-');
export const temporaryBeside = (path: string): string => posix.join(posix.dirname(path), `.tmp-${randomUUID()}`);

/**
 * Makes a new file at `path`. Fails with Exists when the name is taken, with Damaged when HDFS has other bytes than
 * were sent or `expected` says otherwise; nothing is left behind then.
 */
export async function writeOnce(client: WebHdfsClient, path: string, content: Content, expected: LocalProof | null, signal?: AbortSignal): Promise<FileProof> {
  if ((await client.status(path, signal)) !== null) throw taken(path);
  const temporary = temporaryBeside(path);
  try {
    const { proof, status } = await writeChecked(client, temporary, content, expected, signal);
    await giveName(client, temporary, path, status, signal);
    return proof;
  } catch (error) {
    await client.removeTemporary(temporary).catch(() => {}); // what is left has a temporary name: no reader sees it
    throw error;
  }
}

/** Writes a new file under a name that nobody looks at yet, and checks it: length, checksum, read-only. */
export async function writeChecked(client: WebHdfsClient, path: string, content: Content, expected: LocalProof | null, signal?: AbortSignal): Promise<{ proof: FileProof; status: FileStatus }> {
  const { proof, checksum } = await send(client, path, content, expected, signal);
  if (expected !== null && (expected.bytes !== proof.bytes || expected.sha256 !== proof.sha256)) throw damaged(path, expected, proof, 'the local file is not what it was');
  const status = await client.status(path, signal);
  if (status?.type !== 'FILE' || status.length !== proof.bytes) throw damaged(path, proof, { bytes: status?.length ?? null }, 'HDFS has another length');
  if (proof.bytes > 0) await checkStored(client, path, proof, checksum, signal);
  if (status.permission !== FILE_PERMISSION) await client.setPermission(path, FILE_PERMISSION, signal);
  return { proof, status };
}

/** What was sent; what has a checksum already is held against HDFS's by that alone. */
async function send(client: WebHdfsClient, path: string, content: Content, expected: LocalProof | null, signal?: AbortSignal): Promise<{ proof: FileProof; checksum: string }> {
  const options = { permission: FILE_PERMISSION, blockBytes: BLOCK_BYTES };
  if (expected?.checksum !== undefined) {
    await client.create(path, content, options, signal);
    return { proof: { bytes: expected.bytes, sha256: expected.sha256 }, checksum: expected.checksum };
  }
  const sent = new Meter();
  await client.create(path, sent.through(content), options, signal);
  return { proof: sent.proof(), checksum: sent.checksum() };
}

/**
 * Compares HDFS's checksum with ours. Where that proves nothing (another kind of checksum, an encryption zone,
 * erasure coding), the file is read back.
 */
async function checkStored(client: WebHdfsClient, path: string, proof: FileProof, mine: string, signal?: AbortSignal): Promise<void> {
  if (sameChecksum(mine, await client.checksum(path, signal))) return;
  const stored = await proveStream(client.open(path, undefined, signal));
  if (stored.bytes !== proof.bytes || stored.sha256 !== proof.sha256) throw damaged(path, proof, stored, 'HDFS has other bytes');
}

/**
 * Renames, and looks whether it is there: an answer may be lost, and HttpFS knows no `renameoptions`, so that a
 * rename onto a folder goes into it. A file or folder keeps its id through a rename.
 */
export async function giveName(client: WebHdfsClient, temporary: string, path: string, status: FileStatus, signal?: AbortSignal): Promise<void> {
  const problem: unknown = await client.rename(temporary, path, signal).then(
    () => null,
    (error: unknown) => error,
  );
  signal?.throwIfAborted();
  if (problem !== null && isPivoError(problem, 'Exists')) throw taken(path, problem);
  const there = await client.status(path, signal);
  if (there !== null && (await isSame(client, temporary, there, status, signal))) return;
  if (there !== null) {
    if (problem === null) await client.removeTemporary(posix.join(path, posix.basename(temporary))).catch(() => {}); // it went into the folder of that name
    throw taken(path, problem);
  }
  throw problem ?? new PivoError('StorageUnavailable', `${temporary} was renamed to ${path}, and is not there`);
}

async function isSame(client: WebHdfsClient, temporary: string, there: FileStatus, wanted: FileStatus, signal?: AbortSignal): Promise<boolean> {
  if (there.fileId !== undefined && wanted.fileId !== undefined) return there.fileId === wanted.fileId;
  return there.type === wanted.type && there.length === wanted.length && (await client.status(temporary, signal)) === null;
}

export const taken = (path: string, cause?: unknown): PivoError => new PivoError('Exists', `${path} is in the archive already`, cause === undefined ? {} : { cause });

const damaged = (path: string, expected: unknown, stored: unknown, why: string): PivoError =>
  new PivoError('Damaged', `${path} differs from what was written: ${why}`, { hint: 'The visit was not written; look at the DataNodes and start again.', facts: { expected, stored } });

/** Takes the measure of bytes on their way. */
class Meter {
  readonly #sha256 = createHash('sha256');
  readonly #checksum = new HdfsChecksum(BLOCK_BYTES);
  #bytes = 0;

  async *through(content: Content): AsyncGenerator<Uint8Array> {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      this.#sha256.update(chunk);
      this.#checksum.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  proof(): FileProof {
    return { bytes: this.#bytes, sha256: this.#sha256.digest('hex') };
  }

  checksum(): string {
    return this.#checksum.digest();
  }
}
