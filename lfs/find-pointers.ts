// Finds Git LFS pointers among the objects of some packs, or among what some refs reach: two processes of git, whatever the number of objects.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PivoError } from '../contract/failures.ts';
import type { LfsPointer } from '../contract/lfs.ts';
import type { ObjectFormat } from '../contract/snapshot.ts';
import { bareConfig } from '../archive/snapshots.ts';
import { startGit } from '../git/process.ts';
import { quoteLatin1 } from '../git/quote.ts';
import { POINTER_BYTES, SHORTEST_POINTER, parsePointer } from './pointer.ts';

/** A pointer and the blob that holds it. */
export interface FoundPointer extends LfsPointer {
  blob: string;
}

interface PackPlace {
  /** Folder of git objects of this machine that holds the packs in `pack/`. */
  objects: string;
  packs: readonly string[];
  objectFormat: ObjectFormat;
  /** An existing folder for what is needed on the way. */
  scratch: string;
}

/**
 * Pointers in these packs, which hold whole objects only (git completes thin ones). Fails with GitFailed or Cancelled.
 */
export async function* pointersInPacks({ objects, packs, objectFormat, scratch }: PackPlace, signal: AbortSignal): AsyncGenerator<FoundPointer> {
  if (packs.length === 0) return;
  const gitDir = await mkdtemp(join(scratch, 'lfs-'));
  try {
    await mkdir(join(gitDir, 'refs'));
    await mkdir(join(gitDir, 'objects', 'pack'), { recursive: true });
    await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/.invalid\n');
    await writeFile(join(gitDir, 'config'), bareConfig(objectFormat));
    for (const name of packs) for (const extension of ['pack', 'idx']) await symlink(join(objects, 'pack', `${name}.${extension}`), join(gitDir, 'objects', 'pack', `${name}.${extension}`));
    const all = startGit(['cat-file', `--batch-check=${SMALL_FORMAT}`, '--batch-all-objects', '--unordered', '--buffer'], { gitDir, signal });
    all.stdin.end();
    yield* pointersAmong(gitDir, all, signal);
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

/** Pointers that these objects of a repository reach. Fails with GitFailed or Cancelled. */
export async function* pointersReached(gitDir: string, tips: Iterable<string>, signal?: AbortSignal): AsyncGenerator<FoundPointer> {
  const reached = startGit(['rev-list', '--objects', '--no-object-names', '--stdin'], { gitDir, signal, input: [...new Set(tips)].map((oid) => `${oid}\n`).join('') });
  const sizes = startGit(['cat-file', `--batch-check=${SMALL_FORMAT}`, '--buffer'], { gitDir, signal, input: reached.stdout });
  try {
    yield* pointersAmong(gitDir, sizes, signal);
    await reached.done;
  } finally {
    reached.kill('SIGKILL');
  }
}

const SMALL_FORMAT = '%(objectname) %(objecttype) %(objectsize)';

/** Reads, of the objects that `listing` names, the blobs that are as small as a pointer is. Most small packs have none: no process is started for them. */
async function* pointersAmong(gitDir: string, listing: ReturnType<typeof startGit>, signal: AbortSignal | undefined): AsyncGenerator<FoundPointer> {
  try {
    const names = smallBlobs(listing);
    const first = await names.next();
    if (first.done !== true) yield* pointersNamed(gitDir, followedBy(first.value, names), signal);
    await listing.done;
  } finally {
    listing.kill('SIGKILL');
  }
}

async function* pointersNamed(gitDir: string, names: AsyncIterable<string>, signal: AbortSignal | undefined): AsyncGenerator<FoundPointer> {
  const reading = startGit(['cat-file', '--batch', '--buffer'], { gitDir, signal, input: names });
  try {
    for await (const { oid, content } of batchOutput(reading.stdout)) {
      const pointer = parsePointer(content);
      if (pointer !== null) yield { ...pointer, blob: oid };
    }
    await reading.done;
  } finally {
    reading.kill('SIGKILL');
  }
}

async function* smallBlobs(listing: ReturnType<typeof startGit>): AsyncGenerator<string> {
  let names = '';
  for await (const line of createInterface({ input: listing.stdout.setEncoding('latin1'), crlfDelay: Infinity })) {
    const [oid, type, size] = line.split(' ');
    if (type !== 'blob' || Number(size) < SHORTEST_POINTER || Number(size) >= POINTER_BYTES) continue;
    names += `${oid}\n`;
    if (names.length < 32 * 1024) continue;
    yield names;
    names = '';
  }
  if (names !== '') yield names;
}

async function* followedBy(first: string, others: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* others;
}

/** Objects as `git cat-file --batch` writes them: `oid SP type SP size LF content LF` (git-cat-file(1), "BATCH OUTPUT"). */
async function* batchOutput(output: AsyncIterable<Buffer>): AsyncGenerator<{ oid: string; content: Buffer }> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of output) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let at = 0; ; ) {
      const end = rest.indexOf(10, at);
      const [oid, , size] = end === -1 ? [] : rest.toString('latin1', at, end).split(' ');
      const next = end + 1 + Number(size) + 1;
      if (oid === undefined || Number.isNaN(next) || next > rest.length) {
        if (oid !== undefined && Number.isNaN(next)) throw new PivoError('GitFailed', `git cat-file lacks the object ${oid}`);
        rest = rest.subarray(at);
        break;
      }
      yield { oid, content: rest.subarray(end + 1, next - 1) };
      at = next;
    }
  }
}

/**
 * Where blobs lie in the history that a repository's refs reach: one path of each, as `quotePath` writes it; those that are
 * not found have none. One process reads the whole history, so this is for what is rare. Fails with GitFailed or Cancelled.
 */
export async function pathsOfBlobs(gitDir: string, blobs: ReadonlySet<string>, signal: AbortSignal): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (blobs.size === 0) return found;
  const running = startGit(['rev-list', '--objects', '--all', '--missing=allow-any'], { gitDir, signal });
  running.stdin.end();
  try {
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1'), crlfDelay: Infinity })) {
      const space = line.indexOf(' ');
      const oid = space === -1 ? line : line.slice(0, space);
      if (space !== -1 && blobs.has(oid) && !found.has(oid)) found.set(oid, quoteLatin1(line.slice(space + 1)));
      if (found.size === blobs.size) return found;
    }
    await running.done;
    return found;
  } finally {
    running.kill('SIGKILL');
  }
}
