// The broker is killed again and again while the metadata service reads from it: every row arrives, once.
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PivoEvent } from '../../contract/events.ts';
import { TOPIC } from '../../contract/names.ts';
import type { Kafka } from '../../engines/index.ts';
import { openEventLog } from '../../events/open.ts';
import { digestOfFile } from '../../metadata/digest.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { waitUntilIndexed } from '../../operations/index-status.ts';
import { sharedKafka, type Shared } from '../harness/engines.ts';
import { commits, end, snapshot, startProcess, testHome, toMessages, type TestHome } from '../metadata/service.ts';

const REPOSITORIES = ['execa', 'redis', 'vue', 'zod'];
const COMMITS = 20_000;
const BATCH = 1_000;
const KILLS = 2;

let kafka: Shared<Kafka>;
let home: TestHome;
let service: ChildProcess | undefined;

beforeEach(async () => {
  [kafka, home] = await Promise.all([sharedKafka(), testHome()]);
  await writeFile(join(home.home, 'config.toml'), `events = "kafka://${kafka.brokers}"\n[log]\nlevel = "debug"\n`);
});
afterEach(async () => {
  if (service?.exitCode === null && service.signalCode === null) await end(service, 'SIGKILL');
  await home.dispose();
});

const eventsOf = (repository: string): PivoEvent[] => [...commits(repository, 1, 0, COMMITS), snapshot(repository, 1, COMMITS)];

async function publishAll(): Promise<void> {
  const log = openEventLog(`kafka://${kafka.brokers}`);
  const messages = REPOSITORIES.flatMap((repository) => toMessages(eventsOf(repository)));
  for (let at = 0; at < messages.length; at += BATCH) await log.publish(TOPIC.commits, messages.slice(at, at + BATCH));
  await log.close();
}

/** Resolves when the service says that it wrote a batch into the index. */
function nextBatch(lines: Interface): Promise<void> {
  return new Promise((resolve) => {
    const look = (line: string): void => {
      if (!line.includes('"msg":"indexed"')) return;
      lines.off('line', look);
      resolve();
    };
    lines.on('line', look);
  });
}

function count(sql: string): number {
  const db = new Database(home.config.paths.index, { readonly: true });
  try {
    return db.prepare(sql).pluck().get() as number;
  } finally {
    db.close();
  }
}

it('every event becomes its row once, and the index is the same as without trouble', async () => {
  await publishAll();
  service = await startProcess(home.home);
  const lines = createInterface({ input: service.stderr ?? process.stdin });
  let started: Promise<unknown> = Promise.resolve();
  for (let kill = 1; kill <= KILLS; kill++) {
    await nextBatch(lines);
    await kafka.killBroker();
    await started;
    expect(count('SELECT count(*) FROM visits')).toBeLessThan(REPOSITORIES.length); // something is left to read
    started = kafka.startBroker().catch((error: unknown) => error); // the next kill may come before it is ready
  }
  expect(await started).toBeUndefined();
  for (const repository of REPOSITORIES) expect(await waitUntilIndexed(home.config.paths.metadataSocket, repository, 1)).toBe(true);
  expect(await end(service, 'SIGTERM')).toBe(0);
  expect(count('SELECT count(*) FROM commits')).toBe(REPOSITORIES.length * COMMITS);
  const untroubled = openIndexWriter(join(home.home, 'untroubled.db'));
  for (const repository of REPOSITORIES) untroubled.write(eventsOf(repository));
  untroubled.close();
  expect(digestOfFile(home.config.paths.index)).toBe(digestOfFile(join(home.home, 'untroubled.db')));
}, 180_000);
