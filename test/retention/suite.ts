// What retention promises on every store: checkouts go and nothing else, every visit comes back as before, and whoever dies on the way goes on where it was.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planRetain, recordRetention, removeCheckouts } from '../../activities/retention/retain.ts';
import { repositoryCost, visitCosts, type RepositoryCost } from '../../archive/cost.ts';
import { addDecision } from '../../archive/decisions.ts';
import { packFolder, repositoryPath } from '../../archive/layout.ts';
import { planRetention } from '../../archive/retention-plan.ts';
import { listRetentions } from '../../archive/retentions.ts';
import type { Store } from '../../archive/store.ts';
import { latestVisit, listVisitNumbers, readVisit } from '../../archive/visits.ts';
import { PivoError } from '../../contract/failures.ts';
import type { RetainItem, Retained, RetentionPlan, RetentionPolicy } from '../../contract/retention.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare, setRefs } from '../fixtures/plumbing.ts';
import { randomNumbers } from '../fixtures/random.ts';
import { fingerprintOf } from '../harness/archive-hand.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { attempt, verdictOf } from '../harness/proof.ts';
import { restoreTo } from '../harness/restore.ts';
import type { BackedUp } from '../reading/backed-up.ts';

const NAME = 'project';
const KEEP_ONE: RetentionPolicy = { checkouts: { keep: 1 } };

