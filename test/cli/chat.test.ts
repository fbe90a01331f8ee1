// `pivo chat` on a terminal and in a pipe: streaming, tool lines, plans decided in place, stopping and leaving.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PivoError } from '../../contract/failures.ts';
import { makeHome, pivo } from './run-pivo.ts';
import { closeTerminals, CTRL_C, CTRL_D, onTerminal } from './terminal.ts';
import { calledTool, toldAgent, waitingRestore, type ToldAgent } from './told-agent.ts';

const HASH = 'd'.repeat(64);
const cancelled = Promise.withResolvers<void>();
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => {
    cancelled.resolve();
    reject(new PivoError('Cancelled', 'cancelled'));
  }));
let home = '';
let remove: () => Promise<void>;
let agent: ToldAgent;
beforeAll(async () => {
  ({ home, remove } = await makeHome());
  const plan = waitingRestore(HASH);
  const slow = { ...plan, workflowId: 'restore:execa-2a' };
  agent = await toldAgent(home, {
    count: { pieces: ['There are **two** repo', 'sitories:\n\n| name | commits |\n|---|---:|\n| exe', 'ca | 1,548 |\n| \u001B[31mpivo | 12 |\n'], tools: [calledTool({ sql: 'SELECT repo_name,\n count(*) FROM commits GROUP BY 1' })] },
    diff: { pieces: ['```diff\n@@ -1 +1 @@\n-old\n+n', 'ew\n```\n'] },
    'wait for ever': { pieces: ['I am thinking', ' about it '], endless: true },
    restore: { pieces: ['Here is the plan.'], tools: [calledTool({ name: 'submit_restore_job', arguments: { repository: 'execa' }, approval: { workflowId: plan.workflowId, planHash: HASH, summary: 'restore execa' } })] },
    'restore slowly': { pieces: [], tools: [calledTool({ name: 'submit_restore_job', approval: { workflowId: slow.workflowId, planHash: HASH, summary: 'restore execa' } })] },
    fail: { pieces: [], failure: { kind: 'CredentialMissing', message: 'the key was refused', hint: 'Set GEMINI_API_KEY.' } },
  }, { approvals: () => [plan, slow], approve: ({ restore }: { restore: string }, { signal }) => (restore === slow.workflowId ? untilAborted(signal) : { repository: 'execa', visit: 4 }), reject: () => plan });
});
afterAll(async () => {
  await agent?.close();
  await remove();
});
afterEach(() => {
  closeTerminals();
  agent.calls.splice(0);
});
const called = (name: string): unknown[] => agent.calls.filter((each) => each.name === name).map(({ input }) => input);

