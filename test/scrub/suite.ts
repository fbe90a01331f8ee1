// What parts of a verification promise on every store: each file in exactly one, all together everything; what was read and found is kept file by file.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseVerifyPart, verifyPart } from '../../activities/verify.ts';
import { packPath } from '../../archive/layout.ts';
import { archivedFiles } from '../../archive/reading/verify.ts';
import { listVisitNumbers, readVisit } from '../../archive/visits.ts';
import { lastReads, listRuns, openFindings, verificationStates } from '../../state/verifications.ts';
import { flipBitBy } from '../harness/archive-hand.ts';
import { attempt, verdictOf, verificationOf } from '../harness/proof.ts';
import type { BackedUp } from '../reading/backed-up.ts';

const OF = 5;

/** Declares the tests of a store; `open` gives an empty archive on it. */
export function partsSuite(open: () => Promise<BackedUp>): void {
  let archive: BackedUp;
  let state: string;

  beforeAll(async () => {
    archive = await open();
    state = join(archive.dir, 'state.db');
    archive.deps.gate = 'hold'; // what is forced leaves a decision, which is a file as well
    await archive.backUp('force-push', { evolve: true });
    await archive.backUp('odd-names');
    await archive.backUp('empty-repository');
  });
  afterAll(() => archive.cleanUp());

  async function named(repository: string): Promise<string[]> {
    const { store } = archive.deps;
    const visits = await Promise.all((await listVisitNumbers(store, repository)).map((seq) => readVisit(store, repository, seq)));
    return archivedFiles(repository, visits).toSorted();
  }

  describe('the parts of an archive', () => {
    test.each(['force-push', 'odd-names', 'empty-repository'])('hold each file of %s exactly once', async (name) => {
      const parts = await Promise.all(Array.from({ length: OF }, (_, i) => verdictOf(archive.deps, name, { part: { part: i + 1, of: OF } })));
      expect(parts.flatMap(({ findings }) => findings)).toEqual([]);
      expect(parts.flatMap(({ files }) => files.map(({ file }) => file)).toSorted()).toEqual(await named(name));
      expect(parts.some(({ files }) => files.length > 0 && files.length < parts.flatMap((part) => part.files).length)).toBe(true);
    });

    test('leave nothing unread when each was chosen in its turn', async () => {
      const chosen: number[] = [];
      for (let i = 0; i < OF; i++) {
        const part = await chooseVerifyPart(archive.deps, { repository: null, of: OF });
        chosen.push(part);
        const summary = await verifyPart(archive.deps, verificationOf({ part: { part, of: OF } }), attempt());
        expect(summary).toMatchObject({ ok: true, repositories: 3, findings: 0, damaged: [] });
      }
      expect(chosen).toEqual([1, 2, 3, 4, 5]);
      expect(await chooseVerifyPart(archive.deps, { repository: null, of: OF })).toBe(1);
      for (const name of ['force-push', 'odd-names', 'empty-repository']) expect([...lastReads(state, name).keys()].toSorted()).toEqual(await named(name));
    });
  });

  test('a run goes on behind the repositories that an earlier attempt finished', async () => {
    const run = verificationOf();
    const stop = new AbortController();
    const phases: string[] = [];
    const first = { ...attempt([], stop.signal), onProgress: ({ phase }: { phase: string }) => void (phase.startsWith('1 of 3') && stop.abort(new Error('killed'))) };
    await expect(verifyPart(archive.deps, run, first)).rejects.toThrow('killed');
    const summary = await verifyPart(archive.deps, run, attempt(phases));
    expect(phases.filter((phase) => phase.includes('checking visits')).length).toBe(2);
    expect(summary).toMatchObject({ ok: true, repositories: 3 });
    expect(listRuns(state, 1)[0]).toMatchObject({ run: run.run, repositories: 3, findings: 0, finished: summary.finished });
  });

  test('damage is kept with its file, offset, snapshots and what to do, until the file is read again and whole', async () => {
    const { store } = archive.deps;
    const visit = await readVisit(store, 'force-push', 1);
    const path = packPath('force-push', visit.packs[0]?.name ?? '', 'pack');
    await flipBitBy(archive.hand, path);
    expect(await verifyPart(archive.deps, verificationOf({ repository: 'force-push' }), attempt())).toMatchObject({ ok: false, findings: 1, damaged: ['force-push'] });
    const snapshots = [...new Set(await Promise.all([1, 2].map(async (seq) => (await readVisit(store, 'force-push', seq)).snapshot)))];
    expect(openFindings(state, { limit: 10 })).toMatchObject([{ repository: 'force-push', kind: 'pack', file: path, offset: 0, visits: [1, 2], snapshots, hint: expect.stringContaining('pivo repair force-push') as string }]);
    expect(lastReads(state, 'force-push').get(path)?.ok).toBe(false);
    expect(verificationStates(state).get('force-push')?.findings).toBe(1);
    await flipBitBy(archive.hand, path);
    await verifyPart(archive.deps, verificationOf({ repository: 'force-push' }), attempt());
    expect(openFindings(state, { limit: 10 })).toEqual([]);
    expect(lastReads(state, 'force-push').get(path)?.ok).toBe(true);
  });
}
