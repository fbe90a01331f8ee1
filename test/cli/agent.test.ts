// `pivo ask` and `pivo chat` over the whole running PIVO, with the model that needs no key.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConversationSummary, Transcript, TurnResult } from '../../contract/conversation.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { closeTerminals, CTRL_D, onTerminal } from './terminal.ts';

let folder = '';
let stack: Pivo;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-agent-'));
  const origin = join(folder, 'origin');
  const git = (...args: string[]): Buffer => execFileSync('git', ['-C', origin, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args]);
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', origin]);
  await writeFile(join(origin, 'README.md'), '# Origin\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'First');
  stack = await startPivo(join(folder, 'home'), { PIVO_LLM: 'scripted' });
  await stack.text('ingest', origin, '--name', 'demo');
});
afterAll(async () => {
  closeTerminals();
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

it('answers from the index, in a conversation that outlives PIVO', async () => {
  const { conversation, answer, tools, sql } = await stack.json<TurnResult & { sql: string[] }>('ask', 'how many commits does demo have?');
  expect(answer).toMatch(/\b1\b/);
  expect(tools.every(({ name, state }) => name === 'query_metadata' && state === 'done')).toBe(true);
  expect(sql.at(-1)).toMatch(/^SELECT/);
  await expect(stack.text('ask', 'and before that?', '--conversation', `${conversation}-x`)).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('pivo conversations') });
  expect(await stack.json<TurnResult>('ask', 'show README.md of demo', '--conversation', conversation)).toMatchObject({ conversation, answer: expect.stringContaining('# Origin') as string });
  await expect.poll(async () => (await stack.json<ConversationSummary[]>('conversations'))[0]).toMatchObject({ conversation, turns: 2 });
  await stack.text('down');
  expect((await stack.json<Transcript>('conversation', conversation)).turns.map(({ question }) => question)).toEqual(['how many commits does demo have?', 'show README.md of demo']);
  await stack.text('up', '--detach');
});

it('restores what was asked for in words once the person has approved the plan that was shown', async () => {
  const chat = onTerminal(['chat'], stack.home, { PIVO_LOG_LEVEL: 'warn' });
  const target = join(folder, 'again.git');
  await chat.shown('› ');
  chat.type(`restore demo to ${target}\r`);
  await chat.shown('· submit_restore_job');
  await chat.shown('Plan of restore demo-');
  await chat.shown('refs/heads/main');
  await chat.shown('approve, reject or later? ');
  expect(await readdir(folder)).not.toContain('again.git');
  chat.type('approve\r');
  await chat.shown('✓ demo is restored');
  await chat.shown('as planned');
  await chat.shown('› ');
  chat.type(CTRL_D);
  expect(await chat.ended).toBe(0);
  expect(execFileSync('git', ['-C', target, 'log', '--format=%s', 'main'], { encoding: 'utf8' })).toBe('First\n');
});
