// Stock git-lfs: whether this machine has it, installed by apt where that may be done, and repositories that use it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

let found: Promise<boolean> | undefined;

/** True when stock `git lfs` runs here; the system's package is installed first where this user may. */
export const hasGitLfs = (): Promise<boolean> => (found ??= look());

async function look(): Promise<boolean> {
  if (await works()) return true;
  if (process.getuid?.() !== 0) return false;
  const apt = (args: string[]): Promise<unknown> => run('apt-get', [...args, '-qq', '-y'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 300_000 });
  await apt(['install', 'git-lfs']).catch(async () => {
    await apt(['update']);
    await apt(['install', 'git-lfs']);
  }).catch(() => {});
  return works();
}

const works = (): Promise<boolean> => run('git', ['lfs', 'version']).then(() => true, () => false);

/** As a person has it: filters of git-lfs on, nothing of this machine's own settings. */
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_CONFIG_COUNT: '7',
  GIT_CONFIG_KEY_0: 'filter.lfs.clean', GIT_CONFIG_VALUE_0: 'git-lfs clean -- %f',
  GIT_CONFIG_KEY_1: 'filter.lfs.smudge', GIT_CONFIG_VALUE_1: 'git-lfs smudge -- %f',
  GIT_CONFIG_KEY_2: 'filter.lfs.process', GIT_CONFIG_VALUE_2: 'git-lfs filter-process',
  GIT_CONFIG_KEY_3: 'filter.lfs.required', GIT_CONFIG_VALUE_3: 'true',
  GIT_CONFIG_KEY_4: 'init.defaultBranch', GIT_CONFIG_VALUE_4: 'main',
  GIT_CONFIG_KEY_5: 'safe.directory', GIT_CONFIG_VALUE_5: '*',
  GIT_CONFIG_KEY_6: 'protocol.file.allow', GIT_CONFIG_VALUE_6: 'always',
};

/** Stock git with git-lfs; returns what it writes. */
export async function gitWithLfs(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run('git', args, { cwd, env: { ...ENVIRONMENT, ...env }, maxBuffer: 2 ** 26 });
  return stdout;
}

export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** What git-lfs writes into git instead of a file. */
export const pointerTo = (content: Uint8Array): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256Of(content)}\nsize ${content.length}\n`;
