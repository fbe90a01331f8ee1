// A real forge on loopback, as people use PIVO with one: whole sources over HTTP and SSH, restores to it, Git LFS, and its API.
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeDataResult } from '../../contract/forge-data.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import type { RestoreAllReceipt } from '../../contract/restore-all.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { git } from '../../git/process.ts';
import type { FleetEnded } from '../../operations/fleet-run.ts';
import { pivo, type Ran } from '../cli/run-pivo.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { gitWithLfs, hasGitLfs, sha256Of } from '../harness/git-lfs.ts';
import { giteaProgram } from '../harness/gitea-program.ts';
import { startGitea, type Gitea, type GiteaUser } from '../harness/gitea.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { originOf } from '../restore-all/many.ts';

const program = await giteaProgram();
const lfs = program !== null && (await hasGitLfs());
const NAMES = ['one', 'two', 'three', 'four', 'five', 'six'];
const PICTURE = Buffer.alloc(2 ** 20 + 3, 'picture');
const SIDE = Buffer.from('only on a side branch');

describe.skipIf(program === null)('Gitea (skipped where it cannot be built: Linux, Python, a C compiler, package registries)', () => {
  let folder: string;
  let gitea: Gitea;
  let ada: GiteaUser;
  let running: Pivo;

  const ask = (args: string[], input?: string): Promise<Ran> => pivo(args, { home: running.home, env: { NO_COLOR: '1' }, ...(input === undefined ? {} : { input }) });
  /** As stock clients take it. */
  const withToken = (path: string): string => `${gitea.url.replace('://', `://${ada.name}:${ada.token}@`)}/ada/${path}.git`;
  const origin = (name: string): string => join(folder, 'origins', `${name}.git`);
  const newRepository = (name: string): Promise<unknown> => gitea.api(ada, 'POST', 'user/repos', { name, private: true });

  async function sourceOf(name: string, base: string, credential: string | null): Promise<void> {
    await writeFile(join(folder, name), NAMES.map((each) => `${base}/ada/${each}.git ${name === 'web' ? 'ada' : name}.${each}\n`).join(''));
    await running.text('source', 'add', name, '--list', join(folder, name), ...(credential === null ? [] : ['--credential', credential]));
  }

  async function fleetOf(source: string): Promise<{ code: number | null; ended: FleetEnded }> {
    const { code, stdout } = await ask(['fleet', 'run', source, '--json']);
    return { code, ended: JSON.parse(stdout) as FleetEnded };
  }

  /** What a clone of the forge has that the origin has not, or the other way round. */
  async function difference(name: string, url: string): Promise<string> {
    const clone = await mkdtemp(join(folder, 'clone-'));
    await git(['clone', '--quiet', '--mirror', url, clone], { protocols: ['http'] });
    return describeDifference(await compareRepositories(origin(name), clone));
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pg-'));
    gitea = await startGitea(program ?? '');
    ada = await gitea.addUser('ada');
    for (const name of NAMES) {
      await originOf(join(folder, 'origins'), name);
      await git(['push', '--quiet', '--mirror', withToken(name)], { gitDir: origin(name), protocols: ['http'] });
    }
    const home = join(folder, 'h');
    await mkdir(home);
    await writeFile(join(home, 'config.toml'), `[[forges]]\nhost = "${new URL(gitea.url).host}"\nkind = "gitea"\napi = "${gitea.url}/api/v1"\ncredential = "token"\n`);
    running = await startPivo(home, { PIVO_GIT_PROTOCOLS: 'file,http,ssh' });
    expect(await ask(['credential', 'add', 'token', '--username', 'ada'], ada.token)).toMatchObject({ code: 0 });
    expect(await ask(['credential', 'add', 'key', '--ssh-key'], ada.privateKey)).toMatchObject({ code: 0 });
  }, 900_000); // the first time it is built

  afterAll(async () => {
    await running?.close();
    await gitea?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it.each([['web', 'token'], ['keys', 'key']])('backs a list of private repositories up: %s, with a %s', async (source, credential) => {
    await sourceOf(source, source === 'web' ? gitea.url : gitea.ssh, credential);
    expect(await fleetOf(source)).toMatchObject({ code: 0, ended: { whole: true, counts: { done: NAMES.length, failed: 0 } } });
    expect(await fleetOf(source)).toMatchObject({ code: 0, ended: { counts: { unchanged: NAMES.length, done: 0 } } });
  });

  it('says of each private repository that it is refused where no token goes with it', async () => {
    await sourceOf('nobody', gitea.url, null);
    const { code, ended } = await fleetOf('nobody');
    expect([code, ended.counts.failed]).toEqual([11, NAMES.length]);
    expect(ended.failed.map(({ failure }) => failure?.kind)).toEqual(NAMES.map(() => 'OriginRefused'));
    expect((await ask(['ingest', `${gitea.url}/ada/one.git`, '--name', 'refused'])).stderr).toMatch(/hint: .*credential/);
    expect(await ask(['credential', 'add', 'old', '--username', 'ada'], 'f'.repeat(40))).toMatchObject({ code: 0 });
    expect(await ask(['ingest', `${gitea.url}/ada/one.git`, '--name', 'refused', '--credential', 'old'])).not.toMatchObject({ code: 0 });
  });

  it('lists what the token\'s user has, backs it up, and exports an issue with its comment', async () => {
    await gitea.api(ada, 'POST', 'repos/ada/one/issues', { title: 'It does not start', body: 'On Sundays' });
    await gitea.api(ada, 'POST', 'repos/ada/one/issues/1/comments', { body: 'Here, too' });
    await running.text('source', 'add', 'own', '--gitea', 'ada', '--host', gitea.url, '--credential', 'token');
    expect(await fleetOf('own')).toMatchObject({ code: 0, ended: { failed: [], counts: { unchanged: NAMES.length, nothing: NAMES.length, done: 0 } } }); // known from the list, and wikis that nobody has written
    await gitea.api(ada, 'POST', 'repos/ada/two/wiki/new', { title: 'Home', content_base64: Buffer.from('Welcome').toString('base64') });
    expect(await fleetOf('own')).toMatchObject({ code: 0, ended: { failed: [], counts: { unchanged: NAMES.length, nothing: NAMES.length - 1, done: 1 } } });
    expect(await running.json<ForgeDataResult>('forge', 'export', 'ada.one')).toMatchObject({ export: 1, records: { issues: 1, 'issue-comments': 1 } });
  });

  it.each([['HTTP', 'ada', 'token'], ['SSH', 'keys', 'key']])('takes a repository back over %s, proven by its refs', async (by, source, credential) => {
    const name = `back-by-${credential}`;
    await newRepository(name);
    const receipt = await running.json<RestoreReceipt>('restore', `${source}.two`, '--to', `${by === 'SSH' ? gitea.ssh : gitea.url}/ada/${name}.git`, '--credential', credential, '--yes');
    expect(receipt).toMatchObject({ outcome: 'done' });
    expect(await difference('two', withToken(name))).toBe('');
  });

  it('takes a whole source back: its repositories are made in an organisation, private, each proven', async () => {
    await gitea.api(ada, 'POST', 'orgs', { username: 'rescue' });
    const receipt = await running.json<RestoreAllReceipt>('restore', '--source', 'own', ...NAMES.flatMap((name) => ['--only', `ada.${name}`]), '--to', `${gitea.url}/rescue`, '--credential', 'token', '--yes');
    expect(receipt).toMatchObject({ outcome: 'done', counts: { restored: NAMES.length } });
    const made = await gitea.api<{ name: string; private: boolean; default_branch: string }[]>(ada, 'GET', 'orgs/rescue/repos');
    expect(made.map(({ name, private: hidden, default_branch: branch }) => [name, hidden, branch]).toSorted()).toEqual(NAMES.map((name) => [name, true, 'main']).toSorted());
    expect(await difference('three', withToken('three').replace('/ada/', '/rescue/'))).toBe('');
  });

  describe.skipIf(!lfs)('Git LFS (skipped where stock git-lfs cannot be had)', () => {
    /** Where Gitea keeps an object. */
    const objectOf = (content: Buffer): string => join(gitea.lfs, sha256Of(content).replace(/^(..)(..)/, '$1/$2/'));

    beforeAll(async () => {
      const work = join(folder, 'work');
      await mkdir(work);
      await gitWithLfs(work, ['init', '--quiet']);
      await gitWithLfs(work, ['lfs', 'track', '*.png']);
      for (const [branch, content] of [['main', PICTURE], ['side', SIDE]] as const) {
        if (branch !== 'main') await gitWithLfs(work, ['checkout', '--quiet', '-b', branch]);
        await writeFile(join(work, `${branch}.png`), content);
        await gitWithLfs(work, ['add', '.']);
        await gitWithLfs(work, ['commit', '--quiet', '-m', branch]);
      }
      await newRepository('media');
      await gitWithLfs(work, ['remote', 'add', 'origin', withToken('media')]);
      await gitWithLfs(work, ['lfs', 'push', '--all', 'origin']);
      await gitWithLfs(work, ['push', '--quiet', '--no-verify', 'origin', 'main', 'side']);
    });

    it.each([['HTTP', 'token'], ['SSH', 'key']])('comes with the backup over %s, goes back with the restore, and stock git-lfs gets it there', async (by, credential) => {
      const [base, name] = [by === 'SSH' ? gitea.ssh : gitea.url, `media-${credential}`];
      const all = { objects: 2, bytes: PICTURE.length + SIDE.length, missing: 0 };
      expect((await running.json<IngestResult>('ingest', `${base}/ada/media.git`, '--name', name, '--credential', credential)).lfs).toEqual(all);
      const bob = await gitea.addUser(`bob-${credential}`); // who cannot see ada's, so that the forge wants the objects from him
      await gitea.api(bob, 'POST', 'user/repos', { name, private: true });
      await ask(by === 'SSH' ? ['credential', 'add', bob.name, '--ssh-key'] : ['credential', 'add', bob.name, '--username', bob.name], by === 'SSH' ? bob.privateKey : bob.token);
      expect((await running.json<RestoreReceipt>('restore', name, '--to', `${base}/${bob.name}/${name}.git`, '--credential', bob.name, '--yes')).lfs).toEqual({ ...all, sent: 2 });
      await gitWithLfs(folder, ['clone', '--quiet', `${gitea.url.replace('://', `://${bob.name}:${bob.token}@`)}/${bob.name}/${name}.git`, `clone-of-${name}`]);
      const clone = join(folder, `clone-of-${name}`);
      await gitWithLfs(clone, ['lfs', 'fetch', '--all']);
      await gitWithLfs(clone, ['checkout', '--quiet', 'side']);
      expect([await readFile(join(clone, 'main.png')), await readFile(join(clone, 'side.png'))].map(sha256Of)).toEqual([PICTURE, SIDE].map(sha256Of));
    });

    it('is a hole where the forge lost the object, and is filled once it has it again', async () => {
      const [path, url] = [objectOf(SIDE), `${gitea.url}/ada/media.git`];
      await stat(path);
      const content = await readFile(path);
      await rm(path);
      const holed = await ask(['ingest', url, '--name', 'holed', '--credential', 'token', '--json']);
      expect(JSON.parse(holed.stdout)).toMatchObject({ holes: 1, lfs: { objects: 2, missing: 1 } });
      expect((await ask(['lfs', 'holed'])).stdout).toContain(sha256Of(SIDE).slice(0, 8));
      await writeFile(path, content, { mode: 0o644 });
      expect(await running.json<IngestResult>('ingest', url, '--name', 'holed', '--credential', 'token')).toMatchObject({ holes: 0, lfs: { objects: 2, missing: 0 } });
    });
  });
});
