// Restores by real Spark on an archive of files: what comes back, what damage does, and what a crash or a cancel leaves.
import { mkdir, open, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packPath, restorePath } from '../../archive/layout.ts';
import { readVisit } from '../../archive/visits.ts';
import { CHUNK_BYTES } from '../../contract/visit.ts';
import { gitText } from '../../git/process.ts';
import { runSparkJob, sparkEngine, type SparkDeps } from '../../restore/spark-engine.ts';
import type { SparkSettings } from '../../restore/spark-settings.ts';
import { FIXTURES } from '../fixtures/generate.ts';
import { bigBlobs } from '../fixtures/contents.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { restoreWith } from '../restore/acts.ts';
import { gate, keptLog, planned, sparkUnderTest, type SparkUnderTest } from './spark.ts';

const SHAPES = ['merge-storm', 'nested-tags', 'malformed', 'empty-repository', 'detached-head', 'unborn-head', 'latin1-ref-names', 'refs-at-anything', 'odd-names', 'sha256'];

let spark: SparkUnderTest;
let pivo: IngestHarness;

beforeAll(async () => {
  spark = await sparkUnderTest();
  pivo = await openIngest(join(spark.folder, 'home'));
  for (const name of SHAPES) await backUp(name);
});

afterAll(async () => {
  await pivo.close();
  await spark.close();
});

const RUN = { signal: new AbortController().signal, onProgress: () => {} };
const depsOf = (settings: SparkSettings, log = keptLog().log): SparkDeps => ({ store: pivo.deps.store, cache: pivo.deps.cache, settings, log });
const origin = (name: string): string => join(spark.folder, 'origins', `${name}.git`);

async function backUp(name: string): Promise<void> {
  await FIXTURES.find((fixture) => fixture.name === name)?.build(origin(name));
  await pivo.ingest(origin(name), name);
}

describe('one application for many repositories', () => {
  it.each(['local', 'standalone'] as const)('brings each back with the same refs and objects (%s)', async (where) => {
    const settings = spark[where];
    const { log, lines } = keptLog();
    const phases = new Set<string>();
    const restores = await planned(pivo.deps, join(spark.folder, where), SHAPES);
    const failures = await runSparkJob(depsOf(settings, log), restores, { ...RUN, onProgress: ({ phase }) => void phases.add(phase) });
    expect([...failures.values()]).toEqual(SHAPES.map(() => null));
    expect([...phases]).toEqual(['starting Spark', 'Validation', 'Download', 'Reconstruction']);
    for (const { restoreId, plan } of restores) {
      const { gitDir, packsVerified } = await sparkEngine(depsOf(settings)).reconstruct(plan, { ...RUN, restoreId }); // finds the work done
      expect(packsVerified).toBe(plan.packs.length);
      expect(gitDir).toBe(pivo.deps.store.localPath(`${restorePath(restoreId)}/repository.git`));
      expect(describeDifference(await compareRepositories(origin(plan.repository), gitDir)), plan.repository).toBe('');
    }
    expect(lines.map(({ component, kind }) => `${component} ${kind}`)).toEqual(expect.arrayContaining(['SPARK-SUBMIT CMD', 'SPARK-SUBMIT RES', 'SPARK-EXECUTOR RES', 'SPARK-DRIVER RES']));
    expect(lines.find(({ component }) => component === 'SPARK-SUBMIT')?.message).toContain('--name PIVO-Restore-10-repositories');
  });
});

