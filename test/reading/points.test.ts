// What people write after the `@`, and which state it means.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openLibrary } from '../../archive/reading/library.ts';
import { findPoint, resolvePoint } from '../../archive/reading/points.ts';
import type { RepositoryReader } from '../../archive/reading/reader.ts';
import { visitAt } from '../../archive/visits.ts';
import { gitText } from '../../git/process.ts';
import { importOn } from '../fixtures/history-shapes.ts';
import { linearHistory } from '../fixtures/linear-history.ts';
import { detachHead, initBare, setRefs, writeObject, writeTag } from '../fixtures/plumbing.ts';
import { openBackedUp, type BackedUp } from './backed-up.ts';

let archive: BackedUp;
beforeAll(async () => {
  archive = await openBackedUp();
});
afterAll(() => archive.cleanUp());

const commitsOf = async (gitDir: string, ...revisions: string[]): Promise<string[]> => (await gitText(['rev-list', ...revisions], { gitDir })).split('\n').filter((line) => line !== '');

describe('a force-pushed repository', () => {
  let reader: RepositoryReader;
  let before: string[];
  let after: string[];
  beforeAll(async () => {
    const origin = await archive.backUp('force-push');
    before = await commitsOf(origin, '--all');
    await (await import('../fixtures/history-shapes.ts')).forcePush(origin);
    await archive.ingest(origin, 'force-push');
    after = await commitsOf(origin, '--all');
    reader = await archive.library.reader('force-push');
  });

  test('has every commit ever backed up, each in the first visit that contains it', async () => {
    expect(before.length).toBe(30);
    expect(after.filter((commit) => !before.includes(commit)).length).toBe(3);
    for (const commit of new Set([...before, ...after])) {
      const seq = before.includes(commit) ? 1 : 2;
      expect(await findPoint(reader, commit)).toEqual({ asked: commit, kind: 'commit', seq, commit });
      expect(await findPoint(reader, commit.slice(0, 12))).toMatchObject({ kind: 'commit', seq, commit });
    }
  });

  test('is found as it was, by instant and by snapshot', async () => {
    const [first, second] = reader.visits;
    const old = await resolvePoint(reader, first?.time ?? '');
    expect(old).toMatchObject({ kind: 'instant', commit: before[0], visit: { seq: 1 } });
    expect(old.snapshot.refs.map(({ name }) => name)).toContain('refs/heads/feature');
    expect(await findPoint(reader, second?.time ?? '')).toMatchObject({ kind: 'instant', seq: 2 });
    for (const asked of [first?.snapshot ?? '', first?.snapshot.slice(0, 22) ?? '', first?.snapshotPath ?? '']) expect(await findPoint(reader, asked)).toMatchObject({ kind: 'snapshot', seq: 1, commit: before[0] });
    expect((await visitAt(archive.deps.store, 'force-push', new Date(first?.time ?? '')))?.seq).toBe(1);
  });

  test('answers names by its last visit', async () => {
    const last = reader.visits.at(-1);
    for (const [asked, kind] of [['latest', 'latest'], ['main', 'branch'], ['refs/heads/main', 'branch'], ['2999-12-31', 'instant']]) expect(await findPoint(reader, asked ?? '')).toMatchObject({ kind, seq: 2, commit: last?.head });
    expect(await findPoint(reader, 'v1')).toMatchObject({ kind: 'tag', seq: 2 });
  });

  test('says which visits had a name that was deleted since', async () => {
    await expect(resolvePoint(reader, 'feature')).rejects.toMatchObject({ kind: 'NotFound', message: 'force-push has no "feature"', hint: expect.stringMatching(/^Visit 1 had a ref of that name.*@\d{4}-/) as string });
  });

  test('says when it was first backed up to those who ask for an earlier time', async () => {
    await expect(findPoint(reader, '2001-01-01')).rejects.toMatchObject({ kind: 'NotFound', hint: expect.stringContaining(reader.visits[0]?.time ?? '') as string });
  });

  test.each(['f'.repeat(40), 'f'.repeat(64), 'ffffffff', 'no-such-name', 'swh:1:snp:ffffffff', 'refs/heads/', '@', '-rf', '$(id)'])('does not know %s', async (asked) => {
    await expect(findPoint(reader, asked)).rejects.toMatchObject({ kind: 'NotFound' });
  });
});

