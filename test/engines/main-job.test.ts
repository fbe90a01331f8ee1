// The main job on real engines: the archive on HDFS, events in Kafka; backed up, asked, restored, proven, audited.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOPIC } from '../../contract/names.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { enginePlaces, hdfsShell, missingTools, startHdfs, startKafka, type Hdfs, type Kafka as Broker } from '../../engines/index.ts';
import { gitText } from '../../git/process.ts';
import { fixture } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const NAMES = ['merge-storm', 'many-refs', 'nested-tags', 'odd-names', 'odd-modes', 'sha256', 'force-push', 'empty-repository', 'detached-head'];
const missing = await missingTools(process.env);

describe.skipIf(missing.length > 0)(`on HDFS and Kafka${missing.length > 0 ? ` (not here: ${missing.join(', ')})` : ''}`, () => {
  let dir: string;
  let hdfs: Hdfs;
  let broker: Broker;
  let pivo: Pivo;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-job-'));
    const places = enginePlaces(process.env, join(dir, 'engines'));
    [hdfs, broker] = await Promise.all([startHdfs({ ...places, separate: true }), startKafka(places)]);
    pivo = await startPivo(join(dir, 'home'), { PIVO_STORE: `${hdfs.webhdfs}/pivo`, PIVO_EVENTS: `kafka://${broker.brokers}` });
  }, 300_000);
  afterAll(async () => {
    await pivo?.close();
    await Promise.all([hdfs?.stop(), broker?.stop()]);
    await rm(dir, { recursive: true, force: true });
  }, 60_000);

  async function thereAndBack(origin: string, name: string): Promise<string> {
    expect(await pivo.json<IngestResult & { indexed: boolean }>('ingest', origin, '--name', name)).toMatchObject({ repository: name, holes: 0, indexed: true });
    const into = join(dir, `${name}-restored.git`);
    const receipt = await pivo.json<RestoreReceipt>('restore', name, '--to', into, '--yes');
    expect(receipt).toMatchObject({ outcome: 'done', proof: { planned: receipt.proof.observed } });
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
    await pivo.json('restore', `force-push@${visits.at(-1)?.snapshot}`, '--to', old, '--yes');
    expect(await gitText(['for-each-ref'], { gitDir: old })).toBe(before);
  }, 120_000);

  test('files of HEAD are in a Hadoop Archive that the stock shell reads, and files of any commit through PIVO', async () => {
    const head = await gitText(['rev-parse', 'HEAD'], { cwd: PROJECT });
    const readme = await gitText(['show', `${head}:LICENSE`], { cwd: PROJECT }).catch(() => gitText(['show', `${head}:package.json`], { cwd: PROJECT }));
    const name = await gitText(['cat-file', '-e', `${head}:LICENSE`], { cwd: PROJECT }).then(() => 'LICENSE', () => 'package.json');
    const { stdout } = await hdfsShell(hdfs, ['-cat', `har:///pivo/backups/own/${head}.har/${name}`], process.env);
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
        const { action, outcome, repository } = JSON.parse(message.value?.toString('utf8') ?? '{}') as Record<string, string>;
        seen.add(`${action} ${repository} ${outcome}`);
        if (NAMES.every((name) => seen.has(`ingest ${name} done`) && seen.has(`restore ${name} done`))) all.resolve();
      },
    });
    await all.promise;
    await consumer.disconnect();
  }, 60_000);

  test('a DataNode and a broker that die and come back cost time, no data', async () => {
    await Promise.all([hdfs.killDataNode(), broker.killBroker()]);
    await fixture('merge-storm').evolve?.(join(dir, 'merge-storm'));
    const running = pivo.json<IngestResult>('ingest', join(dir, 'merge-storm'), '--name', 'merge-storm');
    await Promise.all([hdfs.startDataNode(), broker.startBroker()]);
    expect(await running).toMatchObject({ visit: 2, holes: 0 });
    expect(await pivo.json('verify')).toMatchObject({ ok: true });
    expect(await pivo.json<{ digest: string }>('reindex', '--from', 'archive').then(({ digest }) => digest)).toBe(await pivo.json<{ digest: string }>('reindex', '--from', 'log').then(({ digest }) => digest));
  }, 180_000);
});
