// A worker's disk that damages what was fetched: it is noticed before anything of it is archived, and fetched again.
import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActRun } from '../../activities/act.ts';
import { claimRepository } from '../../activities/claim-repository.ts';
import { fetchOrigin } from '../../activities/fetch-origin.ts';
import { originCache } from '../../activities/origin-cache.ts';
import { putPacks } from '../../activities/put-packs.ts';
import { packFolder } from '../../archive/layout.ts';
import { IngestInput, type IngestJob } from '../../contract/ingest.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import { fixture } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { attempt, verdictOf } from '../harness/proof.ts';

let dir: string;
let pivo: IngestHarness;
const run: ActRun = attempt();

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-damaged-cache-'));
  pivo = await openIngest(join(dir, 'home'));
});
afterEach(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true });
});

const DAMAGES: [how: string, extension: 'pack' | 'idx', damage: (file: string) => Promise<void>][] = [
  ['a pack that was cut short', 'pack', (file) => truncate(file, 200)],
  ['a pack with a changed bit', 'pack', flipMiddle],
  ['an index that was cut short', 'idx', (file) => truncate(file, 1100)],
  ['an index with a changed bit', 'idx', flipMiddle],
];

async function flipMiddle(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

/** Fetches, and damages what came. */
async function fetched(name: string, extension: string, damage: (file: string) => Promise<void>): Promise<{ origin: string; job: IngestJob }> {
  const origin = join(dir, `${name}.git`);
  await fixture(name).build(origin);
  const { job } = await claimRepository(pivo.deps, { request: IngestInput.parse({ url: origin, name }), workflowId: ingestWorkflowId(name), runId: 'damaged' });
  await fetchOrigin(pivo.deps, job, run);
  const { packs } = originCache(pivo.deps.cache, name);
  const [file = ''] = (await readdir(packs)).filter((each) => each.endsWith(`.${extension}`));
  await chmod(join(packs, file), 0o644);
  await damage(join(packs, file));
  return { origin, job };
}

describe.each(['force-push', 'sha256'])('of %s', (name) => {
  test.each(DAMAGES)('%s: the sequence starts over, and nothing of it is in the archive', async (_how, extension, damage) => {
    const { origin, job } = await fetched(name, extension, damage);
    await expect(putPacks(pivo.deps, job, run)).rejects.toMatchObject({ kind: 'WorkerLost' });
    expect(await pivo.deps.store.list(packFolder(name))).toEqual([]);
    expect(await pivo.ingest(origin, name)).toMatchObject({ visit: 1, holes: 0 });
    expect(describeDifference(await compareRepositories(origin, await pivo.snapshotOf(name, 1)))).toBe('');
    expect((await verdictOf(pivo.deps, name)).findings).toEqual([]);
  });

  test.each(DAMAGES)('%s, left by a run that died: the next run fetches it again', async (_how, extension, damage) => {
    const { origin } = await fetched(name, extension, damage);
    expect(await pivo.ingest(origin, name)).toMatchObject({ visit: 1, holes: 0 });
    expect((await verdictOf(pivo.deps, name)).findings).toEqual([]);
  });
});
