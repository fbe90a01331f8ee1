// The gate's records are verified like everything else that is archived, and what happens to them stops no backup.
import { chmod } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addDecision, listDecisions, readDecision } from '../../archive/decisions.ts';
import { decisionPath } from '../../archive/layout.ts';
import { archivedFiles } from '../../archive/reading/verify.ts';
import { readVisit } from '../../archive/visits.ts';
import type { Decision } from '../../contract/gate.ts';
import type { Finding } from '../../contract/verification.ts';
import { importOn } from '../fixtures/history-shapes.ts';
import { fileOf, verdictOf } from '../harness/proof.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';

const NAME = 'force-push';
let archive: BackedUp;

beforeEach(async () => {
  archive = await openBackedUp();
  archive.deps.gate = 'hold';
  await archive.backUp(NAME, { evolve: true });
});
afterEach(() => archive.cleanUp());

const findings = async (): Promise<Finding[]> => (await verdictOf(archive.deps, NAME)).findings;
const add = (decision: Partial<Decision>): Promise<Decision> => addDecision(archive.deps.store, { repository: NAME, decision: 'accept', visit: 2, snapshot: '', by: 'ada', reason: '', time: '2026-11-21T10:00:00.000Z', ...decision });
const path = (number: number): string => decisionPath(NAME, number);

describe('verify', () => {
  it('reads every record, and says nothing of those that a run left which died before its visit', async () => {
    const { snapshot } = await readVisit(archive.deps.store, NAME, 2);
    await add({ snapshot });
    await add({ decision: 'hold', visit: 2, by: 'policy', snapshot: 'of a state that was never archived' });
    await add({ decision: 'hold', visit: 3, by: 'policy', snapshot: 'of a visit that comes yet' });
    const { ok, files } = await verdictOf(archive.deps, NAME);
    expect({ ok, read: files.filter(({ kind }) => kind === 'decision').map(({ file }) => file) }).toEqual({ ok: true, read: [1, 2, 3, 4].map(path) });
  });

  it('finds a record that anybody may write to', async () => {
    await chmod(fileOf(archive.deps, path(1)), 0o644);
    expect(await findings()).toMatchObject([{ kind: 'decision', file: path(1), problem: 'it can be written to, its mode is 644' }]);
  });

  it('finds what a person decided of a visit that is not there, or of another state of it', async () => {
    await add({ visit: 7 });
    await add({ snapshot: 'swh:1:snp:0' });
    expect((await findings()).map(({ file, problem }) => [file, problem])).toEqual([[path(2), 'it names visit 7, which is not there'], [path(3), expect.stringContaining('it names swh:1:snp:0 as the snapshot of visit 2')]]);
  });

  it('misses the last record when it is gone: the visit after it knew of it', async () => {
    await archive.hand.remove(path(1));
    const visit = await readVisit(archive.deps.store, NAME, 2);
    expect(visit.decisions).toBe(1);
    expect(archivedFiles(NAME, [visit])).toContain(path(1));
    expect(await findings()).toMatchObject([{ kind: 'decision', file: path(1), problem: 'it is not there, a visit knows of it' }]);
  });
});

describe('a record that is', () => {
  it.each([
    ['lost', () => archive.hand.remove(path(1))],
    ['changed', async () => archive.hand.replace(path(1), Buffer.from((await archive.hand.read(path(1))).toString().replace('"visit": 2', '"visit": 1')))],
  ])('%s: `current` is not to be had, and backups go on', async (_what, damage) => {
    await damage();
    await expect((await archive.library.reader(NAME)).gate()).rejects.toMatchObject({ kind: 'Damaged', message: expect.stringContaining(path(1)) as string });
    await importOn(archive.origin(NAME), 'refs/heads/main', 1);
    expect(await archive.ingest(archive.origin(NAME), NAME)).toMatchObject({ visit: 3, unchanged: false });
  });
});

it('a record of before, without the SHA-256 of itself, is read as it is', async () => {
  const before = await readDecision(archive.deps.store, NAME, 1);
  await archive.hand.replace(path(1), Buffer.from(JSON.stringify(before)));
  expect(await listDecisions(archive.deps.store, NAME)).toEqual([before]);
  expect(await findings()).toEqual([]);
});
