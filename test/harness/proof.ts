// Acts of verification, drill and repair as a workflow runs them, and damage to an archive of a test.
import { randomUUID } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActRun, ActivityDeps } from '../../activities/act.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { verifyRepository, type VerifyOptions } from '../../archive/reading/verify.ts';
import type { RepositoryVerdict, VerificationRun } from '../../contract/verification.ts';
import { silentLog } from './temporal.ts';

/** One attempt of an act. */
export const attempt = (progress: string[] = [], signal = new AbortController().signal): ActRun => ({ signal, onProgress: ({ phase }) => void progress.push(phase), attempt: 1, log: silentLog });

export const workflowOf = (name: string): { id: string; runId: string } => ({ id: name, runId: randomUUID() });

export const verificationOf = (over: Partial<VerificationRun> = {}): VerificationRun => ({ run: randomUUID(), workflowId: null, repository: null, part: null, engine: 'local', started: new Date().toISOString(), ...over });

/** What a verification of a repository says. */
export async function verdictOf({ store, cache }: ActivityDeps, repository: string, options: Partial<VerifyOptions> = {}): Promise<RepositoryVerdict> {
  const library = openLibrary({ store, cache });
  try {
    return await verifyRepository(store, library, repository, { signal: new AbortController().signal, onProgress: () => {}, ...options });
  } finally {
    await library.close();
  }
}

/** The file of this machine at a path in the store. */
export const fileOf = ({ store }: ActivityDeps, path: string): string => store.localPath(path) ?? join('/nonexistent', path);

/** Changes one bit in the middle of a file, or at `at`. */
export async function flipBit(file: string, at?: number): Promise<void> {
  await chmod(file, 0o644);
  const bytes = await readFile(file);
  const where = at ?? Math.floor(bytes.length / 2);
  bytes[where] = (bytes[where] ?? 0) ^ 1;
  await writeFile(file, bytes);
  await chmod(file, 0o444);
}
