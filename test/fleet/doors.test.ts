// A source at the doors that people use: backed up whole, told with its failures and an exit code, looked at afterwards, and cancelled by Ctrl-C.
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FleetEnded } from '../../operations/fleet-run.ts';
import type { FleetEntryOfList, FleetState } from '../../operations/fleet-status.ts';
import { pivo, type Ran } from '../cli/run-pivo.ts';
import { linearHistory } from '../fixtures/linear-history.ts';
import { startGitHttp, type GitHttpServer } from '../harness/git-http.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';

let folder: string;
let running: Pivo;
/** Takes requests and never answers them. */
let silent: GitHttpServer;
let asked: Promise<void>;
const ask = (args: string[], onStart?: (child: ChildProcess) => void): Promise<Ran> => pivo(args, { home: running.home, env: { NO_COLOR: '1', PIVO_GIT_PROTOCOLS: 'file,http' }, ...(onStart === undefined ? {} : { onStart }) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-fd-'));
  const first = Promise.withResolvers<void>();
  asked = first.promise;
  silent = await startGitHttp({ root: folder, intercept: () => (first.resolve(), true) });
  const paths = ['one', 'two', 'three'].map((name) => join(folder, 'acme', `${name}.git`));
  for (const [seed, path] of paths.entries()) await linearHistory(path, { commits: 2, files: 1, seed });
  await writeFile(join(folder, 'list'), [...paths, join(folder, 'acme', 'gone.git')].map((path) => `${path} acme.${/([a-z]+)\.git$/.exec(path)?.[1]}\n`).join(''));
  await writeFile(join(folder, 'slow'), `${silent.url}/acme/slow.git acme.slow\n`);
  running = await startPivo(join(folder, 'h'), { PIVO_GIT_PROTOCOLS: 'file,http' });
  await ask(['source', 'add', 'acme', '--list', join(folder, 'list')]);
}, 300_000);

afterAll(async () => {
  await silent?.close();
  await running?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

it('a source is backed up; what failed is named with its reason, and the exit code says so', async () => {
  const { code, stdout, stderr } = await ask(['fleet', 'run', 'acme']);
  expect([code, stderr]).toEqual([11, expect.stringContaining('backing up')]);
  expect(stdout).toMatch(/^✗ acme: 3 backed up, 0 unchanged, 1 failed of 4 repositories/);
  expect(stdout).toMatch(/acme\.gone +failed +OriginRefused: /);
});

it('a source that has nothing to back up is no success', async () => {
  await ask(['source', 'add', 'none', '--list', join(folder, 'list'), '--exclude', '*']);
  const { code, stdout } = await ask(['fleet', 'run', 'none']);
  expect([code, stdout]).toEqual([11, expect.stringContaining('there was nothing to back up')]);
});

it('once more, nothing but the failure is told, in JSON too', async () => {
  const { code, stdout } = await ask(['fleet', 'run', 'acme', '--no-discover', '--json']);
  expect([code, JSON.parse(stdout) as FleetEnded]).toMatchObject([11, { whole: false, joined: false, discovery: null, counts: { done: 0, unchanged: 3, failed: 1 }, failed: [{ repository: 'acme.gone' }] }]);
});

it('runs are listed, and one is told by outcome, page by page', async () => {
  const runs = await running.json<FleetEntryOfList[]>('fleet', 'list', 'acme');
  expect(runs.map(({ status, counts }) => [status, counts.done, counts.unchanged])).toEqual([['done', 0, 3], ['done', 3, 0]]);
  const failed = await running.json<FleetState>('fleet', 'status', runs[1]?.fleetId ?? '', '--outcome', 'failed');
  expect(failed.items).toMatchObject([{ repository: 'acme.gone', outcome: 'failed', visit: null, failure: { kind: 'OriginRefused' } }]);
  const page = await running.json<FleetState>('fleet', 'status', '--source', 'acme', '--limit', '2');
  expect([page.items.length, page.next]).toEqual([2, 'acme.one']);
  expect(await running.text('fleet', 'status', '--after', 'acme.one')).toMatch(/acme\.three +unchanged +2/);
});

it('a source or a run that is not there is told with what to do', async () => {
  expect(await ask(['fleet', 'run', 'nobody'])).toMatchObject({ code: 3, stderr: expect.stringMatching(/there is no source "nobody"\nhint: .*pivo source/) as string });
  expect(await ask(['fleet', 'status', 'nothing'])).toMatchObject({ code: 3, stderr: expect.stringContaining('pivo fleet list') as string });
});

it('Ctrl-C cancels the run and what it began, and says what was not done', { timeout: 120_000 }, async () => {
  await ask(['source', 'add', 'slow', '--list', join(folder, 'slow')]);
  const interrupted = await ask(['fleet', 'run', 'slow'], (child) => void asked.then(() => child.kill('SIGINT')));
  expect(interrupted).toMatchObject({ code: 130, stderr: expect.stringMatching(/1 of 1 repositories were not backed up\nhint: .*pivo fleet status slow-/) as string });
  const { run, items } = await running.json<FleetState>('fleet', 'status', '--source', 'slow');
  expect([run.status, run.report?.notDone, items]).toEqual(['cancelled', 1, []]);
  expect(await running.json<{ workflowId: string; state: string }[]>('jobs', '--json').then((jobs) => jobs.find(({ workflowId }) => workflowId === 'ingest:acme.slow')?.state)).toBe('cancelled');
});
