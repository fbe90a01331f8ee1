// `pivo forge` as a person has it: export, list, show and search of a repository on a forge.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forgeLinesPath } from '../../archive/layout.ts';
import { openStore } from '../../archive/open.ts';
import type { ForgeDataResult, ForgeExport, ForgeRecord } from '../../contract/forge-data.ts';
import { saveCredential } from '../../git/credentials.ts';
import type { CostReport } from '../../operations/cost.ts';
import type { Job } from '../../operations/jobs.ts';
import type { ForgeHits } from '../../operations/search-forge.ts';
import { TOKEN } from '../forges/fake-forge.ts';
import { startFakeGithubData, type FakeGithubData } from '../forges/fake-github-data.ts';
import { flipBitBy, localHand } from '../harness/archive-hand.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';

let folder: string;
let fake: FakeGithubData;
let pivo: Pivo;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pfd-'));
  fake = await startFakeGithubData(null);
  const home = join(folder, 'home');
  await mkdir(home);
  await writeFile(join(home, 'config.toml'), `[[forges]]\nhost = "${new URL(fake.web).host}"\nkind = "github"\napi = "${fake.api}"\ncredential = "forge"\n`);
  await saveCredential(join(home, 'credentials'), 'forge', { kind: 'token', username: 'x', token: TOKEN });
  pivo = await startPivo(home);
});
afterAll(async () => {
  await pivo.close();
  await fake.close();
  await rm(folder, { recursive: true, force: true });
});

const linesOf = (text: string): ForgeRecord[] => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ForgeRecord);

it('exports, lists, shows each record in its last state or as of an export, and finds it by its words', { timeout: 150_000 }, async () => {
  const issue = fake.data.issue({ title: 'Retry \u001b[31mforever', body: 'The socket is never closed' });
  fake.data.issue({ title: 'Second' });
  fake.data.comment(1, 'Same here');
  expect(await pivo.json<ForgeDataResult>('forge', 'export', 'acme.shop', '--url', `${fake.web}/acme/shop`)).toMatchObject({ export: 1, unchanged: false, joined: false, records: { issues: 2, 'issue-comments': 1 } });
  fake.data.edit(issue, { state: 'closed' });
  expect(await pivo.text('forge', 'export', 'acme.shop', '--url', `${fake.web}/acme/shop`)).toMatch(/export 2 of acme\.shop: .*\n {2}issues 1\n/);
  expect(await pivo.text('forge', 'export', 'acme.shop', '--url', `${fake.web}/acme/shop`)).toMatch(/nothing changed/);

  await expect.poll(async () => (await pivo.json<Job[]>('jobs')).map(({ workflowId }) => workflowId)).toContain('forge-data:acme.shop');
  expect((await pivo.json<ForgeExport[]>('forge', 'list', 'acme.shop')).map((each) => each.export)).toEqual([2, 1]);
  expect(await pivo.text('forge', 'list', 'acme.shop')).toMatch(/EXPORT.*NEW OR CHANGED[\s\S]*github acme\/shop/);
  expect(linesOf(await pivo.text('forge', 'show', 'acme.shop', 'issues')).map(({ number, state }) => [number, state]).toSorted()).toEqual([[1, 'closed'], [2, 'open']]);
  expect(linesOf(await pivo.text('forge', 'show', 'acme.shop', '--at', '1')).map(({ kind, state }) => [kind, state])).toEqual([['issues', 'open'], ['issues', 'open'], ['issue-comments', null]]);

  await expect.poll(async () => (await pivo.json<ForgeHits>('forge', 'search', 'socket')).hits.map(({ number, state }) => [number, state])).toEqual([[1, 'closed']]);
  const shown = await pivo.text('forge', 'search', 'never', 'closed', '--repo', 'acme.shop');
  expect(shown).toMatch(/acme\.shop#1 issues Retry \\x1b\[31mforever \(closed\)/);
  expect(await pivo.text('verify')).toMatch(/acme\.shop: 0 visits.* 5 files of forge data, .* all as it was written/);
  for (const which of ['--all', 'acme.shop']) {
    const { total, repositories } = await pivo.json<CostReport>('cost', which);
    expect(repositories.map(({ repository, parts }) => [repository, parts.map(({ part, files }) => [part, files])])).toEqual([['acme.shop', [['forge', 5]]]]);
    expect(total.bytes).toBeGreaterThanOrEqual(repositories[0]?.bytes ?? Infinity);
  }
  const lines = forgeLinesPath('acme.shop', 2, 'issues', 1);
  await flipBitBy(localHand(openStore(pathToFileURL(join(folder, 'home', 'archive')).href)), lines);
  await expect(pivo.text('verify', 'acme.shop')).rejects.toMatchObject({ code: 7, stdout: expect.stringContaining(lines) as string });
  await expect(pivo.text('forge', 'show', 'acme.shop', 'wishes')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('issue-comments') as string });
  await expect(pivo.text('forge', 'list', 'nobody')).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('pivo forge export nobody') as string });
  await expect(pivo.text('forge', 'export', 'acme.shop', '--url', 'https://forge.example/acme/shop')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('[[forges]]') as string });
  expect(await pivo.text('forge', 'export', '--help')).toContain('Example');
});
