// Targets that hold something already: what is created, moved forward, left alone or refused, and that a refusal changes nothing.
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planRestore } from '../../activities/restore/plan-restore.ts';
import { pushRefs } from '../../activities/restore/push-refs.ts';
import { recheckPlan } from '../../activities/restore/recheck-plan.ts';
import { reconstruct } from '../../activities/restore/reconstruct.ts';
import { packPath } from '../../archive/layout.ts';
import { latestVisit } from '../../archive/visits.ts';
import type { RestoreJob } from '../../contract/restore.ts';
import { saveCredential } from '../../git/credentials.ts';
import { git, gitText } from '../../git/process.ts';
import { fixture } from '../fixtures/generate.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare, setRefs } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { startGitHttp } from '../harness/git-http.ts';
import { mirror, openIngest, type IngestHarness } from '../harness/ingest.ts';
import { jobOf, restoreWith, runOf } from './acts.ts';

let dir: string;
let pivo: IngestHarness;
let origin: string;
let target: string;
let number = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-targets-'));
  pivo = await openIngest(join(dir, 'pivo'));
  origin = join(dir, 'origin.git');
  await fixture('force-push').build(origin);
  await pivo.ingest(origin, 'project');
});

afterAll(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(() => {
  target = join(dir, `target-${++number}.git`);
});

const refsOf = (gitDir: string): Promise<string> => gitText(['for-each-ref', '--format=%(objectname) %(refname)'], { gitDir });
const tip = (name: string): Promise<string> => gitText(['rev-parse', name], { gitDir: origin });

/** The restore fails like this, and the target is as it was before. */
async function refused(input: { repository?: string; target?: string; refs?: string[] }, failure: object): Promise<void> {
  const before = await refsOf(target);
  await expect(restoreWith(pivo.deps, { repository: 'project', target, ...input })).rejects.toMatchObject(failure);
  expect(await refsOf(target)).toBe(before);
}

describe('an existing repository', () => {
  it('that is empty gets every ref and HEAD by a push', async () => {
    await initBare(target, 'other');
    const receipt = await restoreWith(pivo.deps, { repository: 'project', target: pathToFileURL(target).href });
    expect(describeDifference(await compareRepositories(origin, target))).toBe('');
    expect(receipt).toMatchObject({ head: { restored: true }, pushed: { created: 3, updated: 0, unchanged: 0, refused: 0 }, proof: { refs: 3 } });
  });

  it('of 2,000 refs less gets them all or none, although they are too many for leases', { timeout: 60_000 }, async () => {
    const many = join(dir, 'many.git');
    await fixture('many-refs').build(many);
    await pivo.ingest(many, 'many');
    await initBare(target);
    await restoreWith(pivo.deps, { repository: 'many', target });
    expect(await refsOf(target)).toBe(await refsOf(many));
  });

  it('that is behind is moved forward, and what it has besides stays', async () => {
    await mirror(origin, target);
    await setRefs(target, [['refs/heads/main', await tip('main~3')], ['refs/heads/theirs', await tip('main~5')], ['refs/heads/feature', null]]);
    const receipt = await restoreWith(pivo.deps, { repository: 'project', target });
    expect(receipt.pushed).toEqual({ created: 1, updated: 1, unchanged: 1, refused: 0 });
    expect(await refsOf(target)).toBe([`${await tip('main')} refs/heads/feature`, `${await tip('main')} refs/heads/main`, `${await tip('main~5')} refs/heads/theirs`, `${await tip('main')} refs/tags/v1`].join('\n'));
  });

  it('that has everything stays as it is, with a proof', async () => {
    await mirror(origin, target);
    const receipt = await restoreWith(pivo.deps, { repository: 'project', target });
    expect(receipt.pushed).toEqual({ created: 0, updated: 0, unchanged: 3, refused: 0 });
    expect(receipt.proof.objects).toBe(Number(await gitText(['rev-list', '--objects', '--all', '--count'], { gitDir: origin })));
  });

  it('that diverged is refused', async () => {
    await mirror(origin, target);
    const [other = ''] = await importCommits(target, [{ ref: 'refs/heads/main', mark: 1, files: [{ path: 'x', content: 'x' }] }]);
    expect(other).not.toBe(await tip('main'));
    await refused({}, { kind: 'TargetRefused', message: expect.stringContaining('commits that the archive does not know') });
  });

  it('that is ahead with commits of the archive is refused', async () => {
    const older = (await latestVisit(pivo.deps.store, 'project'))?.time;
    const copy = join(dir, 'ahead.git');
    await mirror(origin, copy);
    await setRefs(copy, [['refs/heads/main', await tip('main~4')], ['refs/tags/v1', null], ['refs/heads/feature', null]]);
    await pivo.ingest(copy, 'ahead');
    expect(older).toBeDefined();
    await mirror(origin, target);
    await setRefs(copy, [['refs/heads/later', await tip('main')]]);
    await pivo.ingest(copy, 'ahead');
    await refused({ repository: 'ahead', refs: ['refs/heads/main'] }, { kind: 'TargetRefused', message: expect.stringContaining('diverged') });
  });

  it('with a tag of the same name on another commit is refused, also when that is older', async () => {
    await mirror(origin, target);
    await setRefs(target, [['refs/tags/v1', await tip('main~1')]]);
    await refused({}, { kind: 'TargetRefused', message: expect.stringContaining('refs/tags/v1') });
  });

  it('with a branch where git needs a folder is refused', async () => {
    await initBare(target);
    await git(['fetch', '--quiet', origin, 'main:refs/heads/main/sub'], { gitDir: target, protocols: ['file'] });
    await refused({ refs: ['refs/heads/main'] }, { kind: 'TargetRefused', message: expect.stringContaining('refs/heads/main/sub') });
  });

  it('in which the branch is checked out is refused when that is asked for', async () => {
    const working = join(dir, `working-${number}`);
    await git(['init', '--quiet', working]);
    await expect(restoreWith(pivo.deps, { repository: 'project', target: working, refs: ['refs/heads/main'] })).rejects.toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('checked out') });
  });

  it('of another object format is refused', async () => {
    await initBare(target, 'main', 'sha256');
    await refused({}, { kind: 'TargetRefused', message: expect.stringContaining('sha256') });
  });
});

