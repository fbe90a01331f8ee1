// A WebHDFS client: the verbs that a write-once store needs (WebHDFS REST API, Hadoop 2.7 to 3.5; HttpFS too).
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { Range } from '../store.ts';
import type { FileChecksum } from './checksum.ts';
import { DATA_NODES, readText, type Answered, type Cluster } from './cluster.ts';
import { lost, noRoom, noneChosen, nonsense, type Asked } from './failure.ts';
import { ConnectionLost, type Content, type WireRequest } from './wire.ts';

const FileStatus = z.object({
  pathSuffix: z.string(),
  type: z.enum(['FILE', 'DIRECTORY', 'SYMLINK']),
  length: z.number().int().nonnegative(),
  permission: z.string(),
  /** The file's identity, which a rename keeps; old servers do not tell it. */
  fileId: z.number().int().positive().optional(),
});
export type FileStatus = z.infer<typeof FileStatus>;

const Listing = z.object({ FileStatuses: z.object({ FileStatus: z.array(FileStatus) }) });
const Page = z.object({ DirectoryListing: z.object({ partialListing: Listing, remainingEntries: z.number().int() }) });
const Status = z.object({ FileStatus });
const Checksum = z.object({ FileChecksum: z.object({ algorithm: z.string(), bytes: z.string() }) });
const Summary = z.object({ ContentSummary: z.object({ fileCount: z.number().int(), directoryCount: z.number().int(), length: z.number().int(), spaceConsumed: z.number().int().optional() }) });
export type ContentSummary = z.infer<typeof Summary>['ContentSummary'];
/** A write under way that no reader sees. */
const TEMPORARY = /\/\.tmp-[^/]+$/;

const Yes = z.object({ boolean: z.literal(true) });

export interface CreateOptions {
  /** Octal. */
  permission: string;
  blockBytes: number;
}

/** Paths are absolute in HDFS. Every method fails with a PivoError that names operation, path and server. */
export class WebHdfsClient {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Writes a new file, and the folders above it, with these permissions from the first byte on; never replaces one. */
  async create(path: string, content: Content, options: CreateOptions, signal?: AbortSignal): Promise<void> {
    try {
      await this.#create(path, content, options, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (noneChosen(error)) throw await this.#fullOr(error, path, options, signal);
      throw isPivoError(error, 'StorageUnavailable') && error.cause instanceof ConnectionLost && !error.cause.unsent ? await this.#refusalBehind(error, path, options, signal) : error;
    }
  }

