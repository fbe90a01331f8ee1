// The server: cloning through the git remote beside git's own http-backend, and the overview of 1,000 repositories.
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { git } from '../git/process.ts';
import { startGitHttp } from '../test/harness/git-http.ts';
import { startPivo, type Pivo } from '../test/harness/pivo.ts';
import { fillLargeIndex } from '../test/server/large-index.ts';
import { median, timed, type Bench, type Row } from './bench.ts';
import { titleOf } from './repositories.ts';

const CLONES = 5;
const QUESTIONS = 30;
const REPOSITORIES = 1_000;
const COMMITS = 100_000;

export const serverBench: Bench = {
  name: 'server',
  title: `Server: git clone --mirror beside git http-backend (medians of ${CLONES}), and questions of a warm one (medians of ${QUESTIONS})`,
  async run({ scratch, repositories }) {
    const home = join(scratch, 'server');
    await mkdir(home);
    fillLargeIndex(join(home, 'pivo.db'), { repositories: REPOSITORIES, visits: 100, commits: COMMITS });
    const pivo = await startPivo(home, { PIVO_LISTEN: '127.0.0.1:0' });
    try {
      const { server } = await pivo.json<{ server: { url: string } }>('status');
      const rows: Row[] = [];
      for (const [at, repository] of repositories.entries()) rows.push(...(await cloning(pivo, server.url, scratch, repository, `bench-${at}`)));
      return [...rows, ...(await questions(server.url))];
    } finally {
      await pivo.close();
    }
  },
};

/** All servers in turn, so that each sees the same load of the machine: the remote, and http-backend over the archived snapshot and over the origin, which has a bitmap. */
async function cloning(pivo: Pivo, url: string, scratch: string, repository: string, name: string): Promise<Row[]> {
  await pivo.json('ingest', repository, '--name', name);
  const [visit] = (await pivo.json<{ visits: { snapshotPath: string }[] }>('visits', name)).visits;
  const snapshot = join(pivo.home, 'archive', 'backups', name, visit?.snapshotPath ?? '');
  const [archived, origin] = await Promise.all([snapshot, repository].map((path) => startGitHttp({ root: dirname(path) })));
  const addresses = [`${url}/git/${name}.git`, `${archived?.url}/${basename(snapshot)}`, `${origin?.url}/${basename(repository)}`];
  const times: number[][] = addresses.map(() => []);
  try {
    for (let round = 0; round < CLONES; round++) for (const [at, from] of addresses.entries()) times[at]?.push(await clone(from, join(scratch, 'clone.git')));
  } finally {
    await Promise.all([archived?.close(), origin?.close()]);
  }
  const [remote = 0, ofSnapshot = 0, ofOrigin = 0] = times.map(median);
  const what = `clone of ${await titleOf(repository)}`;
  return [
    { what, unit: 's', pivo: remote, beside: { name: 'http-backend, same snapshot', value: ofSnapshot }, allowed: 1.3 * ofSnapshot },
    { what, unit: 's', pivo: remote, beside: { name: 'http-backend, origin with bitmap', value: ofOrigin } },
  ];
}

async function clone(from: string, into: string): Promise<number> {
  const { seconds } = await timed(() => git(['clone', '--quiet', '--mirror', from, into], { protocols: ['http'] }));
  await rm(into, { recursive: true });
  return seconds;
}

async function questions(url: string): Promise<Row[]> {
  const ask = async (what: string, path: string, allowed?: number): Promise<Row> => {
    const times: number[] = [];
    for (let round = 0; round < QUESTIONS + 3; round++) times.push((await timed(async () => (await fetch(`${url}/api/v1${path}`)).text())).seconds * 1000);
    return { what, unit: 'ms', pivo: median(times.slice(3)), ...(allowed === undefined ? {} : { allowed }) };
  };
  return [
    await ask(`overview of ${REPOSITORIES} repositories, 100 visits each`, '/overview', 100),
    await ask(`100 newest of ${COMMITS} commits`, '/repositories/large/commits'),
    await ask('100 commits from the middle of them', `/repositories/large/commits?after=1501500000.${COMMITS / 2}`),
    await ask('100 commits by two words of the message', '/repositories/large/commits?text=fix%20stream'),
  ];
}