describe('a target that says no', () => {
  const hook = async (name: string, script: string): Promise<void> => {
    await mkdir(join(target, 'hooks'), { recursive: true });
    await writeFile(join(target, 'hooks', name), `#!/bin/sh\n${script}\n`);
    await chmod(join(target, 'hooks', name), 0o755);
  };

  it('by a pre-receive hook is refused with the hook’s words', async () => {
    await initBare(target);
    await hook('pre-receive', 'echo "closed on Sundays" >&2; exit 1');
    await refused({}, { kind: 'TargetRefused', message: expect.stringContaining('closed on Sundays') });
  });

  it('to one ref gets none of them', async () => {
    await initBare(target);
    await hook('update', 'test "$1" != refs/heads/feature');
    await refused({}, { kind: 'TargetRefused', message: expect.stringContaining('refs/heads/feature') });
  });

  it('because it hides a ref gets the others, and the ref only named by name is refused', async () => {
    await initBare(target);
    await git(['config', 'receive.hideRefs', 'refs/tags'], { gitDir: target });
    await refused({ refs: ['refs/tags/v1', 'refs/heads/main'] }, { kind: 'TargetRefused', message: expect.stringContaining('refs/tags/v1') });
    const receipt = await restoreWith(pivo.deps, { repository: 'project', target });
    expect(receipt.pushed).toEqual({ created: 2, updated: 0, unchanged: 0, refused: 1 });
    expect(receipt.warnings.join()).toContain('refs/tags/v1 (the target hides it');
  });

  it('in a way that no plan can foresee is told as it is: what it took beside the hidden ref is named', async () => {
    const root = join(dir, `hiding-${number}`);
    target = join(root, 'copy.git');
    await initBare(target);
    await git(['config', 'receive.hideRefs', 'refs/tags'], { gitDir: target });
    await git(['config', 'http.receivepack', 'true'], { gitDir: target });
    const server = await startGitHttp({ root, login: { username: 'ada', token: 'secret' } });
    const deps = { ...pivo.deps, protocols: ['http'] };
    await saveCredential(deps.credentials, 'hiding', { kind: 'token', username: 'ada', token: 'secret' });
    const restoring = restoreWith(deps, { repository: 'project', target: `${server.url}/copy.git`, credential: 'hiding' });
    await expect(restoring).rejects.toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('took 2 other refs'), facts: { taken: ['refs/heads/feature', 'refs/heads/main'] } });
    await server.close();
  });
});

