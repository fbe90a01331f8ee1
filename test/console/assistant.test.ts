// The assistant's pages in a real browser over a running PIVO: logs found, narrowed and followed, a failure explained, commands, tuning, documentation.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestLogsSummary } from '../../contract/logs.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { HOSTILE, PIPELINES } from '../fixtures/pipelines.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { chromiumPath, picture, settled, type Look, type Tab } from '../harness/browser.ts';
import { barriersOf, ended, openConsole, type OpenConsole } from './console.ts';

const chromium = await chromiumPath();
const fileOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const FAILURE = fileOf('debug/failures/spark-executor-oom.log');
const OTHER = fileOf('debug/failures/hdfs-no-datanode.log');

/** Each would run in a page that takes it for HTML, or would turn the line around. */
const ATTACK = '<img src=x onerror=alert(1)> wrote \u202ebackwards\u202c <script>alert(2)</script> [click](javascript:alert(3))';
const HOSTILE_LOG = `2026-11-21 04:00:00,000 ERROR evil.Logger: ${ATTACK}\njava.lang.OutOfMemoryError: Java heap space <img src=x onerror=alert(4)>\n\tat evil.Main.main(Main.java:1)\n`;

describe.skipIf(chromium === null)(`assistant${chromium === null ? ' (needs chromium)' : ''}`, () => {
  let dir: string;
  let open: OpenConsole;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-ca-'));
    open = await openConsole(chromium ?? '');
  });
  afterAll(async () => {
    await open?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('the log explorer says how logs come into it, and a file is uploaded from it', async () => {
    const tab = await open.owner('/logs');
    await tab.page.getByText('pivo upload PATH').waitFor();
    await tab.page.getByLabel('File').setInputFiles(FAILURE);
    await tab.page.getByRole('button', { name: 'Upload' }).click();
    await tab.page.getByText('of 181 lines, spark').waitFor();
    await tab.page.getByRole('link', { name: 'Show it' }).click();
    await tab.page.getByRole('heading', { name: 'Newest entries' }).waitFor();
    expect(new URL(tab.page.url()).searchParams.get('source')).toMatch(/^[0-9a-f]{16}$/);
    await ended(tab);
  });

  it('words find entries, a choice and a bar narrow them, and all of it is in the address', async () => {
    await open.pivo.text('upload', OTHER);
    const tab = await open.visitor('/logs');
    await tab.page.getByLabel('Words').fill('exeuctor lost');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('No entry has “exeuctor”; looked for executor', { exact: false }).waitFor();
    await tab.page.getByText('Vectors:', { exact: false }).waitFor();
    await tab.page.getByText('Lost executor 1 on 127.0.0.1', { exact: false }).first().waitFor();
    await tab.page.goto(`${open.origin}/logs`);
    await tab.page.getByRole('combobox', { name: 'System', exact: true }).selectOption('spark');
    await tab.page.getByRole('combobox', { name: 'Level', exact: true }).selectOption('error');
    await tab.page.waitForURL(/system=spark/);
    await settled(tab.page);
    await expect.poll(() => tab.page.locator('.entry .badge').allTextContents()).toEqual(expect.arrayContaining(['error']));
    expect(new Set(await tab.page.locator('.entry .badge').allTextContents())).toEqual(new Set(['error']));
    const before = await tab.page.locator('.entry').count();
    await tab.page.locator('.bars a').first().focus();
    await tab.page.keyboard.press('ArrowRight');
    await tab.page.keyboard.press('Enter');
    await tab.page.waitForURL(/from=/);
    await tab.page.getByRole('link', { name: /drop this/ }).waitFor();
    await expect.poll(() => tab.page.locator('.entry').count()).toBeLessThan(before);
    const narrowed = await tab.page.locator('.entry .said').allTextContents();
    await tab.page.reload();
    await settled(tab.page);
    await expect.poll(() => tab.page.locator('.entry .said').allTextContents()).toEqual(narrowed);
    await ended(tab);
  });

  it('more hits than a page holds are paged, and an entry stands among those around it', async () => {
    const tab = await open.visitor('/logs?system=spark');
    await settled(tab.page);
    expect(await tab.page.locator('.entry').count()).toBe(20);
    await tab.page.getByRole('link', { name: 'Next →' }).click();
    await tab.page.getByText('21–40').waitFor();
    await tab.page.goto(`${open.origin}/logs?q=${encodeURIComponent('"Lost executor"')}`);
    const said = (await tab.page.locator('.entry .said').first().textContent()) ?? '';
    expect(said).toContain('Lost executor');
    await tab.page.getByRole('link', { name: /^spark-executor-oom.log:/ }).first().click();
    await tab.page.locator('.entry.here', { hasText: said }).waitFor();
    const here = tab.page.url();
    await tab.page.getByRole('link', { name: 'Later' }).click();
    await tab.page.waitForURL((url) => url.href !== here);
    await settled(tab.page);
    expect(await tab.page.locator('.entry.here').count()).toBe(1);
    await ended(tab);
  });

  it('entries are followed as they come, and held back while the reader pauses', async () => {
    const tab = await open.visitor('/logs?live=1&q=came');
    await tab.page.getByText('0 entries so far.').waitFor();
    const send = async (n: number): Promise<void> => void (await open.pivo.text('upload', await logOf(join(dir, `live-${n}.log`), `2026-11-21 05:00:0${n},000 INFO live.Logger: it came as number ${n}\n`)));
    await send(1);
    await tab.page.getByRole('log').getByText('it came as number 1').waitFor();
    await tab.page.getByRole('button', { name: 'Pause' }).click();
    await send(2);
    await tab.page.getByText('Paused; 1 entry came since.').waitFor();
    expect(await tab.page.getByRole('log').getByText('it came as number 2').count()).toBe(0);
    await tab.page.getByRole('button', { name: 'Go on' }).click();
    await tab.page.getByRole('log').getByText('it came as number 2').waitFor();
    expect(await tab.page.getByRole('log').locator('.said').allTextContents()).toEqual(['it came as number 2', 'it came as number 1']);
    await looked(tab, 'assistant-logs-came', 'desktop');
    await ended(tab);
  });

  it('a failure is explained, with its evidence beside it, and each line leads to its log', async () => {
    const tab = await open.visitor('/assistant/debug');
    await tab.page.getByLabel('Question').fill('why was the executor lost?');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('heading', { name: 'An executor ran out of memory' }).waitFor();
    const evidence = tab.page.locator('.card', { hasText: 'Evidence' });
    await evidence.locator('li', { hasText: 'proof' }).first().getByText('java.lang.OutOfMemoryError').waitFor();
    const [answer, beside] = await Promise.all([tab.page.locator('.beside > .card').first().boundingBox(), evidence.last().boundingBox()]);
    expect(beside?.y).toBe(answer?.y);
    await evidence.getByRole('link', { name: /^log:/ }).first().click();
    await tab.page.locator('.entry.here', { hasText: 'OutOfMemoryError' }).waitFor();
    await ended(tab);
  });

  it('a command is written, explained and graded', async () => {
    const tab = await open.visitor('/assistant/commands');
    await tab.page.getByLabel('What should it do?').fill('find files larger than 100 MB in /var/log');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('find /var/log -type f -size +100M', { exact: false }).first().waitFor();
    await tab.page.locator('.badge', { hasText: 'reads' }).first().waitFor();
    await tab.page.getByText('bash -n', { exact: false }).waitFor();
    await ended(tab);
  });

  it('an event log is read into a report with what to change, and with plots', async () => {
    const tab = await open.visitor('/assistant/tuning');
    await tab.page.getByLabel('File').setInputFiles(fileOf('tuning/fixtures/skewed.zstd'));
    await tab.page.getByRole('button', { name: 'Read it' }).click();
    await tab.page.getByRole('heading', { name: 'What to change' }).waitFor();
    await tab.page.locator('.runs').getByText(/median/i).first().waitFor();
    await settled(tab.page);
    expect(await tab.page.locator('.chart canvas').count()).toBeGreaterThanOrEqual(1);
    await looked(tab, 'assistant-tuning-skew', 'desktop');
    await ended(tab);
  });

  it('documentation is previewed, and a claim leads to its line', async () => {
    const origin = join(dir, 'sales.git');
    await initBare(origin);
    const files = (of: Readonly<Record<string, string | Buffer>>) => Object.entries(of).map(([path, content]) => ({ path, content }));
    await importCommits(origin, [{ ref: 'refs/heads/main', mark: 1, files: files(PIPELINES) }, { ref: 'refs/heads/hostile', mark: 2, parents: [1], files: files(HOSTILE) }]);
    await open.pivo.text('ingest', origin);
    const tab = await open.visitor('/repositories/sales/documentation');
    await tab.page.getByRole('heading', { name: 'Entry points' }).waitFor();
    await tab.page.getByRole('link', { name: /jobs\/daily\.py#L[0-9]+$/ }).first().click();
    await tab.page.locator('tr.chosen').waitFor();
    expect(new URL(tab.page.url()).searchParams.get('file')).toBe('jobs/daily.py');
    await ended(tab);
  });

  it('nothing that a log holds is ever run, and marks that turn a line around are shown', async () => {
    const { logs } = await open.pivo.json<IngestLogsSummary>('upload', await logOf(join(dir, '<img src=x onerror=alert(5)>.log'), HOSTILE_LOG));
    const source = logs[0]?.source ?? '';
    const tab = await open.visitor('/');
    for (const path of [`/logs?source=${source}`, `/logs/${source}/1`, '/logs?q=backwards', `/assistant/debug?q=OutOfMemoryError&source=${source}`, `/logs?source=${encodeURIComponent(ATTACK)}`, `/logs?component=${encodeURIComponent(ATTACK)}`, '/repositories/sales/documentation?at=hostile']) {
      await tab.page.goto(`${open.origin}${path}`);
      await settled(tab.page);
      await tab.page.evaluate('for (const each of document.querySelectorAll("main details")) each.open = true');
      expect(await tab.page.locator('main img, main script, main iframe, main [onload], main [onerror], main a[href^="javascript"]').count(), path).toBe(0);
      expect(await tab.page.locator('main').textContent(), path).not.toMatch(/[\u202a-\u202e]/);
    }
    await tab.page.goto(`${open.origin}/logs/${source}/1`);
    await tab.page.getByText('\\u{202e}backwards', { exact: false }).waitFor();
    await ended(tab);
  });

  /** No barrier, and nothing wider than the window; a picture is kept. */
  async function looked(tab: Tab, name: string, look: Look): Promise<void> {
    await picture(tab.page, `${name}-${look}`);
    expect(await barriersOf(tab.page), name).toEqual([]);
    expect(Number(await tab.page.evaluate('document.documentElement.scrollWidth - innerWidth')), `${name} on a ${look}`).toBeLessThanOrEqual(0);
  }

  it.each([['desktop', false], ['phone', true]] as [Look, boolean][])('every page of the assistant is without barriers: %s, dark %s', { timeout: 120_000 }, async (look, dark) => {
    const tab = await open.owner('/', { look, dark });
    const pages: [name: string, path: string][] = [
      ['logs', '/logs'], ['logs-found', '/logs?q=executor%20lost&level=warn'], ['logs-live', '/logs?live=1'], ['logs-none', '/logs?q=zyxwvutsrq&system=kafka'],
      ['debug', '/assistant/debug?q=why%20was%20the%20executor%20lost'], ['debug-empty', '/assistant/debug'], ['commands', '/assistant/commands?q=lag%20of%20consumer%20group%20billing%20on%20kafka:9092'], ['commands-empty', '/assistant/commands'],
      ['tuning', '/assistant/tuning'], ['documentation', '/repositories/sales/documentation'],
    ];
    for (const [name, path] of pages) {
      await tab.page.goto(`${open.origin}${path}`);
      await settled(tab.page);
      await looked(tab, `assistant-${name}`, look);
    }
    await tab.page.goto(`${open.origin}/logs?q=OutOfMemoryError`);
    await tab.page.getByRole('link', { name: /\.log:/ }).first().click();
    await tab.page.locator('.entry.here').waitFor();
    await looked(tab, 'assistant-log-entry', look);
    await tab.page.goto(`${open.origin}/assistant/tuning`);
    await tab.page.getByLabel('File').setInputFiles(fileOf('tuning/fixtures/spilling.zstd'));
    await tab.page.getByRole('button', { name: 'Read it' }).click();
    await tab.page.getByRole('region', { name: /^spark-submit/ }).waitFor();
    await tab.page.getByRole('heading', { name: 'Stages, longest first' }).waitFor();
    await settled(tab.page);
    await looked(tab, 'assistant-tuning-report', look);
    await ended(tab);
  });

  async function logOf(path: string, text: string): Promise<string> {
    await writeFile(path, text);
    return path;
  }
});
