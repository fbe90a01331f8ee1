// Which state comes back: by instant, snapshot, commit, branch, tag, and by chosen refs.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVisit } from '../../archive/visits.ts';
import { git, gitText } from '../../git/process.ts';
import { fixture } from '../fixtures/generate.ts';
import { setRefs } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { mirror, openIngest, type IngestHarness } from '../harness/ingest.ts';
import { headOf } from '../harness/repository-state.ts';
import { restoreWith } from './acts.ts';

let dir: string;
let pivo: IngestHarness;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-points-'));
  pivo = await openIngest(join(dir, 'pivo'));
});

afterAll(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true });
});

/** Two visits of a fixture: `before` and `after` are mirrors of what each found. */
async function twoVisits(name: string, as = name): Promise<{ before: string; after: string }> {
  const origin = join(dir, 'origins', `${as}.git`);
  const before = join(dir, 'before', `${as}.git`);
  await fixture(name).build(origin);
  await mirror(origin, before);
  await git(['symbolic-ref', 'HEAD', (await headOf(origin)).symref ?? ''], { gitDir: before });
  await pivo.ingest(origin, as);
  await fixture(name).evolve?.(origin);
  await pivo.ingest(origin, as);
  return { before, after: origin };
}

const to = (name: string): string => join(dir, 'targets', name);
const refsOf = (gitDir: string): Promise<string> => gitText(['for-each-ref', '--format=%(objectname) %(refname)'], { gitDir });

describe('an earlier state', () => {
  for (const name of ['force-push', 'replaced-history', 'colliding-refs', 'renamed-head', 'many-refs']) {
    it(`comes back by instant and by snapshot after ${name}`, { timeout: 60_000 }, async () => {
      const { before, after } = await twoVisits(name);
      const [first, second] = await Promise.all([readVisit(pivo.deps.store, name, 1), readVisit(pivo.deps.store, name, 2)]);
      await restoreWith(pivo.deps, { repository: name, point: first.time, target: to(`${name}-instant.git`) });
      await restoreWith(pivo.deps, { repository: name, point: first.snapshot, target: to(`${name}-snapshot.git`) });
      await restoreWith(pivo.deps, { repository: name, point: second.time, target: to(`${name}-now.git`) });
      expect(describeDifference(await compareRepositories(before, to(`${name}-instant.git`)))).toBe('');
      expect(describeDifference(await compareRepositories(before, to(`${name}-snapshot.git`)))).toBe('');
      expect(describeDifference(await compareRepositories(after, to(`${name}-now.git`)))).toBe('');
    });
  }
});

