// One file of a random old commit through the running PIVO, beside a `git cat-file --batch` that runs all the time.
import { once } from 'node:events';
import { join } from 'node:path';
import { callOperation } from '../apps/cli/call.ts';
import { gitText, startGit } from '../git/process.ts';
import { randomNumbers } from '../test/fixtures/random.ts';
import { median, timed, type Bench, type Row } from './bench.ts';
import { titleOf } from './repositories.ts';
import { withPivo } from './with-pivo.ts';

const READS = 300;

export const readBench: Bench = {
  name: 'read',
  title: `One file of a random old commit through the running PIVO, after the first; median and 99th percentile of ${READS}`,
  run: ({ scratch, repositories }) =>
    withPivo(scratch, async (pivo) => {
      const rows: Row[] = [];
      for (const [at, repository] of repositories.entries()) {
        const name = `bench-${at}`;
        await pivo.json('ingest', repository, '--name', name);
        rows.push(...(await measure(join(pivo.home, 'run', 'server.sock'), repository, name)));
      }
      return rows;
    }),
};

interface Address {
  commit: string;
  path: string;
}

async function measure(socket: string, repository: string, name: string): Promise<Row[]> {
  const addresses = await randomFiles(repository);
  const [first] = addresses;
  if (first === undefined) throw new Error(`${repository} has no file to read`);
  await readThroughPivo(socket, name, first);
  const ours: number[] = [];
  for (const address of addresses) ours.push((await timed(() => readThroughPivo(socket, name, address))).seconds * 1000);
  const theirs = await readThroughGit(repository, addresses);
  const title = await titleOf(repository);
  return [
    { what: `${title}: median`, unit: 'ms', pivo: median(ours), beside: { name: 'cat-file --batch', value: median(theirs) }, allowed: 2 },
    { what: `${title}: 99th percentile`, unit: 'ms', pivo: percentile(ours, 0.99), beside: { name: 'cat-file --batch', value: percentile(theirs, 0.99) } },
  ];
}

const percentile = (values: number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

/** A file of each of READS commits chosen at random, any commit of the history. */
async function randomFiles(repository: string): Promise<Address[]> {
  const random = randomNumbers(99);
  const pick = <T>(values: T[]): T | undefined => values[Math.floor(random() * values.length)];
  const commits = (await gitText(['rev-list', '--all'], { gitDir: repository })).split('\n');
  const tips = (await gitText(['ls-tree', '-r', '--name-only', '-z', commits[0] ?? ''], { gitDir: repository })).split('\0').filter((path) => path !== '');
  const wanted = Array.from({ length: READS * 2 }, () => ({ commit: pick(commits) ?? '', path: pick(tips) ?? '' })).filter(({ path }) => !path.includes('\n'));
  const found = await gitText(['cat-file', '--batch-check=%(objecttype)'], { gitDir: repository, input: wanted.map(({ commit, path }) => `${commit}:${path}\n`).join('') });
  return found.split('\n').flatMap((type, at) => (type === 'blob' ? [wanted[at] as Address] : [])).slice(0, READS);
}

async function readThroughPivo(socket: string, repository: string, { commit, path }: Address): Promise<void> {
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  const { content } = await callOperation<{ content: AsyncIterable<Uint8Array> }>(socket, 'cat', { repository, point: commit, path }, options, () => Promise.reject(new Error('PIVO does not run')));
  for await (const chunk of content) void chunk;
}

/** Milliseconds of each read by one running git. */
async function readThroughGit(gitDir: string, addresses: Address[]): Promise<number[]> {
  const running = startGit(['cat-file', '--batch'], { gitDir });
  const times: number[] = [];
  for (const { commit, path } of addresses) times.push((await timed(() => readOne(running, `${commit}:${path}\n`))).seconds * 1000);
  running.stdin.end();
  running.stdout.resume();
  await running.done;
  return times;
}

/** Asks for one object and reads as many bytes as its header line says. */
async function readOne({ stdin, stdout }: ReturnType<typeof startGit>, name: string): Promise<void> {
  stdin.write(name);
  let read = Buffer.alloc(0);
  for (let wanted = Infinity; read.length < wanted; ) {
    const chunk = stdout.read() as Buffer | null;
    if (chunk === null) {
      await once(stdout, 'readable');
      continue;
    }
    read = Buffer.concat([read, chunk]);
    const end = read.indexOf(10);
    if (end >= 0) wanted = end + 2 + Number(read.subarray(0, end).toString().split(' ')[2]);
  }
}