/** Declares the tests of a store; `open` gives an empty archive on it. `long`: histories that are made at random. */
export function retentionSuite(open: () => Promise<BackedUp>, { seeds, steps }: { seeds: number[]; steps: number }): void {
  let archive: BackedUp;
  let store: Store;
  let origin: string;
  /** The origin as it was at each visit. */
  let states: Map<number, string>;
  let commits: string[];
  let runs = 0;

  beforeEach(async () => {
    archive = await open();
    ({ store } = archive.deps);
    archive.deps.retention = KEEP_ONE;
    origin = archive.origin(NAME);
    states = new Map();
    commits = [];
    await initBare(origin);
  });
  afterEach(() => archive.cleanUp());

  /** A commit on main; files that others have too, and one of its own. */
  async function commit(): Promise<void> {
    const n = commits.length;
    const parent = commits.at(-1);
    const [oid = ''] = await importCommits(origin, [{ ref: 'refs/heads/main', mark: 1, ...(parent === undefined ? {} : { onto: parent }), when: `${1_600_000_000 + n} +0000`, files: [{ path: 'same', content: 'the same\n' }, { path: `own/${n}`, content: `${n}\n` }, { path: 'run', mode: '100755', content: `#!/bin/sh\necho ${n}\n` }, { path: Buffer.from('odd \xe9', 'latin1'), content: 'odd\n' }] }]);
    commits.push(oid);
  }

  async function visit(): Promise<number> {
    const { visit: seq } = await archive.ingest(origin, NAME);
    const copy = join(archive.dir, `state-${seq}.git`);
    await cp(origin, copy, { recursive: true });
    states.set(seq, copy);
    return seq;
  }

  async function visits(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await commit();
      await visit();
    }
  }

  const plan = (policy: RetentionPolicy = archive.deps.retention ?? {}, now = new Date()): Promise<RetentionPlan> => planRetention(store, { policy, now, repository: NAME });
  const itemOf = ({ repositories: [repository] }: RetentionPlan): RetainItem => ({ repository: NAME, hash: repository?.hash ?? '', by: 'ada', runId: `run-${++runs}` });
  const checkouts = async (): Promise<string[]> => (await store.list(repositoryPath(NAME))).map(({ name }) => name.replace(/\.har$/, '')).filter((name) => /^[0-9a-f]{40}$/.test(name)).sort();
  const commitOf = async (seq: number): Promise<string> => (await readVisit(store, NAME, seq)).checkout.commit ?? '';

  /** Both acts of a repository, as the workflow does them. */
  async function apply(item: RetainItem, deps = archive.deps): Promise<Retained> {
    const record = await recordRetention(deps, item, attempt());
    return removeCheckouts(deps, { repository: NAME, record }, attempt());
  }

  /** Everything but checkouts and what retention adds, byte for byte. */
  async function truth(): Promise<Map<string, string>> {
    const parts = await Promise.all(['objects', 'snapshots', 'visits', 'decisions'].map((part) => fingerprintOf(store, `${repositoryPath(NAME)}/${part}`)));
    return new Map(parts.flatMap((files) => [...files]));
  }

  /** Files below a temporary name. */
  async function hidden(): Promise<number> {
    const named = await Promise.all((await store.list(repositoryPath(NAME))).map(({ name }) => store.usage(`${repositoryPath(NAME)}/${name}`)));
    return named.reduce((left, usage) => left - (usage?.files ?? 0), (await store.usage(repositoryPath(NAME)))?.files ?? 0);
  }

  /** Every state that was ever seen verifies, and is restored as it was. */
  async function expectWhole(): Promise<void> {
    expect((await verdictOf(archive.deps, NAME)).findings).toEqual([]);
    const snapshots = new Map<string, string>();
    for (const [seq, state] of states) snapshots.set((await readVisit(store, NAME, seq)).snapshot, state);
    for (const [snapshot, state] of snapshots) {
      const target = join(archive.dir, `again-${++runs}.git`);
      await restoreTo(archive.deps, NAME, target, snapshot);
      expect(describeDifference(await compareRepositories(state, target))).toBe('');
    }
  }

  describe('a plan', () => {
    test('names what goes, lets the last ones stay, and changes nothing', async () => {
      await visits(4);
      const before = [await truth(), await checkouts()];
      const two = await plan({ checkouts: { keep: 2 } });
      expect(two.repositories[0]?.checkouts.map(({ commit: each, lastVisit }) => [each, lastVisit])).toEqual([[commits[1], 2], [commits[0], 1]]);
      expect(two).toMatchObject({ looked: 1, files: 4 + 5, repositories: [{ stay: 2, skipped: null }] });
      expect((await plan({ checkouts: { keep: 2 } })).hash).toBe(two.hash);
      expect((await plan({ checkouts: { keep: 3 } })).hash).not.toBe(two.hash);
      expect(await plan({})).toMatchObject({ hash: null, repositories: [], files: 0, bytes: 0 });
      expect([await truth(), await checkouts()]).toEqual(before);
      expect(await listRetentions(store, NAME)).toEqual([]);
    });

    test('by age counts from the last visit that needed a checkout, and never takes that of the last visit', async () => {
      await visits(2);
      await visit(); // unchanged: the second checkout is needed again
      const old: RetentionPolicy = { checkouts: { olderThan: 90 } };
      const days = (n: number): Date => new Date(Date.now() + n * 86_400_000);
      expect((await plan(old, days(89))).hash).toBeNull();
      expect((await plan(old, days(91))).repositories[0]?.checkouts.map(({ commit: each }) => each)).toEqual([commits[0]]);
      expect((await plan({ checkouts: { keep: 2, olderThan: 90 } }, days(10_000))).hash).toBeNull();
    });

    test('leaves alone the files of the last HEAD, though the last visit names another checkout', async () => {
      await visits(3);
      await setRefs(origin, [['refs/heads/main', commits[0] ?? '']]);
      archive.deps.checkout = { ...archive.deps.checkout, every: 86_400 };
      await visit();
      expect((await latestVisit(store, NAME))?.checkout.commit).toBe(commits[2]);
      expect((await plan()).repositories[0]?.checkouts.map(({ commit: each }) => each)).toEqual([commits[1]]);
    });

    test('leaves a held repository alone, and goes on when a person accepts', async () => {
      await visits(3);
      const { snapshot } = await readVisit(store, NAME, 3);
      const decide = (decision: 'hold' | 'accept'): Promise<unknown> => addDecision(store, { repository: NAME, decision, visit: 3, snapshot, by: 'ada', reason: '', time: new Date().toISOString() });
      const item = itemOf(await plan());
      await decide('hold');
      expect(await plan()).toMatchObject({ hash: null, repositories: [{ checkouts: [], skipped: 'visit 3 is held' }] });
      await expect(apply(item)).rejects.toMatchObject({ kind: 'PlanChanged' });
      await decide('accept');
      expect((await apply(item)).removed).toBe(2);
    });

    test('leaves a repository alone whose packs are not all there', async () => {
      await visits(3);
      const pack = (await store.list(packFolder(NAME))).find(({ name }) => name.endsWith('.pack'))?.name ?? '';
      await archive.hand.remove(`${packFolder(NAME)}/${pack}`);
      expect(await plan()).toMatchObject({ hash: null, repositories: [{ skipped: `${pack} is not as it was archived` }] });
    });

    test('of a repository that is not there is NotFound', async () => {
      await expect(plan()).rejects.toMatchObject({ kind: 'NotFound' });
    });
  });

  describe('applied', () => {
    test('it removes exactly what it named; every visit restores and verifies, and the next backup goes on', async () => {
      await visits(4);
      const before = await truth();
      const planned = await plan();
      const [first = ''] = commits;
      const item = { repository: NAME, hash: planned.repositories[0]?.hash };
      const whole = await planRetention(store, { policy: KEEP_ONE, now: new Date() });
      for (const request of [{ hash: planned.hash ?? '' }, { hash: planned.hash ?? '', repository: NAME }, { hash: whole.hash ?? '' }]) expect(await planRetain(archive.deps, request, attempt())).toEqual([item]);
      const retained = await apply(itemOf(planned));
      expect(retained).toMatchObject({ removed: 3, bytes: planned.bytes, files: planned.files, stayed: [], record: 1 });
      expect(await checkouts()).toEqual([commits[3]]);
      expect(await truth()).toEqual(before);
      expect(await listRetentions(store, NAME)).toMatchObject([{ number: 1, by: 'ada', plan: planned.repositories[0]?.hash, checkouts: planned.repositories[0]?.checkouts }]);
      expect((await plan()).hash).toBeNull();
      await expectWhole();
      const reader = await archive.library.reader(NAME);
      expect((await reader.blob(first, 'own/0')).bytes).toBe(2);
      await visits(1);
      expect(await checkouts()).toEqual([commits[3], commits[4]].sort());
      await expectWhole();
    });

    test('a checkout that was removed is laid out again when HEAD comes back to it, and is verified like any other', async () => {
      await visits(3);
      await apply(itemOf(await plan()));
      await setRefs(origin, [['refs/heads/main', commits[0] ?? '']]);
      const seq = await visit();
      expect(await commitOf(seq)).toBe(commits[0]);
      expect(await checkouts()).toEqual([commits[0], commits[2]].sort());
      await expectWhole();
      const { checkout } = await readVisit(store, NAME, seq);
      await archive.hand.replace(`${repositoryPath(NAME)}/${checkout.path ?? ''}/${checkout.kind === 'har' ? 'part-0' : 'run'}`, Buffer.from('other'));
      expect((await verdictOf(archive.deps, NAME)).findings.length).toBeGreaterThan(0);
    });

    test('another plan than the approved one is refused, and nothing is removed', async () => {
      await visits(3);
      const planned = await plan();
      await visits(1);
      await expect(planRetain(archive.deps, { hash: planned.hash ?? '' }, attempt())).rejects.toMatchObject({ kind: 'PlanChanged' });
      await expect(apply(itemOf(planned))).rejects.toMatchObject({ kind: 'PlanChanged' });
      archive.deps.retention = {};
      await expect(apply(itemOf(await plan(KEEP_ONE)))).rejects.toMatchObject({ kind: 'InvalidInput' });
      expect(await checkouts()).toHaveLength(4);
      expect(await listRetentions(store, NAME)).toEqual([]);
    });

    test('what a backup names between record and removal stays, and a backup that begins then does not count on it', async () => {
      await visits(3);
      const item = itemOf(await plan());
      const record = await recordRetention(archive.deps, item, attempt());
      await setRefs(origin, [['refs/heads/main', commits[0] ?? '']]);
      const seq = await visit();
      expect((await readVisit(store, NAME, seq)).checkout).toMatchObject({ kind: 'none', path: null, reason: expect.stringContaining('being removed') as string });
      const retained = await removeCheckouts(archive.deps, { repository: NAME, record }, attempt());
      expect(retained).toMatchObject({ removed: 1, stayed: [expect.stringContaining(commits[0] ?? '-') as string] }); // the files of HEAD
      await expectWhole();
    });

    test('a record that was changed is told, and removes nothing', async () => {
      await visits(3);
      const record = await recordRetention(archive.deps, itemOf(await plan()), attempt());
      const file = `${repositoryPath(NAME)}/retention/1.json`;
      await archive.hand.replace(file, Buffer.from((await archive.hand.read(file)).toString().replace('"ada"', '"eve"')));
      await expect(removeCheckouts(archive.deps, { repository: NAME, record }, attempt())).rejects.toMatchObject({ kind: 'Damaged' });
      expect(await checkouts()).toHaveLength(3);
      expect((await verdictOf(archive.deps, NAME)).findings).toMatchObject([{ kind: 'retention', file }]);
    });
  });

  test('the cost of a repository is a few questions, however much lies below, and adds up', async () => {
    await visits(2);
    const asked = async (): Promise<[number, RepositoryCost]> => {
      let questions = 0;
      const counted = <Args extends unknown[], Result>(act: (...args: Args) => Result) => (...args: Args): Result => (questions++, act(...args));
      const cost = await repositoryCost({ ...store, open: counted(store.open), stat: counted(store.stat), list: counted(store.list), usage: counted(store.usage) }, NAME);
      return [questions, cost];
    };
    const [few, before] = await asked();
    await visits(3);
    const [many, after] = await asked();
    expect([few, many]).toEqual([8, 8]); // the whole, its parts, the visits, the first and the last of them
    expect(after.parts.map(({ part }) => part).toSorted()).toEqual(['checkouts', 'packs', 'snapshots', 'visits']);
    for (const cost of [before, after]) {
      expect(cost.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(cost.bytes);
      expect(cost.objects).toBe(cost.blocks === null ? null : cost.files + cost.folders + cost.blocks);
    }
    expect(await store.usage(repositoryPath(NAME))).toMatchObject({ files: after.files, folders: after.folders, bytes: after.bytes });
    expect(after.growth?.bytes).toBeGreaterThan(0);
    expect(after.growth?.bytes).toBeLessThan(after.stored);
    const removed = await visitCosts(store, NAME, 100);
    expect(removed.map(({ visit: seq, packs, checkout }) => [seq, packs, checkout?.removed])).toEqual([[5, 1, false], [4, 1, false], [3, 1, false], [2, 1, false], [1, 1, false]]);
    const lengths = new Map((await store.list(packFolder(NAME))).map(({ name, bytes }) => [name, bytes]));
    expect(removed.reduce((sum, { packBytes }) => sum + packBytes, 0)).toBe([...lengths.values()].reduce((sum, bytes) => sum + bytes, 0));
  });

  test('whoever dies at any step goes on where it was: one record, nothing half there, every visit whole', async () => {
    await visits(4);
    const before = await truth();
    const item = itemOf(await plan());
    for (let step = 1; ; step++) {
      const dying = dyingAfter(store, step);
      const ended = await apply(item, { ...archive.deps, store: dying }).then((retained) => retained, () => null);
      if (step % 4 === 0) expect((await verdictOf(archive.deps, NAME)).findings).toEqual([]); // also in between
      if (ended === null) continue;
      expect(ended).toMatchObject({ removed: 3, record: 1 });
      break;
    }
    expect(await checkouts()).toEqual([commits[3]]);
    expect(await listRetentions(store, NAME)).toHaveLength(1);
    expect(await truth()).toEqual(before);
    expect(await hidden()).toBe(0);
    await expectWhole();
  });

  test.each(seeds)('after any backups and retentions every visit is whole (seed %i)', async (seed) => {
    const random = randomNumbers(seed);
    const pick = (n: number): number => Math.floor(random() * n);
    await visits(1);
    for (let step = 0; step < steps; step++) {
      const what = pick(5);
      if (what <= 1) await commit();
      if (what === 2) await setRefs(origin, [['refs/heads/main', commits[pick(commits.length)] ?? '']]);
      if (what <= 3) await visit();
      else {
        archive.deps.retention = { checkouts: { keep: 1 + pick(2) } };
        const planned = await plan();
        if (planned.hash !== null) await apply(itemOf(planned));
        const { checkout } = await latestVisit(store, NAME) ?? { checkout: null };
        if (checkout?.path != null) expect(await store.stat(`${repositoryPath(NAME)}/${checkout.path}`)).not.toBeNull();
      }
    }
    expect(await listVisitNumbers(store, NAME)).toHaveLength(states.size);
    await expectWhole();
  });
}

/** The store of a process that dies before its `calls`-th call that changes the archive or looks at it. */
function dyingAfter(store: Store, calls: number): Store {
  let left = calls;
  const call = <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) => async (...args: Args): Promise<Result> => {
    if (--left < 0) throw new PivoError('Internal', 'the process died');
    return act(...args);
  };
  return { ...store, create: call(store.create), stat: call(store.stat), list: call(store.list), removeCheckout: call(store.removeCheckout) };
}
