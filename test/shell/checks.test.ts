// Checks read a command and never run it: bash -n, shellcheck, and each tool's own help.
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../shell/catalogue/index.ts';
import { checkFlags } from '../../shell/checks/flags.ts';
import { helpQuestion } from '../../shell/checks/help.ts';
import { checkSyntax, checkWithShellcheck } from '../../shell/checks/syntax.ts';
import { examplesOf } from '../../shell/compose.ts';
import { hasPython, shellcheck } from '../harness/python-tools.ts';

const { signal } = new AbortController();
const env = { PATH: process.env['PATH'] };
const commands = CATALOGUE.flatMap((intent) => examplesOf(intent).map(({ command }) => command));
const python = await hasPython();
let folder: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-shell-'));
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const inFolder = (name: string): string => join(folder ?? '/nonexistent', name);

/** A program on a PATH of its own, which notes how it was called. */
async function toolSaying(name: string, help: string): Promise<{ PATH: string; called: () => Promise<string> }> {
  const bin = await mkdtemp(inFolder('bin-'));
  await writeFile(join(bin, 'help'), help);
  await writeFile(join(bin, name), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${bin}/called'\n/bin/cat '${bin}/help'\n/bin/cat\n`);
  await chmod(join(bin, name), 0o755);
  return { PATH: bin, called: () => readFile(join(bin, 'called'), 'utf8').catch(() => '') };
}

describe('bash -n', () => {
  it('reads every command of the catalogue', async () => {
    expect(await checkSyntax(commands.join('\n'), env, signal)).toMatchObject({ outcome: 'passed' });
  });

  it('says what is wrong', async () => {
    expect(await checkSyntax("echo 'open", env, signal)).toMatchObject({ outcome: 'failed', says: expect.stringContaining('matching') });
  });

  it('is a named skip where there is no bash', async () => {
    expect(await checkSyntax('ls', { PATH: folder }, signal)).toEqual({ name: 'syntax', outcome: 'skipped', says: 'there is no bash on this machine' });
  });
});

describe('no check', () => {
  it('runs the command: what would leave a file leaves none', async () => {
    const file = inFolder('ran');
    for (const line of [`touch ${file}`, `echo $(touch ${file})`, `> ${file}`, `ls; touch ${file}`, `x=\`touch ${file}\``, `cat <(touch ${file})`, `find / -maxdepth 0 -exec touch ${file} \\;`, `sort --help $(touch ${file})`, `git --help; touch ${file}`, `BASH_ENV=${file} ls`, `trap 'touch ${file}' EXIT`]) {
      await Promise.all([checkSyntax(line, env, signal), checkWithShellcheck(line, env, signal), checkFlags(line, env, signal)]);
      await expect(access(file), line).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  it('gives an alias of git or a program that a request names the chance to run', async () => {
    const { PATH, called } = await toolSaying('git', '-x');
    await checkFlags('git frobnicate -x', { PATH }, signal);
    await checkFlags(`${join(PATH, 'git')} status -x`, { PATH }, signal);
    await checkFlags('unlisted -x', { PATH }, signal);
    expect(await called()).toBe('');
  });
});

describe('the options of a command', () => {
  it('are those that the installed tools name, for the whole catalogue', async () => {
    const failed = [];
    for (const command of commands) {
      const check = await checkFlags(command, env, signal);
      if (check.outcome === 'failed') failed.push(`${command}: ${check.says}`);
    }
    expect(failed).toEqual([]);
  });

  it('fail by name when the help does not name them', async () => {
    const { PATH, called } = await toolSaying('kafka-topics.sh', '--list  List all\n--bootstrap-server <String>\n--[no-]dry');
    expect(await checkFlags('kafka-topics.sh --bootstrap-server a:1 --list', { PATH }, signal)).toMatchObject({ outcome: 'passed', says: 'the help of kafka-topics.sh names each option' });
    expect(await checkFlags('kafka-topics.sh --zookeeper a:1 --list', { PATH }, signal)).toMatchObject({ outcome: 'failed', says: 'kafka-topics.sh has no --zookeeper' });
    expect(await checkFlags('ls | xargs kafka-topics.sh --frobnicate', { PATH }, signal)).toMatchObject({ outcome: 'failed' });
    expect(await checkFlags('kafka-topics.sh --no-dry --dry', { PATH }, signal)).toMatchObject({ outcome: 'passed' });
    expect(await called(), 'asked once').toBe('--help\n');
  });

  it('are not looked at where the tool is not installed, and it is said', async () => {
    expect(await checkFlags('temporal workflow list --limit 5', { PATH: folder }, signal)).toEqual({ name: 'flags', outcome: 'skipped', says: 'temporal cannot be asked here' });
    expect(await checkFlags('unknown --x', { PATH: folder }, signal)).toMatchObject({ outcome: 'skipped' });
  });

  it('are not those of a command that find runs, nor what stands behind `--`', () => {
    expect(helpQuestion(['find', '.', '-type', 'f', '-mtime', '-7', '-exec', 'ls', '-lh', '{}', '+'])?.options).toEqual(['-type', '-mtime', '-exec']);
    expect(helpQuestion(['rm', '-r', '--', '-x'])?.options).toEqual(['-r']);
    expect(helpQuestion(['hdfs', 'dfs', '-rm', '-skipTrash', '/x'])).toMatchObject({ args: ['dfs', '-help', 'rm'], options: ['-skipTrash'] });
    expect(helpQuestion(['temporal', 'workflow', 'list', '--limit', '5'])).toMatchObject({ args: ['workflow', 'list', '--help'], general: ['options'] });
  });
});

describe('shellcheck', () => {
  it('is a named skip where it is not installed', async () => {
    const empty = inFolder('empty');
    await mkdir(empty, { recursive: true });
    expect(await checkWithShellcheck('ls', { PATH: empty }, signal)).toEqual({ name: 'shellcheck', outcome: 'skipped', says: 'shellcheck is not installed' });
  });

  it.skipIf(!python)('has no error and no warning for the catalogue, and finds a mistake (needs Python)', async () => {
    const PATH = `${await shellcheck()}:${env.PATH}`;
    expect(await checkWithShellcheck(commands.join('\n'), { PATH }, signal)).toMatchObject({ outcome: 'passed' });
    expect(await checkWithShellcheck('for f in $(ls *.txt); do rm $f done', { PATH }, signal)).toMatchObject({ outcome: 'failed', says: expect.stringMatching(/SC\d+/) });
  });
});