describe('on a terminal', () => {
  it('shows an answer with its tables, each tool call as one line, and nothing that moves the cursor', async () => {
    const chat = onTerminal(['chat'], home);
    await chat.shown('› ');
    chat.type('count\r');
    await chat.shown('· query_metadata  SELECT repo_name, count(*) FROM commits GROUP BY 1  12 ms');
    await chat.shown('\n\nThere are two repositories:\n\nname');
    await chat.shown('execa');
    await chat.shown('1,548\n\\x1b[31mpivo       12\n');
    await chat.shown('told/one  1 tool call  1,234 + 56 tokens');
    await chat.shown('› ');
    chat.type(CTRL_D);
    expect(await chat.ended).toBe(0);
  });

  it('stays one conversation until /new, and tells it with /history', async () => {
    const chat = onTerminal(['chat'], home);
    for (const line of ['count', 'diff', '/new', 'count']) {
      await chat.shown('› ');
      chat.type(`${line}\r`);
      await chat.shown(line === '/new' ? 'A new conversation.' : 'tokens');
    }
    await chat.shown('› ');
    chat.type('/history\r');
    await chat.shown('› diff\n@@ -1 +1 @@'.replace('\n', '\n  '));
    chat.type('/quit\r');
    expect(await chat.ended).toBe(0);
    expect(called('ask')).toMatchObject([{ question: 'count' }, { question: 'diff', conversation: expect.any(String) }, { question: 'count' }]);
    expect(called('ask')[2]).not.toHaveProperty('conversation');
  });

  it('stops the answer at Ctrl-C and goes on with the conversation', async () => {
    const chat = onTerminal(['chat'], home);
    await chat.shown('› ');
    chat.type('wait for ever\r');
    await chat.shown('I am thinking about it');
    chat.type(CTRL_C);
    await chat.shown('! stopped');
    await chat.shown('› ');
    chat.type(CTRL_C);
    await chat.shown('Ctrl-D or /quit leaves');
    chat.type('count\r');
    await chat.shown('two repositories');
    chat.type('/quit\r');
    expect(await chat.ended).toBe(0);
    expect(called('conversation-stop')).toHaveLength(1);
    expect(called('ask')[1]).toMatchObject({ question: 'count', conversation: expect.any(String) });
  });

  it.each([['approve', 'approve', [{ restore: 'restore:execa-1f', planHash: HASH, wait: true }]], ['reject', 'reject', [{ restore: 'restore:execa-1f', planHash: HASH }]]])('lets the person %s a plan in place, by the hash that was shown', async (typed, operation, inputs) => {
    const chat = onTerminal(['chat'], home);
    await chat.shown('› ');
    chat.type('restore\r');
    await chat.shown('Plan of restore execa-1f');
    await chat.shown('refs/heads/main');
    await chat.shown('! one ref is refused');
    await chat.shown(HASH);
    await chat.shown('approve, reject or later? ');
    chat.type(`${typed}\r`);
    await chat.shown('› ');
    chat.type(CTRL_D);
    expect(await chat.ended).toBe(0);
    expect(called(operation)).toEqual(inputs);
  });

  it('takes neither a key of before nor anything but the word as consent', async () => {
    const chat = onTerminal(['chat'], home);
    await chat.shown('› ');
    chat.type('restore\rapprove\r');
    await chat.shown('approve, reject or later? ');
    chat.type('yes\r');
    await chat.shown(`It waits: pivo approve restore:execa-1f ${HASH}`);
    chat.type(CTRL_D);
    expect(await chat.ended).toBe(0);
    expect([...called('approve'), ...called('reject')]).toEqual([]);
  });

  it('forgets the decision, and only that, for the arrow key', async () => {
    const chat = onTerminal(['chat'], home);
    await chat.shown('› ');
    for (const decision of ['later', '']) {
      chat.type('restore\r');
      await chat.shown('approve, reject or later? ');
      chat.type(`${decision}\r`);
      await chat.shown('It waits: ');
      await chat.shown('› ');
      chat.type('\u001B[A\r');
      await chat.shown('approve, reject or later? ');
      chat.type('\r');
      await chat.shown('It waits: ');
      await chat.shown('› ');
    }
    chat.type(CTRL_D);
    expect(await chat.ended).toBe(0);
    expect(called('ask')).toMatchObject(Array.from({ length: 4 }, () => ({ question: 'restore' })));
  });

  it('cancels what is carried out at Ctrl-C and goes on', async () => {
    const chat = onTerminal(['chat'], home);
    await chat.shown('› ');
    chat.type('restore slowly\r');
    await chat.shown('approve, reject or later? ');
    chat.type('approve\r');
    await expect.poll(() => called('approve')).toHaveLength(1);
    chat.type(CTRL_C);
    await chat.shown('error: cancelled');
    await chat.shown('› ');
    chat.type(CTRL_D);
    expect(await chat.ended).toBe(0);
    await cancelled.promise;
  });

  it('goes on with the latest conversation with --continue', async () => {
    const chat = onTerminal(['chat', '--continue'], home);
    await chat.shown('› count');
    await chat.shown('There are two repositories');
    chat.type('\u001B[A\r'); // the arrow key brings the last question
    await chat.shown('told/one');
    chat.type(CTRL_D);
    expect(await chat.ended).toBe(0);
    expect(called('ask')).toMatchObject([{ conversation: expect.any(String) }]);
  });
});

describe('in a pipe', () => {
  it('answers one question a line, as the model wrote it, and notes the rest on stderr', async () => {
    const { code, stdout, stderr } = await pivo(['chat'], { home, input: 'diff\n\nrestore\nfail\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '```diff\n@@ -1 +1 @@\n-old\n+new\n```\nHere is the plan.\n' });
    expect(stderr).toContain(`It waits: pivo approve restore:execa-1f ${HASH}`);
    expect(stderr).toContain('error: the key was refused\nhint: Set GEMINI_API_KEY.\n');
    expect(called('approve')).toEqual([]);
  });

  it('answers one line of JSON a question with --json', async () => {
    const { code, stdout } = await pivo(['chat', '--json'], { home, input: 'diff\nfail\n' });
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as object)).toMatchObject([{ question: 'diff', end: 'stop' }, { question: 'fail', end: 'failed' }]);
  });
});
