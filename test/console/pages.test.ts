// Every page in a real browser: no barrier, no complaint, nothing wider than a phone; pictures are kept below build/screenshots.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCREENSHOTS, chromiumPath, settled, type Look } from '../harness/browser.ts';
import { ended, faultsOf, openConsole, type OpenConsole } from './console.ts';
import { ATTACK, hostile, inRepository, ordinary, rewritten } from './repositories.ts';

const chromium = await chromiumPath();

describe.skipIf(chromium === null)(`pages${chromium === null ? ' (needs chromium)' : ''}`, () => {
  let dir: string;
  let open: OpenConsole;
  let pages: [name: string, path: string][];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-cr-'));
    const [demo, bad] = [join(dir, 'demo'), join(dir, 'hostile')];
    await ordinary(demo);
    await hostile(bad);
    open = await openConsole(chromium ?? '');
    const { pivo } = open;
    await pivo.text('ingest', demo);
    const head = await inRepository(demo, 'rev-parse', 'main');
    await rewritten(demo);
    await pivo.text('ingest', demo);
    await pivo.text('ingest', bad);
    await pivo.text('schedule', 'add', 'demo', '--every', '6h');
    const { restoreId } = await pivo.json<{ restoreId: string }>('restore', 'demo', '--to', join(dir, 'restored'), '--yes');
    const list = join(dir, 'list');
    await writeFile(list, `${demo}\n${join(dir, 'gone.git')} gone\n`);
    await pivo.text('source', 'add', 'team', '--list', list);
    await pivo.text('fleet', 'run', 'team').catch(() => ''); // ends with 11: one repository is not there
    const [fleet] = await pivo.json<{ fleetId: string }[]>('fleet', 'list');
    const waiting = await open.waiting('demo', join(dir, 'later.git'));
    pages = [
      ['overview', '/'], ['ingest', '/ingest'], ['run', '/jobs/ingest%3Ademo'], ['time-line', '/repositories/demo?visit=2'], ['refs', '/repositories/demo/refs'],
      ['commits', '/repositories/demo/commits'], ['commit', `/repositories/demo/commits/${head}`], ['files', '/repositories/demo/files'], ['file', '/repositories/demo/files?file=README.md'],
      ['history', '/repositories/demo/commits?path=README.md'], ['diff', '/repositories/demo/diff?from=v1.0&to=main'], ['diff-split', '/repositories/demo/diff?from=v1.0&to=main&view=split'],
      ['restores', '/restores'], ['restore-new', '/restores/new?repository=demo'], ['restore-done', `/restores/${restoreId}`], ['restore-waiting', `/restores/${waiting}`],
      ['fleets', '/fleets'], ['fleet', `/fleets/${fleet?.fleetId}`], ['fleet-failed', `/fleets/${fleet?.fleetId}?outcome=failed`],
      ['chat', '/chat'], ['sql', '/sql'], ['sql-result', `/sql?q=${encodeURIComponent('SELECT repo_name, visit, time, outcome FROM visits')}`], ['schedules', '/schedules'], ['audit', '/audit'], ['health', '/health'], ['missing', '/nowhere'],
    ];
  });
  afterAll(async () => {
    await open?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const looks: [Look, boolean][] = [['desktop', false], ['phone', true]];
  it.concurrent.each(looks)('every page is without barriers and complaints: %s, dark %s', { timeout: 300_000 }, async (look, dark) => {
    const tab = await open.owner('/', { look, dark });
    expect(await faultsOf(tab, open.origin, pages, `${look}-${dark ? 'dark' : 'light'}`)).toEqual([]);
    await tab.close();
    process.stdout.write(`pictures of the pages are in ${SCREENSHOTS}\n`);
  });

  it('nothing that a repository holds is ever run', async () => {
    const tab = await open.owner('/repositories/hostile');
    const file = encodeURIComponent(ATTACK.file);
    const commits = `/repositories/hostile/commits`;
    const shows: [path: string, text: string][] = [
      ['/repositories/hostile?visit=1', ATTACK.branch], ['/repositories/hostile/refs', ATTACK.tag], [commits, ATTACK.subject], [`${commits}?at=main`, ATTACK.subject], [`${commits}?path=${file}&at=main`, ATTACK.file], ['/repositories/hostile/files', ATTACK.file],
      [`/repositories/hostile/files?file=${file}`, '<script>alert(2)</script>'], ['/repositories/hostile/diff?from=main~1&to=main', ''], [`/sql?q=${encodeURIComponent('SELECT subject, body FROM commits')}`, ATTACK.subject],
      [`/sql?q=${encodeURIComponent("SELECT path FROM changes WHERE repo_name = 'hostile'")}`, ATTACK.file], [`/restores/new?repository=${encodeURIComponent(ATTACK.branch)}`, ''], [`/repositories/${encodeURIComponent(ATTACK.tag)}`, ''], [`/?search=${encodeURIComponent(ATTACK.tag)}`, ATTACK.tag],
    ];
    for (const [path, text] of shows) {
      await tab.page.goto(`${open.origin}${path}`);
      await settled(tab.page);
      if (text !== '') await tab.page.getByText(text.trim(), { exact: false }).first().waitFor();
      expect(await tab.page.locator('main img, main script, main iframe, main [onload], main [onerror], main a[href^="javascript"]').count(), path).toBe(0);
    }
    await ended(tab);
  });

  it('a commit of attacks and its diff are shown as text', async () => {
    const tab = await open.owner('/repositories/hostile/commits');
    await tab.page.getByRole('link', { name: ATTACK.subject }).click();
    await settled(tab.page);
    await tab.page.getByText('<img src=x onerror=alert(3)>').first().waitFor();
    await tab.page.getByRole('button', { name: 'Side by side' }).click();
    await tab.page.locator('.diff.split').getByText('<script>alert(2)</script>').waitFor();
    await ended(tab);
  });
});
