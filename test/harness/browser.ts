// A real Chromium for the console's tests: Debian's, found on PATH, or installed by apt where the tests run as root.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** Where the pictures of a run are kept: below the ignored build folder. */
export const SCREENSHOTS = fileURLToPath(new URL('../../build/screenshots', import.meta.url));

const found = (): string | null => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((file) => existsSync(file)) ?? null;
};

/** Path of a Chromium; null where there is none and none can be installed, which skips the tests by name. */
export async function chromiumPath(): Promise<string | null> {
  if (found() === null && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, maxBuffer: 2 ** 26 }).catch(() => null);
  }
  return found();
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'] });
}

export type Look = 'desktop' | 'phone';
const SIZES: Record<Look, { width: number; height: number }> = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } };

export interface Tab {
  page: Page;
  /** What the page complained of on its console, failed to load, or asked of another host; a test wants none. */
  complaints: string[];
  close(): Promise<void>;
}

export interface TabOptions {
  look?: Look;
  dark?: boolean;
}

/** A tab with a session of its own. Answers with a status are the page's to handle and no complaint. */
export async function openTab(browser: Browser, origin: string, { look = 'desktop', dark = false }: TabOptions = {}): Promise<Tab> {
  const context: BrowserContext = await browser.newContext({ viewport: SIZES[look], colorScheme: dark ? 'dark' : 'light', hasTouch: look === 'phone', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('blob:')) complaints.push(`asked another host: ${request.url()}`);
  });
  return { page, complaints, close: () => context.close() };
}

/** Keeps a picture of the whole page, or of what the window shows of it. */
export async function picture(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
}

/** Waits until the page has what it asked for: nothing is a skeleton any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.skeleton, [aria-busy="true"]').first().waitFor({ state: 'detached' });
}
