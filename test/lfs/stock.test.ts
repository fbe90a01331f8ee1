// Stock git-lfs works with what PIVO archived: pushed by it, fetched by it, after a restore to a path and to a remote, and from the archive without PIVO.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveCredential } from '../../git/credentials.ts';
import { git } from '../../git/process.ts';
import { gitWithLfs, hasGitLfs, sha256Of } from '../harness/git-lfs.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { startLfsServer, type TestLfsServer } from '../harness/lfs-server.ts';
import { restoreTo } from '../harness/restore.ts';

const available = await hasGitLfs();
const LOGIN = { username: 'ada', token: 'a-token-of-ada' };
const PICTURE = Buffer.alloc(2 ** 20 + 3, 'picture');
const SIDE = Buffer.from('only on a side branch');

describe.skipIf(!available)('stock git-lfs (skipped where it cannot be had)', () => {
  let folder: string;
  let server: TestLfsServer;
  let pivo: IngestHarness;
  /** The server's URL with a user, as stock clients take it. */
  let base: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-lfs-'));
    server = await startLfsServer({ root: folder, login: LOGIN });
    base = server.url.replace('://', `://${LOGIN.username}:${LOGIN.token}@`);
    pivo = await openIngest(join(folder, 'home'));
    pivo.deps.protocols = ['file', 'http'];
    await saveCredential(pivo.deps.credentials, 'forge', { kind: 'token', ...LOGIN });
    await bare('origin.git');
    await pushByStockGit();
    await pivo.ingest(`${server.url}/origin.git`, 'project', { credential: 'forge' });
  });

  afterAll(async () => {
    await pivo.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function bare(name: string): Promise<void> {
    await git(['init', '--quiet', '--bare', join(folder, name)]);
    await git(['config', 'http.receivepack', 'true'], { gitDir: join(folder, name) });
  }

  async function pushByStockGit(): Promise<void> {
    const work = join(folder, 'work');
    await mkdir(work);
    await gitWithLfs(work, ['init', '--quiet']);
    await gitWithLfs(work, ['lfs', 'track', '*.png']);
    await writeFile(join(work, 'picture.png'), PICTURE);
    await gitWithLfs(work, ['add', '.']);
    await gitWithLfs(work, ['commit', '--quiet', '-m', 'a picture']);
    await gitWithLfs(work, ['checkout', '--quiet', '-b', 'side']);
    await writeFile(join(work, 'side.png'), SIDE);
    await gitWithLfs(work, ['add', '.']);
    await gitWithLfs(work, ['commit', '--quiet', '-m', 'another']);
    await gitWithLfs(work, ['remote', 'add', 'origin', `${base}/origin.git`]);
    await gitWithLfs(work, ['lfs', 'push', '--all', 'origin']);
    await gitWithLfs(work, ['push', '--quiet', '--no-verify', 'origin', 'main', 'side']);
  }

  it('pushed what was archived', async () => {
    expect([...server.objects.keys()].sort()).toEqual([sha256Of(PICTURE), sha256Of(SIDE)].sort());
    expect((await pivo.ingest(`${server.url}/origin.git`, 'project', { credential: 'forge' })).lfs).toEqual({ objects: 2, bytes: PICTURE.length + SIDE.length, missing: 0 });
  });

  it('puts the files in their place in a restored working clone', async () => {
    const target = join(folder, 'restored');
    const receipt = await restoreTo(pivo.deps, 'project', target);
    expect(receipt.lfs).toEqual({ objects: 2, bytes: PICTURE.length + SIDE.length, sent: 2, missing: 0 });
    expect(receipt.plan.lfs).toMatchObject({ objects: 2, missing: 0, refused: null });
    expect((await readFile(join(target, 'picture.png'), 'utf8')).startsWith('version ')).toBe(true);
    await gitWithLfs(target, ['lfs', 'checkout']);
    expect((await readFile(join(target, 'picture.png'))).equals(PICTURE)).toBe(true);
    await gitWithLfs(target, ['checkout', '--quiet', 'side']);
    expect((await readFile(join(target, 'side.png'))).equals(SIDE)).toBe(true);
    expect(await gitWithLfs(target, ['lfs', 'fsck'])).toContain('OK');
  });

  it('clones a restored bare repository', async () => {
    const target = join(folder, 'restored.git');
    await restoreTo(pivo.deps, 'project', target);
    await gitWithLfs(folder, ['clone', '--quiet', pathToFileURL(target).href, 'of-bare']);
    expect((await readFile(join(folder, 'of-bare', 'picture.png'))).equals(PICTURE)).toBe(true);
  });

  it('clones a snapshot of the archive without PIVO', async () => {
    const snapshot = await pivo.snapshotOf('project', 1);
    await gitWithLfs(folder, ['clone', '--quiet', '--branch', 'side', pathToFileURL(snapshot).href, 'of-archive'], { GIT_LFS_SKIP_SMUDGE: '1' });
    await gitWithLfs(join(folder, 'of-archive'), ['lfs', 'pull']); // a filter that git clone starts does not find the place
    expect((await readFile(join(folder, 'of-archive', 'side.png'))).equals(SIDE)).toBe(true);
    expect((await readFile(join(folder, 'of-archive', 'picture.png'))).equals(PICTURE)).toBe(true);
  });

  it('clones a remote that PIVO restored to, which got the objects before the refs and verified each', async () => {
    await bare('target.git');
    server.objects.clear();
    server.verified.length = 0;
    const receipt = await restoreTo(pivo.deps, 'project', `${server.url}/target.git`, 'latest', { credential: 'forge' });
    expect(receipt.lfs).toMatchObject({ objects: 2, sent: 2, missing: 0 });
    expect(server.verified.sort()).toEqual([sha256Of(PICTURE), sha256Of(SIDE)].sort());
    await gitWithLfs(folder, ['clone', '--quiet', `${base}/target.git`, 'of-target']);
    expect((await readFile(join(folder, 'of-target', 'picture.png'))).equals(PICTURE)).toBe(true);
  });
});