  async #create(path: string, content: Content, { permission, blockBytes }: CreateOptions, signal?: AbortSignal): Promise<void> {
    const query = { overwrite: 'false', createparent: 'true', permission, blocksize: String(blockBytes) };
    const { answer, asked } = await this.#cluster.atDataNode({ method: 'PUT', operation: 'CREATE', path, query, signal }, content);
    await readText(answer, asked);
    if (answer.statusCode !== 201) throw nonsense(asked, `HTTP ${answer.statusCode} instead of 201`);
  }

  /** A NameNode that would choose a DataNode for a block of one byte has some, and they are full. Only asked: nothing is made by that. */
  async #fullOr(unavailable: unknown, path: string, { permission, blockBytes }: CreateOptions, signal?: AbortSignal): Promise<unknown> {
    try {
      const { answer, asked } = await this.#cluster.atNameNode({ method: 'PUT', operation: 'CREATE', path, query: { overwrite: 'false', permission, blocksize: '1' }, signal });
      await readText(answer, asked);
      return noRoom(asked, blockBytes, unavailable);
    } catch {
      return unavailable;
    }
  }

  /**
   * A DataNode that refuses does not wait for the body, and its answer can be lost under it: ask once more with one byte, for which
   * HDFS needs a block as well. Under another name, since the first try may have left the file behind; it is as temporary as that.
   */
  async #refusalBehind(lost: PivoError, path: string, options: CreateOptions, signal?: AbortSignal): Promise<PivoError> {
    const aside = `${path}.asked`;
    try {
      await this.#create(aside, Buffer.alloc(1), options, signal);
      return lost;
    } catch (refused) {
      return isPivoError(refused, 'StorageReadOnly', 'StorageFull', 'InvalidInput', 'CredentialMissing') ? refused : lost;
    } finally {
      if (TEMPORARY.test(aside)) await this.removeTemporary(aside).catch(() => {}); // else it goes with its folder
    }
  }

  /** Bytes of a file as they come; where a DataNode fails on the way, another goes on. */
  async *open(path: string, range: Range = { offset: 0 }, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    let { offset } = range;
    let left = range.length ?? Infinity;
    const failed: string[] = [];
    let trouble: unknown;
    while (left > 0) {
      const opened = await this.#openAt(path, offset, left, failed, signal).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw trouble ?? error;
      });
      if (opened === null) return;
      try {
        for await (const chunk of pieces(opened.answer, opened.asked, left)) {
          offset += chunk.length;
          left -= chunk.length;
          yield chunk;
        }
        if (left > 0 && (left !== Infinity || opened.answer.headers['content-length'] === undefined)) await this.#wasTheEnd(path, offset, opened.asked, signal);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (!isPivoError(error, 'StorageUnavailable') || failed.length + 1 >= DATA_NODES) throw error;
        trouble ??= error;
        failed.push(opened.asked.server.replace(/:\d+$/, ''));
      }
    }
  }

  /** Null when nothing is there. */
  async status(path: string, signal?: AbortSignal): Promise<FileStatus | null> {
    return orNull(this.#json('GET', 'GETFILESTATUS', path, {}, Status, signal).then((answer) => answer.FileStatus));
  }

  /** Entries of a folder, page by page; null when it is not there. */
  async list(path: string): Promise<FileStatus[] | null> {
    const entries: FileStatus[] = [];
    for (let startAfter = ''; ; startAfter = entries.at(-1)?.pathSuffix ?? '') {
      const page = await orNull(this.#page(path, startAfter));
      if (page === null) return null;
      if (startAfter !== '' && page.entries.at(-1)?.pathSuffix === startAfter) throw nonsense({ operation: 'LISTSTATUS_BATCH', path, server: '' }, 'its pages do not go on');
      entries.push(...page.entries);
      if (page.remaining === 0 || page.entries.length === 0) return entries;
    }
  }

  async makeFolders(path: string, permission: string, signal?: AbortSignal): Promise<void> {
    await this.#json('PUT', 'MKDIRS', path, { permission }, Yes, signal);
  }

  /** Gives a file or folder another name; fails with Exists when that is taken (renameoptions=NONE). */
  async rename(path: string, destination: string, signal?: AbortSignal): Promise<void> {
    const { answer, asked } = await this.#cluster.atNameNode({ method: 'PUT', operation: 'RENAME', path, query: { destination, renameoptions: 'NONE' }, signal });
    const body = await readText(answer, asked);
    if (body !== '' && !Yes.safeParse(parsed(body)).success) throw nonsense(asked, `it answered ${body.slice(0, 100)}: the name may be taken`);
  }

  async setPermission(path: string, permission: string, signal?: AbortSignal): Promise<void> {
    const { answer, asked } = await this.#cluster.atNameNode({ method: 'PUT', operation: 'SETPERMISSION', path, query: { permission }, signal });
    const body = await readText(answer, asked);
    if (answer.statusCode !== 200 || body !== '') throw nonsense(asked, `it answered HTTP ${answer.statusCode} ${body.slice(0, 100)}`);
  }

  /** HDFS's own checksum, from the checksums that DataNodes keep of their blocks. */
  async checksum(path: string, signal?: AbortSignal): Promise<FileChecksum> {
    const { answer, asked } = await this.#cluster.atDataNode({ method: 'GET', operation: 'GETFILECHECKSUM', path, query: {}, signal });
    return understood(Checksum, await readText(answer, asked), asked).FileChecksum;
  }

  /** Files, folders (itself included), bytes, and bytes with all replicas of everything below a folder. */
  async contentSummary(path: string, signal?: AbortSignal): Promise<ContentSummary> {
    return (await this.#json('GET', 'GETCONTENTSUMMARY', path, {}, Summary, signal)).ContentSummary;
  }

  /** Removes a write of one's own that did not come to its end; nothing else has a name like this. */
  async removeTemporary(path: string): Promise<void> {
    if (!TEMPORARY.test(path)) throw new PivoError('Internal', `${path} is no temporary name`);
    const { answer, asked } = await this.#cluster.atNameNode({ method: 'DELETE', operation: 'DELETE', path, query: { recursive: 'true' }, signal: AbortSignal.timeout(30_000) });
    await readText(answer, asked);
  }

  /** Null when the range begins at the end of the file or behind it. */
  async #openAt(path: string, offset: number, length: number, failed: readonly string[], signal?: AbortSignal): Promise<Answered | null> {
    try {
      const query = { offset: String(offset), ...(length === Infinity ? {} : { length: String(length) }) };
      return await this.#cluster.atDataNode({ method: 'GET', operation: 'OPEN', path, query, signal }, undefined, failed);
    } catch (error) {
      if (offset === 0 || isPivoError(error, 'NotFound')) throw error;
      const there = await this.status(path, signal);
      if (there?.type === 'FILE' && offset >= there.length) return null; // HDFS refuses such a range
      throw error;
    }
  }

  /** An answer without a length, or shorter than asked for, may be cut without a sign: ask how long the file is. */
  async #wasTheEnd(path: string, offset: number, asked: Asked, signal?: AbortSignal): Promise<void> {
    const length = (await this.status(path, signal))?.length ?? 0;
    if (offset < length) throw lost(asked, new Error('the answer ended early'));
  }

  async #page(path: string, startAfter: string): Promise<{ entries: FileStatus[]; remaining: number }> {
    try {
      const { DirectoryListing: page } = await this.#json('GET', 'LISTSTATUS_BATCH', path, startAfter === '' ? {} : { startAfter }, Page);
      return { entries: page.partialListing.FileStatuses.FileStatus, remaining: page.remainingEntries };
    } catch (error) {
      if (!isPivoError(error, 'InvalidInput')) throw error; // Hadoop 2.7 has no such operation
    }
    const { FileStatuses } = await this.#json('GET', 'LISTSTATUS', path, {}, Listing);
    return { entries: FileStatuses.FileStatus, remaining: 0 };
  }

  async #json<S extends z.ZodType>(method: WireRequest['method'], operation: string, path: string, query: Record<string, string>, schema: S, signal?: AbortSignal): Promise<z.output<S>> {
    const { answer, asked } = await this.#cluster.atNameNode({ method, operation, path, query, signal });
    return understood(schema, await readText(answer, asked), asked);
  }
}

async function orNull<T>(act: Promise<T>): Promise<T | null> {
  try {
    return await act;
  } catch (error) {
    if (isPivoError(error, 'NotFound')) return null;
    throw error;
  }
}

/** The bytes of a file: never a JSON answer, never more than were asked for. */
async function* pieces(answer: IncomingMessage, asked: Asked, most: number): AsyncGenerator<Uint8Array> {
  if (!(answer.headers['content-type'] ?? '').startsWith('application/octet-stream')) {
    answer.destroy();
    throw nonsense(asked, `it answered with ${answer.headers['content-type'] ?? 'no type'} instead of bytes`);
  }
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > most) throw nonsense(asked, `it answered with more than the ${most} bytes asked for`);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof PivoError ? error : lost(asked, error);
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function understood<S extends z.ZodType>(schema: S, body: string, asked: Asked): z.output<S> {
  const answer = schema.safeParse(parsed(body));
  if (!answer.success) throw nonsense(asked, `it answered ${JSON.stringify(body.slice(0, 100))}`);
  return answer.data;
}
