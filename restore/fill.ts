// Fills a path that held nothing: a bare repository or a working clone with every planned ref as archived.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headFile } from '../archive/snapshots.ts';
import type { PushOutcome, RestorePlan } from '../contract/restore.ts';
import { git, gitTest, startGit } from '../git/process.ts';
import { isPivoError, PivoError } from '../contract/failures.ts';
import { readGitProgress } from '../git/progress.ts';
import { replaceFile } from '../whole-file.ts';
import { claimFolder, writeMark } from './mark.ts';
import { packedPlan, shallowFile } from './repository.ts';
import type { PushRun } from './push.ts';

/**
 * Makes the repository at `path` from the one at `gitDir`: git packs what the refs reach, and a new index computes
 * every id again; then refs, HEAD and, for a working clone, files. No hook, no filter, no submodule runs.
 * Unfinished work of an earlier attempt is thrown away. Fails with TargetRefused, StorageFull or GitFailed.
 */
export async function fillPath(path: string, gitDir: string, plan: RestorePlan, restoreId: string, run: PushRun): Promise<PushOutcome> {
  const mark = await claimFolder(path, restoreId);
  const filled = mark.filled ?? (await fill(path, gitDir, plan, run));
  if (mark.filled === null) await writeMark(path, { ...mark, filled });
  const known = plan.head.symref !== null || plan.head.oid !== null;
  return { ...filled, head: known ? { restored: true } : { restored: false, note: 'the archived state has no HEAD' } };
}

async function fill(path: string, gitDir: string, plan: RestorePlan, run: PushRun): Promise<{ objects: number; warnings: string[] }> {
  const bare = plan.targetKind === 'bare';
  const into = bare ? path : join(path, '.git');
  await git(['init', '--quiet', '--template=', `--object-format=${plan.objectFormat}`, ...(bare ? ['--bare'] : []), '--end-of-options', path], { signal: run.signal });
  const objects = await copyObjects(gitDir, into, run);
  if (plan.shallow.length > 0) await writeFile(join(into, 'shallow'), shallowFile(plan.shallow));
  await writeRefs(into, plan);
  return { objects, warnings: bare ? [] : await checkOut(path, run) };
}

/** Everything that the refs and HEAD of `from` reach, through one pack; returns the number of objects. */
async function copyObjects(from: string, into: string, { signal, onProgress }: PushRun): Promise<number> {
  if (!(await hasTips(from, signal))) return 0;
  let objects = 0;
  const onStderr = (line: string): void => {
    objects = Number(/^Total (\d+) /.exec(line)?.[1] ?? objects);
    const progress = readGitProgress(line);
    if (progress !== null) onProgress(progress);
  };
  await mkdir(join(into, 'objects/pack'), { recursive: true });
  const packing = startGit(['pack-objects', '--all', '--stdout', '--delta-base-offset', '--progress', '--all-progress-implied'], { gitDir: from, signal, onStderr });
  packing.stdin.end();
  const indexing = git(['index-pack', '--stdin', '-v'], { gitDir: into, signal, input: packing.stdout, onStderr });
  try {
    await Promise.all([packing.done, indexing]);
  } catch (error) {
    packing.kill('SIGKILL');
    await indexing.catch(() => {});
    throw copyFailure(error, into);
  }
  return objects;
}

/** False for a repository without refs whose HEAD is unborn: there is nothing to pack. */
async function hasTips(gitDir: string, signal: AbortSignal): Promise<boolean> {
  const { stdout } = await git(['for-each-ref', '--count=1', '--format=%(objectname)'], { gitDir, signal });
  return stdout.length > 0 || gitTest(['rev-parse', '--verify', '--quiet', 'HEAD^{object}'], { gitDir, signal });
}

function copyFailure(error: unknown, into: string): unknown {
  if (!isPivoError(error, 'GitFailed') || !/No space left|Disk quota/i.test(String(error.facts['stderr']))) return error;
  return new PivoError('StorageFull', `there is no room for the objects at ${into}`, { hint: 'Free some space and start the restore again; what was begun there is removed.', cause: error });
}

/** Refs as archived, also those that no push would be allowed to write. */
async function writeRefs(into: string, plan: RestorePlan): Promise<void> {
  await replaceFile(join(into, 'packed-refs'), packedPlan(plan), { flush: true });
  if (plan.head.symref !== null || plan.head.oid !== null) await replaceFile(join(into, 'HEAD'), headFile(plan.head), { flush: true });
}

/** The files of HEAD; what git will not lay out is told, and the refs stay restored. */
async function checkOut(path: string, { signal, onProgress }: PushRun): Promise<string[]> {
  if (!(await gitTest(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { cwd: path, signal }))) return [];
  onProgress({ phase: 'checking files out' });
  try {
    await git(['reset', '--hard', '--quiet', '--no-recurse-submodules'], { cwd: path, signal });
    return [];
  } catch (error) {
    if (!isPivoError(error, 'GitFailed')) throw error;
    return [`the files of HEAD could not be laid out: ${error.message}`];
  }
}
