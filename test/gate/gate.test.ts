// The gate: what an origin destroys is recognised, archived, told, and does not become current by itself.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addDecision, gateOf, listDecisions } from '../../archive/decisions.ts';
import { resolvePoint } from '../../archive/reading/points.ts';
import { archiveEvents } from '../../workers/metadata-archive.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { gitText } from '../../git/process.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare, setRefs } from '../fixtures/plumbing.ts';
import { describeDifference, compareRepositories } from '../harness/compare.ts';
import { restoreTo } from '../harness/restore.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';

let archive: BackedUp;
let origin: string;
/** main's three commits, oldest first, and one of a side branch. */
let commits: string[];

beforeEach(async () => {
  archive = await openBackedUp();
  archive.deps.gate = 'hold';
  origin = archive.origin('project');
  await initBare(origin);
  commits = await importCommits(origin, [
    { ref: 'refs/heads/main', mark: 1, files: [{ path: 'a', content: '1\n' }] },
    { ref: 'refs/heads/main', mark: 2, parents: [1], files: [{ path: 'a', content: '2\n' }] },
    { ref: 'refs/heads/main', mark: 3, parents: [2], files: [{ path: 'a', content: '3\n' }] },
  ]);
  await setRefs(origin, [['refs/heads/side', commits[1] ?? ''], ['refs/tags/v1', commits[0] ?? ''], ['refs/pull/1/head', commits[2] ?? '']]);
  await archive.ingest(origin, 'project');
});
afterEach(() => archive.cleanUp());

const set = (name: string, oid: string | null | undefined): Promise<void> => setRefs(origin, [[name, oid ?? null]]);
const ingest = () => archive.ingest(origin, 'project');
const gate = async () => (await archive.library.reader('project')).gate();
const current = async (): Promise<number> => (await resolvePoint(await archive.library.reader('project'), 'current')).visit.seq;

/** A commit on a history of its own, on `ref`. */
async function elsewhere(ref: string): Promise<string> {
  await set(ref, null);
  return (await importCommits(origin, [{ ref, mark: 1, files: [{ path: 'b', content: 'other\n' }] }]))[0] ?? '';
}

describe('a destruction upstream', () => {
  it('is none while branches and tags move forward, appear, and merged branches go', async () => {
    await set('refs/heads/side', null);
    await set('refs/tags/v1', commits[1]);
    await set('refs/heads/new', commits[0]);
    await set('refs/pull/1/head', commits[0]);
    const result = await ingest();
    expect(result).toMatchObject({ visit: 2, changes: { deleted: 1, destroyed: { total: 1, commits: 0, holds: false, refs: [{ kind: 'branch-deleted', name: 'refs/heads/side', lost: false }] } } });
    expect(result.held).toBeUndefined();
    expect(await listDecisions(archive.deps.store, 'project')).toEqual([]);
    expect(await current()).toBe(2);
  });

  it.each([
    ['a force-push', async () => void (await elsewhere('refs/heads/main')), { kind: 'forced', name: 'refs/heads/main', lost: false }],
    ['a history cut short', () => set('refs/heads/main', commits[0]), { kind: 'truncated', name: 'refs/heads/main', lost: false }],
    ['a deleted tag', () => set('refs/tags/v1', null), { kind: 'tag-deleted', name: 'refs/tags/v1' }],
    ['a moved tag', async () => void (await elsewhere('refs/tags/v1')), { kind: 'tag-moved', name: 'refs/tags/v1' }],
    ['a deleted main branch', () => set('refs/heads/main', null), { kind: 'branch-deleted', name: 'refs/heads/main' }],
  ])('is %s: archived, told, and held', async (_what, destroy, destroyed) => {
    await destroy();
    expect(await ingest()).toMatchObject({ visit: 2, held: true, changes: { destroyed: { total: 1, holds: true, refs: [destroyed] } } });
    expect(describeDifference(await compareRepositories(origin, await archive.snapshotOf('project', 2)))).toBe('');
    expect(await gate()).toMatchObject({ latest: 2, current: 1, held: [{ visit: 2, by: 'policy' }] });
    expect(await current()).toBe(1);
  });

  it('counts the commits that no ref leads to any more', async () => {
    await setRefs(origin, [['refs/pull/1/head', null], ['refs/heads/main', commits[0] ?? '']]);
    expect((await ingest()).changes.destroyed).toMatchObject({ commits: 1, refs: [{ kind: 'truncated', lost: true, old: commits[2] }] });
  });

  it('is an origin with no refs left: archived as it is, held, and what was there comes back by `current`', async () => {
    const before = await gitText(['rev-parse', 'refs/heads/main'], { gitDir: origin });
    await setRefs(origin, [['refs/heads/main', null], ['refs/heads/side', null], ['refs/tags/v1', null], ['refs/pull/1/head', null]]);
    expect(await ingest()).toMatchObject({ refs: 0, held: true, changes: { destroyed: { emptied: true, commits: 3 } } });
    const target = join(archive.dir, 'back.git');
    await restoreTo(archive.deps, 'project', target, 'current');
    expect(await gitText(['rev-parse', 'refs/heads/main'], { gitDir: target })).toBe(before);
  });

  it('is an origin that is gone: a failure of its own kind, one record, no visit; and over when it is there again', async () => {
    const aside = `${origin}.aside`;
    await rename(origin, aside);
    for (let tries = 0; tries < 2; tries++) await expect(ingest()).rejects.toMatchObject({ kind: 'OriginGone', facts: { visit: 1 } });
    expect(await listDecisions(archive.deps.store, 'project')).toMatchObject([{ number: 1, decision: 'gone', visit: 1 }]);
    expect(await gate()).toMatchObject({ latest: 1, current: 1, gone: { visit: 1 } });
    await rename(aside, origin);
    expect(await ingest()).toMatchObject({ visit: 2, unchanged: true });
    expect(await gate()).toMatchObject({ gone: null, current: 2 });
    await rm(origin, { recursive: true });
    await expect(archive.ingest(origin, 'never-archived')).rejects.toMatchObject({ kind: 'OriginRefused' });
  });

  it('is in the index, the same from the log and from the archive', async () => {
    await elsewhere('refs/heads/main');
    await ingest();
    const writer = openIndexWriter(join(archive.dir, 'pivo.db'));
    for await (const event of archiveEvents(archive.deps.store, { cache: join(archive.dir, 'index-cache'), onDamage: (error) => expect(error).toBeNull() })) writer.write([event]);
    writer.close();
    const db = new Database(join(archive.dir, 'pivo.db'), { readonly: true });
    expect(db.prepare('SELECT visit, refs_forced, refs_truncated, refs_destroyed, commits_lost FROM visits ORDER BY visit').raw().all()).toEqual([[1, 0, 0, 0, 0], [2, 1, 0, 1, 0]]);
    expect(db.prepare('SELECT repo_name, visit, kind, ref_name, old_object, lost FROM destructions').raw().all()).toEqual([['project', 2, 'forced', 'refs/heads/main', commits[2], 0]]);
    db.close();
  });
});

