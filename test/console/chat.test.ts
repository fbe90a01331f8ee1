// The chat: with the agent where this PIVO has one, and with answers of every shape laid over the wire where it has not.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TurnResult } from '../../contract/conversation.ts';
import { barriersOf, openConsole, type OpenConsole } from './console.ts';
import { chromiumPath, picture, settled } from '../harness/browser.ts';
import { ordinary } from './repositories.ts';

const chromium = await chromiumPath();
const SQL = "SELECT repo_name, count(*) AS commits FROM commits GROUP BY repo_name";

describe.skipIf(chromium === null)(`chat${chromium === null ? ' (needs chromium)' : ''}`, () => {
  let dir: string;
  let open: OpenConsole;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-cc-'));
    await ordinary(join(dir, 'demo'));
    open = await openConsole(chromium ?? '');
    await open.pivo.text('ingest', join(dir, 'demo'));
  });
  afterAll(async () => {
    await open?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('the agent answers, or it is said that there is none', async () => {
    const { status } = await fetch(`${open.origin}/api/v1/chat/history`);
    const tab = await open.owner('/chat');
    if (status === 501) await tab.page.getByText('There is no agent in this PIVO').waitFor();
    else {
      await tab.page.getByLabel('Question').fill('Which repositories are protected?');
      await tab.page.keyboard.press('Enter');
      await tab.page.waitForURL(/\/chat\/[a-z0-9-]+$/);
      await tab.page.locator('.answer').first().waitFor();
      await tab.page.reload();
      await tab.page.locator('.question', { hasText: 'Which repositories are protected?' }).waitFor();
    }
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });

  it('streams an answer, folds its tools, shows SQL, renders Markdown without its HTML, and approves a plan', async () => {
    const target = join(dir, 'restored');
    const restore = await open.waiting('demo', target);
    const { planHash } = (await (await fetch(`${open.origin}/api/v1/approvals`)).json() as { planHash: string }[])[0] ?? { planHash: '' };
    const answer = '**Two** are:\n\n| repo | commits |\n|---|---|\n| demo | 8 |\n\n<img src=x onerror=alert(1)> <script>alert(2)</script> [bad](javascript:alert(3)) ![far](https://example.org/x.png) [good](https://example.org/)';
    const turn: TurnResult = {
      conversation: 'c-1', turn: 't-1', question: 'How many commits?', answer, end: 'stop', usage: { input: 1, output: 1 }, model: 'scripted', started: '2026-11-21T10:00:00Z', finished: '2026-11-21T10:00:01Z',
      tools: [
        { id: '1', name: 'query_metadata', arguments: { sql: SQL }, state: 'done', sql: SQL, cut: false, milliseconds: 12 },
        { id: '2', name: 'restore_repo', arguments: { repository: 'demo' }, state: 'done', cut: false, milliseconds: 40, approval: { workflowId: `restore:${restore}`, planHash, summary: 'Restore demo' } },
      ],
    };
    const tab = await open.owner('/');
    const events = `event: progress\ndata: ${JSON.stringify({ phase: 'answering', turn: { conversation: 'c-1', question: turn.question, text: 'Two', tools: [] } })}\n\nevent: end\ndata: ${JSON.stringify({ result: turn })}\n\n`;
    await tab.page.route('**/api/v1/chat', (route) => route.fulfill({ contentType: 'text/event-stream', body: events }));
    await tab.page.route('**/api/v1/chat/history?*', (route) => route.fulfill({ json: [{ conversation: 'c-1', title: 'How many commits?', turns: 1, updated: turn.finished }] }));
    await tab.page.route('**/api/v1/chat/history/c-1', (route) => route.fulfill({ json: { conversation: 'c-1', title: 'How many commits?', turns: [turn], current: null } }));
    await tab.page.getByRole('link', { name: 'Chat' }).click();
    await tab.page.getByLabel('Question').fill(turn.question);
    await tab.page.keyboard.press('Enter');
    await tab.page.waitForURL('**/chat/c-1');
    await tab.page.getByRole('cell', { name: 'demo' }).first().waitFor();
    await settled(tab.page);
    expect(await tab.page.locator('.answer img, .answer script, .answer a[href^="javascript"]').count()).toBe(0);
    expect(await tab.page.getByRole('link', { name: 'good' }).getAttribute('rel')).toContain('noopener');
    await expect.poll(() => tab.page.locator('details.tool[open]').count()).toBe(0);
    await tab.page.locator('details.tool summary').first().click();
    await tab.page.locator('details.tool pre', { hasText: SQL }).first().waitFor();
    await picture(tab.page, 'chat-answer-desktop-light');
    expect(await barriersOf(tab.page)).toEqual([]);
    await tab.page.getByRole('button', { name: /^Approve/ }).click();
    await expect.poll(() => readFile(join(target, 'README.md'), 'utf8').catch(() => '')).toContain('State 8');
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });
});
