// A restore of many by real Spark: one application for all of them, and a damaged repository stops no other.
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RestoreAllReceipt } from '../../contract/restore-all.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { backUpMany, numbered, outcomesOf } from '../restore-all/many.ts';
import { sparkUnderTest, type SparkUnderTest } from './spark.ts';

const NAMES = numbered(7);
const taskQueue = unique('queue');

let temporal: TestTemporal;
let spark: SparkUnderTest;
let pivo: IngestHarness;
let worker: TestWorker;
let events: string;

beforeAll(async () => {
  [temporal, spark] = await Promise.all([startTemporal(), sparkUnderTest()]);
  events = join(spark.folder, 'events');
  await mkdir(events);
  pivo = await openIngest(join(spark.folder, 'home'));
  await backUpMany(pivo, join(spark.folder, 'origins'), NAMES);
  const settings = { ...spark.local, conf: { ...spark.local.conf, 'spark.eventLog.enabled': 'true', 'spark.eventLog.dir': `file://${events}` } };
  worker = await startWorker(temporal, { taskQueue, deps: { ...pivo.deps, spark: settings } });
});

afterAll(async () => {
  await worker.stop();
  await pivo.close();
  await temporal.stop();
  await spark.close();
});

it('reconstructs all of them in one application, and tells what it found damaged', { timeout: 240_000 }, async () => {
  const [damaged = '', ...sound] = NAMES;
  const packs = pivo.deps.store.localPath(`backups/${damaged}/objects/pack`) ?? '';
  const pack = join(packs, (await readdir(packs)).find((name) => name.endsWith('.pack')) ?? '');
  const bytes = await readFile(pack);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await chmod(pack, 0o644);
  await writeFile(pack, bytes);
  const target = join(spark.folder, 'restored');
  const handle = await temporal.client.workflow.start('restoreAll', { taskQueue, workflowId: `restore-all:${unique('spark')}`, args: [{ target, engine: 'spark', approval: 'waived' }] });
  const receipt = (await handle.result()) as RestoreAllReceipt;
  expect(receipt).toMatchObject({ outcome: 'partly', engine: 'spark' });
  expect(outcomesOf(receipt)).toEqual({ failed: [damaged], restored: sound });
  expect(receipt.receipts[0]?.failure).toMatchObject({ kind: 'Damaged' });
  expect(await readdir(events)).toHaveLength(1);
  const [log = ''] = await readdir(events);
  expect(log.startsWith('local-')).toBe(true);
  for (const name of sound) expect(describeDifference(await compareRepositories(join(spark.folder, 'origins', `${name}.git`), join(target, `${name}.git`)))).toBe('');
});
