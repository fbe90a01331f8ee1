// Snapshot ids are those of Software Heritage: checked against its own `swh identify`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snapshotId } from '../../archive/snapshots.ts';
import { FIXTURES, fixture } from '../fixtures/generate.ts';
import { hasPython, swhModel, swhSnapshotId } from '../harness/python-tools.ts';
import { stateOf } from '../harness/repository-state.ts';

const python = await hasPython();
/** `swh identify` refuses SHA-256; dulwich fails at dates that no clock has and at refs directly below `refs/`. */
const REFUSED_BY_REFERENCE = ['sha256', 'odd-dates', 'top-level-refs'];
const identified = FIXTURES.filter(({ name }) => name !== 'big-blob' && !REFUSED_BY_REFERENCE.includes(name));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-swhid-'));
  if (python) await swhModel();
}, 300_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

const idOf = async (repository: string): Promise<string> => {
  const { objectFormat, head, refs } = await stateOf(repository);
  return snapshotId(objectFormat, head, refs);
};

describe.skipIf(!python)('the snapshot id is what `swh identify` computes (needs python3 with pip)', () => {
  test.each(identified)('of $name', async ({ name, build }) => {
    const repository = join(dir, name);
    await build(repository);
    expect(await idOf(repository)).toBe(await swhSnapshotId(repository));
  }, 60_000);
});

test('a SHA-256 repository has an id of its own kind', async () => {
  const repository = join(dir, 'own-kind');
  await fixture('sha256').build(repository);
  expect(await idOf(repository)).toMatch(/^pivo:1:snp:[0-9a-f]{64}$/);
});

test('one moved ref is another snapshot, and moved back it is the same again', async () => {
  const repository = join(dir, 'moved');
  await fixture('force-push').build(repository);
  const state = await stateOf(repository);
  const [first, ...others] = state.refs;
  if (first === undefined) throw new Error('the fixture has refs');
  const id = snapshotId(state.objectFormat, state.head, state.refs);
  const moved = { ...first, oid: '1'.repeat(40) };
  expect(snapshotId(state.objectFormat, state.head, [moved, ...others])).not.toBe(id);
  expect(snapshotId(state.objectFormat, state.head, [...others, first])).toBe(id);
});
