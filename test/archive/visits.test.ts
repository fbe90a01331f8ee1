// The commit point: visits are numbered, chained, exclusive, and never rewritten.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localStore } from '../../archive/local/store.ts';
import { makeSnapshot, putSnapshot, readSnapshot } from '../../archive/snapshots.ts';
import type { Store } from '../../archive/store.ts';
import { commitVisit, latestVisit, listRepositories, listVisitNumbers, readVisit, readVisitFile, visitAt } from '../../archive/visits.ts';
import type { Visit } from '../../contract/visit.ts';
import { failureKind } from './store-conformance.ts';

let root: string;
let store: Store;
const OID = 'a'.repeat(40);
const snapshot = makeSnapshot({ objectFormat: 'sha1', head: { symref: 'refs/heads/main', oid: OID }, refs: [{ name: 'refs/heads/main', oid: OID, type: 'commit' }], shallow: [] });

function visit(seq: number, over: Partial<Visit> = {}): Visit {
  return {
    formatVersion: 1, repository: 'r', origin: 'https://example.org/r', seq, previous: null, time: `2026-11-0${seq}T00:00:00.000Z`, snapshot: snapshot.id, snapshotPath: 'snapshots/x', objectFormat: 'sha1', head: OID,
    outcome: 'full', packs: [], newPacks: [], replaces: {}, changes: { created: 1, updated: 0, forced: 0, deleted: 0 }, holes: [], fsck: [],
    checkout: { commit: null, kind: 'none', path: null, time: null, reason: 'test', files: 0, bytes: 0, symlinks: [], executables: [], gitlinks: [], renamed: [] },
    workflow: { id: 'ingest:r', runId: `run-${seq}`, attempt: 1 }, ...over,
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pivo-visits-'));
  store = localStore(root);
  for (const seq of [1, 2, 3]) await commitVisit(store, visit(seq));
});
afterAll(async () => {
  await chmod(root, 0o755);
  await rm(root, { recursive: true, force: true });
});

describe('visits', () => {
  test('are found by number, as the last, and as the last at or before an instant', async () => {
    expect(await listVisitNumbers(store, 'r')).toEqual([1, 2, 3]);
    expect((await latestVisit(store, 'r'))?.seq).toBe(3);
    const at = async (instant: string): Promise<number | null> => (await visitAt(store, 'r', new Date(instant)))?.seq ?? null;
    expect(await at('2026-10-31T23:59:59.999Z')).toBeNull();
    expect(await at('2026-11-01T00:00:00.000Z')).toBe(1);
    expect(await at('2026-11-02T12:00:00.000Z')).toBe(2);
    expect(await at('2027-01-01T00:00:00.000Z')).toBe(3);
    expect(await latestVisit(store, 'unknown')).toBeNull();
  });

  test('make a repository exist: a folder without a visit is none', async () => {
    await store.create('backups/half/objects/pack/pack-x.pack', Buffer.from('x'));
    expect(await listRepositories(store)).toEqual(['r']);
  });

  test('the same run with the same state is the same visit, whatever attempt and time say', async () => {
    const again = await commitVisit(store, visit(3, { time: '2026-12-24T00:00:00.000Z', workflow: { id: 'ingest:r', runId: 'run-3', attempt: 7 } }));
    expect(again.time).toBe('2026-11-03T00:00:00.000Z');
  });

  test('another run, or the same run with another state, is a conflict that changes nothing', async () => {
    const before = await readFile(join(root, 'backups/r/visits/3.json'));
    expect(await failureKind(commitVisit(store, visit(3, { workflow: { id: 'ingest:r', runId: 'other', attempt: 1 } })))).toBe('VisitConflict');
    expect(await failureKind(commitVisit(store, visit(3, { snapshot: `swh:1:snp:${'b'.repeat(40)}` })))).toBe('VisitConflict');
    expect(before.equals(await readFile(join(root, 'backups/r/visits/3.json')))).toBe(true);
  });

  test('of two runs that write the same number at once, one wins', async () => {
    const kinds = await Promise.all(['p', 'q'].map((runId) => failureKind(commitVisit(store, visit(4, { workflow: { id: 'ingest:r', runId, attempt: 1 } })))));
    expect(kinds.sort()).toEqual(['VisitConflict', null]);
  });

  test('a file is known by the SHA-256 that the next visit keeps', async () => {
    const bytes = await readFile(join(root, 'backups/r/visits/1.json'));
    expect((await readVisitFile(store, 'r', 1)).sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test.each([['cut short', '{"formatVersion": 1'], ['of another format', '{"formatVersion": 2}'], ['of another repository', null]])('one that is %s is Damaged, and the message names the file', async (_, content) => {
    const name = `damaged${content?.length ?? ''}`;
    await store.create(`backups/${name}/visits/1.json`, Buffer.from(content ?? JSON.stringify(visit(1))));
    const error: unknown = await readVisit(store, name, 1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'Damaged', message: expect.stringContaining(`backups/${name}/visits/1.json`) as string });
  });
});

describe('a snapshot', () => {
  test('comes back as it was, from a sealed folder that a second writer leaves alone', async () => {
    const folder = await putSnapshot(store, 'r', snapshot);
    expect(await putSnapshot(store, 'r', snapshot)).toBe(folder);
    expect(await readSnapshot(store, 'r', { snapshotPath: folder })).toEqual(snapshot);
  });

  test('half written by a killed run is completed by the next', async () => {
    const other = makeSnapshot({ ...snapshot, refs: [] });
    await store.create(`backups/r/snapshots/snp-${other.id.split(':').at(-1)}/HEAD`, Buffer.from('ref: refs/heads/main\n'));
    const folder = await putSnapshot(store, 'r', other);
    expect(await readSnapshot(store, 'r', { snapshotPath: folder })).toEqual(other);
  });

  test('whose folder holds something else is refused, not mended over', async () => {
    const other = makeSnapshot({ ...snapshot, head: { symref: 'refs/heads/elsewhere', oid: null } });
    await store.create(`backups/r/snapshots/snp-${other.id.split(':').at(-1)}/HEAD`, Buffer.from('ref: refs/heads/evil\n'));
    expect(await failureKind(putSnapshot(store, 'r', other))).toBe('Damaged');
  });

  test('does not depend on the order in which refs arrive', () => {
    const refs = ['refs/tags/v1', 'refs/heads/a', 'refs/heads/a-b', 'refs/heads/a/b', 'refs/heads/Z'].map((name) => ({ name, oid: OID, type: 'commit' as const }));
    const one = makeSnapshot({ ...snapshot, refs });
    const two = makeSnapshot({ ...snapshot, refs: refs.toReversed() });
    expect(two.id).toBe(one.id);
    expect(one.refs.map((ref) => ref.name)).toEqual(['refs/heads/Z', 'refs/heads/a', 'refs/heads/a-b', 'refs/heads/a/b', 'refs/tags/v1']);
  });

  test('of a shallow origin has a folder of its own', async () => {
    const shallow = makeSnapshot({ ...snapshot, shallow: [OID] });
    expect(shallow.id).toBe(snapshot.id);
    expect(await putSnapshot(store, 'r', shallow)).toMatch(/^snapshots\/snp-[0-9a-f]{40}-shallow-[0-9a-f]{40}$/);
  });
});
