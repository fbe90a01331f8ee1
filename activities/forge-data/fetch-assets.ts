// Act: stores the files of releases that this export brought, each under its own SHA-256, once.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { forgeAssetPath } from '../../archive/layout.ts';
import type { ForgeDataJob, ForgeHole, ForgeRecord } from '../../contract/forge-data.ts';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { FileProof } from '../../contract/visit.ts';
import type { ForgeData } from '../../forges/data.ts';
import { writeWhole } from '../../whole-file.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { forgeDataAt, refusedAlone, spoolOf } from './ports.ts';
import { spoolFolder } from './spool.ts';

interface Content {
  sha256: string;
  bytes: number;
}

/** `again`: when it may be had; `later` is the next export. */
type Settled = { content: Content; isNew: boolean } | { reason: string; again: 'now' | 'later' | 'never' };

/** Tries at a file that the forge cannot give while it can be asked, and milliseconds before another one. */
const [MOST_TRIES, PAUSE] = [5, 1_000];

/** Fails as forge and store do; what the forge does not give, or is too large, is a hole. An attempt goes on with the file that was not whole. */
export async function fetchForgeAssets(deps: ActivityDeps, { job }: { job: ForgeDataJob }, run: ActRun): Promise<{ stored: number; bytes: number }> {
  using spool = spoolOf(deps, job);
  const data = await forgeDataAt(deps, job.url, job.request);
  await dropLeft(deps, job.request.repository);
  for (let next = spool.nextAsset(); next !== null; next = spool.nextAsset()) {
    const { seq, record, tries } = next;
    if (tries > 0) await sleep(PAUSE, undefined, { signal: run.signal });
    const settled = await settled1(deps, job, data, record, run).catch(async (error: unknown): Promise<Settled> => ({ reason: await refusedAlone(data, error, run.signal), again: 'now' }));
    if ('reason' in settled && settled.again === 'now' && tries + 1 < MOST_TRIES) spool.triedAsset(seq);
    else if ('content' in settled) spool.storeAsset(seq, { ...record, content: settled.content }, settled.isNew);
    else spool.passAsset(seq, { ...record, content: null }, holeOf(record, settled.reason), settled.again !== 'never');
  }
  return spool.assets();
}

const holeOf = ({ title, id }: ForgeRecord, reason: string): ForgeHole => ({ kind: 'release-assets', what: `${title ?? ''} (${id})`, reason });

async function settled1(deps: ActivityDeps, job: ForgeDataJob, data: ForgeData, record: ForgeRecord, run: ActRun): Promise<Settled> {
  const { size, digest } = (record.raw ?? {}) as { size?: unknown; digest?: unknown };
  const limit = job.request.maxAssetBytes;
  const tooLarge = (bytes: string): Settled => ({ reason: `it has ${bytes} bytes, and ${limit} are kept at most`, again: 'never' });
  if (typeof size === 'number' && size > limit) return tooLarge(String(size));
  const expected = typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest.slice('sha256:'.length) : null;
  const stored = expected === null ? null : await deps.store.stat(forgeAssetPath(job.request.repository, expected));
  if (expected !== null && stored?.kind === 'file') return { content: { sha256: expected, bytes: stored.bytes }, isNew: false };
  const source = data.asset(record, limit, run.signal);
  if (typeof source === 'string') return { reason: source, again: 'later' };
  try {
    return await stream(deps, job.request.repository, { source, expected, name: record.title ?? record.id }, run);
  } catch (error) {
    if (isPivoError(error, 'LimitExceeded')) return tooLarge('more');
    if (isPivoError(error, 'NotFound', 'NotAllowed', 'Damaged')) return { reason: error.message, again: 'later' };
    throw error;
  }
}

/** A worker that was killed leaves the file that it was at. */
async function dropLeft({ cache }: ActivityDeps, repository: string): Promise<void> {
  const folder = spoolFolder(cache);
  const left = (await readdir(folder)).filter((name) => name.startsWith(`${repository}.`) && /^[0-9a-f-]{36}\.asset$/.test(name.slice(repository.length + 1)));
  for (const name of left) await rm(join(folder, name), { force: true });
}

/** Through a file of this worker: its name in the archive is known at its end. */
async function stream({ cache, store }: ActivityDeps, repository: string, { source, expected, name }: { source: AsyncIterable<Uint8Array>; expected: string | null; name: string }, run: ActRun): Promise<Settled> {
  const file = join(spoolFolder(cache), `${repository}.${randomUUID()}.asset`);
  try {
    const proof = await written(file, source, (done) => run.onProgress({ phase: `fetching ${name}`, done }));
    if (expected !== null && expected !== proof.sha256) throw new PivoError('Damaged', `its SHA-256 is ${proof.sha256} where the forge says ${expected}`);
    return { content: { sha256: proof.sha256, bytes: proof.bytes }, isNew: await adopted(store, forgeAssetPath(repository, proof.sha256), file, proof, run.signal) };
  } finally {
    await rm(file, { force: true });
  }
}

async function written(file: string, source: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): Promise<FileProof> {
  const hash = createHash('sha256');
  let bytes = 0;
  await writeWhole(file, (sink) => pipeline(source, async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      onBytes(bytes);
      yield piece;
    }
  }, sink));
  return { bytes, sha256: hash.digest('hex') };
}

/** False when it was there. */
async function adopted(store: ActivityDeps['store'], path: string, file: string, proof: FileProof, signal: AbortSignal): Promise<boolean> {
  try {
    await store.adopt(path, file, proof, signal);
    return true;
  } catch (error) {
    if (isPivoError(error, 'Exists')) return false;
    throw error;
  }
}
