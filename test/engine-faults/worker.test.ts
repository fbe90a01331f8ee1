// The worker is killed at every step of a backup to real HDFS and Kafka; started again, it finishes the run, and the backup is there once.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IngestResult } from '../../contract/ingest.ts';
import { fixture } from '../fixtures/generate.ts';
import { sharedHdfs, sharedKafka } from '../harness/engines.ts';
import { startGitHttp, type GitHttpServer } from '../harness/git-http.ts';
import { startTemporal, unique, type TestTemporal } from '../harness/temporal.ts';
import { proxyOf, type Proxy } from '../kafka/proxy.ts';
import { hdfsGate, type HdfsGate } from './gate.ts';
import { startParts, type Parts } from './parts.ts';

let temporal: TestTemporal;
let parts: Parts;
let gate: HdfsGate;
let broker: Proxy;
let git: GitHttpServer;
let worker: ChildProcess;
let origin: string;
let onFetch: (() => void) | undefined;

beforeAll(async () => {
  const [hdfs, kafka] = await Promise.all([sharedHdfs(), sharedKafka()]);
  temporal = await startTemporal();
  [gate, broker, parts] = await Promise.all([hdfsGate(hdfs.webhdfs), proxyOf(kafka.brokers), startParts({ temporal: temporal.server.address, webhdfs: hdfs.webhdfs, events: `kafka://${kafka.brokers}` })]);
  origin = join(parts.folder, 'origin.git');
  await fixture('force-push').build(origin);
  git = await startGitHttp({ root: parts.folder, intercept: ({ method }) => method === 'POST' && caughtFetch() });
  worker = await startWorker();
});

afterAll(async () => {
  await parts?.close();
  broker?.close();
  await Promise.all([gate?.close(), git?.close(), temporal?.stop()]);
});

const startWorker = (): Promise<ChildProcess> => parts.startWorker({ webhdfs: gate.url, events: broker.url });

/** True for the fetch that is waited for: it gets no answer. */
function caughtFetch(): boolean {
  const caught = onFetch;
  onFetch = undefined;
  caught?.();
  return caught !== undefined;
}

const fetching = (): Promise<void> => new Promise((resolve) => (onFetch = resolve));
const before = (line: RegExp) => (): Promise<void> => gate.reached(line);

async function afterTheVisit(): Promise<void> {
  await gate.reached(/^namenode RENAME .* to .*\/visits\/1\.json$/);
  const named = gate.reached(/^namenode GETFILESTATUS .*\/visits\/1\.json$/); // looks whether the name was given
  gate.open();
  await named;
}

it.each([
  ['while it clones', fetching],
  ['before the bytes of a pack', before(/^datanode CREATE .*\/objects\/pack\//)],
  ['before a pack has its name', before(/^namenode RENAME .*\.pack$/)],
  ['between a pack and its index', before(/^namenode RENAME .*\.idx$/)],
  ['in the middle of a checkout', before(/^datanode CREATE .*\/_index$/)],
  ['before the checkout has its name', before(/^namenode RENAME .*\.har$/)],
  ['half-way through a snapshot', before(/^namenode RENAME .*\/packed-refs$/)],
  ['before the visit', before(/^namenode RENAME .*\/visits\/1\.json$/)],
  ['after the visit, before it could say so', afterTheVisit],
  ['before the events', () => broker.freezeAtProduce('asked')],
  ['after the events, before it could say so', () => broker.freezeAtProduce('answered')],
] as const)('killed %s', async (_when, moment) => {
  const name = unique('repository');
  const reached = moment();
  const running = parts.pivo<IngestResult>('ingest', `${git.url}/origin.git`, '--name', name);
  await Promise.race([reached, running]);
  const killed = once(worker, 'exit');
  worker.kill('SIGKILL');
  expect(await killed).toEqual([null, 'SIGKILL']);
  broker.thaw();
  worker = await startWorker();
  expect(await running).toMatchObject({ repository: name, visit: 1, unchanged: false, holes: 0 });
  await parts.expectOneBackup(name, origin);
}, 120_000);
