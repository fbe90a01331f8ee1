// Checks checkouts that are plain files: every file of the commit's tree is there, with the bytes of its blob.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isPivoError, PivoError } from '../../contract/failures.ts';
import type { ObjectFormat } from '../../contract/snapshot.ts';
import type { Visit } from '../../contract/visit.ts';
import { quotePath } from '../../git/quote.ts';
import { repositoryPath } from '../layout.ts';
import { openObjectView } from '../object-view.ts';
import type { CheckoutEntry, Store } from '../store.ts';
import { listTree } from '../tree-listing.ts';
import { CHECKOUT_HINT, type HarCheck } from './verify-hars.ts';
import { whyUnreadable } from './verify-packs.ts';

/** How many damaged files of a checkout are named. */
const NAMED = 20;

/** Reads each checkout of plain files that a visit names once; returns how many they were and their bytes. */
export async function verifyCheckouts(check: HarCheck): Promise<{ checkouts: number; bytes: number }> {
  const named = Map.groupBy(check.visits.filter(({ checkout }) => checkout.kind === 'files' && checkout.path !== null), ({ checkout }) => checkout.path ?? '');
  let [done, checkouts, bytes] = [0, 0, 0];
  for (const [path, visits] of named) {
    check.onProgress({ phase: `checking checkouts of ${check.repository}`, done: done++, total: named.size });
    const folder = `${repositoryPath(check.repository)}/${path}`;
    const whole = check.includes(folder) ? visits.find(({ packs }) => !packs.some(({ name }) => check.damaged.has(name))) : undefined;
    if (whole === undefined) continue;
    const read = await verifyCheckout(check, folder, whole, visits.map(({ seq }) => seq));
    check.onRead({ kind: 'checkout', file: folder, bytes: read });
    checkouts += 1;
    bytes += read;
  }
  return { checkouts, bytes };
}

async function verifyCheckout(check: HarCheck, folder: string, visit: Visit, visits: number[]): Promise<number> {
  await using view = await openObjectView(await check.objects(visit.packs), visit.packs.map(({ name }) => name), visit.objectFormat);
  const stored = new Map(visit.checkout.renamed.map((each) => [each.path, each.stored]));
  let [files, bytes, damaged] = [0, 0, 0];
  const note = (file: string, problem: string): void => {
    damaged += 1;
    if (damaged <= NAMED) check.findings.push({ file: `${folder}/${file}`, problem, hint: CHECKOUT_HINT, visits });
  };
  for await (const entry of listTree(view.gitDir, visit.checkout.commit ?? '', check.signal)) {
    const path = quotePath(entry.path);
    const place = stored.get(path) ?? (stored.has(path) ? null : entry.path);
    if (entry.kind !== 'blob' || place === null) continue;
    files += 1;
    bytes += entry.bytes;
    const problem = await fileProblem(contentOf(check.store, folder, place, check.signal), entry, visit.objectFormat).catch((error: unknown) => whyUnreadable(error, check.signal));
    if (problem !== null) note(path, problem);
  }
  const there = await countFiles(check.store, folder);
  if (there > visit.checkout.files && damaged === 0) check.findings.push({ file: folder, problem: `it holds ${there} files, ${visit.checkout.files} were laid out`, hint: 'Somebody added files to it; remove them.', visits });
  if (damaged > NAMED) check.findings.push({ file: folder, problem: `${damaged - NAMED} more of its ${files} files are not as they were laid out`, hint: CHECKOUT_HINT, visits });
  return bytes;
}

/** The bytes of a laid-out file; names that are no UTF-8 are on local disks only. */
function contentOf(store: Store, folder: string, place: Buffer | string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const local = store.localPath(folder);
  if (local === null || typeof place === 'string') return store.open(`${folder}/${place.toString()}`, undefined, signal);
  return readLocal(Buffer.concat([Buffer.from(join(local, '/')), place]), signal);
}

async function* readLocal(path: Buffer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { signal }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new PivoError('NotFound', 'it is not there', { cause: error });
    throw signal.aborted ? error : new PivoError('StorageUnavailable', (error as Error).message, { cause: error });
  }
}

/** Recomputes the blob's id (gitformat-pack(5): `blob SP size NUL content`). */
async function fileProblem(content: AsyncIterable<Uint8Array>, { oid, bytes }: CheckoutEntry, objectFormat: ObjectFormat): Promise<string | null> {
  const hash = createHash(objectFormat).update(`blob ${bytes}\0`);
  let found = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    found += chunk.length;
  }
  if (found !== bytes) return `${found} bytes, ${bytes} were laid out`;
  return hash.digest('hex') === oid ? null : `its bytes are not those of blob ${oid}`;
}

async function countFiles(store: Store, folder: string): Promise<number> {
  const local = store.localPath(folder);
  if (local !== null) return countLocal(Buffer.from(local));
  const entries = await store.list(folder).catch((error: unknown) => {
    if (isPivoError(error, 'NotFound')) return [];
    throw error;
  });
  let files = 0;
  for (const { name, kind } of entries) files += kind === 'file' ? 1 : await countFiles(store, `${folder}/${name}`);
  return files;
}

/** Names are bytes here. */
async function countLocal(folder: Buffer): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new PivoError('StorageUnavailable', error.message, { cause: error });
  });
  let files = 0;
  for (const entry of entries) files += entry.isDirectory() ? await countLocal(Buffer.concat([folder, Buffer.from('/'), entry.name])) : 1;
  return files;
}
