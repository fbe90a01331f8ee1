// NameNode and DataNode are killed under a running backup or restore; it completes, or fails with a clear error and the next one completes.
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../archive/open.ts';
import { proveStream } from '../../archive/proof.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { sparkEnvironment, type Hdfs, type Kafka, type Spark } from '../../engines/index.ts';
import { failureKind } from '../archive/store-conformance.ts';
import { bigBlobs } from '../fixtures/contents.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { sharedHdfs, sharedKafka, sharedSpark, type Shared } from '../harness/engines.ts';
import { startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';
import { hdfsGate, type HdfsGate } from './gate.ts';
import { startParts, type Parts } from './parts.ts';

let hdfs: Shared<Hdfs>;
let kafka: Shared<Kafka>;
let spark: Shared<Spark>;
let temporal: TestTemporal;
let parts: Parts;
let gate: HdfsGate;
let origin: string;

beforeAll(async () => {
  [hdfs, kafka, spark] = await Promise.all([sharedHdfs(), sharedKafka(), sharedSpark()]);
  temporal = await startTemporal();
  [gate, parts] = await Promise.all([hdfsGate(hdfs.webhdfs), startParts({ temporal: temporal.server.address, webhdfs: hdfs.webhdfs, events: `kafka://${kafka.brokers}` })]);
  origin = join(parts.folder, 'origin.git');
  await bigBlobs(origin, { count: 2, bytes: 4 * 2 ** 20 });
  await parts.startWorker({ webhdfs: gate.url, env: { ...sparkEnvironment(spark), SPARK_HOME: spark.home, PIVO_SPARK_MASTER: spark.master } });
});

afterAll(async () => {
  await parts?.close();
  await Promise.all([gate?.close(), temporal?.stop()]);
});

const PACK_BYTES = /^datanode CREATE .*\/objects\/pack\//;

interface Caught {
  name: string;
  running: Promise<IngestResult>;
}

/** An ingest whose request waits at the gate. */
async function ingestAt(line: RegExp): Promise<Caught> {
  const name = unique('repository');
  const reached = gate.reached(line);
  const running = parts.pivo<IngestResult>('ingest', origin, '--name', name);
  await Promise.race([reached, running]);
  return { name, running };
}

const isWhole = async ({ name, running }: Caught): Promise<void> => {
  expect(await running).toMatchObject({ repository: name, visit: 1, holes: 0 });
  await parts.expectOneBackup(name, origin);
};

it.each([
  ['while a pack is written', PACK_BYTES],
  ['before a pack has its name', /^namenode RENAME .*\.pack$/],
  ['before the visit has its name', /^namenode RENAME .*\/visits\/1\.json$/],
])('a NameNode that is killed and started again %s: the run completes', async (_when, line) => {
  const caught = await ingestAt(line);
  await hdfs.killNameNode();
  await hdfs.startNameNode();
  gate.open();
  await isWhole(caught);
}, 120_000);

it('a NameNode that is killed and started again in the middle of a file: the file is whole, or not there and can be written again', async () => {
  const store = openStore(parts.config.store, parts.config);
  const pieces = Array.from({ length: 48 }, (_, n) => Buffer.alloc(2 ** 20, n));
  const source = async function* (): AsyncGenerator<Buffer> {
    for (const [n, piece] of pieces.entries()) {
      if (n === 20) await hdfs.killNameNode().then(hdfs.startNameNode);
      yield piece;
    }
  };
  const failed = await failureKind(store.create('during', source()));
  if (failed !== null) {
    expect(failed).toBe('StorageUnavailable');
    expect(await store.stat('during')).toBeNull();
    await store.create('during', Readable.from(pieces));
  }
  expect((await proveStream(store.open('during'))).sha256).toBe((await proveStream(Readable.from(pieces))).sha256);
}, 120_000);

it('a NameNode that stays away: the run fails and says so, and the next one completes', async () => {
  const { name, running } = await ingestAt(PACK_BYTES);
  await hdfs.killNameNode();
  gate.open();
  const failure = (await running.then(() => '', ({ stderr }: { stderr: string }) => stderr)).trim();
  expect(JSON.parse(failure)).toMatchObject({ error: { kind: 'StorageUnavailable', hint: expect.stringContaining('NameNode') as string } });
  await hdfs.startNameNode();
  await isWhole({ name, running: parts.pivo<IngestResult>('ingest', origin, '--name', name) });
}, 120_000);

it('a DataNode and a broker that are killed while a pack is written, and started again: the run completes, and the index comes from the log as from the archive', async () => {
  const caught = await ingestAt(PACK_BYTES);
  await Promise.all([hdfs.killDataNode(), kafka.killBroker()]);
  gate.open();
  await Promise.all([hdfs.startDataNode(), kafka.startBroker()]);
  await isWhole(caught);
  const digest = async (from: string): Promise<string> => (await parts.pivo<{ digest: string }>('reindex', '--from', from)).digest;
  expect(await digest('archive')).toBe(await digest('log'));
}, 120_000);

it('a DataNode that is killed while Spark reads a pack, and started again: the restore completes', async () => {
  const name = unique('repository');
  await parts.pivo('ingest', origin, '--name', name);
  const target = join(parts.folder, `${name}.git`);
  const reached = gate.reached(/^datanode OPEN .*\.pack$/);
  const running = parts.pivo<RestoreReceipt>('restore', name, '--to', target, '--engine', 'spark', '--yes');
  await Promise.race([reached, running]);
  const { activeapps } = (await (await fetch(`${spark.ui}/json/`)).json()) as { activeapps: { name: string }[] };
  expect(activeapps).toMatchObject([{ name: expect.stringContaining(`PIVO-Restore-${name}`) as string }]); // it is Spark that waits
  await hdfs.killDataNode();
  gate.open();
  await hdfs.startDataNode();
  expect(await running).toMatchObject({ outcome: 'done', engine: 'spark' });
  expect(describeDifference(await compareRepositories(origin, target))).toBe('');
}, 180_000);
