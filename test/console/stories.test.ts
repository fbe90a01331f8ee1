// What a person does with the console, from the first backup to the receipt, in a real browser over a running PIVO.
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, picture, settled } from '../harness/browser.ts';
import { ended, openConsole, type OpenConsole } from './console.ts';
import { inRepository, ordinary, rewritten } from './repositories.ts';

const chromium = await chromiumPath();

describe.skipIf(chromium === null)(`stories${chromium === null ? ' (needs chromium)' : ''}`, () => {
  let dir: string;
  let origin: string;
  let open: OpenConsole;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-cs-'));
    origin = join(dir, 'demo');
    await ordinary(origin);
    open = await openConsole(chromium ?? '');
  });
  afterAll(async () => {
    await open?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('an empty console says what to do first, and a repository is backed up from the page', async () => {
    const tab = await open.owner('/');
    await tab.page.getByText('Nothing is backed up yet').waitFor();
    await tab.page.getByRole('link', { name: 'Back up the first one' }).click();
    await tab.page.getByLabel('Address', { exact: true }).fill(origin);
    await tab.page.getByRole('button', { name: 'Back up', exact: true }).click();
    await tab.page.getByText('Visit 1 is archived').waitFor();
    await tab.page.getByRole('link', { name: 'Look at demo' }).click();
    await tab.page.getByRole('link', { name: 'Visit 1' }).click();
    await tab.page.getByLabel('Refs that changed').getByText('topic').waitFor();
    await ended(tab);
  });

  it('a rewritten history is found at the next backup and shown in red', async () => {
    await rewritten(origin);
    const tab = await open.owner('/repositories/demo');
    await tab.page.getByRole('button', { name: 'Back up now' }).click();
    await tab.page.getByText('Visit 2 is archived').waitFor();
    await tab.page.goto(`${open.origin}/repositories/demo?visit=2`);
    await tab.page.locator('.badge.bad', { hasText: '1 ref forced' }).waitFor();
    await tab.page.locator('.badge.bad', { hasText: '1 ref deleted' }).waitFor();
    await tab.page.getByLabel('Refs that changed').locator('.badge.bad', { hasText: 'deleted' }).waitFor();
    await ended(tab);
  });

  it('files, history and differences are browsed, and every state is in the address', async () => {
    const tab = await open.visitor('/repositories/demo/files');
    await tab.page.getByRole('link', { name: /^src/ }).first().click();
    await tab.page.getByRole('link', { name: 'part-2.ts', exact: true }).click();
    await tab.page.getByText('export const part = 2;').waitFor();
    expect(tab.page.url()).toContain('file=src%2Fpart-2.ts');
    await tab.page.reload();
    await tab.page.getByText('export const part = 2;').waitFor();
    await tab.page.getByRole('link', { name: 'History', exact: true }).click();
    await tab.page.getByRole('link', { name: 'Add part 2' }).click();
    await tab.page.getByText('src/part-2.ts').waitFor();
    await tab.page.goBack();
    await tab.page.goBack();
    await tab.page.getByText('export const part = 2;').waitFor();
    await ended(tab);
  });

  it('commits are found by words', async () => {
    const tab = await open.visitor('/repositories/demo/commits');
    await tab.page.getByLabel('Words of the message').fill('move');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('link', { name: 'Move on' }).waitFor();
    await expect.poll(() => tab.page.getByRole('link', { name: 'Add part 2' }).count()).toBe(0);
    await ended(tab);
  });

  it('the refs of an earlier moment are still there', async () => {
    const tab = await open.visitor('/repositories/demo?visit=1');
    await tab.page.getByRole('link', { name: 'Refs then' }).click();
    await tab.page.getByText('refs/heads/gone').waitFor();
    await tab.page.getByRole('link', { name: 'Latest' }).click();
    await expect.poll(() => tab.page.getByText('refs/heads/gone').count()).toBe(0);
    await ended(tab);
  });

  it('a restore is planned, approved by its hash, followed and proven', async () => {
    const target = join(dir, 'restored');
    const tab = await open.owner('/repositories/demo');
    await tab.page.getByRole('link', { name: 'Restore this moment' }).first().click();
    await tab.page.getByLabel('To', { exact: true }).fill(target);
    await tab.page.getByRole('button', { name: 'Make the plan' }).click();
    await tab.page.getByText('refs/heads/main').first().waitFor();
    await expect(access(target)).rejects.toThrow('ENOENT');
    await tab.page.getByRole('button', { name: /^Approve [0-9a-f]{10}/ }).click();
    await tab.page.getByText('demo is restored, and proven').waitFor();
    expect(await readFile(join(target, 'README.md'), 'utf8')).toContain('It moved on.');
    expect(await inRepository(target, 'rev-parse', 'HEAD')).toBe(await inRepository(origin, 'rev-parse', 'main'));
    await ended(tab);
  });

  it('a rejected restore changes nothing and says who said no, and why', async () => {
    const target = join(dir, 'never');
    const restoreId = await open.waiting('demo', target);
    const tab = await open.owner(`/restores/${restoreId}`);
    await tab.page.getByLabel('Why it is rejected').fill('wrong folder');
    await tab.page.getByRole('button', { name: 'Reject' }).click();
    await tab.page.getByText('wrong folder', { exact: false }).first().waitFor();
    await tab.page.getByText('rejected', { exact: true }).first().waitFor();
    await expect(access(target)).rejects.toThrow('ENOENT');
    await ended(tab);
  });

  it('somebody without a token can look at a plan and is told how to get one', async () => {
    const restoreId = await open.waiting('demo', join(dir, 'wanted'));
    const tab = await open.visitor(`/restores/${restoreId}`);
    await tab.page.getByRole('button', { name: /^Approve/ }).click();
    await tab.page.getByRole('alert').getByText('pivo console', { exact: false }).waitFor();
    await ended(tab);
  });

  it('the agent answers from the index, and the conversation is found again and continued', async () => {
    const tab = await open.visitor('/chat');
    await tab.page.getByLabel('Question').fill('SELECT repo_name, visit FROM visits ORDER BY visit');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('cell', { name: 'demo' }).first().waitFor();
    await tab.page.goto(`${open.origin}/chat`);
    await tab.page.getByRole('link', { name: /^SELECT repo_name/ }).click();
    await tab.page.locator('.answer').waitFor();
    await tab.page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
    await tab.page.getByLabel('Question').fill('what waits for approval?');
    await tab.page.keyboard.press('Enter');
    await tab.page.locator('.answer', { hasText: /wait/ }).waitFor();
    expect(await tab.page.locator('.question').count()).toBe(2);
    await ended(tab);
  });

  it('a backup that the agent asked for waits until a person approves it, in the chat or on its page', async () => {
    const [liked, refused] = [join(dir, 'liked'), join(dir, 'refused')];
    await ordinary(liked);
    await ordinary(refused);
    const tab = await open.owner('/chat');
    await tab.page.getByLabel('Question').fill(`back up ${liked}`);
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('button', { name: /^Approve [0-9a-f]{10}/ }).click();
    await tab.page.getByText('completed').waitFor();
    await tab.page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
    await tab.page.getByLabel('Question').fill(`back up ${refused}`);
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('button', { name: /^Approve [0-9a-f]{10}/ }).waitFor();
    for (const path of ['/restores', '/']) {
      await tab.page.goto(`${open.origin}${path}`);
      await tab.page.getByLabel('Restores, backups and pipelines that wait for approval').getByRole('link', { name: /refused/ }).waitFor();
    }
    await tab.page.getByRole('link', { name: 'refused', exact: true }).click();
    await tab.page.getByLabel('Why it is rejected').fill('not ours');
    await picture(tab.page, 'backup-waiting-desktop-light');
    await tab.page.getByRole('button', { name: 'Reject' }).click();
    await tab.page.getByText('not ours', { exact: false }).waitFor();
    await tab.page.goto(`${open.origin}/`);
    await tab.page.getByRole('link', { name: 'liked', exact: true }).waitFor();
    await expect.poll(() => tab.page.getByRole('link', { name: 'refused', exact: true }).count()).toBe(0);
    await ended(tab);
  });

  it('SQL is asked, shared by its address and saved as CSV', async () => {
    const tab = await open.visitor('/sql');
    await tab.page.getByLabel('SQL statement').fill("SELECT repo_name, '=1+1' AS formula FROM visits WHERE repo_name = 'demo' AND visit = 1");
    await tab.page.keyboard.press('Control+Enter');
    await tab.page.getByRole('cell', { name: 'demo' }).waitFor();
    expect(tab.page.url()).toContain('q=SELECT');
    const saving = tab.page.waitForEvent('download');
    await tab.page.getByRole('button', { name: 'CSV' }).click();
    expect(await readFile(await (await saving).path(), 'utf8')).toBe("repo_name,formula\r\ndemo,'=1+1\r\n");
    await tab.page.getByLabel('SQL statement').fill('DROP TABLE audit');
    await tab.page.getByRole('button', { name: 'Run' }).click();
    await tab.page.getByRole('alert').waitFor();
    await ended(tab);
  });

  it('a schedule is added, paused and removed', async () => {
    const tab = await open.owner('/schedules');
    await tab.page.getByLabel('Name').fill('demo');
    await tab.page.getByLabel('Every, or a cron expression').fill('6h');
    await tab.page.getByRole('button', { name: 'Add' }).click();
    await tab.page.getByText('every 6 h').waitFor();
    await tab.page.getByRole('button', { name: 'Pause demo' }).click();
    await tab.page.getByRole('button', { name: 'Resume demo' }).waitFor();
    await tab.page.getByRole('button', { name: 'Remove the schedule of demo' }).click();
    await tab.page.getByText('Nothing is scheduled yet').waitFor();
    await ended(tab);
  });

  it('a wrong token shows the page that says how to get one, and a right one opens it', async () => {
    const tab = await open.visitor('/audit#token=wrong');
    await tab.page.getByText('This token is not accepted').waitFor();
    await tab.page.getByText('pivo console', { exact: true }).waitFor();
    expect(tab.page.url()).not.toContain('wrong');
    await tab.page.getByLabel('Or paste the token').fill(open.token);
    await tab.page.getByRole('button', { name: 'Use it' }).click();
    await tab.page.getByRole('table').first().waitFor();
    await ended(tab);
  });

  it('a dropped connection is said, and the page goes on when the server is back', async () => {
    const tab = await open.owner('/health');
    await settled(tab.page);
    await tab.page.context().setOffline(true);
    await tab.page.getByText('The connection to PIVO dropped.').waitFor();
    await tab.page.context().setOffline(false);
    await tab.page.getByText('The connection to PIVO dropped.').waitFor({ state: 'detached' });
    await tab.page.getByText('Metadata service').waitFor();
    await expect.poll(() => tab.page.getByRole('alert').count()).toBe(0);
    await ended(tab);
  });

  it('the keyboard alone reaches the content, and the focus is moved to a new page', async () => {
    const tab = await open.visitor('/');
    await settled(tab.page);
    await tab.page.keyboard.press('Tab');
    expect(await tab.page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await tab.page.getByRole('link', { name: 'Audit' }).focus();
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
    expect(await tab.page.evaluate('document.activeElement.id')).toBe('main');
    await ended(tab);
  });
});
