// Temporal is killed in the middle of a backup to real HDFS and started again with its data: the run completes, once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IngestResult } from '../../contract/ingest.ts';
import { startTemporalServer, type TemporalServer } from '../../stack/temporal-server.ts';
import { fixture } from '../fixtures/generate.ts';
import { sharedHdfs, sharedKafka } from '../harness/engines.ts';
import { NAMESPACE, temporalCli, unique } from '../harness/temporal.ts';
import { hdfsGate, type HdfsGate } from './gate.ts';
import { startParts, type Parts } from './parts.ts';

let folder: string;
let temporal: TemporalServer;
let parts: Parts;
let gate: HdfsGate;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-temporal-'));
  const [hdfs, kafka] = await Promise.all([sharedHdfs(), sharedKafka()]);
  temporal = await startServer();
  [gate, parts] = await Promise.all([hdfsGate(hdfs.webhdfs), startParts({ temporal: temporal.address, webhdfs: hdfs.webhdfs, events: `kafka://${kafka.brokers}` })]);
  origin = join(parts.folder, 'origin.git');
  await fixture('force-push').build(origin);
  await parts.startWorker({ webhdfs: gate.url });
});

afterAll(async () => {
  await parts?.close();
  await Promise.all([gate?.close(), temporal?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function startServer(port?: number): Promise<TemporalServer> {
  const prefer = port === undefined ? {} : { prefer: { port, uiPort: null } };
  return startTemporalServer({ cli: await temporalCli(), dbFile: join(folder, 'temporal.db'), ui: false, logFile: join(folder, 'temporal.log'), namespace: NAMESPACE, searchAttributes: {}, ...prefer });
}

it.each([
  ['while a pack is written', /^datanode CREATE .*\/objects\/pack\//],
  ['before the visit has its name', /^namenode RENAME .*\/visits\/1\.json$/],
])('killed %s', async (_when, line) => {
  const name = unique('repository');
  const reached = gate.reached(line);
  const running = parts.pivo<IngestResult>('ingest', origin, '--name', name);
  await Promise.race([reached, running]);
  process.kill(temporal.pid, 'SIGKILL');
  await temporal.exited;
  const { address, port } = temporal;
  temporal = await startServer(port);
  expect(temporal.address).toBe(address);
  gate.open();
  expect(await running).toMatchObject({ repository: name, visit: 1, unchanged: false, holes: 0 });
  await parts.expectOneBackup(name, origin);
}, 120_000);
