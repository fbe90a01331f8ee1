// The console over an index of 1,000 repositories and one of 100,000 commits: pages hold a page's worth, whatever there is.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { chromiumPath, settled } from '../harness/browser.ts';
import { commits, snapshot } from '../metadata/service.ts';
import { ended, openConsole, type OpenConsole } from './console.ts';

const chromium = await chromiumPath();
const REPOSITORIES = 1000;
const COMMITS = 100_000;

async function fill(home: string): Promise<void> {
  const { index } = loadConfig({ PIVO_HOME: home }).paths;
  await mkdir(dirname(index), { recursive: true });
  const writer = openIndexWriter(index);
  for (let n = 0; n < REPOSITORIES; n++) writer.write([snapshot(`repository-${String(n).padStart(4, '0')}`, 1, 0)]);
  for (let from = 0; from < COMMITS; from += 10_000) writer.write(commits('repository-0500', 1, from, 10_000));
  writer.close();
}

describe.skipIf(chromium === null)(`scale${chromium === null ? ' (needs chromium)' : ''}`, () => {
  let open: OpenConsole;
  beforeAll(async () => {
    open = await openConsole(chromium ?? '', { prepare: fill });
  });
  afterAll(() => open?.close());

  it('1,000 repositories are paged and found by name', async () => {
    const tab = await open.visitor('/');
    await settled(tab.page);
    await tab.page.getByText('1,000', { exact: true }).first().waitFor();
    expect(await tab.page.getByRole('region', { name: 'Repositories' }).locator('tbody tr').count()).toBeLessThanOrEqual(50);
    await tab.page.getByText('1–50 of 1,000').waitFor();
    await tab.page.getByRole('link', { name: 'Next' }).click();
    await tab.page.getByText('51–100 of 1,000').waitFor();
    await tab.page.getByLabel('Find a repository').fill('0777');
    await tab.page.getByRole('link', { name: 'repository-0777' }).waitFor();
    expect(tab.page.url()).toContain('search=0777');
    await ended(tab);
  });

  it('100,000 commits are paged and searched', async () => {
    const tab = await open.visitor('/repositories/repository-0500/commits');
    await tab.page.getByRole('link', { name: 'Retry the 99999th request' }).waitFor();
    expect(await tab.page.locator('tbody tr').count()).toBe(100);
    await tab.page.getByRole('link', { name: 'Next' }).click();
    await tab.page.getByRole('link', { name: 'Retry the 99899th request' }).waitFor();
    await tab.page.getByLabel('Words of the message').fill('4711th');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('link', { name: 'Retry the 4711th request' }).waitFor();
    expect(await tab.page.locator('tbody tr').count()).toBe(1);
    await ended(tab);
  });

  it('10,000 rows of SQL are shown a page at a time', async () => {
    const tab = await open.visitor(`/sql?q=${encodeURIComponent('SELECT commit_hash, subject FROM commits')}`);
    await tab.page.getByText('1–200 of 10,000').waitFor();
    expect(await tab.page.locator('.result tbody tr').count()).toBe(200);
    await tab.page.getByText('cut off', { exact: false }).waitFor();
    await ended(tab);
  });
});
