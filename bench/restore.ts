// Restore to a bare repository, with its proof, beside `git push --mirror` into an empty one.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { git } from '../git/process.ts';
import { initBare } from '../test/fixtures/plumbing.ts';
import { median, timed, type Bench, type Row } from './bench.ts';
import { titleOf } from './repositories.ts';
import type { Pivo } from '../test/harness/pivo.ts';
import { withPivo } from './with-pivo.ts';

const ROUNDS = 3;

export const restoreBench: Bench = {
  name: 'restore',
  title: `Restore to a bare repository beside git push --mirror, median of ${ROUNDS} rounds`,
  run: ({ scratch, repositories }) =>
    withPivo(scratch, async (pivo) => {
      const rows: Row[] = [];
      for (const [at, repository] of repositories.entries()) rows.push(await measure(pivo, scratch, repository, `bench-${at}`));
      return rows;
    }),
};

async function measure(pivo: Pivo, scratch: string, repository: string, name: string): Promise<Row> {
  await pivo.json('ingest', repository, '--name', name);
  const restored: number[] = [];
  const pushed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const into = join(scratch, `restored-${round}.git`);
    restored.push((await timed(() => pivo.json('restore', name, '--to', into, '--yes'))).seconds);
    const empty = join(scratch, `pushed-${round}.git`);
    await initBare(empty);
    pushed.push((await timed(() => git(['push', '--quiet', '--mirror', pathToFileURL(empty).href], { gitDir: repository, protocols: ['file'] }))).seconds);
    await Promise.all([into, empty].map((path) => rm(path, { recursive: true, force: true })));
  }
  const push = median(pushed);
  return { what: await titleOf(repository), unit: 's', pivo: median(restored), beside: { name: 'push --mirror', value: push }, allowed: 1.15 * push + 1.5 };
}
