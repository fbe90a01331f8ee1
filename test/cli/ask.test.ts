// `pivo ask`, `conversations` and `conversation` as programs and people use them: what goes where, and the exit codes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TurnResult } from '../../contract/conversation.ts';
import { makeHome, pivo, type Ran } from './run-pivo.ts';
import { closeTerminals, CTRL_C, onTerminal } from './terminal.ts';
import { calledTool, toldAgent, type ToldAgent } from './told-agent.ts';

const HASH = 'e'.repeat(64);
const SQL = 'SELECT count(*) FROM commits';
let home = '';
let remove: () => Promise<void>;
let agent: ToldAgent;
const run = (...args: string[]): Promise<Ran> => pivo(args, { home });
beforeAll(async () => {
  ({ home, remove } = await makeHome());
  agent = await toldAgent(home, {
    count: { pieces: ['**12** ', 'commits \u001B[2J'], tools: [calledTool({ sql: SQL }), calledTool({ name: 'get_file_content', state: 'failed', failure: { kind: 'NotFound', message: 'there is no file x' }, milliseconds: 2_100 })] },
    restore: { pieces: ['Please approve.'], tools: [calledTool({ name: 'submit_restore_job', approval: { workflowId: 'restore:execa-1f', planHash: HASH, summary: 'restore execa' } })] },
    'wait for ever': { pieces: ['I am thinking '], endless: true },
    fail: { pieces: [], failure: { kind: 'CredentialMissing', message: 'the key was refused', hint: 'Set GEMINI_API_KEY.' } },
  });
});
afterAll(async () => {
  closeTerminals();
  await agent?.close();
  await remove();
});

describe('ask', () => {
  it('writes the answer to stdout and nothing else, tool calls to stderr', async () => {
    const { code, stdout, stderr } = await run('ask', 'count');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '**12** commits \\x1b[2J\n' });
    expect(stderr).toContain(`· query_metadata  ${SQL}  12 ms\n✗ get_file_content  NotFound: there is no file x  2.1 s\n`);
    expect(stderr).toContain('Go on with: pivo ask "…" --conversation 2026-');
  });

  it('gives the whole turn and its SQL with --json', async () => {
    const { code, stdout, stderr } = await run('ask', 'count', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as TurnResult & { sql: string[] };
    expect(result).toMatchObject({ question: 'count', answer: '**12** commits \u001B[2J', sql: [SQL], usage: { input: 1_234, output: 56 }, tools: [{ name: 'query_metadata' }, { state: 'failed' }] });
  });

  it('goes on with a conversation', async () => {
    await run('ask', 'count', '--conversation', '2026-01-01-abc');
    expect(agent.calls.at(-1)).toMatchObject({ name: 'ask', input: { question: 'count', conversation: '2026-01-01-abc' } });
  });

  it('says what waits for approval and how to give it', async () => {
    expect((await run('ask', 'restore')).stderr).toContain(`It waits for approval: restore execa\n  pivo approve restore:execa-1f ${HASH}\n`);
  });

  it('ends with the exit code of what failed, told on stderr, and in the turn with --json', async () => {
    expect(await run('ask', 'fail')).toMatchObject({ code: 2, stdout: '', stderr: 'error: the key was refused\nhint: Set GEMINI_API_KEY.\n' });
    const { code, stdout } = await run('ask', 'fail', '--json');
    expect({ code, result: JSON.parse(stdout) as unknown }).toMatchObject({ code: 2, result: { end: 'failed', failure: { kind: 'CredentialMissing' } } });
    expect(await run('ask', 'never told')).toMatchObject({ code: 69, stdout: '' });
  });

  it('stops at Ctrl-C with exit code 130', async () => {
    const terminal = onTerminal(['ask', 'wait for ever'], home);
    await terminal.shown('I am thinking');
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(terminal.screen()).toContain('error: cancelled');
  });

  it('says how to start PIVO where it does not run', async () => {
    const { home: other, remove: removeOther } = await makeHome();
    expect(await pivo(['ask', 'count'], { home: other })).toMatchObject({ code: 69, stderr: expect.stringContaining('pivo up --detach') });
    await removeOther();
  });
});

describe('conversations', () => {
  it('lists them, and tells one with its questions, tool calls and answers', async () => {
    expect((await run('conversations')).stdout).toMatch(/^CONVERSATION +LAST \(UTC\) +TURNS +BY +TITLE\n2026-11-21-0a1b2c3d .* ada {2}Told\n$/);
    const { code, stdout } = await run('conversation', '2026-11-21-0a1b2c3d');
    expect(code).toBe(0);
    expect(stdout).toContain(`› count\n· query_metadata  ${SQL}  12 ms\n`);
    expect(stdout).toContain('**12** commits \\x1b[2J\n');
    expect(JSON.parse((await run('conversation', '2026-11-21-0a1b2c3d', '--json')).stdout)).toMatchObject({ title: 'Told', turns: expect.any(Array) });
  });
});
