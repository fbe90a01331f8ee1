// Talking to real git servers on loopback: refs, credentials, and what failures mean.
import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPivoError, type PivoError } from '../../contract/failures.ts';
import { listCredentials, removeCredential, saveCredential } from '../../git/credentials.ts';
import { lsRemote, type Advertisement } from '../../git/ls-remote.ts';
import { startGit } from '../../git/process.ts';
import { withRemote } from '../../git/remote.ts';
import { freePort } from '../../stack/ports.ts';
import { startGitHttp, type GitHttpServer } from '../harness/git-http.ts';

const ALL = ['http', 'https', 'ssh', 'file', 'git'];
const TOKEN = 'canary-7f3a-token';
let root: string;
let credentials: string;

const sh = (args: string[], cwd = root): string => execFileSync('git', args, { cwd, encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@x' } }).trim();

const advertised = (url: string, credential: string | null = null): Promise<Advertisement> => withRemote(url, { protocols: ALL, credentials, credential }, (remote) => lsRemote(remote));

async function failure(act: Promise<unknown>): Promise<PivoError> {
  const error: unknown = await act.then(() => null, (reason: unknown) => reason);
  if (isPivoError(error)) return error;
  throw new Error(`expected a PivoError, got ${String(error)}`);
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pivo-remote-test-'));
  credentials = join(root, 'credentials');
  sh(['init', '-q', '--bare', '-b', 'trunk', 'empty.git']);
  sh(['init', '-q', '-b', 'main', 'work']);
  sh(['commit', '-q', '--allow-empty', '-m', 'one'], join(root, 'work'));
  sh(['tag', '-a', '-m', 'v1', 'v1'], join(root, 'work'));
  sh(['clone', '-q', '--bare', 'work', 'repo.git']);
  await saveCredential(credentials, 'forge', { kind: 'token', username: 'ada', token: TOKEN });
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('what a remote advertises', () => {
  test('refs without peeled twins, and the branch that HEAD names', async () => {
    const { refs, head, objectFormat } = await advertised(join(root, 'repo.git'));
    expect([...refs.keys()]).toEqual(['refs/heads/main', 'refs/tags/v1']);
    expect(head).toEqual({ symref: 'refs/heads/main', oid: refs.get('refs/heads/main') });
    expect(objectFormat).toBe('sha1');
  });

  test('a detached HEAD has a commit and no branch', async () => {
    sh(['clone', '-q', '--bare', 'work', 'detached.git']);
    const commit = sh(['rev-parse', 'main'], join(root, 'work'));
    await writeFile(join(root, 'detached.git/HEAD'), `${commit}\n`);
    expect((await advertised(join(root, 'detached.git'))).head).toEqual({ symref: null, oid: commit });
  });

  test('a HEAD whose branch is hidden is a commit of its own: nothing else leads to it', async () => {
    sh(['clone', '-q', '--bare', 'work', 'hidden.git']);
    sh(['symbolic-ref', 'HEAD', 'refs/heads/secret'], join(root, 'hidden.git'));
    const commit = sh(['rev-parse', 'main'], join(root, 'work'));
    sh(['update-ref', 'refs/heads/secret', commit], join(root, 'hidden.git'));
    sh(['config', 'transfer.hideRefs', 'refs/heads/secret'], join(root, 'hidden.git'));
    const { head, refs } = await advertised(join(root, 'hidden.git'));
    expect(head).toEqual({ symref: null, oid: commit });
    expect([...refs.keys()]).toEqual(['refs/heads/main', 'refs/tags/v1']);
  });

  test('the branch of an unborn HEAD is known, of an empty repository and of one with other branches', async () => {
    expect((await advertised(join(root, 'empty.git'))).head).toEqual({ symref: 'refs/heads/trunk', oid: null });
    sh(['clone', '-q', '--bare', 'work', 'unborn.git']);
    sh(['symbolic-ref', 'HEAD', 'refs/heads/not-yet'], join(root, 'unborn.git'));
    const { head, refs } = await advertised(join(root, 'unborn.git'));
    expect(head).toEqual({ symref: 'refs/heads/not-yet', oid: null });
    expect(refs.size).toBe(2);
  });

  test('a path with spaces, quotes and percent signs is a path', async () => {
    const odd = join(root, `od "d' %41`);
    await mkdir(odd);
    sh(['init', '-q', '--bare', '-b', 'trunk', 'x.git'], odd);
    expect((await advertised(join(odd, 'x.git'))).head.symref).toBe('refs/heads/trunk');
  });
});

describe('over HTTP', () => {
  let server: GitHttpServer;
  beforeAll(async () => {
    server = await startGitHttp({ root, login: { username: 'ada', token: TOKEN } });
  });
  afterAll(() => server.close());

  test('a stored token opens the door, and neither argv nor URL carries it', async () => {
    const { refs } = await advertised(`${server.url}/repo.git`, 'forge');
    expect(refs.size).toBe(2);
    const checked = await withRemote(`${server.url}/repo.git`, { protocols: ALL, credentials, credential: 'forge' }, async (remote) => JSON.stringify(remote));
    expect(checked).not.toContain(TOKEN);
  });

  test('however the host of the URL is written, the token goes there', async () => {
    const shouted = server.url.replace('127.0.0.1', 'LocalHost');
    expect((await advertised(`${shouted}/repo.git`, 'forge')).refs.size).toBe(2);
  });

  test('without a credential the origin refuses, for good, with what to do', async () => {
    const error = await failure(advertised(`${server.url}/repo.git`));
    expect(error.kind).toBe('OriginRefused');
    expect(error.permanent).toBe(true);
    expect(error.hint).toContain('--credential');
  });

  test('a repository that is not there is said to be missing', async () => {
    const error = await failure(advertised(`${server.url}/nothing.git`, 'forge'));
    expect(error.kind).toBe('OriginRefused');
  });

  test('a token goes to its own site only: another server that asks for one gets none', async () => {
    const thief = await startGitHttp({ root, login: { username: 'ada', token: TOKEN } });
    const forwarder = await startGitHttp({
      root,
      intercept: (request, response) => {
        response.writeHead(302, { location: `${thief.url}${request.url}` }).end();
        return true;
      },
    });
    try {
      const error = await failure(advertised(`${forwarder.url}/repo.git`, 'forge'));
      expect(error.kind).toBe('UrlRefused');
      expect(thief.authorizations).toEqual([]);
    } finally {
      await Promise.all([thief.close(), forwarder.close()]);
    }
  });
});

describe('over other transports', () => {
  test('git:// works where it is configured', async () => {
    const port = await freePort('127.0.0.1');
    const daemon = spawn('git', ['daemon', '--export-all', '--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${root}`, root], { stdio: 'ignore', detached: true });
    try {
      await expect.poll(() => advertised(`git://127.0.0.1:${port}/repo.git`).then(({ refs }) => refs.size, () => 0), { timeout: 10_000 }).toBe(2);
    } finally {
      process.kill(-(daemon.pid ?? 0));
    }
  });

  test.each(['credentials', `it's a "home" of 100%`])('ssh gets the stored key and no questions, and remembers hosts beside the credentials: in a folder named %s', async (folder) => {
    const credentials = join(root, folder);
    const bin = join(root, 'bin');
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, 'ssh'), `#!/bin/sh\nprintf '%s\\n' "$@" > ${join(root, 'ssh.argv')}\nfor last; do :; done\nexec sh -c "$last"\n`, { mode: 0o755 });
    await saveCredential(credentials, 'deploy', { kind: 'ssh-key', privateKey: 'PRIVATE' });
    const path = process.env['PATH'];
    process.env['PATH'] = `${bin}:${path}`;
    try {
      const access = { protocols: ALL, credentials, credential: 'deploy' };
      expect((await withRemote(`git@example.invalid:${join(root, 'repo.git')}`, access, (remote) => lsRemote(remote))).refs.size).toBe(2);
    } finally {
      process.env['PATH'] = path;
    }
    const argv = (await readFile(join(root, 'ssh.argv'), 'utf8')).split('\n');
    expect(argv).toContain('-oBatchMode=yes');
    expect(argv).toEqual(expect.arrayContaining(['-oConnectTimeout=60', '-oServerAliveInterval=20'])); // a host that falls silent is given up
    expect(argv).toContain(join(credentials, 'deploy', 'key'));
    const quoted = join(credentials, 'known_hosts').replaceAll('"', '\\"').replaceAll('%', '%%'); // as ssh takes it: one file, of that name
    expect(argv).toContain(`-oUserKnownHostsFile="${quoted}"`);
    expect(argv.join(' ')).not.toContain('PRIVATE');
    await removeCredential(credentials, 'deploy');
  });
});

test('what a server says without ever ending its line takes no memory and no time', async () => {
  const said: string[] = [];
  const running = startGit(['-c', 'alias.talk=!head -c 20000000 /dev/zero | tr "\\0" x >&2; echo; echo end >&2', 'talk'], { onStderr: (line) => said.push(line) });
  running.stdout.resume();
  await running.done;
  expect(said).toHaveLength(1);
  expect(said[0]?.length).toBeLessThan(1_000_000);
});

describe('what failures mean', () => {
  test('a port nobody listens on is unreachable, and may be tried again', async () => {
    const error = await failure(advertised('http://127.0.0.1:9/repo.git'));
    expect(error.kind).toBe('OriginUnreachable');
    expect(error.permanent).toBe(false);
  });

  test('a folder that is no repository is refused by name', async () => {
    const error = await failure(advertised(credentials));
    expect(error.kind).toBe('OriginRefused');
    expect(error.message).toContain(credentials);
  });

  test("a repository of another user can be read: PIVO names it, and only it, as trusted", async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'changing the owner needs root');
    sh(['clone', '-q', '--bare', 'work', 'foreign.git']);
    execFileSync('chown', ['-R', '65534:65534', join(root, 'foreign.git')]);
    expect((await advertised(join(root, 'foreign.git'))).refs.size).toBe(2);
  });

  test('an unknown credential fails before anything is asked', async () => {
    expect((await failure(advertised('https://example.invalid/r', 'nobody'))).kind).toBe('CredentialMissing');
  });

  test('a token does not fit ssh', async () => {
    expect((await failure(advertised('git@example.invalid:r', 'forge'))).kind).toBe('CredentialMissing');
  });
});

describe('stored credentials', () => {
  test('only their owner can read them, and a listing never shows them', async () => {
    await saveCredential(credentials, 'key', { kind: 'ssh-key', privateKey: 'PRIVATE' });
    expect((await stat(join(credentials, 'key', 'key'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(credentials, 'key'))).mode & 0o777).toBe(0o700);
    expect(await listCredentials(credentials)).toEqual([{ name: 'forge', kind: 'token' }, { name: 'key', kind: 'ssh-key' }]);
    await removeCredential(credentials, 'key');
    expect(await listCredentials(credentials)).toEqual([{ name: 'forge', kind: 'token' }]);
    expect((await failure(removeCredential(credentials, 'key'))).kind).toBe('CredentialMissing');
    await chmod(credentials, 0o700);
  });
});
