// The pages of the spool in a real browser over a running PIVO: what waits and failed, batches, pushes, notifications.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpoolStatus } from '../../operations/spool-status.ts';
import { openSpool } from '../../spool/folders.ts';
import { chromiumPath, settled, type Look } from '../harness/browser.ts';
import { fromGithub, hubPush, SECRET } from '../webhooks/deliveries.ts';
import { ended, faultsOf, openConsole, type OpenConsole } from './console.ts';
import { ordinary } from './repositories.ts';

const chromium = await chromiumPath();

/** Each would run in a page that takes it for HTML, or would turn the line around. */
const MARKUP = '<img src=x onerror=alert(3)>/site';
const ATTACK = '<img src=x onerror=alert(1)>\u202eturned\u202c<script>alert(2)</script>';

describe.skipIf(chromium === null)(`the spool's pages${chromium === null ? ' (need chromium)' : ''}`, () => {
  let dir: string;
  let receiver: Server;
  let works = true;
  let open: OpenConsole;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-cs-'));
    receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(works ? 204 : 410).end();
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    await writeFile(join(dir, 'secret'), SECRET);
    await ordinary(join(dir, 'site'));
    const settings = `[spool.event]\nseconds = 0.2\n[spool.push]\nseconds = 0.2\n[git]\nprotocols = ["https", "file"]
[[webhooks]]\nname = "forge"\nforge = "github"\nsecretFile = "${join(dir, 'secret')}"\norigins = ["${dir}/"]
[[notify]]\nname = "chat"\nurl = "http://127.0.0.1:${(receiver.address() as AddressInfo).port}/"\nevents = ["gate.done"]\nattempts = 1\n`;
    open = await openConsole(chromium ?? '', { prepare: (home) => writeFile(join(home, 'config.toml'), settings) });
  });
  afterAll(async () => {
    await open?.close();
    receiver?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const api = async <T>(path: string): Promise<T> => (await (await fetch(`${open.origin}/api/v1${path}`)).json()) as T;
  const put = async (...lines: object[]): Promise<void> => {
    const file = join(dir, 'frames.ndjson');
    await writeFile(file, lines.map((line) => JSON.stringify({ time: 1_763_700_000_000, ...line })).join('\n'));
    await open.pivo.text('spool', 'put', 'event', file);
  };

  it('say what to do first where nothing has come in', async () => {
    const tab = await open.visitor('/spool');
    await tab.page.getByText('Nothing has come in yet').waitFor();
    for (const [name, text] of [['Batches', 'No batch was taken yet'], ['Pushes', 'No forge has told of a push yet'], ['Notifications', 'Nothing was told yet']] as const) {
      await tab.page.getByRole('navigation', { name: 'Spool' }).getByRole('link', { name }).click();
      await tab.page.getByText(text).waitFor();
    }
    await ended(tab);
  });

  it('show what comes in as it goes on, and lead from the kind to its batch and its segments', async () => {
    const tab = await open.visitor('/spool');
    await settled(tab.page);
    await put({ key: ATTACK, payload: { type: 'seen', subject: ATTACK } }, { key: 'two', payload: { type: 'seen' } });
    await tab.page.getByRole('link', { name: '2 records' }).click();
    await tab.page.getByText('2 stored, 0 were there already').waitFor();
    await tab.page.getByRole('region', { name: 'Segments' }).getByText('stored').waitFor();
    await ended(tab);
  });

  it('show a failed segment with its reason, which is tried again by its button or, without a token, by a command', async () => {
    const spool = openSpool(join(open.pivo.home, 'spool'));
    await writeFile(join(spool.places.incoming('event'), 'event-1763700000000-0123456789abcdef.msgpack'), Buffer.from([0x92, 0xc4]));
    await writeFile(join(spool.places.incoming('event'), ATTACK.replaceAll('/', '')), '');
    const tab = await open.owner('/spool');
    const failed = tab.page.getByRole('list', { name: 'Failed segments' });
    await failed.getByText('event-1763700000000-0123456789abcdef.msgpack', { exact: true }).waitFor();
    await failed.getByText('this is not the name of a segment').waitFor();
    await failed.getByText(String.raw`\u{202e}turned`, { exact: false }).first().waitFor();
    const before = (await api<SpoolStatus>('/spool')).failed.find(({ name }) => name.startsWith('event-'))?.failed;
    await failed.getByRole('button', { name: 'Try again: event-1763700000000-0123456789abcdef.msgpack' }).click();
    await expect.poll(async () => (await api<SpoolStatus>('/spool')).failed.find(({ name }) => name.startsWith('event-'))?.failed).not.toBe(before);
    await ended(tab);
    const visitor = await open.visitor('/spool');
    await visitor.page.getByText('pivo spool replay --failed event-1763700000000-0123456789abcdef.msgpack').waitFor();
    expect(await visitor.page.getByRole('button', { name: /^Try/ }).count()).toBe(0);
    await ended(visitor);
  });

  it('narrow batches by kind and status, and page behind a batch while new ones come', async () => {
    const tab = await open.visitor('/spool/batches');
    await settled(tab.page);
    await tab.page.getByRole('combobox', { name: 'Status' }).selectOption('failed');
    await tab.page.waitForURL(/status=failed/);
    await settled(tab.page);
    expect(new Set(await tab.page.locator('tbody .badge').allTextContents())).toEqual(new Set(['failed']));
    await tab.page.locator('tbody a').first().click();
    await tab.page.getByText('No segment could be stored').waitFor();
    await tab.page.goBack();
    await tab.page.getByRole('combobox', { name: 'Kind' }).selectOption('metric');
    await tab.page.getByText('No batch fits').waitFor();
    const [newest] = await api<{ tag: string }[]>('/spool-batches?limit=1');
    await tab.page.goto(`${open.origin}/spool/batches?before=${newest?.tag ?? ''}`);
    await settled(tab.page);
    expect(await tab.page.getByRole('link', { name: newest?.tag ?? '', exact: true }).count()).toBe(0);
    await tab.page.getByRole('link', { name: '← Newest' }).click();
    await tab.page.getByRole('link', { name: newest?.tag ?? '', exact: true }).waitFor();
    await ended(tab);
  });

  it('show a push on its way to its visit, and pushes that nobody asked to back up', async () => {
    const tab = await open.visitor('/spool/pushes');
    await settled(tab.page);
    for (const push of [hubPush('ada/site', pathToFileURL(join(dir, 'site')).href), hubPush(MARKUP, 'https://forge.invalid/other.git')]) {
      const { headers, body } = fromGithub(push);
      expect((await fetch(`${open.origin}/api/v1/webhooks/forge`, { method: 'POST', headers, body })).status).toBe(202);
    }
    await tab.page.getByRole('region', { name: 'Pushes that nobody asked to back up' }).getByText(MARKUP).waitFor();
    await tab.page.getByRole('region', { name: 'Backups that pushes started and that are done' }).getByRole('link', { name: 'site' }).waitFor({ timeout: 60_000 });
    await ended(tab);
  });

  it('show what was told, and an operator sends again what was given up', async () => {
    works = false;
    await put({ key: 'three', payload: { type: 'seen' } });
    const tab = await open.owner('/spool/deliveries?status=dead');
    await tab.page.getByText('410', { exact: false }).first().waitFor({ timeout: 30_000 });
    const visitor = await open.visitor('/spool/deliveries?status=dead');
    await visitor.page.getByText('An operator’s token sends them again.').waitFor();
    expect(await visitor.page.getByRole('button', { name: /again/ }).count()).toBe(0);
    await ended(visitor);
    works = true;
    await tab.page.getByRole('button', { name: 'Send all again' }).click();
    await tab.page.getByText('No delivery fits').waitFor({ timeout: 30_000 });
    await tab.page.getByRole('combobox', { name: 'Status' }).selectOption('delivered');
    await tab.page.locator('summary', { hasText: '2 attempts' }).first().click();
    await tab.page.getByText('answered 204', { exact: false }).first().waitFor();
    await ended(tab);
  });

  it.concurrent.each<[Look, boolean]>([['desktop', false], ['phone', true]])('are without barriers and complaints, and no wider than the window: %s, dark %s', async (look, dark) => {
    const tab = await open.owner('/spool', { look, dark });
    const [batch] = await api<{ tag: string }[]>('/spool-batches?status=failed&limit=1');
    expect(await faultsOf(tab, open.origin, [['spool', '/spool'], ['batches', '/spool/batches'], ['batch', `/spool/batches/${batch?.tag ?? ''}`], ['pushes', '/spool/pushes'], ['deliveries', '/spool/deliveries'], ['health', '/health']], `${look}-${dark ? 'dark' : 'light'}`)).toEqual([]);
    await tab.close();
  });

  it('are reached and read by the keyboard alone', async () => {
    const tab = await open.owner('/spool');
    await settled(tab.page);
    await tab.page.getByRole('navigation', { name: 'Spool' }).getByRole('link', { name: 'Spool' }).focus();
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.press('Enter');
    await tab.page.waitForURL(/spool\/batches/);
    await settled(tab.page);
    await tab.page.getByRole('region', { name: 'Batches' }).focus();
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.press('Enter');
    await tab.page.waitForURL(/spool\/batches\/\w+-/);
    await ended(tab);
  });
});
