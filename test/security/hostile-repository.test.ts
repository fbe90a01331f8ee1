// A repository on this machine that tries to run its own commands, and an environment that tries the same: nothing of it runs.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLibrary } from '../../archive/reading/library.ts';
import { readVisit } from '../../archive/visits.ts';
import { git, gitText } from '../../git/process.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { restoreTo } from '../harness/restore.ts';
import { initBare, setHead, setRefs, writeCommit, writeObject, writeTree } from '../fixtures/plumbing.ts';

const HOOKS = ['applypatch-msg', 'pre-commit', 'post-checkout', 'post-merge', 'post-rewrite', 'pre-push', 'pre-receive', 'update', 'post-receive', 'post-update', 'reference-transaction', 'push-to-checkout', 'pre-auto-gc', 'fsmonitor-watchman', 'post-index-change', 'proc-receive', 'post-upload-pack'];

let dir: string;
let harness: IngestHarness;
let work: string;
let trap: string;
const sh = (args: string[], cwd = work): string => execFileSync('git', args, { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@x' } }).trim();

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-trap-'));
  harness = await openIngest(join(dir, 'home'));
  work = join(dir, 'work');
  trap = join(dir, 'trap');
  await writeFile(trap, `#!/bin/sh\necho "$0 $*" >> ${join(dir, 'pwned')}\nexec cat\n`, { mode: 0o755 });
  sh(['init', '-q', '-b', 'main', work], dir);
  await writeFile(join(work, 'file'), 'one\n');
  sh(['add', '.']);
  sh(['commit', '-q', '-m', 'one']);
});
afterEach(async () => {
  await harness.close();
  await promisify(execFile)('chmod', ['-R', 'u+w', dir]);
  await rm(dir, { recursive: true, force: true });
});

const nothingRan = async (): Promise<void> => expect(await readFile(join(dir, 'pwned'), 'utf8').catch(() => '')).toBe('');

/** Everything that PIVO does with a repository: backup, another one, reading, restores of every kind. */
async function everything(): Promise<void> {
  await harness.ingest(work, 'r');
  await setRefs(join(work, '.git'), [['refs/heads/main', await writeCommit(join(work, '.git'), { tree: sh(['rev-parse', 'HEAD^{tree}']), parents: [sh(['rev-parse', 'HEAD'])] })]]);
  await harness.ingest(work, 'r');
  const library = openLibrary({ store: harness.deps.store, cache: join(dir, 'reads') });
  const reader = await library.reader('r');
  for await (const entry of reader.tree(sh(['rev-parse', 'HEAD']), '', { recursive: true })) expect(entry.path).not.toBe('');
  await library.close();
  await restoreTo(harness.deps, 'r', join(dir, 'bare.git'));
  await restoreTo(harness.deps, 'r', join(dir, 'clone'));
  await initBare(join(dir, 'pushed.git'));
  await restoreTo(harness.deps, 'r', join(dir, 'pushed.git'));
}

