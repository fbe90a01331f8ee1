// A running PIVO with its console open in a real browser.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { openBrowser, openTab, picture, settled, type Tab, type TabOptions } from '../harness/browser.ts';
import axe from 'axe-core';

export interface OpenConsole {
  pivo: Pivo;
  browser: Browser;
  origin: string;
  /** The owner's token, as `pivo console` gives it. */
  token: string;
  /** A tab of the owner's at an address. */
  owner(path: string, options?: TabOptions): Promise<Tab>;
  /** Asks for a restore that waits for approval; its id. */
  waiting(repository: string, target: string): Promise<string>;
  /** A tab of somebody without a token. */
  visitor(path: string, options?: TabOptions): Promise<Tab>;
  close(): Promise<void>;
}

export interface ConsoleOptions {
  /** What is done to the home before PIVO starts in it. */
  prepare?: (home: string) => Promise<void>;
  /** Goes into PIVO's environment. */
  settings?: Record<string, string>;
}

/** Starts a PIVO of its own, on a free port. */
export async function openConsole(chromium: string, { prepare = async () => {}, settings = {} }: ConsoleOptions = {}): Promise<OpenConsole> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-c-'));
  await prepare(home);
  const pivo = await startPivo(home, { PIVO_LISTEN: '127.0.0.1:0', ...settings });
  const { url, open } = await pivo.json<{ url: string; open: string }>('console');
  const browser = await openBrowser(chromium);
  const at = async (address: string, options?: TabOptions): Promise<Tab> => {
    const tab = await openTab(browser, url, options);
    await tab.page.goto(address);
    return tab;
  };
  const token = new URL(open).hash.replace('#token=', '');
  return {
    pivo,
    browser,
    origin: url,
    token,
    owner: (path, options) => at(`${url}${path}#token=${token}`, options),
    waiting: async (repository, target) => {
      const answer = await fetch(`${url}/api/v1/restores`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ repository, target }) });
      const { restoreId } = (await answer.json()) as { restoreId: string };
      return restoreId;
    },
    visitor: (path, options) => at(`${url}${path}`, options),
    close: async () => {
      await browser.close();
      await pivo.close();
    },
  };
}

/** What axe finds wrong with a page: rule and element; the browser's policy lets the test run what no page may. */
export async function barriersOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as axe.AxeResults;
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`));
}

/** Looks at pages one after the other and keeps a picture of each: barriers, pages wider than the window, complaints. */
export async function faultsOf({ page, complaints }: Tab, origin: string, pages: readonly (readonly [name: string, path: string])[], look: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const [name, path] of pages) {
    await page.goto(`${origin}${path}`);
    await settled(page);
    await picture(page, `${name}-${look}`);
    wrong.push(...(await barriersOf(page)).map((barrier) => `${name}: ${barrier}`));
    if (Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) > 0) wrong.push(`${name}: is wider than the window`);
  }
  return [...wrong, ...complaints];
}

/** Closes a tab whose page had nothing to complain of. */
export async function ended(tab: Tab): Promise<void> {
  expect(tab.complaints).toEqual([]);
  await tab.close();
}
