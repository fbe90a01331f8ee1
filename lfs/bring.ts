// Brings objects of Git LFS into the archive: each once, under its SHA-256, checked while it streams; what cannot be had is told why.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { LfsPointer } from '../contract/lfs.ts';
import { eachAtOnce } from '../archive/at-once.ts';
import { lfsObjectPath } from '../archive/layout.ts';
import type { Store } from '../archive/store.ts';
import { wholeObject } from './content.ts';
import type { LfsPlace } from './endpoint.ts';
import { connectionFailure } from './http.ts';
import { patiently } from './patience.ts';
import { BATCH_OBJECTS, batchesOf, openServer, type BatchObject, type LfsServer } from './server.ts';

/** Objects that are on their way at the same time. */
const AT_ONCE = 4;

export interface Bringing {
  store: Store;
  repository: string;
  /** Where to look, best first. */
  places: readonly LfsPlace[];
  /** Most bytes to bring; objects past it are told as missing. */
  bytes: number;
  /** Most seconds; objects that are not there by then are told as missing. */
  seconds: number;
  signal: AbortSignal;
  onProgress(progress: { done: number; total: number; bytes: number }): void;
}

/** A timer of Node holds no more milliseconds than a signed 32-bit number. */
const LONGEST_SECONDS = 2_000_000;

/** Failures that concern an object or its server; all others, of the store above all, are the run's. */
const REASONS = ['Unavailable', 'NotFound', 'NotAllowed', 'CredentialMissing', 'OriginRefused', 'UrlRefused', 'LimitExceeded', 'Damaged'] as const;

/** Why each object that is not in the archive now is not, by oid; the others are there, whole. Fails as the store does, and when cancelled. */
export async function bringObjects(wanted: readonly LfsPointer[], bringing: Bringing): Promise<Map<string, string>> {
  const late = AbortSignal.timeout(Math.min(bringing.seconds, LONGEST_SECONDS) * 1000);
  try {
    return await bring(wanted, { ...bringing, signal: AbortSignal.any([bringing.signal, late]) });
  } catch (error) {
    if (!late.aborted || bringing.signal.aborted) throw error;
    return new Map((await notArchived(wanted, bringing)).map(({ oid }) => [oid, `it did not come within the limit of ${bringing.seconds} seconds: raise limits.seconds`]));
  }
}

async function bring(wanted: readonly LfsPointer[], bringing: Bringing): Promise<Map<string, string>> {
  const { over, within } = withinBudget(await notArchived(wanted, bringing), bringing.bytes);
  const count = counterOf(bringing, within.length);
  let left = new Map<string, string>();
  let due = within;
  for (const place of bringing.places) {
    left = place.kind === 'folder' ? await fromFolder(place.objects, due, bringing, count) : await fromServer(openServer(place), due, bringing, count);
    const reasons = left;
    due = due.filter(({ oid }) => reasons.has(oid));
    if (due.length === 0) break;
  }
  return new Map([...over, ...left]);
}

/** What became of a failure: words for the ledger. Others are thrown. */
export function reasonOf(error: unknown): string {
  if (isPivoError(error, ...REASONS)) return error.message.slice(0, 300);
  throw error;
}

async function notArchived(wanted: readonly LfsPointer[], { store, repository, signal }: Bringing): Promise<LfsPointer[]> {
  const there = new Set<string>();
  await eachAtOnce(wanted, AT_ONCE, async ({ oid }) => {
    if ((await store.stat(lfsObjectPath(repository, oid))) !== null) there.add(oid);
  }, signal);
  return wanted.filter(({ oid }) => !there.has(oid));
}

function withinBudget(pointers: readonly LfsPointer[], bytes: number): { over: Map<string, string>; within: LfsPointer[] } {
  const over = new Map<string, string>();
  let left = bytes;
  const within = pointers.filter(({ oid, size }) => {
    if (size <= left) {
      left -= size;
      return true;
    }
    over.set(oid, `it would pass the limit of ${bytes} bytes: raise limits.bytes`);
    return false;
  });
  return { over, within };
}

interface Counter {
  read(bytes: number): void;
  finished(): void;
}

function counterOf({ onProgress }: Bringing, total: number): Counter {
  let [done, bytes] = [0, 0];
  const tell = (): void => onProgress({ done, total, bytes });
  tell();
  return {
    read(more) {
      bytes += more;
      tell();
    },
    finished() {
      done += 1;
      tell();
    },
  };
}