describe('a restore with the engine "spark"', () => {
  it('ends with a proven receipt, and its stages have names in Spark', async () => {
    const events = join(spark.folder, 'events');
    await mkdir(events);
    const settings = { ...spark.local, conf: { ...spark.local.conf, 'spark.eventLog.enabled': 'true', 'spark.eventLog.dir': `file://${events}` } };
    const target = join(spark.folder, 'restored.git');
    const receipt = await restoreWith({ ...pivo.deps, spark: settings }, { repository: 'merge-storm', target, engine: 'spark', refs: 'all' });
    expect(receipt).toMatchObject({ outcome: 'done', engine: 'spark', proof: { packsVerified: 1 } });
    expect(receipt.proof.observed).toBe(receipt.proof.planned);
    expect(describeDifference(await compareRepositories(origin('merge-storm'), target))).toBe('');
    expect((await readdir(pivo.deps.store.localPath(restorePath(receipt.restoreId)) ?? '')).toSorted()).toEqual(['plan.json', 'receipt.json', 'reconstruction.json', 'repository.git']);

    const log = (await readFile(join(events, (await readdir(events))[0] ?? ''), 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
    const head = await gitText(['rev-parse', 'HEAD'], { gitDir: origin('merge-storm') });
    expect(log.find((event) => event['Event'] === 'SparkListenerApplicationStart')).toMatchObject({ 'App Name': `PIVO-Restore-merge-storm-${head}` });
    const jobs = log.flatMap((event) => (event['Event'] === 'SparkListenerJobStart' ? [(event['Properties'] as Record<string, string>)['spark.job.description']] : []));
    expect(jobs.map((description) => description?.split(':')[0])).toEqual(['Validation', 'Download', 'Reconstruction', 'Reconstruction']);
  });

  it('says where to get spark-submit when there is none', async () => {
    const target = join(spark.folder, 'nowhere.git');
    const missing = { ...spark.local, home: join(spark.folder, 'no-spark') };
    await expect(restoreWith({ ...pivo.deps, spark: missing }, { repository: 'merge-storm', target, engine: 'spark' })).rejects.toMatchObject({ kind: 'InvalidInput', hint: expect.stringContaining('SPARK_HOME') });
    const { spark: _, ...without } = pivo.deps;
    await expect(restoreWith(without, { repository: 'merge-storm', target, engine: 'spark' })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('not configured') });
  });

  it('puts no secret into a command line', async () => {
    const restores = await planned(pivo.deps, join(spark.folder, 'secret'), ['merge-storm']);
    const secret = { ...spark.local, conf: { 'spark.authenticate.secret': 'hunter2' } };
    await expect(runSparkJob(depsOf(secret), restores, RUN)).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.not.stringContaining('hunter2'), hint: expect.stringContaining('spark-defaults.conf') });
  });

  it('can be tried again when Spark itself failed, and says what it said last', async () => {
    const [restore] = await planned(pivo.deps, join(spark.folder, 'broken'), ['merge-storm']);
    const broken = { ...spark.local, conf: { ...spark.local.conf, 'spark.driver.memory': 'much' } };
    await expect(runSparkJob(depsOf(broken), restore === undefined ? [] : [restore], RUN)).rejects.toMatchObject({ kind: 'Unavailable', permanent: false, message: expect.stringMatching(/ended without a result: .*much/) });
  });
});

describe('damage', () => {
  it('fails its own restore with file and offset, and leaves the others of the application alone', async () => {
    await bigBlobs(origin('two-chunks'), { count: 3, bytes: 4 * 2 ** 20 });
    await pivo.ingest(origin('two-chunks'), 'two-chunks');
    const [sound, hurt] = await planned(pivo.deps, join(spark.folder, 'damage'), ['merge-storm', 'two-chunks']);
    if (sound === undefined || hurt === undefined) throw new Error('not planned');
    const path = packPath('two-chunks', (await readVisit(pivo.deps.store, 'two-chunks', 1)).packs[0]?.name ?? '', 'pack');
    await flip(pivo.deps.store.localPath(path) ?? '', CHUNK_BYTES + 1234);
    const failures = await runSparkJob(depsOf(spark.local), [sound, hurt], RUN);
    expect(failures.get(sound.restoreId)).toBeNull();
    expect(failures.get(hurt.restoreId)).toMatchObject({ kind: 'Damaged', message: expect.stringContaining(`${path} is damaged between bytes ${CHUNK_BYTES}`), facts: { path, offset: CHUNK_BYTES } });
    expect(await pivo.deps.store.stat(`${restorePath(hurt.restoreId)}/repository.git`)).toBeNull();
    await expect(sparkEngine(depsOf(spark.local)).reconstruct(hurt.plan, { ...RUN, restoreId: hurt.restoreId })).rejects.toMatchObject({ kind: 'Damaged', permanent: true, facts: { path, offset: CHUNK_BYTES } });
  });
});

