// Malformed and damaged repositories: what stock git brings over we bring back the same, of the rest we say what is missing.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listVisitNumbers, readVisit } from '../../archive/visits.ts';
import { isPivoError } from '../../contract/failures.ts';
import type { Visit } from '../../contract/visit.ts';
import { gitText } from '../../git/process.ts';
import { DAMAGED_REPOSITORIES, type DamagedRepository } from '../fixtures/malformed/damaged.ts';
import { FSCK_MESSAGES, ODD, buildMessage } from '../fixtures/malformed/messages.ts';
import { startGood, writeRef } from '../fixtures/malformed/good.ts';
import { setRefs, writeCommit, writeObject, writeTree } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference, reachableObjects } from '../harness/compare.ts';
import { mirror, openIngest, type IngestHarness } from '../harness/ingest.ts';
import { restoreTo } from '../harness/restore.ts';

let dir: string;
let harness: IngestHarness;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-malformed-'));
  harness = await openIngest(join(dir, 'home'));
});
afterAll(async () => {
  await harness.close();
  await rm(dir, { recursive: true, force: true });
});

const origin = (name: string): string => join(dir, 'origins', `${name}.git`);
const visitOf = (name: string, seq = 1): Promise<Visit> => readVisit(harness.deps.store, name, seq);

/** `git clone --mirror` of the origin, or null where stock git fails. */
async function stockMirror(name: string): Promise<string | null> {
  const into = join(dir, 'mirrors', `${name}.git`);
  try {
    await mirror(origin(name), into);
    return into;
  } catch (error) {
    if (isPivoError(error, 'GitFailed')) return null;
    throw error;
  }
}

/** The archived snapshot, and what a restore of it to a bare path gives. */
async function archivedAndRestored(name: string): Promise<string[]> {
  const target = join(dir, 'targets', `${name}.git`);
  await restoreTo(harness.deps, name, target);
  return [await harness.snapshotOf(name, 1), target];
}

async function expectSame(reference: string, name: string): Promise<void> {
  for (const copy of await archivedAndRestored(name)) expect(describeDifference(await compareRepositories(reference, copy))).toBe('');
}

const refsAndObjects = async (gitDir: string): Promise<string[]> => [await gitText(['for-each-ref'], { gitDir }), ...(await reachableObjects(gitDir))];

const producible = FSCK_MESSAGES.filter(({ fate }) => fate !== 'impossible');

test("every message id of this git's fsck has a repository or a reason", async () => {
  const settings = (await gitText(['help', '--config'])).split('\n').filter((line) => /^fsck\.[a-z]/.test(line) && line !== 'fsck.skipList');
  expect(settings.map((line) => line.slice('fsck.'.length)).filter((id) => !FSCK_MESSAGES.some((each) => each.id === id))).toEqual([]);
  expect(FSCK_MESSAGES.filter(({ fate, because }) => fate !== 'cloned' && because === undefined)).toEqual([]);
});

describe('an object that git can bring over comes back as it was, and the visit says what git finds', () => {
  test.each(producible.filter(({ fate }) => fate === 'cloned'))('$id', async (message) => {
    const oid = await buildMessage(origin(message.id), message);
    const reference = await stockMirror(message.id);
    expect(reference).not.toBeNull();
    const { holes } = await harness.ingest(origin(message.id), message.id);
    await expectSame(reference ?? '', message.id);
    const { outcome, fsck } = await visitOf(message.id);
    expect({ holes, outcome }).toEqual({ holes: 0, outcome: 'full' });
    expect(fsck.map(({ id }) => id)).toEqual(message.because === undefined ? expect.arrayContaining([message.id]) : []);
    expect(await gitText(['rev-parse', ODD], { gitDir: await harness.snapshotOf(message.id, 1) })).toBe(oid);
  }, 60_000);
});

describe('an object that no git can follow is a hole, and the rest is archived', () => {
  test.each(producible.filter(({ fate }) => fate === 'refused'))('$id', async (message) => {
    const oid = await buildMessage(origin(message.id), message);
    expect(await stockMirror(message.id)).toBeNull();
    const { holes } = await harness.ingest(origin(message.id), message.id);
    const visit = await visitOf(message.id);
    expect({ holes, outcome: visit.outcome }).toEqual({ holes: 1, outcome: 'partial' });
    expect(visit.holes).toEqual([{ ref: ODD, oid, reason: expect.stringMatching(/not our ref|tree/) as string }]);
    const good = join(dir, 'good', `${message.id}.git`);
    await startGood(good);
    await expectSame(good, message.id);
  }, 60_000);
});

