// Exports of a repository on GitHub: everything once, then what changed, asked as GitHub's published description says.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { beginForgeData } from '../../activities/forge-data/begin.ts';
import { fetchForgeAssets } from '../../activities/forge-data/fetch-assets.ts';
import { fetchForgeStep } from '../../activities/forge-data/fetch-step.ts';
import { putForgeExport } from '../../activities/forge-data/put-export.ts';
import { ForgeSpool, spoolFolder } from '../../activities/forge-data/spool.ts';
import { forgeRecords, listForgeExports, readForgeExport } from '../../archive/forge-data.ts';
import { forgeAssetPath } from '../../archive/layout.ts';
import { readSmall } from '../../archive/read.ts';
import { ForgeDataInput, type ForgeDataKind, type ForgeRecord } from '../../contract/forge-data.ts';
import { startFakeGithubData, type FakeGithubData } from '../forges/fake-github-data.ts';
import { githubReferee } from '../forges/openapi.ts';
import { actRun, exportOnce, openExporting, type Exporting } from './exporting.ts';

const referee = await githubReferee();

describe.each([{ how: referee === null ? 'without a referee, which the registry does not give' : 'under its published description' }])('An export from GitHub, $how,', () => {
  let folder: string;
  let fake: FakeGithubData;
  let exporting: Exporting;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-forge-data-'));
    fake = await startFakeGithubData(referee);
    exporting = await openExporting(folder, fake, 'github');
  });
  afterEach(async () => {
    await exporting.close();
    await fake.close();
    await promisify(execFile)('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true });
    expect(fake.wrong).toEqual([]);
  });

  const lines = async (number: number, kind: ForgeDataKind): Promise<ForgeRecord[]> => {
    const found: ForgeRecord[] = [];
    const { document } = await readForgeExport(exporting.deps.store, 'shop', number);
    for await (const record of forgeRecords(exporting.deps.store, document, kind)) found.push(record);
    return found;
  };

  /** One of each kind. */
  const fill = (): void => {
    const { data } = fake;
    data.labels.push({ id: 1, name: 'bug' }, { id: 2, name: 'later' });
    data.milestones.push({ id: 3, title: '2.0' });
    data.issue({ title: 'It crashes', body: 'At night' });
    data.comment(1, 'Here, too');
    data.issue({ merge: true, title: 'Fix the crash' });
    const review = data.review(2, 'APPROVED', 'Fine');
    data.comment(2, 'Why this?', { review: review.id });
    data.release('v1', { 'shop.tar.gz': Buffer.from('the bytes') });
  };

  it('has every kind of record, each with what GitHub said, and the files of releases by their SHA-256', async () => {
    fill();
    const result = await exporting.run();
    expect(result).toMatchObject({ export: 1, unchanged: false, holes: [], records: { labels: 2, milestones: 1, issues: 1, 'issue-comments': 1, 'merge-requests': 1, reviews: 1, 'review-comments': 1, releases: 1, 'release-assets': 1 }, assets: { stored: 1, bytes: 9 } });
    expect(await lines(1, 'issues')).toMatchObject([{ number: 1, title: 'It crashes', body: 'At night', author: 'ada', state: 'open', raw: { number: 1, user: { login: 'ada' } } }]);
    expect(await lines(1, 'issue-comments')).toMatchObject([{ number: 1, body: 'Here, too', author: 'bob' }]);
    expect(await lines(1, 'merge-requests')).toMatchObject([{ number: 2, title: 'Fix the crash' }]);
    const [review] = await lines(1, 'reviews');
    expect(review).toMatchObject({ number: 2, state: 'APPROVED', author: 'carol' });
    expect(await lines(1, 'review-comments')).toMatchObject([{ number: 2, parent: review?.id, body: 'Why this?' }]);
    const [asset] = await lines(1, 'release-assets');
    expect((await readSmall(exporting.deps.store, forgeAssetPath('shop', asset?.content?.sha256 ?? ''))).toString()).toBe('the bytes');
  });

  it('fetches and writes only what changed the second time, and nothing is written where nothing did', async () => {
    fill();
    for (let i = 0; i < 250; i++) fake.data.issue();
    await exporting.run();
    fake.asked.length = 0;
    expect(await exporting.run()).toMatchObject({ export: 1, unchanged: true });
    const first = fake.data.issues[0];
    if (first !== undefined) fake.data.edit(first, { state: 'closed' });
    fake.data.comment(7, 'New');
    fake.asked.length = 0;
    expect(await exporting.run()).toMatchObject({ export: 2, unchanged: false, records: { issues: 2, 'issue-comments': 1 } });
    expect(fake.asked.filter(({ route }) => route.endsWith('/issues'))).toHaveLength(1);
    expect(fake.asked.filter(({ route }) => route.endsWith('/reviews'))).toHaveLength(0);
    expect((await lines(2, 'issues')).map(({ number, state }) => [number, state])).toEqual([[1, 'closed'], [7, 'open']]);
  });

  it('asks for pages that did not change by their ETag, and knows what was on them', async () => {
    fill();
    await exporting.run();
    fake.data.issue();
    fake.asked.length = 0;
    await exporting.run();
    const conditional = fake.asked.filter(({ headers }) => headers['if-none-match'] !== undefined).map(({ route }) => route.split('/').at(-1));
    expect(conditional).toEqual(expect.arrayContaining(['labels', 'milestones', 'releases']));
    expect(await exporting.run()).toMatchObject({ unchanged: true });
    fake.data.labels.shift();
    await exporting.run();
    expect(await lines(3, 'labels')).toMatchObject([{ id: '1', deleted: true, raw: null }]);
  });

  it('does not take a full page that did not change for the last one', async () => {
    for (let id = 1; id <= 100; id++) fake.data.labels.push({ id, name: `label ${id}` });
    expect((await exporting.run()).records).toEqual({ labels: 100 });
    fake.data.labels.push({ id: 101, name: 'one more' });
    expect((await exporting.run()).records).toEqual({ labels: 1 });
  });

  it('leaves no file of a worker that was killed while it fetched one', async () => {
    const spools = spoolFolder(exporting.deps.cache);
    await mkdir(spools, { recursive: true });
    const [own, other] = [`shop.${randomUUID()}.asset`, `shop.wiki.${randomUUID()}.asset`];
    for (const name of [own, other]) await writeFile(join(spools, name), 'half of it');
    fake.data.release('v1', { a: Buffer.from('whole') });
    await exporting.run();
    expect((await readdir(spools)).filter((name) => name.endsWith('.asset'))).toEqual([other]);
  });

  it('names many holes by a few and their number, so that no document, result or record is too large', () => {
    using spool = new ForgeSpool(exporting.deps.cache, 'holes');
    const step = { name: 'reviews', gives: ['reviews'], way: 'each', of: 'merge-requests' } as const;
    for (let number = 1; number <= 1_000; number++) spool.pass(step, { after: number, cursor: null }, { kind: 'reviews', what: `merge-requests ${number}`, reason: 'x'.repeat(300) });
    const holes = spool.holes();
    expect(holes.at(-1)).toEqual({ kind: 'reviews', what: '750 more', reason: 'not named here' });
    expect(JSON.stringify(holes).length).toBeLessThan(200_000);
  });

  it('does not count downloads as a change, and fetches a file once', async () => {
    const release = fake.data.release('v1', { a: Buffer.from('same'), b: Buffer.from('same') });
    expect((await exporting.run()).assets).toEqual({ stored: 1, bytes: 4 });
    for (const asset of release.assets) asset.downloads += 5;
    expect(await exporting.run()).toMatchObject({ unchanged: true });
    expect(fake.asked.filter(({ route }) => route.endsWith('{asset_id}'))).toHaveLength(1);
  });

  it('names files that are too large, or not what GitHub says they are, as holes', async () => {
    const release = fake.data.release('v1', { large: Buffer.alloc(2000), lost: Buffer.from('x') });
    fake.fault({ on: (asked) => asked.path.endsWith(`/assets/${release.assets[1]?.id}`), answer: { status: 200, body: Buffer.from('something else') } });
    const { holes, assets } = await exporting.run({ maxAssetBytes: 1000 });
    expect(holes).toEqual([expect.stringContaining('large'), expect.stringContaining('SHA-256')]);
    expect(assets.stored).toBe(0);
  });

  const assetAsked = (id: number | undefined) => ({ path }: { path: string }): boolean => path.endsWith(`/assets/${id}`);

  it('asks again for files that were holes, and writes nothing where they still are', async () => {
    const release = fake.data.release('v1', { large: Buffer.alloc(2000), lost: Buffer.from('x') });
    const lost = { on: assetAsked(release.assets[1]?.id), answer: { status: 404, body: { message: 'Not Found' } } };
    fake.fault(lost, lost);
    expect((await exporting.run({ maxAssetBytes: 1000 })).holes).toHaveLength(2);
    expect(await exporting.run({ maxAssetBytes: 1000 })).toMatchObject({ export: 1, unchanged: true, holes: [expect.stringContaining('lost')] });
    expect(await exporting.run({ maxAssetBytes: 1000 })).toMatchObject({ export: 2, unchanged: false, records: { 'release-assets': 1 }, assets: { stored: 1, bytes: 1 }, holes: [] });
    expect(await exporting.run({ maxAssetBytes: 5000 })).toMatchObject({ export: 3, records: { 'release-assets': 1 }, assets: { stored: 1, bytes: 2000 } });
    expect(await exporting.run({ maxAssetBytes: 5000 })).toMatchObject({ export: 3, unchanged: true, holes: [] });
  });

  it('asks again for files that were holes also on a worker that did not see them', async () => {
    const release = fake.data.release('v1', { lost: Buffer.from('x') });
    fake.fault({ on: assetAsked(release.assets[0]?.id), answer: { status: 404, body: { message: 'Not Found' } } });
    await exporting.run();
    await rm(exporting.deps.cache, { recursive: true });
    expect(await exporting.run()).toMatchObject({ export: 2, records: { 'release-assets': 1 }, assets: { stored: 1, bytes: 1 }, holes: [] });
  });

  it('takes a file that GitHub cannot give, while it gives everything else, for a hole after some tries', async () => {
    const release = fake.data.release('v1', { broken: Buffer.from('x'), fine: Buffer.from('fine') });
    fake.fault(...Array.from({ length: 50 }, () => ({ on: assetAsked(release.assets[0]?.id), answer: { status: 502, body: { message: 'Bad Gateway' } } })));
    expect(await exporting.run()).toMatchObject({ assets: { stored: 1, bytes: 4 }, holes: [expect.stringContaining('broken')] });
  });

  it('takes what GitHub cannot give of one pull request, while it gives everything else, for a hole after some tries, and goes on with the others', async () => {
    for (const state of ['APPROVED', 'COMMENTED'] as const) {
      const { number } = fake.data.issue({ merge: true });
      fake.data.review(number, state, 'Fine');
    }
    fake.fault(...Array.from({ length: 50 }, () => ({ on: ({ path }: { path: string }): boolean => path.endsWith('/pulls/1/reviews'), answer: { status: 500, body: { message: 'Server Error' } } })));
    expect(await exporting.run()).toMatchObject({ records: { 'merge-requests': 2, reviews: 1 }, holes: [expect.stringContaining('merge-requests 1')] });
  });

  it('goes on at the page that a rate limit refused, and loses and fetches nothing twice', async () => {
    for (let i = 0; i < 450; i++) fake.data.issue();
    const isPage = (number: number) => ({ route }: { route: string }): boolean => route.endsWith('/issues') && fake.asked.filter((each) => each.route === route).length === number;
    const limited = { status: 403, body: { message: 'You have exceeded a secondary rate limit.' }, headers: { 'retry-after': '1' } };
    fake.fault({ on: isPage(3), answer: limited }, { on: isPage(4), answer: { ...limited, status: 429 } }, { on: isPage(5), reset: 'within' });
    const { records } = await exporting.run();
    expect(records.issues).toBe(450);
    const asked = fake.asked.filter(({ route }) => route.endsWith('/issues')).map(({ query }) => query.toString());
    expect(asked.length - new Set(asked).size).toBe(3);
  });

  it('misses nothing that moves while it reads', async () => {
    for (let i = 0; i < 350; i++) fake.data.issue();
    fake.fault({ on: ({ route }) => route.endsWith('/issues') && fake.asked.filter((each) => each.route === route).length === 2, act: () => fake.data.issues.slice(0, 60).forEach((issue) => fake.data.edit(issue, { title: 'moved' })) });
    await exporting.run();
    await exporting.run();
    const titles = new Map<number | null, string | null>();
    for (const number of [1, 2]) for (const { number: of, title } of await lines(number, 'issues').catch(() => [])) titles.set(of, title);
    expect(titles.size).toBe(350);
    expect([...titles.values()].filter((title) => title === 'moved')).toHaveLength(60);
  });

  it('takes what a repository has switched off for a hole, and a repository that is not there for a failure', async () => {
    fill();
    fake.fault({ on: 'GET /repos/{owner}/{repo}/issues', answer: { status: 410, body: { message: 'Issues are disabled for this repo' } } });
    expect((await exporting.run()).holes).toEqual([expect.stringContaining('Issues are disabled')]);
    await expect(exporting.run({ url: `${fake.web}/acme/nothing` })).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('keeps hostile texts whole, one line a record', async () => {
    const body = `\u0000\u001b[31m\r\n\u2028\u009b2J "quoted" \ud800 ${'x'.repeat(300_000)}`;
    fake.data.issue({ title: '\u001b]0;owned\u0007', body });
    for (let i = 0; i < 69; i++) fake.data.issue({ body: 'y'.repeat(250_000) }); // more than one answer may be
    await exporting.run();
    const issues = await lines(1, 'issues');
    expect(issues).toHaveLength(70);
    expect(issues[0]).toMatchObject({ title: '\u001b]0;owned\u0007', body });
    const { document } = await readForgeExport(exporting.deps.store, 'shop', 1);
    const raw = await readSmall(exporting.deps.store, `backups/shop/${document.files.issues?.path ?? ''}`);
    // eslint-disable-next-line no-control-regex
    expect(raw.toString('utf8')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028]/);
  });

  it('is one export however often its run died: before the document, after it, and where another run follows', async () => {
    fill();
    const { deps } = exporting;
    const dying = (at: 'before' | 'after'): ActivityDeps => ({
      ...deps,
      store: {
        ...deps.store,
        create: async (path, content, signal) => {
          const isDocument = path.endsWith('/forge/1.json');
          if (isDocument && at === 'before') throw new Error('died');
          const proof = await deps.store.create(path, content, signal);
          if (isDocument) throw new Error('died');
          return proof;
        },
      },
    });
    const input = { repository: 'shop', url: `${fake.web}/acme/shop` };
    await expect(exportOnce(dying('before'), input, 'first')).rejects.toThrow('died');
    fake.data.issue({ title: 'Came meanwhile' });
    await expect(exportOnce(dying('after'), input, 'second')).rejects.toThrow('died');
    expect(await exportOnce(deps, input, 'third')).toMatchObject({ export: 1, unchanged: true });
    expect(await listForgeExports(deps.store, 'shop')).toEqual([1]);
    const { document } = await readForgeExport(deps.store, 'shop', 1);
    expect([document.files.issues?.path, document.files.labels?.path]).toEqual(['forge/1/issues.2.jsonl', 'forge/1/labels.jsonl']);
    expect((await lines(1, 'issues')).map(({ title }) => title)).toEqual(['It crashes', 'Came meanwhile']);
  });

  it('that was tried again after its answer was lost answers the same', async () => {
    fill();
    const request = ForgeDataInput.parse({ repository: 'shop', url: `${fake.web}/acme/shop` });
    const job = await beginForgeData(exporting.deps, { request, workflow: { id: 'w', runId: 'r' } }, actRun);
    for (const step of job.steps) await fetchForgeStep(exporting.deps, { job, step }, actRun);
    await fetchForgeAssets(exporting.deps, { job }, actRun);
    const answer = await putForgeExport(exporting.deps, { job }, actRun);
    expect(await putForgeExport(exporting.deps, { job }, actRun)).toEqual(answer);
    expect(await listForgeExports(exporting.deps.store, 'shop')).toEqual([1]);
  });

  it('learns from the archive what another worker exported', async () => {
    fill();
    await exporting.run();
    const elsewhere: Exporting = { ...exporting, deps: { ...exporting.deps, cache: join(folder, 'other-cache') } };
    expect(await exportOnce(elsewhere.deps, { repository: 'shop', url: `${fake.web}/acme/shop` }, 'elsewhere')).toMatchObject({ unchanged: true });
  });
});
