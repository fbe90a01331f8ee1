// What every forge's export promises, the same on all three.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgeRecords, readForgeExport } from '../../archive/forge-data.ts';
import { ForgeDataKind, type ForgeRecord } from '../../contract/forge-data.ts';
import { startFakeGiteaData } from '../forges/fake-gitea-data.ts';
import { startFakeGithubData } from '../forges/fake-github-data.ts';
import { startFakeGitlabData } from '../forges/fake-gitlab-data.ts';
import { githubReferee } from '../forges/openapi.ts';
import { openExporting, type Exporting } from './exporting.ts';

const referee = await githubReferee();

const FORGES = [
  { kind: 'github' as const, start: () => startFakeGithubData(referee), hosts: false },
  { kind: 'gitlab' as const, start: startFakeGitlabData, hosts: true },
  { kind: 'gitea' as const, start: startFakeGiteaData, hosts: true },
];

describe.each(FORGES)('An export from $kind', ({ kind, start, hosts }) => {
  let folder: string;
  let fake: Awaited<ReturnType<typeof start>>;
  let exporting: Exporting;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-forge-data-'));
    fake = await start();
    exporting = await openExporting(folder, fake, kind);
  });
  afterEach(async () => {
    await exporting.close();
    await fake.close();
    await promisify(execFile)('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true });
    expect(fake.wrong).toEqual([]);
  });

  const told = async (number: number): Promise<Partial<Record<ForgeDataKind, Partial<ForgeRecord>[]>>> => {
    const { document } = await readForgeExport(exporting.deps.store, 'shop', number);
    const all: Partial<Record<ForgeDataKind, Partial<ForgeRecord>[]>> = {};
    for (const each of ForgeDataKind.options) for await (const record of forgeRecords(exporting.deps.store, document, each)) (all[each] ??= []).push(record);
    return all;
  };

  const fill = (): void => {
    const { data } = fake;
    data.labels.push({ id: 1, name: 'bug' });
    data.milestones.push({ id: 3, title: '2.0' });
    for (let i = 0; i < 120; i++) data.issue({ title: `Issue number ${i + 1}` });
    data.comment(1, 'Here, too');
    data.issue({ merge: true, title: 'Fix the crash' });
    const review = data.review(121, 'APPROVED', 'Fine');
    data.comment(121, 'Why this?', { review: review.id });
    data.release('v1', { 'shop.tar.gz': Buffer.from('the bytes') });
  };

  it('has every kind of record with number, author, words and what the forge said, on all its pages', async () => {
    fill();
    const { records, assets, holes } = await exporting.run();
    expect({ records, assets, holes }).toEqual({ records: { labels: 1, milestones: 1, issues: 120, 'issue-comments': 1, 'merge-requests': 1, reviews: 1, 'review-comments': 1, releases: 1, 'release-assets': 1 }, assets: { stored: 1, bytes: 9 }, holes: [] });
    const all = await told(1);
    expect(all.issues?.find(({ number }) => number === 77)).toMatchObject({ kind: 'issues', title: 'Issue number 77', body: 'Words of 77', author: 'ada', updated: expect.stringMatching(/^2026-.*Z$/) as string, url: expect.stringContaining('/issues/77') as string });
    expect(all).toMatchObject({
      labels: [{ title: 'bug' }], milestones: [{ title: '2.0', body: 'Soon' }], 'issue-comments': [{ number: 1, body: 'Here, too', author: 'bob' }],
      'merge-requests': [{ number: 121, title: 'Fix the crash', author: 'ada' }], reviews: [{ number: 121, author: 'carol', state: expect.stringMatching(/^approved$/i) as string }], 'review-comments': [{ number: 121, body: 'Why this?', parent: expect.any(String) as string }],
      releases: [{ title: 'Release v1', body: 'Notes of v1' }], 'release-assets': [{ title: 'shop.tar.gz', parent: all.releases?.[0]?.id, content: { bytes: 9 } }],
    });
  });

  it('brings what changed alone the second time, and nothing where nothing did', async () => {
    fill();
    await exporting.run();
    fake.asked.length = 0;
    expect(await exporting.run()).toMatchObject({ unchanged: true, records: {} });
    expect(fake.asked.length).toBeLessThan(15);
    const issue = fake.data.issues[4];
    if (issue !== undefined) fake.data.edit(issue, { title: 'Renamed' });
    fake.data.comment(9, 'Later');
    fake.data.labels.length = 0;
    await exporting.run();
    const all = await told(2);
    expect(all.issues?.map(({ number, title }) => [number, title]).toSorted()).toEqual([[5, 'Renamed'], [9, 'Issue number 9']].toSorted());
    expect(all['issue-comments']).toMatchObject([{ number: 9, body: 'Later' }]);
    expect(all.labels).toMatchObject([{ id: '1', deleted: true }]);
    expect(Object.keys(all).toSorted()).toEqual(['issue-comments', 'issues', 'labels']);
  });

  it('comes whole through limits and broken connections', async () => {
    fill();
    const limited = { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '1' } };
    for (const at of [3, 5, 6, 8, 11, 12]) fake.fault({ on: () => fake.asked.length === at, ...(at % 2 === 0 ? { answer: limited } : { reset: 'within' as const }) });
    expect((await exporting.run()).records.issues).toBe(120);
    expect(await exporting.run()).toMatchObject({ unchanged: true });
  });

  it.runIf(hosts)('takes no file from another host, and says so', async () => {
    const release = fake.data.release('v1', { away: Buffer.from('x') });
    for (const asset of release.assets) asset.away = true;
    expect((await exporting.run()).holes).toEqual([expect.stringContaining('files.example')]);
  });
});
