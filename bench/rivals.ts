// PIVO beside what people use instead, in one run on the same repository: time, CPU, memory, bytes, files, and how they grow.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { git, gitText } from '../git/process.ts';
import { linearHistory } from '../test/fixtures/linear-history.ts';
import { startPivo, type Pivo } from '../test/harness/pivo.ts';
import type { Bench, Row } from './bench.ts';
import { svgOf } from './plot.ts';
import { costOf, costSoFar, stored, type Cost } from './cost.ts';
import { ABSENT, RIVALS, type Rival, type Way } from './rival-ways.ts';

/** Commits of the three repositories, and commits that come before each later backup. */
const COMMITS = [500, 2_000, 8_000];
const LATER = 20;
/** Not in the repository. */
const PLOTS = fileURLToPath(new URL('../build/plots', import.meta.url));
/** How many backups there are when bytes and files are counted, on the repository of middle size. */
const SNAPSHOTS = [1, 4, 8];
const FILES = 200;
const SEED = 77;

/** The bench at some numbers of commits; the middle one of them is backed up as often as `snapshots` says. */
export const rivalsBenchAt = (sizes: readonly number[], snapshots: readonly number[]): Bench => ({
  name: 'rivals',
  title: 'PIVO beside git clone --mirror, git bundle, restic, borg and hdfs dfs -put',
  run: async ({ scratch }) => {
    const rivals = await present();
    console.log(`load ${loadavg()[0]?.toFixed(1)} at the start`);
    const runs: Run[] = [];
    for (const [at, commits] of sizes.entries()) runs.push({ commits, ways: await measureAll(rivals, scratch, commits, at === sizes.length >> 1 ? snapshots : [1, 2]) });
    console.log(`plots: ${await drawPlots(runs, snapshots)}`);
    console.log(`load ${loadavg()[0]?.toFixed(1)} at the end`);
    return runs.flatMap(({ commits, ways }) => beside(commits, ways));
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

interface Measures {
  name: string;
  measured: Measured;
}

/** All ways on one repository, PIVO first. */
interface Run {
  commits: number;
  ways: Measures[];
}

async function measureAll(rivals: readonly Rival[], scratch: string, commits: number, snapshots: readonly number[]): Promise<Measures[]> {
  const all: Measures[] = [];
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
  const note = (what: string, unit: Row['unit'], value: number): void => void measured.set(what, { unit, value });
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
function beside(commits: number, [ours, ...others]: Measures[]): Row[] {
  const title = `${commits.toLocaleString('en')} commits`;
  return [...(ours?.measured ?? [])].flatMap(([what, { unit, value }]) => others.map(({ name, measured }, at): Row => ({ what: at === 0 ? `${title}: ${what}` : '', unit, pivo: value, beside: { name, value: measured.get(what)?.value ?? Number.NaN } })));
}

/** What grows with the commits, and what with the backups; returns the folder of the pictures. */
async function drawPlots(runs: readonly Run[], snapshots: readonly number[]): Promise<string> {
  await mkdir(PLOTS, { recursive: true });
  const names = [...new Set(runs.flatMap(({ ways }) => ways.map(({ name }) => name)))];
  const valueOf = (run: Run | undefined, name: string, what: string): number | null => run?.ways.find((way) => way.name === name)?.measured.get(what)?.value ?? null;
  for (const [what, unit] of [['first backup', 's'], [`backup after ${LATER} more commits`, 's'], ['restore', 's'], ['one file of an old commit', 's'], ['stored after 1 backups', 'MB']] as const) {
    const lines = names.map((name) => ({ name, values: runs.map((run) => valueOf(run, name, what)) }));
    await writeFile(join(PLOTS, `${what.replaceAll(' ', '-')}.svg`), svgOf({ title: what, unit, x: { label: 'commits', values: runs.map(({ commits }) => commits) }, lines }));
  }
  const middle = runs[runs.length >> 1];
  const lines = names.map((name) => ({ name, values: snapshots.map((backups) => valueOf(middle, name, `stored after ${backups} backups`)) }));
  await writeFile(join(PLOTS, 'stored-by-backups.svg'), svgOf({ title: `stored, ${middle?.commits.toLocaleString('en')} commits`, unit: 'MB', x: { label: 'backups', values: snapshots }, lines }));
  return PLOTS;
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
