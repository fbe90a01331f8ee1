// Restores by real Spark from real HDFS: executors read ranges through WebHDFS, and what they made is fetched for the push.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { packPath, planPath, restorePath } from '../../archive/layout.ts';
import { readSmall } from '../../archive/read.ts';
import { webHdfsStore } from '../../archive/webhdfs/store.ts';
import { readVisit } from '../../archive/visits.ts';
import type { RestoreInput } from '../../contract/restore.ts';
import { CHUNK_BYTES } from '../../contract/visit.ts';
import { runSparkJob } from '../../restore/spark-engine.ts';
import { bigBlobs } from '../fixtures/contents.ts';
import { fixture } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { jobOf, restoreWith } from '../restore/acts.ts';
import { ARCHIVIST, SUPERUSER, hdfsUnderTest, type HdfsUnderTest } from '../webhdfs/hdfs.ts';
import { keptLog, planned, sparkUnderTest, type SparkUnderTest } from './spark.ts';

let spark: SparkUnderTest;
let hdfs: HdfsUnderTest;
let pivo: IngestHarness;
let root: string;
let deps: ActivityDeps;

beforeAll(async () => {
  [spark, hdfs] = await Promise.all([sparkUnderTest(), hdfsUnderTest()]);
  const archive = await hdfs.archive();
  root = archive.root;
  pivo = await openIngest(join(spark.folder, 'home'), () => archive.store);
  deps = { ...pivo.deps, spark: { ...spark.standalone, webhdfs: { user: ARCHIVIST } } };
  for (const name of ['nested-tags', 'latin1-ref-names', 'sha256']) {
    await fixture(name).build(origin(name));
    await pivo.ingest(origin(name), name);
  }
});

afterAll(async () => {
  await pivo.close();
  await spark.close();
});

const JOB = join(import.meta.dirname, '../../spark_jobs/restore_job.py');
const RUN = { signal: new AbortController().signal, onProgress: () => {} };
const origin = (name: string): string => join(spark.folder, 'origins', `${name}.git`);

it.each(['nested-tags', 'latin1-ref-names', 'sha256'])('%s comes back with the same refs and objects', async (name) => {
  const target = join(spark.folder, `${name}.git`);
  const input: RestoreInput = { repository: name, target, engine: 'spark', refs: 'all' };
  const job = jobOf(input);
  const receipt = await restoreWith(deps, input, job);
  expect(receipt.proof).toMatchObject({ planned: receipt.proof.observed, packsVerified: 1 });
  expect(describeDifference(await compareRepositories(origin(name), target))).toBe('');
  expect(await readdir(join(deps.cache, 'restores')).catch(() => [])).toEqual([]);
  const { text } = await hdfs.ask('GET', `${root}/${restorePath(job.restoreId)}/repository.git`, { op: 'LISTSTATUS' });
  const found = (JSON.parse(text) as { FileStatuses: { FileStatus: { pathSuffix: string; permission: string }[] } }).FileStatuses.FileStatus;
  expect(Object.fromEntries(found.map(({ pathSuffix, permission }) => [pathSuffix, permission]))).toEqual({ HEAD: '444', config: '444', objects: '555', 'packed-refs': '444', refs: '555' });
});

it('a person starts the job by hand with an hdfs:// URL, as Hadoop knows it', async () => {
  const [restore] = await planned(deps, join(spark.folder, 'by-hand'), ['nested-tags']);
  if (restore === undefined) throw new Error('not planned');
  const { home = '', env } = spark.local;
  const args = ['--master', 'local[2]', JOB, '--store', `${hdfs.hdfs.namenode}${root}`, '--user', ARCHIVIST, '--plan', planPath(restore.restoreId)];
  const { stdout } = await promisify(execFile)(join(home, 'bin/spark-submit'), args, { env: { ...env, HADOOP_CONF_DIR: hdfs.hdfs.confDir } });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(`PIVO {"event":"end","restores":[{"restoreId":"${restore.restoreId}","failure":null}],"failure":null}`);
  expect(await deps.store.stat(`${restorePath(restore.restoreId)}/reconstruction.json`)).not.toBeNull();
});

it('damage is found by the executor that reads it, with its file and offset', async () => {
  await bigBlobs(origin('two-chunks'), { count: 3, bytes: 4 * 2 ** 20 });
  await pivo.ingest(origin('two-chunks'), 'two-chunks');
  const [restore] = await planned(deps, join(spark.folder, 'damage'), ['two-chunks']);
  if (restore === undefined) throw new Error('not planned');
  const path = packPath('two-chunks', (await readVisit(deps.store, 'two-chunks', 1)).packs[0]?.name ?? '', 'pack');
  const content = await readSmall(deps.store, path);
  randomBytes(8).copy(content, CHUNK_BYTES + 4321);
  await replace(path, content);
  const failures = await runSparkJob({ store: deps.store, cache: deps.cache, settings: deps.spark ?? spark.standalone, log: keptLog().log }, [restore], RUN);
  expect(failures.get(restore.restoreId)).toMatchObject({ kind: 'Damaged', message: expect.stringContaining(path), facts: { path, offset: CHUNK_BYTES } });
});

/** What only HDFS's superuser can do: other bytes under an archived name. */
async function replace(path: string, content: Buffer): Promise<void> {
  await hdfs.ask('DELETE', `${root}/${path}`, { op: 'DELETE' });
  const superuser = webHdfsStore(`${hdfs.hdfs.webhdfs}${root}`, { user: SUPERUSER });
  await superuser.create(path, content);
}
