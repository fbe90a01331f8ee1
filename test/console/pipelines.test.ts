// A repository without a pipeline of its own liking, to a merge request and a job that fails: the whole story in a real browser, on a GitLab that the test plays.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../git/process.ts';
import type { PipelineState } from '../../operations/pipeline-status.ts';
import type { PipelineView } from '../../operations/pipeline-view.ts';
import type { Pipelines } from '../../operations/pipelines.ts';
import type { FakeForge, FakeRun } from '../forges/fake-forge.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { chromiumPath, picture, settled, type Look } from '../harness/browser.ts';
import type { GitHttpServer } from '../harness/git-http.ts';
import { hostedRepository, OLD_CI, runOf, writeConfig } from '../pipeline-flow/scene.ts';
import { barriersOf, ended, faultsOf, openConsole, type OpenConsole } from './console.ts';

const chromium = await chromiumPath();
const FAILED = ['$ npm ci', 'added 12 packages', '$ npm test', 'Error: ENOSPC: no space left on device, write', 'ERROR: Job failed: exit code 1', ''].join('\n');

describe.skipIf(chromium === null)(`pipelines${chromium === null ? ' (needs chromium)' : ''}`, () => {
  let dir: string;
  let fake: FakeForge;
  let http: GitHttpServer;
  let origin: string;
  let open: OpenConsole;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-cp-'));
    const hosted = await hostedRepository(dir);
    ({ fake, http, origin } = hosted);
    const [forge] = hosted.settings;
    if (forge !== undefined) open = await openConsole(chromium ?? '', { prepare: (home) => writeConfig(home, forge) });
  }, 120_000);
  afterAll(async () => {
    await open?.close();
    await http?.close();
    await fake?.close();
    await rm(dir, { recursive: true, force: true });
    expect(fake.wrong).toEqual([]);
  });

  const ask = async (page: Page, question: string): Promise<void> => {
    await page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
    await page.getByLabel('Question').fill(question);
    await page.keyboard.press('Enter');
  };
  const listed = async (): Promise<Pipelines['pipelines']> => ((await (await fetch(`${open.origin}/api/v1/pipelines`)).json()) as Pipelines).pipelines;
  const viewOf = async (pipeline: string): Promise<PipelineView> => {
    const answer = await fetch(`${open.origin}/api/v1/pipeline/status`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ pipeline }) });
    return ((await answer.json()) as PipelineState).pipeline as PipelineView;
  };
  const writes = (): string[] => fake.asked.filter(({ method, route }) => method !== 'GET' && !route.endsWith('/ci/lint')).map(({ route }) => route);
  const job = (page: Page, name: string): ReturnType<Page['locator']> => page.locator(`[data-job="${name}"]`);

  it('a repository is backed up, asked a pipeline for in the chat, and No commits nothing', async () => {
    const tab = await open.owner('/ingest');
    await tab.page.getByLabel('Address', { exact: true }).fill(origin);
    await tab.page.getByRole('button', { name: 'Back up', exact: true }).click();
    await tab.page.getByText('Visit 1 is archived').waitFor();
    await tab.page.goto(`${open.origin}/chat`);
    await ask(tab.page, `Please generate a pipeline for ${origin}`);
    await tab.page.getByRole('button', { name: /^Yes, commit [0-9a-f]{10}/ }).waitFor({ timeout: 120_000 });
    await tab.page.locator('.diff .del', { hasText: OLD_CI.split('\n')[0] ?? '' }).waitFor();
    await tab.page.getByRole('button', { name: 'Whole file' }).click();
    await tab.page.locator('.source .hljs-attr', { hasText: 'stages' }).waitFor();
    await tab.page.locator('.source .hljs-keyword', { hasText: 'FROM' }).first().waitFor();
    await picture(tab.page, 'pipeline-chat-desktop-light');
    expect(await barriersOf(tab.page)).toEqual([]);
    await tab.page.getByLabel('Why it is rejected').fill('not this one');
    await tab.page.getByRole('button', { name: 'No', exact: true }).click();
    await tab.page.getByText('not this one', { exact: false }).first().waitFor();
    await tab.page.locator('.card .badge', { hasText: 'rejected' }).waitFor();
    expect([await tab.page.getByRole('button', { name: /^Yes/ }).count(), writes()]).toEqual([0, []]);
    await ended(tab);
  }, 180_000);

  it('somebody without a token sees the files and is told how to approve them', async () => {
    const tab = await open.visitor('/pipelines/new?repository=shop');
    await tab.page.getByRole('button', { name: 'Make the proposal' }).click();
    await tab.page.getByRole('button', { name: /^Yes/ }).click({ timeout: 60_000 });
    await tab.page.getByRole('alert').getByText('pivo console', { exact: false }).waitFor();
    expect(writes()).toEqual([]);
    await ended(tab);
  }, 90_000);

  it('Yes commits exactly these files and asks for a merge; jobs are live until one fails, and its cause is shown', async () => {
    const tab = await open.owner('/repositories/shop');
    await tab.page.getByRole('link', { name: 'Give it a pipeline' }).click();
    await tab.page.getByRole('button', { name: 'Make the proposal' }).click();
    await tab.page.waitForURL(/\/pipelines\/shop-/, { timeout: 60_000 });
    await tab.page.getByRole('button', { name: /^Yes/ }).waitFor();
    await settled(tab.page);
    await picture(tab.page, 'pipeline-waiting-desktop-light');
    await tab.page.getByRole('button', { name: /^Yes/ }).click();
    await tab.page.getByRole('link', { name: /merge_requests\/1$/ }).waitFor();
    const view = await viewOf(tab.page.url().split('/').at(-1) ?? '');
    const head = fake.git.branches.get(view.branch ?? '') ?? '';
    for (const { path, content } of view.proposal.files) expect(fake.git.text(head, path)).toBe(content);
    expect(fake.requests).toMatchObject([{ source: view.branch, target: 'main', state: 'open' }]);
    const run = startRun(view);
    const [first, second] = run.jobs;
    await job(tab.page, first?.name ?? '').getByText('running').waitFor();
    await picture(tab.page, 'pipeline-running-desktop-light', { fullPage: false });
    Object.assign(first ?? {}, { state: 'passed', seconds: 4 });
    Object.assign(second ?? {}, { state: 'running' });
    await job(tab.page, first?.name ?? '').getByText('passed').waitFor();
    await job(tab.page, second?.name ?? '').getByText('running').waitFor();
    Object.assign(second ?? {}, { state: 'failed', seconds: 9, log: Buffer.from(FAILED) });
    run.state = 'failed';
    await job(tab.page, second?.name ?? '').getByText('failed').waitFor();
    await tab.page.getByRole('heading', { name: new RegExp(`^Why ${second?.name ?? ''} failed: `) }).waitFor();
    await tab.page.getByText('no space left on device', { exact: false }).first().waitFor();
    await tab.page.getByText('The end of its log').click();
    await tab.page.locator('pre', { hasText: '$ npm ci' }).waitFor();
    await ended(tab);
  }, 120_000);

  /** As GitLab runs a branch: the drawn jobs, the first of them under way. */
  function startRun({ branch, proposal }: PipelineView): FakeRun {
    const run = runOf(fake, branch ?? '', { build: 'running' });
    run.jobs = proposal.jobs.map(({ name, stage }, i) => ({ id: run.id * 10 + i, name, stage, state: i === 0 ? 'running' : 'waiting', seconds: null }));
    return run;
  }

  it('pipelines are listed and filtered, and a conversation leads to its own', async () => {
    const tab = await open.visitor('/pipelines');
    await tab.page.getByRole('row').nth(3).waitFor();
    await tab.page.getByLabel('Only of a status').selectOption('rejected');
    await expect.poll(() => tab.page.getByRole('row').count()).toBe(2);
    expect(tab.page.url()).toContain('status=rejected');
    await tab.page.getByRole('link', { name: 'shop', exact: true }).click();
    await tab.page.getByText('not this one', { exact: false }).waitFor();
    await ended(tab);
  });

  it('the receipt of a restore to a new place leads to a pipeline for that place', async () => {
    const place = join(dir, 'hosted/acme/elsewhere.git');
    await initBare(place);
    await git(['config', 'http.receivepack', 'true'], { gitDir: place });
    const target = `${http.url}/acme/elsewhere.git`;
    const tab = await open.owner('/restores/new?repository=shop');
    await tab.page.getByLabel('To', { exact: true }).fill(target);
    await tab.page.getByRole('button', { name: 'Make the plan' }).click();
    await tab.page.getByRole('button', { name: /^Approve [0-9a-f]{10}/ }).click();
    await tab.page.getByText('shop is restored, and proven').waitFor();
    await tab.page.getByRole('link', { name: 'Make a pipeline for the new place' }).click();
    await expect.poll(() => tab.page.getByLabel('To', { exact: true }).inputValue()).toBe(target);
    expect(await tab.page.getByLabel('Repository').inputValue()).toBe('shop');
    await ended(tab);
  });

  const looks: [Look, boolean][] = [['desktop', false], ['phone', true]];
  it.each(looks)('its pages are without barriers and complaints: %s, dark %s', async (look, dark) => {
    const [watched, rejected] = await Promise.all(['watched', 'rejected'].map(async (status) => (await listed()).find((each) => each.status === status)?.id ?? ''));
    const waits = (await listed()).find(({ status }) => status === 'generated')?.id ?? '';
    const tab = await open.owner('/', { look, dark });
    expect(await faultsOf(tab, open.origin, [['pipelines', '/pipelines'], ['pipeline-new', '/pipelines/new'], ['pipeline-waits', `/pipelines/${waits}`], ['pipeline-watched', `/pipelines/${watched}`], ['pipeline-rejected', `/pipelines/${rejected}`]], `${look}-${dark ? 'dark' : 'light'}`)).toEqual([]);
    await tab.close();
  }, 120_000);
});