describe('an origin on this machine', () => {
  test('runs none of its hooks', async () => {
    await mkdir(join(work, '.git/hooks'), { recursive: true });
    for (const hook of HOOKS) await writeFile(join(work, '.git/hooks', hook), `#!/bin/sh\n${trap} ${hook}\n`, { mode: 0o755 });
    await everything();
    await nothingRan();
  });

  test('runs none of the commands that its configuration names', async () => {
    await writeFile(join(work, '.gitattributes'), '* filter=evil diff=evil merge=evil\n');
    sh(['add', '.']);
    sh(['commit', '-q', '-m', 'attributes']);
    await writeFile(join(dir, 'included'), `[core]\n\tsshCommand = ${trap}\n\tfsmonitor = ${trap}\n`);
    await appendFile(join(work, '.git/config'), `
[core]
	fsmonitor = ${trap}
	sshCommand = ${trap}
	pager = ${trap}
	editor = ${trap}
	askPass = ${trap}
	gitProxy = ${trap}
	hooksPath = ${dir}
	alternateRefsCommand = ${trap}
[includeIf "gitdir:/**"]
	path = ${join(dir, 'included')}
[include]
	path = ${join(dir, 'included')}
[uploadpack]
	packObjectsHook = ${trap}
[credential]
	helper = !${trap}
[gpg]
	program = ${trap}
[filter "evil"]
	clean = ${trap}
	smudge = ${trap}
	process = ${trap}
	required = true
[diff]
	external = ${trap}
[diff "evil"]
	textconv = ${trap}
	command = ${trap}
[merge "evil"]
	driver = ${trap}
[alias]
	upload-pack = !${trap}
	fetch = !${trap}
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[transfer]
	bundleURI = true
[uploadpack]
	advertiseBundleURIs = true
[bundle]
	version = 1
	mode = all
[bundle "evil"]
	uri = ext::${trap}
[trailer "x"]
	command = ${trap}
`);
    await everything();
    await nothingRan();
  });

  test('cannot have what it lacks fetched from a place of its own', async () => {
    const blob = sh(['rev-parse', 'HEAD:file']);
    for (const [name, value] of [['extensions.partialClone', 'evil'], ['core.repositoryFormatVersion', '1'], ['remote.evil.url', `ext::${trap}`], ['remote.evil.promisor', 'true'], ['remote.evil.uploadpack', trap], ['protocol.ext.allow', 'always']] as const) sh(['config', name, value]);
    await rm(join(work, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    await writeFile(join(work, '.git/objects/pack', 'x.promisor'), '');
    await harness.ingest(work, 'r').catch(() => {});
    await nothingRan();
  });

  test('sends nobody to its submodules, whatever their URLs are', async () => {
    const evil = [`ext::${trap}`, `--upload-pack=${trap}`, `-oProxyCommand=${trap}`, 'ssh://-oProxyCommand=x/r'];
    await writeFile(join(work, '.gitmodules'), evil.map((url, n) => `[submodule "../../x${n}"]\n\tpath = m${n}\n\turl = ${JSON.stringify(url)}\n\tupdate = !${trap}\n`).join(''));
    const head = sh(['rev-parse', 'HEAD']);
    for (const n of evil.keys()) sh(['update-index', '--add', '--cacheinfo', `160000,${head},m${n}`]);
    sh(['add', '.gitmodules']);
    sh(['commit', '-q', '-m', 'modules']);
    await everything();
    await nothingRan();
    expect(existsSync(join(dir, 'clone/.git/modules'))).toBe(false);
    expect((await readVisit(harness.deps.store, 'r', 1)).checkout.gitlinks).toHaveLength(evil.length);
  });

  test('whose objects lie elsewhere is archived whole: the other place may go', async () => {
    sh(['clone', '-q', '--shared', '--bare', work, join(dir, 'borrower.git')], dir);
    await harness.ingest(join(dir, 'borrower.git'), 'borrower');
    await rm(work, { recursive: true });
    await restoreTo(harness.deps, 'borrower', join(dir, 'back.git'));
    expect(await gitText(['fsck', '--full', '--strict'], { gitDir: join(dir, 'back.git') })).toBe('');
    const snapshot = await harness.snapshotOf('borrower', 1);
    expect(await readFile(join(snapshot, 'objects/info/alternates'), 'utf8')).toBe('../../../objects\n');
  });

  test('with alternates into another repository brings none of its objects that no ref reaches', async () => {
    const secret = join(dir, 'secret');
    sh(['init', '-q', '-b', 'main', secret], dir);
    await writeFile(join(secret, 'key'), 'canary-alternate');
    sh(['add', '.'], secret);
    sh(['commit', '-q', '-m', 'secret'], secret);
    await writeFile(join(work, '.git/objects/info/alternates'), `${join(secret, '.git/objects')}\n`);
    await harness.ingest(work, 'r');
    const all = await gitText(['cat-file', '--batch-all-objects', '--batch-check'], { gitDir: await harness.snapshotOf('r', 1) });
    expect(all).not.toContain(sh(['rev-parse', 'HEAD:key'], secret));
  });
});

test('no variable of the environment reaches git that could change what it runs or where', async () => {
  const hostile = {
    GIT_DIR: dir, GIT_WORK_TREE: dir, GIT_INDEX_FILE: trap, GIT_OBJECT_DIRECTORY: dir, GIT_ALTERNATE_OBJECT_DIRECTORIES: dir, GIT_EXEC_PATH: dir, GIT_TEMPLATE_DIR: dir, GIT_NAMESPACE: 'x', GIT_CEILING_DIRECTORIES: '/',
    GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.fsmonitor', GIT_CONFIG_VALUE_0: trap, GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${trap}'`, GIT_CONFIG_GLOBAL: trap, GIT_CONFIG_SYSTEM: trap, XDG_CONFIG_HOME: dir, HOME: dir,
    GIT_SSH: trap, GIT_SSH_COMMAND: trap, GIT_ASKPASS: trap, SSH_ASKPASS: trap, GIT_PROXY_COMMAND: trap, GIT_EXTERNAL_DIFF: trap, GIT_PAGER: trap, PAGER: trap, GIT_EDITOR: trap, EDITOR: trap, GIT_ALLOW_PROTOCOL: 'ext', GIT_PROTOCOL_FROM_USER: '1',
    GIT_TRACE: join(dir, 'pwned'), GIT_TRACE2: join(dir, 'pwned'), GIT_TRACE_PACKET: join(dir, 'pwned'), GIT_TRACE_CURL: join(dir, 'pwned'), GIT_REDIRECT_STDOUT: join(dir, 'pwned'), LD_PRELOAD: join(dir, 'none.so'), LC_ALL: 'de_DE.UTF-8',
  };
  await writeFile(join(dir, '.gitconfig'), `[core]\n\tfsmonitor = ${trap}\n`);
  const before = { ...process.env };
  Object.assign(process.env, hostile);
  delete process.env['LD_PRELOAD']; // it would be this process's own
  try {
    const seen = (await git(['-c', 'alias.env=!env', 'env'])).stdout.toString();
    const leaked = seen.split('\n').filter((line) => Object.entries(hostile).some(([name, value]) => line === `${name}=${value}`));
    expect(leaked).toEqual([]);
    const commit = await gitText(['rev-parse', 'HEAD'], { gitDir: join(work, '.git') });
    await harness.ingest(work, 'r');
    await restoreTo(harness.deps, 'r', join(dir, 'clone'));
    expect(await gitText(['rev-parse', 'HEAD'], { cwd: join(dir, 'clone') })).toBe(commit);
  } finally {
    for (const name of Object.keys(hostile)) if (before[name] === undefined) delete process.env[name];
    Object.assign(process.env, before);
  }
  await nothingRan();
});

describe('a git bomb', () => {
  /** Ten entries that are all the same tree, ten levels deep: ten thousand million files in some kilobytes. */
  async function bomb(): Promise<string> {
    const origin = join(dir, 'bomb.git');
    await initBare(origin);
    let oid = await writeObject(origin, 'blob', 'boom\n');
    for (let level = 0; level < 10; level++) oid = await writeTree(origin, Array.from({ length: 10 }, (_, n) => ({ mode: level === 0 ? '100644' : '40000', name: `f${n}`, oid })));
    await setRefs(origin, [['refs/heads/main', await writeCommit(origin, { tree: oid })]]);
    await setHead(origin, 'refs/heads/main');
    return origin;
  }

  test('is archived in bounded memory: no checkout, its changes unknown, its objects all there', async () => {
    const origin = await bomb();
    const result = await harness.ingest(origin, 'bomb');
    expect(result).toMatchObject({ newObjects: 12, holes: 0, events: 2 });
    expect((await readVisit(harness.deps.store, 'bomb', 1)).checkout).toMatchObject({ kind: 'none', reason: expect.stringContaining('over the budget') as string });
    await restoreTo(harness.deps, 'bomb', join(dir, 'bomb-back.git'));
    expect(await gitText(['rev-parse', 'main'], { gitDir: join(dir, 'bomb-back.git') })).toBe(await gitText(['rev-parse', 'main'], { gitDir: origin }));
  });
});

test('a ref name longer than any file name is archived like any other', async () => {
  const head = sh(['rev-parse', 'HEAD']);
  const long = `refs/heads/${'n'.repeat(3000)}`;
  await writeFile(join(work, '.git/packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${head} ${long}\n`);
  await harness.ingest(work, 'r');
  const visit = await readVisit(harness.deps.store, 'r', 1);
  const archived = (await gitText(['for-each-ref', '--format=%(refname)'], { gitDir: await harness.snapshotOf('r', 1) })).split('\n');
  expect([...archived, ...visit.holes.map(({ ref }) => ref)]).toContain(long);
  expect(archived).toContain('refs/heads/main');
});

test('nothing that was archived can be executed by its mode', async () => {
  await chmod(join(work, 'file'), 0o755);
  sh(['commit', '-q', '-a', '-m', 'executable']);
  await harness.ingest(work, 'r');
  const objects = join(dir, 'home/archive/backups/r/objects/pack');
  for (const name of await readdir(objects)) expect((await promisify(execFile)('stat', ['-c', '%a', join(objects, name)])).stdout.trim()).toBe('444');
});
