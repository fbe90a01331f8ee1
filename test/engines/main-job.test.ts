// The main job on real engines: Temporal, the archive on HDFS, events in Kafka, restores by Spark; backed up, asked, restored, proven, audited.
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../contract/events.ts';
import { TOPIC } from '../../contract/names.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { hdfsShell, missingTools, sparkEnvironment, type Hdfs, type Kafka as Broker, type Spark } from '../../engines/index.ts';
import { gitText } from '../../git/process.ts';
import { fixture } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { sharedHdfs, sharedKafka, sharedSpark, type Shared } from '../harness/engines.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { startTemporal, type TestTemporal } from '../harness/temporal.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const NAMES = ['many-refs', 'odd-names', 'sha256', 'force-push', 'empty-repository'];
const ARCHIVE = `/archive-${randomUUID()}`;
const missing = await missingTools(process.env);

describe.skipIf(missing.length > 0)(`on Temporal, HDFS, Kafka and Spark${missing.length > 0 ? ` (not here: ${missing.join(', ')})` : ''}`, () => {
  let dir: string;
  let hdfs: Shared<Hdfs>;
  let broker: Shared<Broker>;
  let spark: Shared<Spark>;
  let temporal: TestTemporal;
  let pivo: Pivo;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-job-'));
    [hdfs, broker, spark] = await Promise.all([sharedHdfs(), sharedKafka(), sharedSpark()]);
    temporal = await startTemporal();
    const home = join(dir, 'home');
    await mkdir(home);
    await writeFile(join(home, 'config.toml'), '[spark.conf]\n"spark.driver.memory" = "512m"\n"spark.executor.memory" = "512m"\n');
    pivo = await startPivo(home, {
      ...sparkEnvironment(spark),
      TEMPORAL_ADDRESS: temporal.server.address,
      PIVO_STORE: `${hdfs.webhdfs}${ARCHIVE}`,
      PIVO_EVENTS: `kafka://${broker.brokers}`,
      SPARK_HOME: spark.home,
      PIVO_SPARK_MASTER: spark.master,
    });
  }, 300_000);
  afterAll(async () => {
    await pivo?.close();
    await temporal?.stop();
    await rm(dir, { recursive: true, force: true });
  }, 60_000);

  /** Restored by Spark to a bare repository at `into`, with a receipt that proves it. */
  async function restore(what: string, into: string): Promise<RestoreReceipt> {
    const receipt = await pivo.json<RestoreReceipt>('restore', what, '--to', into, '--engine', 'spark', '--yes');
    expect(receipt).toMatchObject({ outcome: 'done', engine: 'spark', proof: { planned: receipt.proof.observed } });
    return receipt;
  }

  async function thereAndBack(origin: string, name: string): Promise<string> {
    expect(await pivo.json<IngestResult & { indexed: boolean }>('ingest', origin, '--name', name)).toMatchObject({ repository: name, holes: 0, indexed: true });
    const into = join(dir, `${name}-restored.git`);
    await restore(name, into);
    return into;
  }

  test.each(NAMES)('%s comes back with the same refs and objects', async (name) => {
    const origin = join(dir, name);
    await fixture(name).build(origin);
    expect(describeDifference(await compareRepositories(origin, await thereAndBack(origin, name)))).toBe('');
  }, 120_000);

  test("this project's own repository comes back, and its commits can be asked for", async () => {
    const gitDir = await gitText(['rev-parse', '--absolute-git-dir'], { cwd: PROJECT });
    expect(describeDifference(await compareRepositories(gitDir, await thereAndBack(PROJECT, 'own')))).toBe('');
    const { rows } = await pivo.json<{ rows: unknown[][] }>('query', "SELECT count(*) FROM commits WHERE repo_name = 'own'");
    expect(rows).toEqual([[Number(await gitText(['rev-list', '--all', '--count'], { cwd: PROJECT }))]]);
  }, 120_000);

  test('a changed origin brings one more visit, and both states can be restored', async () => {
    const origin = join(dir, 'force-push');
    const before = await gitText(['for-each-ref'], { gitDir: origin });
    await fixture('force-push').evolve?.(origin);
    await pivo.json('ingest', origin, '--name', 'force-push');
    const old = join(dir, 'old.git');
    const { visits } = await pivo.json<{ visits: { snapshot: string }[] }>('visits', 'force-push'); // last first
    await restore(`force-push@${visits.at(-1)?.snapshot}`, old);
    expect(await gitText(['for-each-ref'], { gitDir: old })).toBe(before);
  }, 120_000);

  test('files of HEAD are in a Hadoop Archive that the stock shell reads, and files of any commit through PIVO', async () => {
    const head = await gitText(['rev-parse', 'HEAD'], { cwd: PROJECT });
    const readme = await gitText(['show', `${head}:LICENSE`], { cwd: PROJECT }).catch(() => gitText(['show', `${head}:package.json`], { cwd: PROJECT }));
    const name = await gitText(['cat-file', '-e', `${head}:LICENSE`], { cwd: PROJECT }).then(() => 'LICENSE', () => 'package.json');
    const { stdout } = await hdfsShell(hdfs, ['-cat', `har://${ARCHIVE}/backups/own/${head}.har/${name}`], process.env);
    expect(stdout.toString('utf8').trimEnd()).toBe(readme.trimEnd());
    expect((await pivo.text('cat', `own@${head}`, name)).trimEnd()).toBe(readme.trimEnd());
  }, 60_000);

  test('every outcome is on the audit topic', async () => {
    const consumer = new Kafka({ clientId: 'auditor', brokers: [broker.brokers], logLevel: logLevel.NOTHING }).consumer({ groupId: 'auditor' });
    await consumer.connect();
    await consumer.subscribe({ topics: [TOPIC.audit], fromBeginning: true });
    const seen = new Set<string>();
    const all = Promise.withResolvers<void>();
    await consumer.run({
      eachMessage: async ({ message }) => {
        const { action, outcome, repository, details } = JSON.parse(message.value?.toString('utf8') ?? '{}') as AuditEvent;
        seen.add(action === 'restore' ? `restore ${repository} ${outcome} by ${String(details['engine'])}` : `${action} ${repository} ${outcome}`);
        if ([...NAMES, 'own'].every((name) => seen.has(`ingest ${name} done`) && seen.has(`restore ${name} done by spark`))) all.resolve();
      },
    });
    await all.promise;
    await consumer.disconnect();
  }, 60_000);
});
