// Stock git against the git remote: what a client clones is what was backed up, as of any point, and nothing can be pushed.
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git, gitText } from '../../git/process.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';
import { compareRepositories } from '../harness/compare.ts';
import { bearer, send, serve, TOKENS, type Served } from './served.ts';

let archive: BackedUp;
let server: Served;
let context: OperationContext;
let copies = 0;

beforeAll(async () => {
  archive = await openBackedUp();
  await archive.backUp('merge-storm', { evolve: true });
  await archive.backUp('force-push', { evolve: true });
  for (const name of ['many-refs', 'nested-tags', 'odd-names', 'sha256', 'empty-repository', 'detached-head']) await archive.backUp(name);
  const { deps, library, dir } = archive;
  context = {
    store: deps.store, library, paths: { index: '', state: '', cache: join(dir, 'read-cache'), spool: '', metadataSocket: '', credentials: '', logIndex: '' }, git: { protocols: [] }, drill: { maxAge: 30 }, workerId: 'worker', agent: { origins: [], targets: [] }, log: deps.log, caller: { user: 'nobody', via: 'cli', owner: false },
    temporal: () => Promise.reject(new Error('the remote needs no Temporal')), status: () => Promise.reject(new Error('nor a stack')),
  };
  server = await serve({ context });
}, 60_000);
afterAll(async () => {
  await server.close();
  await archive.cleanUp();
});

const address = (spec: string, base = server.url): string => `${base}/git/${spec}.git`;

/** A clone of an address, checked by `git fsck`. */
async function clone(url: string, ...options: string[]): Promise<string> {
  const into = join(archive.dir, `clone-${copies++}.git`);
  await git(['clone', '--quiet', ...options, url, into], { protocols: ['http', 'https'] });
  await git(['fsck', '--full', '--no-dangling'], { gitDir: options.some((each) => each === '--bare' || each === '--mirror') ? into : join(into, '.git') });
  return into;
}

const refsOf = (gitDir: string, ...patterns: string[]): Promise<string> => gitText(['for-each-ref', '--format=%(objectname) %(refname)', ...patterns], { gitDir });

describe('cloning', () => {
  it.each(['merge-storm', 'force-push', 'many-refs', 'nested-tags', 'odd-names', 'sha256', 'detached-head'])('a mirror of %s has every ref and object of the origin', async (name) => {
    const mirror = await clone(address(name), '--mirror');
    expect(await compareRepositories(archive.origin(name), mirror)).toEqual([]);
  });

  it('an empty repository is an empty clone', async () => {
    expect(await refsOf(await clone(address('empty-repository'), '--bare'))).toBe('');
  });

  it.each(['0', '1', '2'])('git speaks version %s of its protocol with it', async (version) => {
    expect(await refsOf(await clone(address('merge-storm'), '--mirror', '-c', `protocol.version=${version}`))).toBe(await refsOf(archive.origin('merge-storm')));
  });

  it('a shallow clone has one commit, and can be deepened', async () => {
    const into = await clone(address('merge-storm'), '--bare', '--depth=1');
    expect(await gitText(['rev-list', '--count', 'HEAD'], { gitDir: into })).toBe('1');
    await git(['fetch', '--quiet', '--unshallow'], { gitDir: into, protocols: ['http'] });
    expect(await gitText(['rev-list', '--count', 'HEAD'], { gitDir: into })).toBe(await gitText(['rev-list', '--count', 'HEAD'], { gitDir: archive.origin('merge-storm') }));
  });

  it('a partial clone leaves files out and fetches them when they are wanted', async () => {
    const into = await clone(address('merge-storm'), '--bare', '--filter=blob:none');
    const blob = await gitText(['ls-tree', '-r', '--format=%(objectname)', 'HEAD'], { gitDir: into });
    const [first = ''] = blob.split('\n');
    const { stdout } = await promisify(execFile)('git', ['--git-dir', into, 'cat-file', '-t', first]); // PIVO's own git never fetches on the way
    expect(stdout.trim()).toBe('blob');
  });

  it('a fetch on top of a clone brings what is new only', async () => {
    const into = await clone(address('force-push'), '--bare');
    await git(['fetch', '--quiet', address('merge-storm'), '+refs/heads/*:refs/other/*'], { gitDir: into, protocols: ['http'] });
    expect(await refsOf(into, 'refs/other/')).not.toBe('');
  });

  it('several at once all get everything, also when they wait for a seat', async () => {
    const narrow = await serve({ context, limits: { clones: 1 } });
    try {
      const clones = await Promise.all(Array.from({ length: 5 }, () => clone(address('merge-storm', narrow.url), '--mirror')));
      for (const each of clones) expect(await refsOf(each)).toBe(await refsOf(archive.origin('merge-storm')));
    } finally {
      await narrow.close();
    }
  });
});