test('a short commit that several share is ambiguous, and all of them are named', async () => {
  const origin = archive.origin('many');
  await linearHistory(origin, { commits: 1_500, files: 3, seed: 11 });
  await archive.ingest(origin, 'many');
  const reader = await archive.library.reader('many');
  const byPrefix = Map.groupBy(await commitsOf(origin, '--all'), (commit) => commit.slice(0, 4));
  const [prefix = '', sharing = []] = [...byPrefix].find(([prefix, commits]) => commits.length > 1 && !/^\d+$/.test(prefix)) ?? [];
  await expect(findPoint(reader, prefix)).rejects.toMatchObject({ kind: 'Ambiguous', facts: { candidates: sharing.toSorted().map((commit) => expect.stringContaining(commit) as string) } });
  for (const commit of sharing) expect(await findPoint(reader, commit.slice(0, 20).toUpperCase())).toMatchObject({ kind: 'commit', commit });
});

describe('names that look like something else', () => {
  let reader: RepositoryReader;
  let commits: string[];
  beforeAll(async () => {
    const origin = archive.origin('names');
    await linearHistory(origin, { commits: 10, files: 2, seed: 5 });
    commits = await commitsOf(origin, 'refs/heads/main');
    const [c0 = '', c1 = '', c2 = '', c3 = '', c4 = ''] = commits;
    const blob = await writeObject(origin, 'blob', 'a file\n');
    await setRefs(origin, [
      ['refs/tags/both', c1], ['refs/heads/both', c2],
      ['refs/tags/2001-01-01', c3], ['refs/tags/2999-01-01', c3],
      [`refs/heads/${c0.slice(0, 7)}`, c4], [`refs/heads/${c0}`, c4],
      ['refs/heads/latest', c4], ['refs/pull/7/head', c4],
      ['refs/tags/annotated', await writeTag(origin, c1, 'commit', 'annotated')],
      ['refs/tags/nested', await writeTag(origin, await writeTag(origin, c1, 'commit', 'inner'), 'tag', 'nested')],
      ['refs/tags/file', await writeTag(origin, blob, 'blob', 'file')], ['refs/tags/bare-file', blob],
      [Buffer.from('refs/heads/caf\xe9', 'latin1'), c2], ['refs/heads/"quoted"', c3],
    ]);
    await archive.ingest(origin, 'names');
    reader = await archive.library.reader('names');
  });

  test.each([
    ['both', 'tag', 1], ['refs/heads/both', 'branch', 2], ['2001-01-01', 'tag', 3], ['2999-01-01', 'instant', 0], ['refs/tags/2999-01-01', 'tag', 3],
    ['latest', 'latest', 0], ['refs/heads/latest', 'branch', 4], ['refs/pull/7/head', 'ref', 4], ['annotated', 'tag', 1], ['nested', 'tag', 1],
    ['"caf\\351"', 'branch', 2], ['"refs/heads/caf\\351"', 'branch', 2], ['"\\"quoted\\""', 'branch', 3],
  ])('%s is a %s', async (asked, kind, commit) => {
    expect(await findPoint(reader, asked)).toMatchObject({ kind, commit: commits[commit] });
  });

  test('a full commit comes before a branch of that name, a short one after it', async () => {
    const [c0 = '', , , , c4] = commits;
    expect(await findPoint(reader, c0)).toMatchObject({ kind: 'commit', commit: c0 });
    expect(await findPoint(reader, c0.slice(0, 7))).toMatchObject({ kind: 'branch', commit: c4 });
    expect(await findPoint(reader, c0.slice(0, 8))).toMatchObject({ kind: 'commit', commit: c0 });
  });

  test('a tag of a file is a point without a commit', async () => {
    for (const asked of ['file', 'bare-file']) expect(await findPoint(reader, asked)).toMatchObject({ kind: 'tag', commit: null });
  });
});

