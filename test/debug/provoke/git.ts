// Failures of stock git.
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { startGitHttp } from '../../harness/git-http.ts';
import type { Failure } from './failure.ts';
import { put, type Lab } from './lab.ts';

const quiet = { GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null', GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' };

/** What git says; `$ git …` before it, as a shell shows it. */
export const git = async (lab: Lab, cwd: string, ...args: string[]): Promise<string> => {
  const shown = args.filter((word, at) => word !== '-c' && args[at - 1] !== '-c').join(' ');
  return `$ git ${shown}\n${await lab.say('git', ['-c', 'commit.gpgSign=false', '-c', 'protocol.file.allow=always', ...args], { cwd, env: quiet })}`;
};

/** A bare repository `{name}.git` with some commits, below a new folder. */
export async function origin(lab: Lab, name = 'pipelines', commits = 3): Promise<{ root: string; bare: string; work: string }> {
  const root = await lab.fresh();
  const [bare, work] = [join(root, `${name}.git`), join(root, 'work')];
  await git(lab, root, 'init', '-q', '--bare', '-b', 'main', bare);
  await git(lab, root, 'clone', '-q', bare, work);
  await git(lab, work, 'checkout', '-q', '-b', 'main');
  for (let n = 1; n <= commits; n++) {
    await put(join(work, `step-${n}.sql`), `SELECT ${n};\n`);
    await git(lab, work, 'add', '.');
    await git(lab, work, 'commit', '-q', '-m', `Add step ${n}`);
  }
  await git(lab, work, 'push', '-q', 'origin', 'main');
  return { root, bare, work };
}

export const FAILURES: readonly Failure[] = [
  {
    name: 'git-wrong-password',
    provoke: async (lab) => {
      const { root } = await origin(lab, 'crm-sync');
      const server = await startGitHttp({ root, login: { username: 'ada', token: 'right' } });
      try {
        return await git(lab, await lab.fresh(), '-c', 'credential.helper=!printf "username=ada\\npassword=wrong\\n" #', 'clone', `${server.url}/crm-sync.git`);
      } finally {
        await server.close();
      }
    },
  },
  { name: 'git-not-a-repository', provoke: async (lab) => git(lab, await lab.fresh(), 'log', '--oneline') },
  {
    name: 'git-repository-missing',
    provoke: async (lab) => {
      const { root } = await origin(lab, 'crm-sync');
      const server = await startGitHttp({ root });
      try {
        return await git(lab, await lab.fresh(), 'clone', `${server.url}/crm-sink.git`);
      } finally {
        await server.close();
      }
    },
  },
  {
    name: 'git-shallow-push',
    provoke: async (lab) => {
      const { bare, root } = await origin(lab, 'ledger');
      const [shallow, empty] = [join(root, 'shallow'), join(root, 'mirror.git')];
      const cloned = await git(lab, root, 'clone', '--depth', '1', `file://${bare}`, shallow);
      await git(lab, root, 'init', '-q', '--bare', empty);
      return `${cloned}${await git(lab, shallow, 'push', empty, 'main')}`;
    },
  },
  {
    name: 'git-non-fast-forward',
    provoke: async (lab) => {
      const { bare, root, work } = await origin(lab, 'forecast');
      const other = join(root, 'other');
      await git(lab, root, 'clone', '-q', bare, other);
      await git(lab, other, 'commit', '-q', '--allow-empty', '-m', 'Somebody was faster');
      await git(lab, other, 'push', '-q', 'origin', 'main');
      await git(lab, work, 'commit', '-q', '--allow-empty', '-m', 'Mine');
      return git(lab, work, 'push', 'origin', 'main');
    },
  },
  {
    name: 'git-hook-declined',
    provoke: async (lab) => {
      const { bare, work } = await origin(lab, 'payroll');
      await put(join(bare, 'hooks', 'pre-receive'), '#!/bin/sh\necho "policy: commits to main need a ticket" >&2\nexit 1\n', 0o755);
      await git(lab, work, 'commit', '-q', '--allow-empty', '-m', 'No ticket');
      return git(lab, work, 'push', 'origin', 'main');
    },
  },
  {
    name: 'git-object-damaged',
    provoke: async (lab) => {
      const { bare, root } = await origin(lab, 'sensors');
      const found = (await lab.say('find', [join(bare, 'objects'), '-type', 'f'])).trim().split('\n').filter((file) => /\/[0-9a-f]{2}\/[0-9a-f]{38}$/.test(file)).toSorted()[0] ?? '';
      await chmod(found, 0o644);
      await put(found, 'not an object\n');
      return `${await git(lab, bare, 'fsck')}${await git(lab, root, 'clone', '--no-local', bare, join(root, 'copy'))}`;
    },
  },
  {
    name: 'git-merge-conflict',
    provoke: async (lab) => {
      const { work } = await origin(lab, 'churn');
      await git(lab, work, 'checkout', '-q', '-b', 'faster', 'HEAD~1');
      await put(join(work, 'step-3.sql'), 'SELECT 33;\n');
      await git(lab, work, 'add', '.');
      await git(lab, work, 'commit', '-q', '-m', 'Another step 3');
      return git(lab, work, 'merge', '--no-edit', 'main');
    },
  },
  { name: 'git-unreachable', provoke: async (lab) => git(lab, await lab.fresh(), 'clone', `http://127.0.0.1:${await lab.deadPort()}/loyalty.git`) },
];
