// The whole way: the operation, the CLI, the tool; and what a model writes is checked, mended once, or not taken.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replay } from '../../agent/providers/scripted/script.ts';
import { SHELL } from '../../agent/providers/scripted/questions/shell.ts';
import { callTool } from '../../agent/tools/index.ts';
import { PivoError } from '../../contract/failures.ts';
import type { TextWriter, WritingTask } from '../../contract/writer.ts';
import { generateShellCommand } from '../../operations/generate-shell-command.ts';
import type { Caller, OperationContext } from '../../operations/operation.ts';
import { generateCommand } from '../../shell/generate.ts';
import { pivo, type Ran } from '../cli/run-pivo.ts';
import { silentLog } from '../harness/temporal.ts';

const { signal } = new AbortController();
const options = { signal, onProgress: () => {} };
let home: string | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pivo-shell-home-'));
});
afterAll(async () => {
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});

/** A model that says these texts, one after the other. */
function saying(...texts: string[]): TextWriter & { tasks: WritingTask[] } {
  const tasks: WritingTask[] = [];
  return {
    name: 'openai test',
    tasks,
    write: async (task) => {
      tasks.push(task);
      const text = texts[tasks.length - 1];
      if (text === undefined) throw new PivoError('Unavailable', 'the model is away');
      return text;
    },
  };
}

const written = (command: string): string => `\`\`\`json\n${JSON.stringify({ command, tool: 'bash', explanation: 'Says.', parts: [{ text: command.split(' ')[0], meaning: 'the program' }, { text: 'not in it', meaning: 'x' }] })}\n\`\`\``;

describe('a command that a model wrote', () => {
  it('is taken when it passes, and graded by PIVO whatever the model thinks of it', async () => {
    const found = await generateCommand('find files larger than 1 GB in /data', { writer: saying(written('find /data -size +1G -delete')), signal });
    expect(found).toMatchObject({ command: 'find /data -size +1G -delete', writtenBy: 'openai test', risk: 'destroys', parts: [{ text: 'find', meaning: 'the program' }] });
    expect(found.alternatives[0]?.command).toContain('-size +1G');
    expect(found.checks.find(({ name }) => name === 'syntax')).toMatchObject({ outcome: 'passed' });
  });

  it('goes back once with what was wrong', async () => {
    const writer = saying(written("echo 'open"), written('echo closed'));
    expect(await generateCommand('count files in /data', { writer, signal })).toMatchObject({ command: 'echo closed', writtenBy: 'openai test' });
    expect(JSON.stringify(writer.tasks[1]?.facts)).toContain('syntax:');
  });

  it.each([
    ['two bad commands', [written("echo '"), written('echo "')], /was not taken: syntax/],
    ['no JSON', ['Sure! Run ls.', 'rm -rf /'], /not the JSON/],
    ['several lines', [written('ls\nrm -rf /'), written('ls\rrm x')], /several lines/],
    ['an option that the tool does not have', [written('sort --frobnicate x'), written('sort --frobnicate y')], /sort has no --frobnicate/],
    ['no answer', [], /could not be asked: the model is away/],
  ])('is not taken for %s: the catalogue\'s is, and it is said', async (_, texts, note) => {
    expect(await generateCommand('how many files are in /data', { writer: saying(...texts), signal })).toMatchObject({ command: "find /data -type f -printf '.' | wc -c", writtenBy: 'pivo', note: expect.stringMatching(note) });
  });

  it('is asked for what the catalogue does not know', async () => {
    await expect(generateCommand('frobnicate the quux', { signal })).rejects.toMatchObject({ kind: 'NotFound' });
    expect(await generateCommand('frobnicate the quux', { writer: saying(written('frobnicate quux')), signal })).toMatchObject({ command: 'frobnicate quux', risk: 'changes', riskWhy: 'PIVO does not know what frobnicate does' });
  });
});

describe('the operation', () => {
  const caller: Caller = { user: 'me', via: 'cli', owner: true };
  const context = (via: Caller['via'], writer?: TextWriter): OperationContext => ({ writer, caller: { ...caller, via }, log: silentLog }) as unknown as OperationContext;
  const run = (of: OperationContext, request: string): ReturnType<typeof generateShellCommand.run> => generateShellCommand.run(of, { request, tool: undefined, shell: 'bash' }, options);

  it('does not ask the model for a machine, which has words of its own', async () => {
    const writer = saying(written('ls'));
    for (const via of ['agent', 'mcp'] as const) expect(await run(context(via, writer), 'show free disk space')).toMatchObject({ command: 'df -h', writtenBy: 'pivo' });
    expect(writer.tasks).toEqual([]);
  });

  it('sends no secret to the model', async () => {
    const writer = saying(written('ls'));
    await run(context('cli', writer), 'download https://me:hunter2@example.org/a with token ghp_0123456789abcdefghijABCDEFGHIJ012345');
    expect(writer.tasks).toHaveLength(1);
    expect(JSON.stringify(writer.tasks)).not.toMatch(/hunter2|ghp_0123/);
  });

  it('is a tool of the agent, and a question that is known without a model', async () => {
    const { content } = await callTool(context('agent'), 'generate_shell_command', { request: 'delete topic orders' }, { signal });
    expect(JSON.parse(content)).toMatchObject({ risk: 'destroys', missing: ['<broker>'] });
    const [question] = SHELL;
    const found = question?.patterns[0]?.exec('What is the command to search for "a b" in /var/log?');
    expect(question === undefined ? null : replay(question.script({ ...found?.groups }), [])).toMatchObject({ calls: [{ name: 'generate_shell_command', arguments: { request: 'search for "a b" in /var/log' } }] });
  });
});

describe('pivo shell', () => {
  const ran = (...args: string[]): Promise<Ran> => pivo(args, { home: home ?? '' });

  it('prints the command alone where stdout is piped, and the rest on stderr', async () => {
    const { code, stdout, stderr } = await ran('shell', 'delete files older than 30 days in /tmp/x');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'find /tmp/x -type f -mtime +30 -print -delete\n' });
    expect(stderr).toContain('destroys');
  });

  it('answers in JSON, and says what it does not know', async () => {
    const known = await ran('shell', '--json', '--tool', 'git', 'undo the last commit');
    expect(JSON.parse(known.stdout)).toMatchObject({ command: 'git reset --soft HEAD~1', tool: 'git', risk: 'changes', writtenBy: 'pivo' });
    expect(await ran('shell', 'frobnicate the quux')).toMatchObject({ code: 3, stdout: '' });
  });

  it('is not the only new name: `health` is `status`', async () => {
    const [health, status] = [await ran('health', '--json'), await ran('status', '--json')];
    expect(JSON.parse(health.stdout)).toEqual(JSON.parse(status.stdout));
  });
});
