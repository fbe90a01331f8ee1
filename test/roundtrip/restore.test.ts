// What was ingested comes back: refs, HEAD and every object as the origin had them, at the last visit and at earlier ones.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readVisit } from '../../archive/visits.ts';
import { git } from '../../git/process.ts';
import { FIXTURES, fixture } from '../fixtures/generate.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { restoreTo } from '../harness/restore.ts';
import { stateOf } from '../harness/repository-state.ts';

const run = promisify(execFile);

let dir: string;
let harness: IngestHarness;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-restore-'));
  harness = await openIngest(join(dir, 'home'));
});
afterAll(async () => {
  await harness.close();
  await rm(dir, { recursive: true, force: true });
});

const difference = async (a: string, b: string): Promise<string> => describeDifference(await compareRepositories(a, b));

describe.each(FIXTURES)('$name: $promise', ({ name, build, evolve }) => {
  const origin = (): string => join(dir, name);
  const before = (): string => join(dir, `${name}-before`);

  test('comes back to a bare repository, and the receipt proves it', async () => {
    await build(origin());
    await harness.ingest(origin(), name);
    const into = join(dir, `${name}-restored.git`);
    const { proof, pushed } = await restoreTo(harness.deps, name, into);
    expect(await difference(origin(), into)).toBe('');
    const { refs } = await stateOf(origin());
    expect({ refs: proof.refs, created: pushed.created, same: proof.planned === proof.observed }).toEqual({ refs: refs.length, created: refs.length, same: true });
    await rm(into, { recursive: true, force: true });
  }, 120_000);

  if (evolve === undefined) return;
  test('comes back as it was before it changed, and as it is since', async () => {
    await cp(origin(), before(), { recursive: true });
    await evolve(origin());
    await harness.ingest(origin(), name);
    const { time, snapshot } = await readVisit(harness.deps.store, name, 1);
    await restoreTo(harness.deps, name, join(dir, `${name}-then.git`), time);
    expect(await difference(before(), join(dir, `${name}-then.git`))).toBe('');
    await restoreTo(harness.deps, name, join(dir, `${name}-by-id.git`), snapshot);
    expect(await difference(before(), join(dir, `${name}-by-id.git`))).toBe('');
    await restoreTo(harness.deps, name, join(dir, `${name}-now.git`));
    expect(await difference(origin(), join(dir, `${name}-now.git`))).toBe('');
  }, 120_000);
});

/** What git accepts by push: HEAD on a branch, no ref directly below `refs/`, SHA-1. */
const PUSHABLE = ['merge-storm', 'octopus', 'many-refs', 'nested-tags', 'signed', 'odd-names', 'empty-tree', 'notes', 'forge-refs', 'odd-ref-names', 'colliding-refs'];

test.each(PUSHABLE)('%s comes back by push to an empty repository that is there', async (name) => {
  const origin = join(dir, `push-${name}`);
  await fixture(name).build(origin);
  await harness.ingest(origin, `push-${name}`);
  const into = join(dir, `pushed-${name}.git`);
  await initBare(into, 'something-else');
  await restoreTo(harness.deps, `push-${name}`, into);
  expect(await difference(origin, into)).toBe('');
}, 60_000);

test.each(['crlf', 'odd-modes', 'odd-names'])('a working clone of %s has the files that stock git lays out', async (name) => {
  const origin = join(dir, `work-${name}-origin`);
  await fixture(name).build(origin);
  await harness.ingest(origin, `work-${name}`);
  const [ours, theirs] = [join(dir, `work-${name}`), join(dir, `stock-${name}`)];
  await restoreTo(harness.deps, `work-${name}`, ours);
  await git(['clone', '--quiet', pathToFileURL(origin).href, theirs], { protocols: ['file'] });
  expect(await difference(origin, join(ours, '.git'))).toBe('');
  const differing = await run('diff', ['-rq', '--no-dereference', '--exclude=.git', theirs, ours]).then(({ stdout }) => stdout, (error: { stdout: string }) => error.stdout);
  expect(differing).toBe('');
});