describe('at a point', () => {
  it('a commit is HEAD\'s branch at that commit', async () => {
    const origin = archive.origin('merge-storm');
    const commit = await gitText(['rev-parse', 'HEAD~2'], { gitDir: origin });
    for (const point of [commit, commit.slice(0, 10)]) {
      const into = await clone(address(`merge-storm@${point}`), '--bare');
      expect(await refsOf(into, 'refs/heads/')).toBe(`${commit} ${await gitText(['symbolic-ref', 'HEAD'], { gitDir: origin })}`);
    }
  });

  it('an instant and a snapshot are all refs as they were, before a force-push too', async () => {
    const reader = await archive.library.reader('force-push');
    const [first, last] = [reader.visits[0], reader.visits.at(-1)];
    for (const [visit, points] of [[first, [first?.time, first?.snapshot]], [last, [last?.time, last?.snapshot, 'latest', '2999-01-01']]] as const) {
      const { refs } = await reader.snapshot(await reader.visit(visit?.seq ?? 0));
      for (const point of points) expect(await refsOf(await clone(address(`force-push@${point}`), '--mirror'))).toBe(refs.map(({ name, oid }) => `${oid} ${name}`).sort((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1)).join('\n'));
    }
    expect(first?.snapshot).not.toBe(last?.snapshot);
  });

  it('a branch whose name has slashes, and a tag', async () => {
    const origin = archive.origin('merge-storm');
    await git(['update-ref', 'refs/heads/feature/a/b', 'HEAD~1'], { gitDir: origin });
    await git(['update-ref', 'refs/tags/v9', 'HEAD~1'], { gitDir: origin });
    await archive.ingest(origin, 'merge-storm');
    const commit = await gitText(['rev-parse', 'HEAD~1'], { gitDir: origin });
    for (const point of ['feature/a/b', 'feature%2Fa%2Fb']) expect(await refsOf(await clone(address(`merge-storm@${point}`), '--bare'), 'refs/heads/')).toBe(`${commit} refs/heads/feature/a/b`);
    expect(await gitText(['rev-parse', 'HEAD'], { gitDir: await clone(address('merge-storm@v9'), '--bare') })).toBe(commit);
  });

  it('a point that is not there says so in git\'s output', async () => {
    await expect(clone(address('merge-storm@nowhere'))).rejects.toMatchObject({ message: expect.stringContaining('has no "nowhere"') as string });
    await expect(clone(address('nothing'))).rejects.toMatchObject({ message: expect.stringContaining('there is no repository "nothing"') as string });
  });

  it('the same point is laid out once', async () => {
    const folder = join(archive.dir, 'read-cache', 'many-refs', 'served');
    await clone(address('many-refs'), '--bare');
    const before = await readdir(folder);
    await clone(address('many-refs@latest'), '--bare');
    expect(await readdir(folder)).toEqual(before);
    await rm(folder, { recursive: true });
    await clone(address('many-refs'), '--bare');
  });
});

describe('what is refused', () => {
  it('a push, in words that its user reads', async () => {
    const into = await clone(address('merge-storm'), '--bare');
    await expect(git(['push', address('merge-storm'), 'HEAD:refs/heads/new'], { gitDir: into, protocols: ['http'] })).rejects.toMatchObject({ message: expect.stringContaining('this is an archive: nothing can be pushed to it') as string });
    const forced = await send(`${address('merge-storm')}/git-receive-pack`, { method: 'POST', headers: { 'content-type': 'application/x-git-receive-pack-request' }, body: '0000' });
    expect(forced.text).toContain('ERR this is an archive');
    expect(await refsOf(await clone(address('merge-storm'), '--mirror'))).not.toContain('refs/heads/new');
  });

  it('the dumb protocol, other paths, and ways out of the archive', async () => {
    for (const path of ['/info/refs', '/HEAD', '/objects/info/packs']) expect((await send(address('merge-storm') + path)).status).toBe(403);
    for (const path of ['/config', '/../../../etc/passwd', '']) expect((await send(address('merge-storm') + path)).status).toBe(404);
    for (const name of ['..', '%2e%2e', '.%2F..', 'a%00b', '-x', '%zz']) expect([400, 404]).toContain((await send(`${server.url}/git/${name}.git/info/refs?service=git-upload-pack`)).status);
    expect((await send(`${address('merge-storm')}/git-upload-pack`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '0000' })).status).toBe(415);
    expect((await send(`${address('merge-storm@--upload-pack=x')}/info/refs?service=git-upload-pack`)).status).toBe(404);
  });

  it('more clients than may wait, with a time to come back', async () => {
    const full = await serve({ context, limits: { clones: 0 } });
    try {
      const asked = await Promise.all(Array.from({ length: 40 }, () => fetch(`${address('merge-storm', full.url)}/git-upload-pack`, { method: 'POST', headers: { 'content-type': 'application/x-git-upload-pack-request' }, body: '0000', signal: AbortSignal.timeout(2_000) }).catch(() => null)));
      const refused = asked.filter((each) => each !== null);
      expect(refused.length).toBe(8);
      for (const each of refused) expect([each.status, each.headers.get('retry-after')]).toEqual([503, '5']);
    } finally {
      await full.close();
    }
  });

  it('a clone without a token where one is needed; git\'s own login gives it', async () => {
    const strict = await serve({ context, requireToken: true });
    try {
      await expect(clone(address('merge-storm', strict.url))).rejects.toMatchObject({ kind: 'GitFailed' });
      await clone(address('merge-storm', strict.url.replace('//', `//any:${TOKENS.reader}@`)), '--mirror');
      await clone(address('merge-storm', strict.url), '--mirror', '-c', `http.extraHeader=Authorization: ${bearer('reader')['authorization']}`);
    } finally {
      await strict.close();
    }
  });
});
