// A fleet of 1,000 small repositories through one worker, then a million commits in its index: memory, histories, and whether the CLI stays usable.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TOPIC } from '../contract/names.ts';
import { openEventLog } from '../events/open.ts';
import { backUpFleet, fleetName, filesBelow, largestHistory, makeFleet, workerMemory } from '../test/fleet/fleet.ts';
import type { Pivo } from '../test/harness/pivo.ts';
import { median, timed, type Bench, type Row } from './bench.ts';
import { commitEvent, hashOf } from './index-events.ts';
import { withPivo } from './with-pivo.ts';

const FIRST = 100;
const BATCH = 2_000;

/** The bench with so many repositories and commits. */
export const fleetBenchAt = (repositories: number, commits: number): Bench => ({
  name: 'fleet',
  title: `${repositories.toLocaleString('en')} repositories through one worker, and ${commits.toLocaleString('en')} commits in its index`,
  run: ({ scratch }) => withPivo(scratch, async (pivo) => {
    const origins = join(scratch, 'fleet');
    await mkdir(origins);
    try {
      return [...(await backUps(pivo, origins, repositories)), ...(await filledIndex(pivo, repositories, commits))];
    } finally {
      await rm(origins, { recursive: true, force: true });
    }
  }),
});

export const fleetBench = fleetBenchAt(1_000, 1_000_000);

async function backUps(pivo: Pivo, origins: string, repositories: number): Promise<Row[]> {
  await makeFleet(origins, 0, repositories);
  const first = (await timed(() => backUpFleet(pivo, origins, 0, FIRST))).seconds;
  const early = (await workerMemory(pivo)).peak;
  const rest = (await timed(() => backUpFleet(pivo, origins, FIRST, repositories))).seconds;
  const late = (await workerMemory(pivo)).peak;
  const again = (await timed(() => backUpFleet(pivo, origins, 0, repositories))).seconds;
  const whole = (await timed(() => fleetRun(pivo, origins, repositories))).seconds;
  const history = await largestHistory(pivo, repositories);
  return [
    { what: 'first ingests', unit: 'per second', pivo: (repositories - FIRST) / rest, beside: { name: `the first ${FIRST}`, value: FIRST / first } },
    { what: 'visits of unchanged origins', unit: 'per second', pivo: repositories / again },
    { what: 'unchanged origins in one fleet run', unit: 'per second', pivo: repositories / whole },
    { what: 'peak memory of the worker', unit: 'MB', pivo: late, beside: { name: `after ${FIRST}`, value: early }, allowed: 1.5 * early },
    { what: 'the same after a second visit of all', unit: 'MB', pivo: (await workerMemory(pivo)).peak, beside: { name: `after ${FIRST}`, value: early }, allowed: 1.5 * early },
    { what: `largest history (of ${history.events} events)`, unit: 'MB', pivo: history.bytes / 1e6, allowed: 1 },
    { what: 'files of the caches', unit: 'files', pivo: await filesBelow(join(pivo.home, 'cache')) },
    ...(await commands(pivo, 'with their own commits', ['repos'], ['jobs'], ['visits', fleetName(0)], ['status'])),
  ];
}

/** The same once more, as the source that they all are. */
async function fleetRun(pivo: Pivo, origins: string, repositories: number): Promise<void> {
  const list = join(origins, 'list');
  await writeFile(list, Array.from({ length: repositories }, (_, n) => `${join(origins, `${fleetName(n)}.git`)} ${fleetName(n)}\n`).join(''));
  await pivo.text('source', 'add', 'fleet', '--list', list);
  await pivo.text('fleet', 'run', 'fleet', '--at-once', '16');
}

/** Publishes made-up commits of the fleet, waits until the index has all, and asks. */
async function filledIndex(pivo: Pivo, repositories: number, commits: number): Promise<Row[]> {
  const events = openEventLog(`sqlite:${join(pivo.home, 'events.db')}`);
  const filled = await timed(async () => {
    for (let at = 0; at < commits; at += BATCH) {
      await events.publish(TOPIC.commits, Array.from({ length: Math.min(BATCH, commits - at) }, (_, n) => messageOf(at + n, repositories, commits)));
    }
    await events.close();
    while (Number((await pivo.json<{ rows: [number][] }>('query', `SELECT count(*) FROM commits WHERE commit_hash = '${hashOf(commits - 1)}'`)).rows[0]?.[0]) === 0) await new Promise((resolve) => setTimeout(resolve, 500));
  });
  const at = `at ${commits.toLocaleString('en')} commits`;
  return [
    { what: `log and index filled ${at}`, unit: 'per second', pivo: commits / filled.seconds },
    ...(await commands(pivo, at, ['repos'], ['status'], ['log', fleetName(1)], ['query', `SELECT * FROM commits WHERE commit_hash = '${hashOf(7)}'`], ['query', 'SELECT repo_name, count(*) FROM commits GROUP BY 1 ORDER BY 2 DESC LIMIT 20'], ['query', `SELECT commit_hash, subject FROM commits WHERE repo_name = '${fleetName(5)}' ORDER BY commit_time DESC LIMIT 20`])),
  ];
}

function messageOf(n: number, repositories: number, commits: number): { key: string; id: string; value: string; type: string } {
  const repository = fleetName(n % repositories);
  const hash = hashOf(n);
  const event = { ...commitEvent(n, commits), repository, id: `commit:${repository}:${hash}:0`, parents: n < repositories ? [] : [hashOf(n - repositories)], hdfsPath: `/backups/${repository}/${hash}` };
  return { key: repository, id: event.id, value: JSON.stringify(event), type: event.type };
}

/** Wall time of whole commands, Node's start counted, median of three. */
async function commands(pivo: Pivo, when: string, ...lines: string[][]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const args of lines) {
    const seconds: number[] = [];
    for (let round = 0; round < 3; round++) seconds.push((await timed(() => pivo.text(...args, '--json'))).seconds);
    rows.push({ what: `pivo ${args.join(' ').slice(0, 60)} ${when}`, unit: 's', pivo: median(seconds) });
  }
  return rows;
}
