// What a first ingest stores beside the packs of a mirror, and how many files a backup adds besides the checkout.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { git } from '../git/process.ts';
import type { Bench, Row } from './bench.ts';
import { titleOf } from './repositories.ts';
import type { Pivo } from '../test/harness/pivo.ts';
import { withPivo } from './with-pivo.ts';

const MOST_FILES = 10;

export const storageBench: Bench = {
  name: 'storage',
  title: 'Stored bytes after a first ingest beside the packs of git clone --mirror, and new files',
  run: ({ scratch, repositories }) =>
    withPivo(scratch, async (pivo) => {
      const rows: Row[] = [];
      for (const [at, repository] of repositories.entries()) rows.push(...(await measure(pivo, scratch, repository, `bench-${at}`)));
      return rows;
    }),
};

async function measure(pivo: Pivo, scratch: string, repository: string, name: string): Promise<Row[]> {
  const clone = join(scratch, `${name}-mirror.git`);
  await git(['clone', '--quiet', '--mirror', pathToFileURL(repository).href, clone], { protocols: ['file'] });
  const mirrored = (await filesBelow(join(clone, 'objects', 'pack'))).reduce((sum, { bytes }) => sum + bytes, 0);
  await rm(clone, { recursive: true, force: true });
  await pivo.json('ingest', repository, '--name', name);
  const archived = (await filesBelow(join(pivo.home, 'archive', 'backups', name))).filter(({ path }) => !/^[0-9a-f]{40,64}\//.test(path));
  const bytes = archived.reduce((sum, file) => sum + file.bytes, 0);
  const title = await titleOf(repository);
  return [
    { what: `${title}: stored`, unit: 'MB', pivo: bytes / 1e6, beside: { name: "mirror's packs", value: mirrored / 1e6 }, allowed: (1.03 * mirrored) / 1e6 },
    { what: `${title}: new files`, unit: 'files', pivo: archived.length, allowed: MOST_FILES },
  ];
}

/** Regular files below a folder with their sizes, by path. */
async function filesBelow(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ path: path.slice(folder.length + 1), bytes: (await stat(path)).size })));
}