describe('a target that is no place for a repository', () => {
  const restoring = (to: string): Promise<unknown> => restoreWith(pivo.deps, { repository: 'project', target: to });

  it('is refused: a folder with other files, a file, the archive, a relative path, an option', async () => {
    const folder = join(dir, 'letters');
    await mkdir(folder);
    await writeFile(join(folder, 'letter'), 'Dear Ada');
    await expect(restoring(folder)).rejects.toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('not empty') });
    await expect(restoring(join(folder, 'letter'))).rejects.toMatchObject({ kind: 'TargetRefused' });
    await expect(restoring(join(dir, 'pivo/archive/backups/project/new.git'))).rejects.toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('archive') });
    await expect(restoring('somewhere.git')).rejects.toMatchObject({ kind: 'UrlRefused' });
    await expect(restoring('--upload-pack=id')).rejects.toMatchObject({ kind: 'UrlRefused' });
    await expect(restoring('ext::sh -c id')).rejects.toMatchObject({ kind: 'UrlRefused' });
    expect(await readFile(join(folder, 'letter'), 'utf8')).toBe('Dear Ada');
  });

  it('is the archive by whatever way a path leads there', async () => {
    const archive = join(dir, 'pivo/archive');
    await symlink(archive, join(dir, 'door'));
    for (const way of [`${dir}/pivo/cache/../archive/x.git`, `${dir}/./pivo/archive/x.git`, `${dir}//pivo/archive/x.git`, `${dir}/door/x.git`, `${dir}/none/../pivo/archive/x.git`]) {
      await expect(restoring(way)).rejects.toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining('archive') });
    }
    expect(await readdir(archive)).not.toContain('x.git');
  });

  it('is not made use of when the repository is unknown or no ref is', async () => {
    await expect(restoreWith(pivo.deps, { repository: 'nobody', target })).rejects.toMatchObject({ kind: 'NotFound' });
    await expect(restoreWith(pivo.deps, { repository: 'project', point: 'f'.repeat(40), target })).rejects.toMatchObject({ kind: 'NotFound' });
    expect(await readdir(dir)).not.toContain(`target-${number}.git`);
  });
});

describe('a path that a restore makes', () => {
  it('is removed when the restore fails, and an empty folder that was there stays, empty', async () => {
    const damaged = await damagedArchive((bytes) => { bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff; });
    await mkdir(target);
    const job = jobOf({ repository: 'project', target });
    await planRestore(damaged.deps, job, runOf(damaged.deps));
    await expect(pushRefs(damaged.deps, { job, reconstruction: { gitDir: await forcedReconstruction(damaged, job), packsVerified: 0, bytesVerified: 0 } }, runOf(damaged.deps))).rejects.toThrow();
    const { discardTarget } = await import('../../activities/restore/discard-target.ts');
    expect(await discardTarget(damaged.deps, job, runOf(damaged.deps))).toBe(true);
    expect(await readdir(target)).toEqual([]);
    await damaged.close();
  });

  it('goes on after an attempt that was cut off', async () => {
    const job = jobOf({ repository: 'project', target });
    await planRestore(pivo.deps, job, runOf(pivo.deps));
    const reconstruction = await reconstruct(pivo.deps, job, runOf(pivo.deps));
    const cut = new AbortController();
    const run = { ...runOf(pivo.deps, cut.signal), onProgress: () => cut.abort() };
    await expect(pushRefs(pivo.deps, { job, reconstruction }, run)).rejects.toThrow();
    expect(await readdir(target)).toContain('.pivo-restore');
    expect(await recheckPlan(pivo.deps, job, runOf(pivo.deps))).toContain('test');
    await expect(restoreWith(pivo.deps, { repository: 'project', target })).rejects.toMatchObject({ kind: 'TargetRefused', message: expect.stringContaining(job.restoreId) });
    await restoreWith(pivo.deps, { repository: 'project', target }, job);
    expect(describeDifference(await compareRepositories(origin, target))).toBe('');
  });
});

describe('a plan that no longer holds', () => {
  it('is not carried out: the target moved after it was made', async () => {
    await initBare(target);
    const job = jobOf({ repository: 'project', target });
    await planRestore(pivo.deps, job, runOf(pivo.deps));
    const reconstruction = await reconstruct(pivo.deps, job, runOf(pivo.deps));
    await importCommits(target, [{ ref: 'refs/heads/main', mark: 1, files: [{ path: 'theirs', content: 'x' }] }]);
    const before = await refsOf(target);
    await expect(recheckPlan(pivo.deps, job, runOf(pivo.deps))).rejects.toMatchObject({ kind: 'PlanChanged', message: expect.stringContaining('refs/heads/main') });
    await expect(pushRefs(pivo.deps, { job, reconstruction }, runOf(pivo.deps))).rejects.toMatchObject({ kind: 'TargetChanged' });
    expect(await refsOf(target)).toBe(before);
  });

  it('holds when an earlier attempt had pushed everything already', async () => {
    await initBare(target);
    const job = jobOf({ repository: 'project', target });
    await planRestore(pivo.deps, job, runOf(pivo.deps));
    const reconstruction = await reconstruct(pivo.deps, job, runOf(pivo.deps));
    const first = await pushRefs(pivo.deps, { job, reconstruction }, runOf(pivo.deps));
    expect(await recheckPlan(pivo.deps, job, runOf(pivo.deps))).toContain('test');
    expect((await pushRefs(pivo.deps, { job, reconstruction }, runOf(pivo.deps))).objects).toBe(first.objects);
  });
});

