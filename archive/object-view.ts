// A disposable bare repository that sees exactly the packs of some visits.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectFormat } from '../contract/snapshot.ts';
import { bareConfig } from './snapshots.ts';

export interface ObjectView extends AsyncDisposable {
  gitDir: string;
  /** Says whose parents are not there; git then does not look for them. */
  setShallow(commits: Iterable<string>): Promise<void>;
}

/** Links the named packs of `objectDirectory/pack` into a new bare repository under the system's temporary folder. */
export async function openObjectView(objectDirectory: string, packs: Iterable<string>, objectFormat: ObjectFormat): Promise<ObjectView> {
  const gitDir = await mkdtemp(join(tmpdir(), 'pivo-view-'));
  const pack = join(gitDir, 'objects', 'pack');
  await mkdir(pack, { recursive: true });
  await mkdir(join(gitDir, 'refs'));
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/.invalid\n');
  await writeFile(join(gitDir, 'config'), bareConfig(objectFormat));
  for (const name of packs) for (const extension of ['idx', 'pack']) await symlink(join(objectDirectory, 'pack', `${name}.${extension}`), join(pack, `${name}.${extension}`));
  return {
    gitDir,
    setShallow: async (commits) => {
      const text = [...commits].map((oid) => `${oid}\n`).join('');
      if (text !== '') await writeFile(join(gitDir, 'shallow'), text);
    },
    [Symbol.asyncDispose]: () => rm(gitDir, { recursive: true, force: true }),
  };
}