/** Writes an object whose bytes are the ones that its pointer means. Another may have been faster with the same bytes. */
async function put({ store, repository, signal }: Bringing, pointer: LfsPointer, content: AsyncIterable<Uint8Array>, count: Counter): Promise<void> {
  await store.create(lfsObjectPath(repository, pointer.oid), counted(wholeObject(content, pointer), count), signal).catch((error: unknown) => {
    if (!isPivoError(error, 'Exists')) throw error;
  });
  count.finished();
}

async function* counted(content: AsyncIterable<Uint8Array>, count: Counter): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    count.read(piece.length);
    yield piece;
  }
}

/** From a folder that git-lfs keeps. */
async function fromFolder(folder: string, pointers: readonly LfsPointer[], bringing: Bringing, count: Counter): Promise<Map<string, string>> {
  const left = new Map<string, string>();
  await eachAtOnce(pointers, AT_ONCE, async (pointer, signal) => {
    const { oid } = pointer;
    const file = join(folder, oid.slice(0, 2), oid.slice(2, 4), oid);
    await put({ ...bringing, signal }, pointer, fileContent(file), count).catch((error: unknown) => left.set(oid, reasonOf(error)));
  }, bringing.signal);
  return left;
}

/** What is no file, such as a pipe, could keep its reader waiting for ever. */
async function* fileContent(file: string): AsyncGenerator<Uint8Array> {
  try {
    await using opened = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await opened.stat()).isFile()) throw new PivoError('NotFound', 'in the origin\'s own folder lfs/objects it is no file');
    for await (const piece of opened.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) yield piece as Buffer;
  } catch (error) {
    if (isPivoError(error)) throw error;
    throw new PivoError('NotFound', (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the origin\'s own folder lfs/objects does not have it' : `the origin's own file cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

async function fromServer(server: LfsServer, pointers: readonly LfsPointer[], bringing: Bringing, count: Counter): Promise<Map<string, string>> {
  const left = new Map<string, string>();
  const due = batchesOf(pointers, BATCH_OBJECTS);
  for (const [i, batch] of due.entries()) {
    const said = await server.batch('download', batch, bringing.signal).catch((error: unknown) => reasonUnlessCancelled(error, bringing.signal));
    if (typeof said === 'string') {
      for (const { oid } of due.slice(i).flat()) left.set(oid, said); // a server that does not answer is not asked a hundred times
      break;
    }
    await eachAtOnce(batch, AT_ONCE, async (pointer, signal) => {
      const reason = await bringOne(server, said.get(pointer.oid), pointer, { ...bringing, signal }, count);
      if (reason !== null) left.set(pointer.oid, reason);
    }, bringing.signal);
  }
  return left;
}

function reasonUnlessCancelled(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  return reasonOf(error);
}

/** Brings one object; where what the server gave is not valid any more, it is asked once again. Returns why not. */
async function bringOne(server: LfsServer, said: BatchObject | undefined, pointer: LfsPointer, bringing: Bringing, count: Counter): Promise<string | null> {
  const { signal } = bringing;
  const get = async (object: BatchObject): Promise<void> => {
    const { url, content } = await server.download(object, signal);
    await put(bringing, pointer, pieces(content, url, signal), count);
  };
  const refused = refusalOf(server, said);
  if (refused !== null || said === undefined) return refused;
  try {
    await patiently(() => get(said), signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (!isPivoError(error, 'NotAllowed', 'CredentialMissing', 'NotFound')) return reasonOf(error);
  }
  try {
    const again = (await server.batch('download', [pointer], signal)).get(pointer.oid);
    const refusedNow = refusalOf(server, again);
    if (refusedNow !== null || again === undefined) return refusedNow;
    await patiently(() => get(again), signal);
    return null;
  } catch (error) {
    return reasonUnlessCancelled(error, signal);
  }
}

function refusalOf({ host }: LfsServer, said: BatchObject | undefined): string | null {
  if (said === undefined) return `${host} says nothing of it`;
  if (said.error === undefined || said.error === null) return null;
  // eslint-disable-next-line no-control-regex
  const words = (said.error.message ?? '').replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200);
  return `${host} does not have it: ${words === '' ? 'no reason given' : words} (${said.error.code ?? 'no code'})`;
}

async function* pieces(content: AsyncIterable<Uint8Array>, url: URL, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw connectionFailure(error, url, signal);
  }
}