test('an empty repository has a latest point without a commit', async () => {
  const origin = archive.origin('empty');
  await initBare(origin, 'trunk');
  await archive.ingest(origin, 'empty');
  expect(await resolvePoint(await archive.library.reader('empty'), 'latest')).toMatchObject({ kind: 'latest', commit: null, snapshot: { refs: [], head: { symref: 'refs/heads/trunk', oid: null } } });
});

test('commits that only a detached HEAD reached are found, also when HEAD has moved on', async () => {
  const origin = await archive.backUp('detached-head', { evolve: true });
  const reader = await archive.library.reader('detached-head');
  const [first, second] = reader.visits;
  expect(first?.head).not.toBe(second?.head);
  for (const visit of [first, second]) expect(await findPoint(reader, visit?.head ?? '')).toMatchObject({ kind: 'commit', seq: visit?.seq });
  await detachHead(origin, first?.head ?? '');
  await archive.ingest(origin, 'detached-head');
  expect(await findPoint(await archive.library.reader('detached-head'), first?.head ?? '')).toMatchObject({ seq: 1 });
});

test('commits of a SHA-256 repository resolve as others do', async () => {
  const origin = await archive.backUp('sha256');
  const reader = await archive.library.reader('sha256');
  for (const commit of await commitsOf(origin, '--all')) {
    expect(commit).toHaveLength(64);
    for (const asked of [commit, commit.slice(0, 9), commit.slice(0, 40)]) expect(await findPoint(reader, asked)).toMatchObject({ kind: 'commit', commit });
  }
  expect(await findPoint(reader, 'v1.0')).toMatchObject({ kind: 'tag' });
});

test('each of many visits is the first of the commits that it brought, told one by one or all at once', async () => {
  const origin = archive.origin('growing');
  await linearHistory(origin, { commits: 5, files: 2, seed: 3 });
  const expected = new Map<string, number>();
  for (let seq = 1; seq <= 8; seq++) {
    await archive.ingest(origin, 'growing');
    const reader = await archive.library.reader('growing');
    for (const commit of await commitsOf(origin, '--all')) {
      if (expected.has(commit)) continue;
      expected.set(commit, seq);
      expect(await findPoint(reader, commit)).toMatchObject({ seq });
    }
    await setRefs(origin, [[`refs/heads/side-${seq}`, await gitText(['rev-parse', 'refs/heads/main~1'], { gitDir: origin })]]);
    await importOn(origin, `refs/heads/side-${seq}`, seq);
    await importOn(origin, 'refs/heads/main', seq);
    if (seq % 3 === 0) await setRefs(origin, [['refs/heads/main', await gitText(['rev-parse', 'refs/heads/main~2'], { gitDir: origin })]]);
  }
  const cold = openLibrary({ store: archive.deps.store, cache: join(archive.dir, 'cold-cache') });
  onTestFinished(() => cold.close());
  const commits = await (await cold.reader('growing')).commits();
  expect(commits.size).toBe(expected.size);
  for (const [commit, seq] of expected) expect([commit, commits.firstVisit(commit)]).toEqual([commit, seq]);
});

test('behind the boundary of a shallow origin nothing is claimed until the origin is whole', async () => {
  const whole = archive.origin('whole');
  await linearHistory(whole, { commits: 20, files: 2, seed: 8 });
  const origin = archive.origin('shallow');
  await gitText(['clone', '--quiet', '--bare', '--depth=3', `file://${whole}`, origin], { protocols: ['file'] });
  await archive.ingest(origin, 'shallow');
  const commits = await commitsOf(whole, '--all');
  const shallow = await archive.library.reader('shallow');
  expect((await shallow.commits()).size).toBe(3);
  await expect(findPoint(shallow, commits[10] ?? '')).rejects.toMatchObject({ kind: 'NotFound' });
  await gitText(['fetch', '--quiet', '--unshallow', `file://${whole}`], { gitDir: origin, protocols: ['file'] });
  await archive.ingest(origin, 'shallow');
  const reader = await archive.library.reader('shallow');
  expect((await reader.commits()).size).toBe(20);
  expect(await findPoint(reader, commits[2] ?? '')).toMatchObject({ seq: 1 });
  expect(await findPoint(reader, commits[10] ?? '')).toMatchObject({ seq: 2 });
});
