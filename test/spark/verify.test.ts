// A verification by real Spark: executors read what belongs to a part, and damage is told with its file and offset.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyPart } from '../../activities/verify.ts';
import type { ActivityDeps } from '../../activities/act.ts';
import { packPath } from '../../archive/layout.ts';
import { readVisit } from '../../archive/visits.ts';
import { CHUNK_BYTES } from '../../contract/visit.ts';
import { openFindings } from '../../state/verifications.ts';
import { bigBlobs } from '../fixtures/contents.ts';
import { fixture } from '../fixtures/generate.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { attempt, fileOf, flipBit, verificationOf } from '../harness/proof.ts';
import { keptLog, sparkUnderTest, type SparkUnderTest } from './spark.ts';

let spark: SparkUnderTest;
let pivo: IngestHarness;
let deps: ActivityDeps;

beforeAll(async () => {
  spark = await sparkUnderTest();
  pivo = await openIngest(join(spark.folder, 'home'));
  deps = { ...pivo.deps, spark: spark.standalone };
  for (const name of ['nested-tags', 'sha256', 'merge-storm']) {
    await fixture(name).build(join(spark.folder, `${name}.git`));
    await pivo.ingest(join(spark.folder, `${name}.git`), name);
  }
  await bigBlobs(join(spark.folder, 'two-chunks.git'), { count: 3, bytes: 4 * 2 ** 20 });
  await pivo.ingest(join(spark.folder, 'two-chunks.git'), 'two-chunks');
});
afterAll(async () => {
  await pivo.close();
  await spark.close();
});

const packOf = async (name: string): Promise<string> => packPath(name, (await readVisit(deps.store, name, 1)).packs[0]?.name ?? '', 'pack');

it('reads every pack of all repositories in one application', async () => {
  const { log, lines } = keptLog();
  const phases: string[] = [];
  const summary = await verifyPart({ ...deps, log }, verificationOf({ engine: 'spark' }), attempt(phases));
  expect(summary).toMatchObject({ ok: true, repositories: 4, findings: 0 });
  expect([...new Set(phases)]).toEqual(expect.arrayContaining(['starting Spark', 'Reading', 'Recomputing']));
  expect(lines.filter(({ component }) => component === 'SPARK-EXECUTOR')).toHaveLength(4);
});

it('tells what is damaged, cut or gone, with its offset', async () => {
  const [two, nested, sha256] = await Promise.all(['two-chunks', 'nested-tags', 'sha256'].map(packOf)) as [string, string, string];
  await flipBit(fileOf(deps, two), CHUNK_BYTES + 77);
  await rm(fileOf(deps, nested));
  await flipBit(fileOf(deps, sha256.replace(/pack$/, 'idx')));
  const summary = await verifyPart(deps, verificationOf({ engine: 'spark' }), attempt());
  expect(summary).toMatchObject({ ok: false, damaged: ['nested-tags', 'sha256', 'two-chunks'] });
  expect(openFindings(join(spark.folder, 'home', 'state.db'), { limit: 10 })).toMatchObject([
    { file: nested, kind: 'pack', problem: 'it is not there' },
    { file: sha256.replace(/pack$/, 'idx'), kind: 'idx', problem: 'its bytes are not those that were archived' },
    { file: two, kind: 'pack', offset: CHUNK_BYTES },
  ]);
});
