// Builds the bare repository that holds exactly what a restore will push: planned refs over the archive's objects.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { objectsPath, restorePath } from '../archive/layout.ts';
import { localObjects } from '../archive/local-packs.ts';
import { bareConfig, ensure, headFile, packedRefs } from '../archive/snapshots.ts';
import type { Store } from '../archive/store.ts';
import type { PlannedRef, RestorePlan } from '../contract/restore.ts';
import type { PackProof } from '../contract/visit.ts';

/** Refs that the restore brings to the target, or finds there already. */
export const wantedRefs = (plan: RestorePlan): PlannedRef[] => plan.refs.filter((ref) => ref.action !== 'refuse');

/** The planned refs in git's packed format. */
export const packedPlan = (plan: RestorePlan): Buffer =>
  packedRefs(wantedRefs(plan).map((ref) => ({ name: ref.name, oid: ref.new, type: 'commit', ...(ref.peeled === undefined ? {} : { peeled: ref.peeled }) })));

const CONFIG = '[gc]\n\tauto = 0\n[receive]\n\thideRefs = refs\n';

/** The files of the repository, packs and alternates left out. */
export function repositoryFiles(plan: RestorePlan): [name: string, content: Buffer][] {
  return [
    ['HEAD', headFile(plan.head)],
    ['config', Buffer.from(bareConfig(plan.objectFormat) + CONFIG)],
    ['packed-refs', packedPlan(plan)],
    ['refs/.keep', Buffer.alloc(0)],
    ...(plan.shallow.length === 0 ? [] : [['shallow', shallowFile(plan.shallow)] as [string, Buffer]]),
  ];
}

/** The shallow file of a repository whose history ends at these commits (gitrepository-layout(5)). */
export const shallowFile = (boundary: readonly string[]): Buffer => Buffer.from(boundary.map((oid) => `${oid}\n`).join(''));

/**
 * Puts the repository into the store at `restores/{restoreId}`, borrowing the archive's objects; a second attempt
 * finds the same files. Returns its path on this machine. Fails with Damaged when other files are there.
 */
export async function putRestoreRepository(store: Store, restoreId: string, plan: RestorePlan, gitDir: string, signal?: AbortSignal): Promise<string> {
  const alternates: [string, Buffer] = ['objects/info/alternates', Buffer.from(`../../../${objectsPath(plan.repository)}\n`)];
  for (const [name, content] of [...repositoryFiles(plan), alternates]) await ensure(store, `${restorePath(restoreId)}/${name}`, content, signal);
  return gitDir;
}

/** Builds the repository at `gitDir` on this machine over checked copies of the packs in `cacheFolder`: for an archive that is elsewhere. */
export async function downloadRepository(store: Store, plan: RestorePlan, packs: readonly PackProof[], gitDir: string, cacheFolder: string, signal: AbortSignal): Promise<string> {
  await rm(gitDir, { recursive: true, force: true });
  await mkdir(gitDir, { recursive: true });
  for (const [name, content] of repositoryFiles(plan)) {
    await mkdir(dirname(join(gitDir, name)), { recursive: true });
    await writeFile(join(gitDir, name), content);
  }
  const objects = await localObjects(store, plan.repository, packs, cacheFolder, signal);
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  await writeFile(join(gitDir, 'objects/info/alternates'), `${objects}\n`);
  return gitDir;
}