describe('a run that is started again under its id', () => {
  const again = (job: RestoreJob, request: object): RestoreJob => ({ ...job, workflow: { ...job.workflow, runId: 'another run' }, request: { ...job.request, ...request } });

  it('does not answer with the receipt of the run before, and leaves the target alone', async () => {
    const job = jobOf({ repository: 'project', target });
    await restoreWith(pivo.deps, job.request, job);
    await rm(target, { recursive: true });
    await expect(planRestore(pivo.deps, again(job, {}), runOf(pivo.deps))).rejects.toMatchObject({ kind: 'Exists', hint: expect.stringContaining('another workflow id') });
    await expect(readdir(target)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not carried out by a plan of other refs, and is by the plan of the same state', async () => {
    const job = jobOf({ repository: 'project', target });
    const { planHash } = await planRestore(pivo.deps, job, runOf(pivo.deps));
    await expect(planRestore(pivo.deps, again(job, { refs: ['refs/heads/main'] }), runOf(pivo.deps))).rejects.toMatchObject({ kind: 'Exists' });
    expect((await planRestore(pivo.deps, again(job, {}), runOf(pivo.deps))).planHash).toBe(planHash);
  });
});

describe('a damaged archive', () => {
  it('with a cut pack is refused by the plan, with a changed byte before anything is sent, and the offset is told', async () => {
    const cut = await damagedArchive((bytes) => bytes.subarray(0, bytes.length - 100));
    await expect(restoreWith(cut.deps, { repository: 'project', target })).rejects.toMatchObject({ kind: 'Damaged', message: expect.stringContaining('instead of') });
    await cut.close();
    const changed = await damagedArchive((bytes) => { bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff; });
    await expect(restoreWith(changed.deps, { repository: 'project', target })).rejects.toMatchObject({ kind: 'Damaged', facts: { offset: 0 } });
    await changed.close();
    expect(await readdir(dir)).not.toContain(`target-${number}.git`);
  });
});

it('an archive that is elsewhere is downloaded and restored the same way', async () => {
  const store = { ...pivo.deps.store, localPath: () => null };
  const job = jobOf({ repository: 'project', target });
  await planRestore(pivo.deps, job, runOf(pivo.deps));
  const reconstruction = await reconstruct({ ...pivo.deps, store }, job, runOf(pivo.deps));
  expect(reconstruction.gitDir.startsWith(pivo.deps.cache)).toBe(true);
  await pushRefs(pivo.deps, { job, reconstruction }, runOf(pivo.deps));
  expect(describeDifference(await compareRepositories(origin, target))).toBe('');
});

it('a remote over HTTP is pushed to with a credential that nothing else sees', async () => {
  const root = join(dir, 'served');
  await initBare(join(root, 'copy.git'));
  await git(['config', 'http.receivepack', 'true'], { gitDir: join(root, 'copy.git') });
  const server = await startGitHttp({ root, login: { username: 'ada', token: 'canary-token-123' } });
  const deps = { ...pivo.deps, protocols: ['file', 'http'] };
  try {
    await expect(restoreWith(deps, { repository: 'project', target: `${server.url}/copy.git` })).rejects.toMatchObject({ kind: 'TargetRefused' });
    await saveCredential(deps.credentials, 'copy', { kind: 'token', username: 'ada', token: 'canary-token-123' });
    const receipt = await restoreWith(deps, { repository: 'project', target: `${server.url}/copy.git`, credential: 'copy' });
    expect(await refsOf(join(root, 'copy.git'))).toBe(await refsOf(origin));
    expect(JSON.stringify(receipt)).not.toContain('canary');
    expect(receipt.plan.targetKind).toBe('remote');
  } finally {
    await server.close();
  }
});

/** A second home whose archive is a copy with its largest pack changed. */
async function damagedArchive(change: (bytes: Buffer) => Buffer | void): Promise<IngestHarness> {
  const home = join(dir, `damaged-${++number}`);
  await cp(join(dir, 'pivo/archive'), join(home, 'archive'), { recursive: true, filter: (path) => !path.includes('/restores') });
  const harness = await openIngest(home);
  const [pack] = (await latestVisit(harness.deps.store, 'project'))?.packs ?? [];
  const file = harness.deps.store.localPath(packPath('project', pack?.name ?? '', 'pack')) ?? '';
  const bytes = await readFile(file);
  await chmod(file, 0o644);
  await writeFile(file, change(bytes) ?? bytes);
  return harness;
}

/** The repository to push as the engine would build it, without the check that finds the damage. */
async function forcedReconstruction(harness: IngestHarness, job: ReturnType<typeof jobOf>): Promise<string> {
  const { putRestoreRepository } = await import('../../restore/repository.ts');
  const { plannedRestore } = await import('../../activities/restore/stored-plan.ts');
  const gitDir = harness.deps.store.localPath(`restores/${job.restoreId}`) ?? '';
  return putRestoreRepository(harness.deps.store, job.restoreId, await plannedRestore(harness.deps, job), gitDir);
}
