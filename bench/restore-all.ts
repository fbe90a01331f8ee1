// Disaster recovery of many small repositories, planned, checked and proven, beside a shell loop over plain mirrors.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RestoreAllReceipt } from '../contract/restore-all.ts';
import { atOnce } from '../restore/many/at-once.ts';
import { importCommits } from '../test/fixtures/fast-import.ts';
import { initBare } from '../test/fixtures/plumbing.ts';
import { openIngest } from '../test/harness/ingest.ts';
import { median, timed, type Bench, type Row } from './bench.ts';
import { withPivo } from './with-pivo.ts';

const [REPOSITORIES, COMMITS, ROUNDS] = [30, 30, 1];
const FILE_BYTES = 4096;

export const restoreAllBench: Bench = {
  name: 'restore-all',
  title: `${REPOSITORIES} repositories of ${COMMITS} commits to a folder of bare repositories, median of ${ROUNDS} rounds`,
  async run({ scratch }) {
    const mirrors = join(scratch, 'mirrors');
    const names = Array.from({ length: REPOSITORIES }, (_, i) => `acme.r${i}`);
    const archive = await openIngest(join(scratch, 'home'));
    await atOnce(4, names, async (name) => archive.ingest(await mirrorOf(mirrors, name), name));
    await archive.close();
    return withPivo(scratch, async (pivo) => {
      const [many, wide, looped]: [number[], number[], number[]] = [[], [], []];
      for (let round = 0; round < ROUNDS; round++) {
        for (const [seconds, more] of [[many, []], [wide, ['--at-once', '8']]] as const) {
          const into = join(scratch, 'restored');
          seconds.push((await timed(() => pivo.json<RestoreAllReceipt>('restore', '--all', '--to', into, '--yes', ...more))).seconds);
          await rm(into, { recursive: true, force: true });
        }
        looped.push((await timed(() => loop(scratch, mirrors))).seconds);
      }
      return rows(many, wide, looped);
    });
  },
};

async function mirrorOf(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.git`);
  await initBare(path);
  const commits = Array.from({ length: COMMITS }, (_, i) => ({ ref: 'refs/heads/main', mark: i + 1, ...(i === 0 ? {} : { parents: [i] }), files: [{ path: `src/file-${i % 10}`, content: `${name} ${i}\n`.repeat(FILE_BYTES / 16) }] }));
  await importCommits(path, commits);
  return path;
}

/** What one does without PIVO: a clone of each mirror, and a push of it to a new bare repository; nothing is checked but what git checks itself. */
async function loop(scratch: string, mirrors: string): Promise<void> {
  const script = join(scratch, 'loop.sh');
  await writeFile(script, 'set -e\nmkdir -p "$2/clones" "$2/pushed"\nfor mirror in "$1"/*.git; do\n  name=$(basename "$mirror")\n  git clone --quiet --mirror "file://$mirror" "$2/clones/$name"\n  git init --quiet --bare "$2/pushed/$name"\n  git -C "$2/clones/$name" push --quiet --mirror "file://$2/pushed/$name"\ndone\n');
  const into = join(scratch, 'looped');
  await promisify(execFile)('sh', [script, mirrors, into]);
  await rm(into, { recursive: true, force: true });
}

function rows(many: number[], wide: number[], looped: number[]): Row[] {
  const aMinute = (seconds: number[]): number => (60 * REPOSITORIES) / median(seconds);
  const beside = { name: 'clone and push --mirror', value: aMinute(looped) };
  return [
    { what: 'restore --all, command start to end', unit: 'per minute', pivo: aMinute(many), beside },
    { what: 'the same, 8 at once', unit: 'per minute', pivo: aMinute(wide), beside },
  ];
}