/** Changes one byte of a file that nobody may write. */
async function flip(file: string, offset: number): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  await handle.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, offset);
  await handle.close();
}

const there = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

describe.each(['local', 'standalone'] as const)('while executors work (%s)', (where) => {
  it('a cancel ends the application and leaves nothing half done', async () => {
    const waiting = await gate(spark[where], spark.folder);
    const [restore] = await planned(pivo.deps, join(spark.folder, `cancel-${where}`), ['merge-storm']);
    if (restore === undefined) throw new Error('not planned');
    const controller = new AbortController();
    const running = runSparkJob(depsOf(waiting.settings), [restore], { ...RUN, signal: controller.signal });
    await Promise.race([waiting.reached(), running]);
    if (where === 'standalone') expect(await spark.applications()).toHaveLength(1);
    controller.abort(new Error('CANCELLED'));
    await expect(running).rejects.toMatchObject({ kind: 'Cancelled' });
    await waiting.open();
    while ((await spark.applications()).length > 0);
    expect(await there(join(pivo.deps.cache, 'spark', restore.restoreId))).toBe(false);
    expect(await pivo.deps.store.stat(`${restorePath(restore.restoreId)}/reconstruction.json`)).toBeNull();
    expect((await runSparkJob(depsOf(spark[where]), [restore], RUN)).get(restore.restoreId)).toBeNull();
  });

  it('a worker that goes away leaves the application, and its successor joins it', async () => {
    const waiting = await gate(spark[where], spark.folder);
    const [restore] = await planned(pivo.deps, join(spark.folder, `join-${where}`), ['nested-tags']);
    if (restore === undefined) throw new Error('not planned');
    const controller = new AbortController();
    const first = keptLog();
    const running = runSparkJob({ ...depsOf(waiting.settings, first.log), leaves: () => true }, [restore], { ...RUN, signal: controller.signal });
    await Promise.race([waiting.reached(), running]);
    controller.abort(new Error('WORKER_SHUTDOWN'));
    await expect(running).rejects.toMatchObject({ kind: 'Cancelled' });
    const second = keptLog();
    const joining = runSparkJob(depsOf(waiting.settings, second.log), [restore], RUN);
    await waiting.open();
    expect((await joining).get(restore.restoreId)).toBeNull();
    const application = (lines: typeof first.lines): unknown => lines.find((line) => line['application'] !== undefined)?.['application'];
    expect(application(second.lines)).toBe(application(first.lines));
    expect(second.lines.map(({ kind }) => kind)).not.toContain('CMD');
  });
});

it('an executor that dies in the middle costs time only', async () => {
  const waiting = await gate(spark.standalone, spark.folder);
  const [restore] = await planned(pivo.deps, join(spark.folder, 'killed'), ['odd-names']);
  if (restore === undefined) throw new Error('not planned');
  const running = runSparkJob(depsOf(waiting.settings), [restore], RUN);
  await Promise.race([waiting.reached(), running]);
  await spark.cluster.killSparkWorker();
  await waiting.open();
  await spark.cluster.startSparkWorker();
  expect((await running).get(restore.restoreId)).toBeNull();
  expect(describeDifference(await compareRepositories(origin('odd-names'), fileURLToPath(`${pivo.deps.store.url}/${restorePath(restore.restoreId)}/repository.git`)))).toBe('');
});