describe('current', () => {
  it('is latest where the policy accepts, without any record', async () => {
    archive.deps.gate = 'accept';
    await elsewhere('refs/heads/main');
    const result = await ingest();
    expect(result.held).toBeUndefined();
    expect(result.changes.destroyed).toMatchObject({ holds: true });
    expect(await listDecisions(archive.deps.store, 'project')).toEqual([]);
    expect(await current()).toBe(2);
  });

  it('stays through later visits, and moves on by itself when everything is there again', async () => {
    await elsewhere('refs/heads/main');
    await ingest();
    await set('refs/heads/more', commits[0]);
    expect(await ingest()).toMatchObject({ visit: 3, held: true });
    expect(await current()).toBe(1);
    await setRefs(origin, [['refs/heads/main', commits[2] ?? '']]);
    const back = await ingest();
    expect(back).toMatchObject({ visit: 4, changes: { destroyed: { holds: true } } });
    expect(back.held).toBeUndefined();
    expect(await listDecisions(archive.deps.store, 'project')).toMatchObject([{ decision: 'hold', visit: 2 }, { decision: 'accept', visit: 4, by: 'policy' }]);
    expect(await current()).toBe(4);
  });

  it('a record counts only for the snapshot that it names: what a dead run decided of a visit that it never wrote is void', async () => {
    await addDecision(archive.deps.store, { repository: 'project', decision: 'hold', visit: 2, snapshot: 'swh:1:snp:' + '0'.repeat(40), by: 'policy', reason: '', time: '2026-11-21T10:00:00.000Z' });
    await set('refs/heads/more', commits[0]);
    await ingest();
    expect(await gate()).toMatchObject({ current: 2, held: [] });
  });

  it('is a word for a whole state wherever a point is', async () => {
    await elsewhere('refs/heads/main');
    await ingest();
    const reader = await archive.library.reader('project');
    expect(await resolvePoint(reader, 'current')).toMatchObject({ kind: 'current', visit: { seq: 1 }, commit: commits[2] });
    expect(await resolvePoint(reader, 'latest')).toMatchObject({ visit: { seq: 2 } });
  });
});

describe('records', () => {
  const visits = [1, 2, 3, 4, 5].map((seq) => ({ seq, snapshot: `s${seq}` }));
  const records = (...all: [decision: 'hold' | 'accept' | 'gone', visit: number][]) =>
    all.map(([decision, visit], i) => ({ formatVersion: 1 as const, repository: 'project', number: i + 1, decision, visit, snapshot: `s${visit}`, by: 'ada', reason: '', time: '2026-11-21T10:00:00.000Z' }));

  it.each([
    ['none', [], 5],
    ['a hold', [['hold', 3]], 2],
    ['two holds: the first counts', [['hold', 4], ['hold', 2]], 1],
    ['an accept of the first of two', [['hold', 2], ['hold', 4], ['accept', 2]], 3],
    ['an accept of the last of two', [['hold', 2], ['hold', 4], ['accept', 5]], 5],
    ['a hold after an accept', [['hold', 2], ['accept', 5], ['hold', 3]], 2],
    ['a hold of the first visit, which nothing is before', [['hold', 1]], 5],
    ['an origin that is gone', [['gone', 5]], 5],
  ] as const)('%s', (_what, decisions, expected) => {
    expect(gateOf(visits, records(...(decisions as readonly ['hold' | 'accept' | 'gone', number][]))).current).toBe(expected);
  });

  it('of two writers at once are two records with two numbers', async () => {
    const decision = { repository: 'project', visit: 1, snapshot: 's', by: 'ada', reason: '', time: '2026-11-21T10:00:00.000Z' } as const;
    await Promise.all([addDecision(archive.deps.store, { ...decision, decision: 'hold' }), addDecision(archive.deps.store, { ...decision, visit: 2, decision: 'hold' })]);
    expect((await listDecisions(archive.deps.store, 'project')).map(({ number }) => number)).toEqual([1, 2]);
  });
});
