// PIVO beside what people use instead, in one run on the same repository: time, CPU, memory, bytes, files, and how they grow.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { git, gitText } from '../git/process.ts';
import { linearHistory } from '../test/fixtures/linear-history.ts';
import { startPivo, type Pivo } from '../test/harness/pivo.ts';
import type { Bench, Row } from './bench.ts';
import { costOf, costSoFar, stored, type Cost } from './cost.ts';
import { ABSENT, RIVALS, type Rival, type Way } from './rival-ways.ts';

/** Commits of the three repositories, and commits that come before each later backup. */
const COMMITS = [1_000, 4_000, 16_000];
const LATER = 20;
/** How many backups there are when bytes and files are counted, on the repository of middle size. */
const SNAPSHOTS = [1, 4, 16];
const FILES = 200;
const SEED = 77;

/** The bench at some numbers of commits; the middle one of them is backed up as often as `snapshots` says. */
export const rivalsBenchAt = (sizes: readonly number[], snapshots: readonly number[]): Bench => ({
  name: 'rivals',
  title: 'PIVO beside git clone --mirror, git bundle, restic, borg and hdfs dfs -put',
  run: async ({ scratch }) => {
    const rivals = await present();
    console.log(`load ${loadavg()[0]?.toFixed(1)} at the start`);
    const rows: Row[] = [];
    for (const [at, commits] of sizes.entries()) rows.push(...beside(await measureAll(rivals, scratch, commits, at === sizes.length >> 1 ? snapshots : [1, 2])));
    console.log(`load ${loadavg()[0]?.toFixed(1)} at the end`);
    return rows;
  },
});

export const rivalsBench = rivalsBenchAt(COMMITS, SNAPSHOTS);

/** The rivals that can run here; the others are said with their reasons. */
async function present(): Promise<Rival[]> {
  const missing = await Promise.all(RIVALS.map(async (rival) => ({ rival, reason: await rival.missing() })));
  for (const [name, reason] of [...missing.flatMap(({ rival, reason }) => (reason === null ? [] : [[rival.name, reason] as const])), ...Object.entries(ABSENT)]) console.log(`skipped: ${name}: ${reason}`);
  return missing.flatMap(({ rival, reason }) => (reason === null ? [rival] : []));
}

/** Values by what is measured, in its order. */
type Measured = Map<string, { unit: Row['unit']; value: number }>;

async function measureAll(rivals: readonly Rival[], scratch: string, commits: number, snapshots: readonly number[]): Promise<{ name: string; measured: Measured }[]> {
  const all: { name: string; measured: Measured }[] = [];
  for (const rival of [pivoWay, ...rivals]) {
    const origin = join(scratch, 'origin.git');
    await linearHistory(origin, { commits, files: FILES, seed: SEED });
    await git(['repack', '-a', '-d', '-q'], { gitDir: origin });
    const folder = join(scratch, 'kept');
    await mkdir(folder);
    try {
      all.push({ name: rival.name, measured: await inOne(rival, origin, folder, (way) => measure(way, origin, scratch, commits, snapshots)) });
    } catch (error) {
      if (rival === pivoWay) throw error;
      console.log(`failed: ${rival.name} at ${commits} commits: ${(error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? String(error)}`);
    } finally {
      for (const path of [origin, folder, `${folder}-cache`, `${folder}-base`]) await rm(path, { recursive: true, force: true, maxRetries: 3 });
    }
  }
  return all;
}

async function inOne<T>(rival: Rival, origin: string, folder: string, use: (way: Way) => Promise<T>): Promise<T> {
  const way = await rival.open(origin, folder);
  try {
    return await use(way);
  } finally {
    await way.close?.();
  }
}

async function measure(way: Way, origin: string, scratch: string, commits: number, snapshots: readonly number[]): Promise<Measured> {
  const measured: Measured = new Map();
  const title = `${commits.toLocaleString('en')} commits`;
  const note = (what: string, unit: Row['unit'], value: number): void => void measured.set(`${title}: ${what}`, { unit, value });
  const noteCost = (what: string, { wall, cpu, peak }: Cost): void => {
    note(what, 's', wall);
    note(`  its CPU (${what})`, 's', cpu);
    note(`  its largest process (${what})`, 'MB', peak);
  };
  for (let backup = 1; backup <= (snapshots.at(-1) ?? 1); backup++) {
    if (backup > 1) await linearHistory(origin, { commits: LATER, files: FILES, seed: SEED, from: commits + (backup - 2) * LATER });
    const cost = await way.backUp();
    if (backup <= 2) noteCost(backup === 1 ? 'first backup' : `backup after ${LATER} more commits`, cost);
    if (!snapshots.includes(backup)) continue;
    const { bytes, files } = await way.stored();
    note(`stored after ${backup} backups`, 'MB', bytes / 1e6);
    note(`files after ${backup} backups`, 'files', files);
  }
  const commit = await gitText(['rev-parse', 'HEAD~10'], { gitDir: origin });
  const path = (await gitText(['ls-tree', '-r', '--name-only', commit], { gitDir: origin })).split('\n')[7] ?? '';
  for (const [what, act] of [['restore', (into: string) => way.restore(into)], ['one file of an old commit', (into: string) => way.read(commit, path, into)]] as const) {
    const into = join(scratch, 'restored.git');
    noteCost(what, await act(into));
    await rm(into, { recursive: true, force: true });
  }
  return measured;
}

/** One row for each measure and rival, PIVO's value first. */
function beside([ours, ...others]: { name: string; measured: Measured }[]): Row[] {
  return [...(ours?.measured ?? [])].flatMap(([what, { unit, value }]) => others.map(({ name, measured }, at): Row => ({ what: at === 0 ? what : '', unit, pivo: value, beside: { name, value: measured.get(what)?.value ?? Number.NaN } })));
}

const LAUNCHER = fileURLToPath(new URL('../pivo', import.meta.url));

/** PIVO as a person runs it; CPU is the command's and that of the running parts, memory the largest part's. */
const pivoWay: Rival = {
  name: 'PIVO',
  missing: () => Promise.resolve(null),
  open: async (origin, folder) => {
    const pivo = await startPivo(folder);
    const parts = await partsOf(pivo);
    const run = async (...args: string[]): Promise<Cost> => {
      const before = await costSoFar(parts);
      const cost = await costOf([LAUNCHER, ...args], { env: { PIVO_HOME: folder, PIVO_LOG_LEVEL: 'warn' } });
      const after = await costSoFar(parts);
      return { wall: cost.wall, cpu: cost.cpu + after.cpu - before.cpu, peak: Math.max(cost.peak, after.peak) };
    };
    return {
      backUp: () => run('ingest', origin, '--name', 'r', '--checkout', 'none'),
      restore: (into) => run('restore', 'r', '--to', into, '--yes'),
      read: (commit, path) => run('cat', `r@${commit}`, path),
      stored: () => stored(join(folder, 'archive')),
      close: () => pivo.close(),
    };
  },
};

/** Process ids of the running parts. */
async function partsOf({ home }: Pivo): Promise<number[]> {
  const record = JSON.parse(await readFile(join(home, 'run', 'stack.json'), 'utf8')) as { parts: Record<string, { process: { pid: number } | null }> };
  return Object.values(record.parts).flatMap((part) => (part.process === null ? [] : [part.process.pid]));
}
