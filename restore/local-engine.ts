// Engine `local`: checks packs by SHA-256 on the worker itself; git's own ids are recomputed by the receiver.
import { join } from 'node:path';
import { packPath, restorePath } from '../archive/layout.ts';
import { proveChunks, proveStream } from '../archive/proof.ts';
import type { Store } from '../archive/store.ts';
import { PivoError } from '../contract/failures.ts';
import { CHUNK_BYTES, type FileProof, type PackProof } from '../contract/visit.ts';
import type { EngineRun, RestoreEngine } from './engine.ts';
import { plannedPacks } from './planned-packs.ts';
import { downloadRepository, putRestoreRepository } from './repository.ts';

/** Packs that are read at the same time. */
const AT_ONCE = 2;

/** `cache`: folder of this worker for packs of an archive that is not on this machine. */
export function localEngine(store: Store, cache: string): RestoreEngine {
  return {
    async reconstruct(plan, run) {
      const packs = await plannedPacks(store, plan);
      const bytesVerified = await verifyPacks(store, plan.repository, packs, run);
      run.onProgress({ phase: 'reconstructing' });
      const local = store.localPath(restorePath(run.restoreId));
      const gitDir = local === null
        ? await downloadRepository(store, plan, packs, join(cache, 'restores', run.restoreId), join(cache, plan.repository), run.signal)
        : await putRestoreRepository(store, run.restoreId, plan, local, run.signal);
      return { gitDir, packsVerified: packs.length, bytesVerified };
    },
  };
}

/** Reads every pack and index to its end; returns the bytes read. */
async function verifyPacks(store: Store, repository: string, packs: readonly PackProof[], { signal, onProgress }: EngineRun): Promise<number> {
  const total = packs.length;
  const queue = [...packs];
  let [done, bytes] = [0, 0];
  const count = async function* (content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      bytes += chunk.length;
      onProgress({ phase: 'checking packs', done, total, bytes });
      yield chunk;
    }
  };
  const worker = async (): Promise<void> => {
    for (let pack = queue.shift(); pack !== undefined; pack = queue.shift()) {
      for (const extension of ['pack', 'idx'] as const) await verifyFile(store, packPath(repository, pack.name, extension), pack[extension], signal, count);
      done += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    queue.length = 0;
  }
  return bytes;
}

async function verifyFile(store: Store, path: string, proof: FileProof & { chunks?: string[] }, signal: AbortSignal, through: (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): Promise<void> {
  const found = await proveStream(through(store.open(path, undefined, signal)));
  if (found.bytes === proof.bytes && found.sha256 === proof.sha256) return;
  const offset = proof.chunks === undefined ? null : await firstBadByte(store, path, proof.chunks, signal);
  const where = offset === null ? '' : ` between bytes ${offset} and ${offset + CHUNK_BYTES}`;
  throw new PivoError('Damaged', `${path} is damaged${where}: ${found.bytes} bytes, expected ${proof.bytes}`, {
    hint: 'Nothing was sent. Run `pivo verify` to see what else is damaged, and ingest again to repair from the origin.',
    facts: { path, offset, found, expected: { bytes: proof.bytes, sha256: proof.sha256 } },
  });
}

/** Offset of the first chunk that is not as the visit says; null when only the length differs. */
async function firstBadByte(store: Store, path: string, chunks: readonly string[], signal: AbortSignal): Promise<number | null> {
  const found = (await proveChunks(store.open(path, undefined, signal))).chunks;
  const bad = chunks.findIndex((sha256, i) => found[i] !== sha256);
  return bad === -1 ? null : bad * CHUNK_BYTES;
}