describe('a commit', () => {
  it('comes back as HEAD’s branch with the tags that are its ancestors, also after the history was replaced', async () => {
    const { before } = await twoVisits('replaced-history', 'by-commit');
    const commit = await gitText(['rev-parse', 'refs/heads/main~5'], { gitDir: before });
    const old = await gitText(['rev-parse', 'refs/heads/main~9'], { gitDir: before });
    await setRefs(before, [['refs/tags/earlier', old]]);
    await pivo.ingest(before, 'by-commit-tags');
    await restoreWith(pivo.deps, { repository: 'by-commit', point: commit, target: to('commit.git') });
    expect(await refsOf(to('commit.git'))).toBe(`${commit} refs/heads/main`);
    expect(await headOf(to('commit.git'))).toEqual({ symref: 'refs/heads/main', oid: commit });
    await restoreWith(pivo.deps, { repository: 'by-commit-tags', point: commit, target: to('commit-tags.git') });
    expect(await refsOf(to('commit-tags.git'))).toBe(`${commit} refs/heads/main\n${old} refs/tags/earlier`);
  });

  it('brings every ref of its visit with refs all', async () => {
    const { before } = await twoVisits('force-push', 'commit-all');
    const commit = await gitText(['rev-parse', 'refs/heads/main'], { gitDir: before });
    await restoreWith(pivo.deps, { repository: 'commit-all', point: commit, refs: 'all', target: to('commit-all.git') });
    expect(describeDifference(await compareRepositories(before, to('commit-all.git')))).toBe('');
  });

  it('comes back as refs/heads/restored when HEAD names no branch', async () => {
    const origin = join(dir, 'origins', 'detached.git');
    await fixture('detached-head').build(origin);
    await pivo.ingest(origin, 'detached');
    const commit = (await headOf(origin)).oid ?? '';
    await restoreWith(pivo.deps, { repository: 'detached', point: commit, target: to('detached.git') });
    expect(await refsOf(to('detached.git'))).toBe(`${commit} refs/heads/restored`);
  });

  it('leaves what it does not reach behind', async () => {
    const { before } = await twoVisits('force-push', 'commit-only');
    const commit = await gitText(['rev-parse', 'refs/heads/main~20'], { gitDir: before });
    await restoreWith(pivo.deps, { repository: 'commit-only', point: commit, target: to('commit-only.git') });
    const objects = (gitDir: string, tip: string): Promise<string> => gitText(['rev-list', '--objects', '--count', tip], { gitDir });
    const { stdout } = await git(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'], { gitDir: to('commit-only.git') });
    expect(stdout.toString().trim().split('\n').length).toBe(Number(await objects(before, commit)));
  });
});

describe('a name', () => {
  it('of a branch brings that branch, of a tag HEAD’s branch at it, each with the tags before it; a short commit means the full one', async () => {
    const { after } = await twoVisits('force-push', 'by-name');
    await git(['update-ref', 'refs/heads/topic/one', 'refs/heads/main~2'], { gitDir: after });
    await git(['update-ref', 'refs/tags/late', 'refs/heads/main'], { gitDir: after });
    await pivo.ingest(after, 'by-name');
    const [main, topic, v1] = await Promise.all(['refs/heads/main', 'refs/heads/topic/one', 'refs/tags/v1'].map((name) => gitText(['rev-parse', name], { gitDir: after })));
    await restoreWith(pivo.deps, { repository: 'by-name', point: 'topic/one', target: to('branch.git') });
    expect(await refsOf(to('branch.git'))).toBe(`${topic} refs/heads/topic/one\n${v1} refs/tags/v1`);
    expect((await headOf(to('branch.git'))).symref).toBe('refs/heads/topic/one');
    await restoreWith(pivo.deps, { repository: 'by-name', point: 'late', target: to('tag.git') });
    expect(await refsOf(to('tag.git'))).toBe(`${main} refs/heads/main\n${main} refs/tags/late\n${v1} refs/tags/v1`);
    await restoreWith(pivo.deps, { repository: 'by-name', point: v1?.slice(0, 9) ?? '', target: to('short.git') });
    expect(await refsOf(to('short.git'))).toContain(`${v1} refs/heads/main`);
  });
});

describe('chosen refs', () => {
  it('come back exactly, and an unknown one is named', async () => {
    const { after } = await twoVisits('many-refs', 'chosen');
    const names = ['refs/heads/main', 'refs/tags/annotated-3'];
    const receipt = await restoreWith(pivo.deps, { repository: 'chosen', refs: names, target: to('chosen.git') });
    expect(receipt.plan.refs.map((ref) => ref.name)).toEqual(names);
    expect(await refsOf(to('chosen.git'))).toBe(await gitText(['for-each-ref', '--format=%(objectname) %(refname)', ...names], { gitDir: after }));
    await expect(restoreWith(pivo.deps, { repository: 'chosen', refs: ['refs/heads/nobody'], target: to('nobody.git') })).rejects.toMatchObject({ kind: 'NotFound', message: expect.stringContaining('refs/heads/nobody') });
  });
});

describe('a working clone', () => {
  it('has the files of HEAD, all refs, and a clean status', async () => {
    const { after } = await twoVisits('merge-storm', 'working');
    await restoreWith(pivo.deps, { repository: 'working', target: to('working') });
    expect(describeDifference(await compareRepositories(after, to('working/.git')))).toBe('');
    expect(await gitText(['status', '--porcelain'], { cwd: to('working') })).toBe('');
    expect((await readdir(to('working'))).toSorted()).toEqual(['.git', ...(await gitText(['ls-tree', '--name-only', 'HEAD'], { gitDir: after })).split('\n')].toSorted());
  });

  it('of a detached HEAD, of an unborn HEAD and of an empty repository is as archived', async () => {
    for (const name of ['detached-head', 'unborn-head', 'empty-repository', 'sha256', 'odd-modes']) {
      const origin = join(dir, 'origins', `working-${name}.git`);
      await fixture(name).build(origin);
      await pivo.ingest(origin, `working-${name}`);
      await restoreWith(pivo.deps, { repository: `working-${name}`, target: to(`working-${name}`) });
      expect(describeDifference(await compareRepositories(origin, to(`working-${name}/.git`)))).toBe('');
    }
  });
});

it('the stored plan’s SHA-256 is the hash that is approved', async () => {
  const { createHash } = await import('node:crypto');
  await twoVisits('renamed-head', 'hash');
  const receipt = await restoreWith(pivo.deps, { repository: 'hash', target: to('hash.git') });
  const stored = await readFile(pivo.deps.store.localPath(`restores/${receipt.restoreId}/plan.json`) ?? '');
  expect(createHash('sha256').update(stored).digest('hex')).toBe(receipt.planHash);
});