describe('a damaged repository', () => {
  const named = (fate: DamagedRepository['fate']): DamagedRepository[] => DAMAGED_REPOSITORIES.filter((each) => each.fate === fate);

  test.each(named('cloned'))('that stock git brings over comes back the same: $name', async ({ name, build }) => {
    await build(origin(name));
    const reference = await stockMirror(name);
    expect(reference).not.toBeNull();
    await harness.ingest(origin(name), name);
    await expectSame(reference ?? '', name);
    expect(await visitOf(name)).toMatchObject({ outcome: 'full', holes: [] });
  }, 60_000);

  test.each(named('refused'))('that stock git refuses comes over but for its holes: $name', async ({ name, build, holes = [] }) => {
    await build(origin(name));
    expect(await stockMirror(name)).toBeNull();
    const outcome = await harness.ingest(origin(name), name);
    const visit = await visitOf(name);
    expect({ holes: visit.holes.map(({ ref }) => ref).toSorted(), outcome: visit.outcome, told: outcome.holes }).toEqual({ holes: holes.toSorted(), outcome: 'partial', told: holes.length });
    expect(visit.holes.filter(({ reason }) => reason === '')).toEqual([]);
    const [archived = '', restored = ''] = await archivedAndRestored(name);
    expect(await refsAndObjects(restored)).toEqual(await refsAndObjects(archived));
    expect(await gitText(['rev-parse', 'refs/heads/main'], { gitDir: restored })).toBe(await gitText(['rev-parse', 'refs/heads/main'], { gitDir: origin(name) }));
  }, 60_000);

  test.each(named('nothing'))('of which nothing can be had fails with the reason, and no visit says otherwise: $name', async ({ name, build, says = /./ }) => {
    await build(origin(name));
    expect(await stockMirror(name)).toBeNull();
    await expect(harness.ingest(origin(name), name)).rejects.toMatchObject({ message: expect.stringMatching(says) as string, hint: expect.any(String) as string });
    expect(await listVisitNumbers(harness.deps.store, name)).toEqual([]);
  }, 60_000);
});

test('a branch that breaks after it was archived is a hole: neither deleted nor as it was, and the earlier visit still has it', async () => {
  const name = 'breaks-later';
  const { tree, commit } = await startGood(origin(name));
  await setRefs(origin(name), [['refs/heads/other', commit], ['refs/heads/goes', commit]]);
  await harness.ingest(origin(name), name);
  await setRefs(origin(name), [['refs/heads/goes', null]]);
  await writeRef(origin(name), 'refs/heads/other', tree.replace(/^./, (digit) => (digit === '0' ? '1' : '0')));
  const { changes } = await harness.ingest(origin(name), name);
  expect(changes).toMatchObject({ created: 0, updated: 0, forced: 0, deleted: 1 });
  const refs = async (seq: number): Promise<string> => gitText(['for-each-ref', '--format=%(refname:short)'], { gitDir: await harness.snapshotOf(name, seq) });
  expect([await refs(1), await refs(2)]).toEqual(['goes\nmain\nother', 'main']);
  expect((await visitOf(name, 2)).holes.map(({ ref }) => ref)).toEqual(['refs/heads/other']);
});

test('findings of earlier packs stay with later visits, and a parsed file that an earlier fetch brought is not called missing', async () => {
  const name = 'findings-add-up';
  const message = FSCK_MESSAGES.find(({ id }) => id === 'gitmodulesUrl');
  const first = await buildMessage(origin(name), message ?? { id: '', fate: 'impossible' });
  await harness.ingest(origin(name), name);
  const blob = await gitText(['rev-parse', `${first}:.gitmodules`], { gitDir: origin(name) });
  const more = await writeTree(origin(name), [{ mode: '100644', name: '.gitmodules', oid: blob }, { mode: '100644', name: 'more', oid: await writeObject(origin(name), 'blob', 'more\n') }]);
  await setRefs(origin(name), [[ODD, await writeCommit(origin(name), { tree: more, parents: [first], author: 'Ada <ada@example.org> 0123 +0000' })]]);
  await harness.ingest(origin(name), name);
  const { fsck } = await visitOf(name, 2);
  expect(fsck.map(({ id }) => id).toSorted()).toEqual(['gitmodulesUrl', 'zeroPaddedDate']);
});
