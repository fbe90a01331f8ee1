// The repository that a Spark job left in the store: is it there, is it the planned one, and at hand for the push.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { restorePath } from '../archive/layout.ts';
import { readJson, readSmall } from '../archive/read.ts';
import type { Store } from '../archive/store.ts';
import { PivoError } from '../contract/failures.ts';
import type { RestorePlan } from '../contract/restore.ts';
import type { FileProof, PackProof } from '../contract/visit.ts';
import { repositoryFiles } from './repository.ts';

const Reconstructed = z.object({ formatVersion: z.literal(1), restoreId: z.string(), packs: z.array(z.string()), bytes: z.number(), objects: z.number(), damage: z.literal('none') });

const recordPath = (restoreId: string): string => `${restorePath(restoreId)}/reconstruction.json`;
const gitPath = (restoreId: string): string => `${restorePath(restoreId)}/repository.git`;

/** True when a job has finished this repository; its record is the last file that a job writes. */
export async function isReconstructed(store: Store, restoreId: string): Promise<boolean> {
  return (await store.stat(recordPath(restoreId))) !== null;
}

/**
 * Path of the repository on this machine: where the store has it, or a checked copy at `gitDir`.
 * Fails with Damaged when it is not what the plan and its visit say.
 */
export async function repositoryAtHand(store: Store, restoreId: string, plan: RestorePlan, packs: readonly PackProof[], gitDir: string, signal: AbortSignal): Promise<string> {
  const { packs: made } = await readJson(store, recordPath(restoreId), Reconstructed);
  if (packs.some(({ name }) => !made.includes(name))) throw unlike(recordPath(restoreId));
  const small = repositoryFiles(plan);
  for (const [name, content] of small) if (!content.equals(await readSmall(store, `${gitPath(restoreId)}/${name}`))) throw unlike(`${gitPath(restoreId)}/${name}`);
  const local = store.localPath(gitPath(restoreId));
  if (local !== null) return local;
  await rm(gitDir, { recursive: true, force: true });
  await mkdir(join(gitDir, 'objects/pack'), { recursive: true });
  for (const [name, content] of small) {
    await mkdir(dirname(join(gitDir, name)), { recursive: true });
    await writeFile(join(gitDir, name), content);
  }
  for (const pack of packs) {
    for (const extension of ['pack', 'idx'] as const) await fetchChecked(store, `${gitPath(restoreId)}/objects/pack/${pack.name}.${extension}`, join(gitDir, `objects/pack/${pack.name}.${extension}`), pack[extension], signal);
  }
  return gitDir;
}

async function fetchChecked(store: Store, path: string, file: string, proof: FileProof, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  const measure = async function* (content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(store.open(path, undefined, signal), measure, createWriteStream(file), { signal });
  if (hash.digest('hex') !== proof.sha256) throw unlike(path);
}

const unlike = (path: string): PivoError =>
  new PivoError('Damaged', `${path} is not what was planned`, { hint: 'Nothing was sent. Somebody changed it after Spark wrote it: start the restore again under another id.', facts: { path } });
