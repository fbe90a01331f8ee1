// The chat over a running PIVO whose model is a server that this test plays: answers in pieces, held back, and hostile ones.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transcript } from '../../contract/conversation.ts';
import type { IngestLogsSummary } from '../../contract/logs.ts';
import { callPiece, chatAnswer, startOpenai } from '../agent/fakes/openai.ts';
import type { FakeProvider } from '../agent/fakes/server.ts';
import { chromiumPath, picture, settled } from '../harness/browser.ts';
import { barriersOf, ended, openConsole, type OpenConsole } from './console.ts';
import { ordinary } from './repositories.ts';

const chromium = await chromiumPath();
const SQL = 'SELECT repo_name, count(*) AS commits FROM commits GROUP BY repo_name';
const HOSTILE = '**Two** are:\n\n| repo | commits |\n|---|---|\n| demo | 8 |\n\n<img src=x onerror=alert(1)> <script>alert(2)</script> [bad](javascript:alert(3)) ![far](https://example.org/x.png) [good](https://example.org/)';

describe.skipIf(chromium === null)(`chat${chromium === null ? ' (needs chromium)' : ''}`, () => {
  let dir: string;
  let model: FakeProvider;
  let open: OpenConsole;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-cc-'));
    model = await startOpenai();
    await ordinary(join(dir, 'demo'));
    open = await openConsole(chromium ?? '', { settings: { PIVO_LLM: 'openai', PIVO_LLM_MODEL: 'played', OPENAI_BASE_URL: `${model.url}/v1` } });
    await open.pivo.text('ingest', join(dir, 'demo'));
  });
  afterAll(async () => {
    await open?.close();
    await model?.close();
    await rm(dir, { recursive: true, force: true });
    expect(model.wrong).toEqual([]);
  });

  const ask = async (page: Page, question: string): Promise<void> => {
    await page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
    await page.getByLabel('Question').fill(question);
    await page.keyboard.press('Enter');
  };
  const call = (name: string, given: object): ReturnType<typeof chatAnswer> => chatAnswer([callPiece(0, { id: `call-${name}`, name, arguments: JSON.stringify(given) })], 'tool_calls');
  const transcript = async (page: Page): Promise<Transcript> => (await (await fetch(`${open.origin}/api/v1/chat/history/${page.url().split('/').at(-1)}`)).json()) as Transcript;

  it('an answer comes in pieces, goes on when the page is left, and is there on the way back', async () => {
    const held = Promise.withResolvers<void>();
    model.play({ ...chatAnswer([{ content: 'It begins' }, { content: ' and ends.' }]), end: held.promise });
    const tab = await open.visitor('/chat');
    await ask(tab.page, 'Take your time');
    await tab.page.waitForURL(/\/chat\/[a-z0-9-]+$/);
    const address = tab.page.url();
    await tab.page.locator('.turn[aria-busy="true"] .answer', { hasText: 'It begins' }).waitFor();
    await tab.page.getByRole('link', { name: 'Audit' }).click();
    await tab.page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
    await tab.page.goto(address);
    await tab.page.locator('.question', { hasText: 'Take your time' }).waitFor();
    await tab.page.getByRole('button', { name: 'Stop' }).waitFor();
    expect((await transcript(tab.page)).current).toMatchObject({ question: 'Take your time' });
    held.resolve();
    await tab.page.locator('.turn[aria-busy="false"] .answer', { hasText: 'It begins and ends.' }).waitFor();
    await tab.page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
    expect((await transcript(tab.page)).turns).toMatchObject([{ answer: 'It begins and ends.', end: 'stop' }]);
    await ended(tab);
  });

  it('a turn is stopped by its button, and the conversation goes on', async () => {
    model.play({ ...chatAnswer([{ content: 'Half of it' }], null), end: 'hang' });
    const tab = await open.visitor('/chat');
    await ask(tab.page, 'Never end');
    await tab.page.locator('.answer', { hasText: 'Half of it' }).waitFor();
    await tab.page.getByRole('button', { name: 'Stop' }).click();
    await tab.page.getByText('It was stopped.').waitFor();
    model.play(chatAnswer([{ content: 'Now it is whole.' }]));
    await ask(tab.page, 'And now?');
    await tab.page.locator('.answer', { hasText: 'Now it is whole.' }).waitFor();
    await expect.poll(async () => (await transcript(tab.page)).turns.map(({ end }) => end)).toEqual(['cancelled', 'stop']);
    await tab.page.reload();
    await tab.page.locator('.question', { hasText: 'Never end' }).waitFor();
    await tab.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: 'Never end' }).waitFor();
    await ended(tab);
  });

  it('folds its tools, shows SQL, renders Markdown without its HTML, and a plan is approved in it', async () => {
    const target = join(dir, 'restored');
    model.play(call('query_metadata', { sql: SQL }), call('submit_restore_job', { repository: 'demo', target }), chatAnswer([{ content: HOSTILE }]));
    const tab = await open.owner('/chat');
    await ask(tab.page, 'How many commits, and restore them?');
    await tab.page.getByRole('cell', { name: 'demo' }).first().waitFor();
    await settled(tab.page);
    expect(await tab.page.locator('.answer img, .answer script, .answer a[href^="javascript"]').count()).toBe(0);
    expect(await tab.page.getByRole('link', { name: 'good' }).getAttribute('rel')).toContain('noopener');
    expect(await tab.page.locator('details.tool[open]').count()).toBe(0);
    await tab.page.locator('details.tool summary').first().click();
    await tab.page.locator('details.tool pre', { hasText: SQL }).first().waitFor();
    await tab.page.getByRole('button', { name: /^Approve/ }).waitFor();
    await picture(tab.page, 'chat-answer-desktop-light', { fullPage: false });
    expect(await barriersOf(tab.page)).toEqual([]);
    await tab.page.getByRole('button', { name: /^Approve/ }).click();
    await expect.poll(() => readFile(join(target, 'README.md'), 'utf8').catch(() => '')).toContain('State 8');
    await tab.page.getByText('completed').waitFor();
    const phone = await open.owner(new URL(tab.page.url()).pathname, { look: 'phone', dark: true });
    await settled(phone.page);
    await picture(phone.page, 'chat-answer-phone-dark', { fullPage: false });
    expect([...(await barriersOf(phone.page)), ...tab.complaints, ...phone.complaints]).toEqual([]);
    await phone.close();
    await tab.close();
  });

  it('a failure in the words of the model cites lines that lead to their logs, and has none of its HTML', async () => {
    const { logs } = await open.pivo.json<IngestLogsSummary>('upload', fileURLToPath(new URL('../debug/failures/spark-executor-oom.log', import.meta.url)));
    const line = `log:${logs[0]?.source ?? ''}:60`;
    model.play(chatAnswer([{ content: `The heap was too small for one task [${line}](${line}). <img src=x onerror=alert(1)> [bad](javascript:alert(2))` }]));
    const tab = await open.visitor(`/assistant/debug?q=${encodeURIComponent('why was the executor lost?')}`);
    await tab.page.getByText('Put into words by', { exact: false }).waitFor();
    expect(await tab.page.locator('.answer img, .answer a[href^="javascript"]').count()).toBe(0);
    await tab.page.locator('.answer').getByRole('link', { name: line }).click();
    await tab.page.locator('.entry.here', { hasText: 'java.lang.OutOfMemoryError' }).waitFor();
    model.play(chatAnswer([{ content: 'It was the disk [log:0123456789abcdef:1](log:0123456789abcdef:1).' }]));
    await tab.page.goto(`${open.origin}/assistant/debug?q=${encodeURIComponent('why was the executor lost again?')}`);
    await tab.page.getByText('was not used', { exact: false }).waitFor();
    await tab.page.getByText('Written by PIVO from the facts', { exact: false }).waitFor();
    await ended(tab);
  });

  it('a provider that refuses is told, and the next question is answered', async () => {
    model.play({ status: 401, body: { error: { message: 'no' } } });
    const tab = await open.visitor('/chat');
    await ask(tab.page, 'Are you there?');
    await tab.page.getByRole('alert').waitFor();
    model.play(chatAnswer([{ content: 'I am.' }]));
    await ask(tab.page, 'And now?');
    await tab.page.locator('.answer', { hasText: 'I am.' }).waitFor();
    await ended(tab);
  });
});
