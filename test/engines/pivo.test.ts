// `./pivo` on the engines of `npm run engines`, told nothing but their home.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../config.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { TOPIC } from '../../contract/names.ts';
import { enginePlaces, hdfsShell, missingTools, startTemporal, type Hdfs, type Kafka, type Spark, type Temporal } from '../../engines/index.ts';
import { openEventLog } from '../../events/open.ts';
import type { Check } from '../../stack/doctor.ts';
import type { StackStatus } from '../../stack/status.ts';
import { fixture } from '../fixtures/generate.ts';
import { pivo as runPivo } from '../cli/run-pivo.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { sharedHdfs, sharedKafka, sharedSpark, sharedTemporal, type Shared } from '../harness/engines.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { unique } from '../harness/temporal.ts';

const missing = await missingTools(process.env);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(missing.length > 0)(`with all of them up${missing.length > 0 ? ` (not here: ${missing.join(', ')})` : ''}`, () => {
  let hdfs: Shared<Hdfs>;
  let kafka: Shared<Kafka>;
  let spark: Shared<Spark>;
  let temporal: Shared<Temporal>;
  let dir: string;
  let pivo: Pivo;
  beforeAll(async () => {
    [hdfs, kafka, spark, temporal] = await Promise.all([sharedHdfs(), sharedKafka(), sharedSpark(), sharedTemporal()]);
    dir = await mkdtemp(join(tmpdir(), 'pivo-'));
    const home = join(dir, 'home');
    await mkdir(home);
    await writeFile(join(home, 'config.toml'), '[spark.conf]\n"spark.driver.memory" = "512m"\n"spark.executor.memory" = "512m"\n');
    pivo = await startPivo(home, { PIVO_ENGINES: inject('enginesHome') });
  });
  afterAll(async () => {
    await pivo?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('a repository is backed up to HDFS, told to Kafka, asked for and restored by Spark, in workflows of their Temporal', async () => {
    const name = unique('repository');
    const origin = join(dir, 'origin.git');
    const restored = join(dir, 'restored.git');
    await fixture('force-push').build(origin);
    expect(await pivo.json<StackStatus>('status')).toMatchObject({ temporal: { address: temporal.address, ui: temporal.ui, external: true }, store: { url: `${hdfs.webhdfs}/pivo` }, events: { url: `kafka://${kafka.brokers}` } });
    const { visit, events } = await pivo.json<IngestResult>('ingest', origin, '--name', name);
    expect(visit).toBe(1);
    const { code, stdout } = await hdfsShell(hdfs, ['-ls', '-C', `/pivo/backups/${name}/visits`], process.env);
    expect({ code, files: stdout.toString().trim() }).toEqual({ code: 0, files: `/pivo/backups/${name}/visits/1.json` });
    const log = openEventLog(`kafka://${kafka.brokers}`);
    expect((await log.offsets([TOPIC.commits])).reduce((sum, { low, high }) => sum + high - low, 0)).toBe(events);
    await log.close();
    const { rows } = await pivo.json<{ rows: unknown[][] }>('query', `SELECT count(*) > 0 FROM commits WHERE repo_name = '${name}'`);
    expect(rows).toEqual([[1]]);
    expect(await pivo.json<RestoreReceipt>('restore', name, '--to', restored, '--engine', 'spark', '--yes')).toMatchObject({ outcome: 'done', engine: 'spark' });
    expect(describeDifference(await compareRepositories(origin, restored))).toBe('');
  });

  it('what is set explicitly wins, by environment or file', async () => {
    const engines = { PIVO_HOME: folder, PIVO_ENGINES: inject('enginesHome') };
    expect(loadConfig(engines)).toMatchObject({ webhdfs: { hadoopConf: hdfs.confDir }, spark: { home: spark.home, master: spark.master, env: { SPARK_CONF_DIR: spark.confDir } } });
    const own = loadConfig({ ...engines, PIVO_STORE: 'file:///mnt/archive', PIVO_EVENTS: 'sqlite:/mnt/events.db', TEMPORAL_ADDRESS: 'temporal.example:7233', SPARK_HOME: '/opt/spark', PIVO_SPARK_MASTER: 'yarn' });
    expect(own).toMatchObject({ store: 'file:///mnt/archive', events: 'sqlite:/mnt/events.db', spark: { home: '/opt/spark', master: 'yarn' } });
    expect(own.temporal).toEqual({ address: 'temporal.example:7233', namespace: 'default' });
    expect(own.spark.env).not.toHaveProperty('SPARK_CONF_DIR');
    expect(own.webhdfs.hadoopConf).toBeUndefined();
    await writeFile(join(folder, 'config.toml'), `engines = ${JSON.stringify(engines.PIVO_ENGINES)}\nstore = "webhdfs://nn.example:9870/pivo"\n`);
    const { store, events, webhdfs } = loadConfig({ PIVO_HOME: folder });
    expect({ store, events, hadoopConf: webhdfs.hadoopConf }).toEqual({ store: 'webhdfs://nn.example:9870/pivo', events: `kafka://${kafka.brokers}`, hadoopConf: undefined });
    expect(loadConfig({ PIVO_HOME: folder, PIVO_ENGINES: '0' }).events).toBe(`sqlite:${join(folder, 'events.db')}`);
  });

  it('one that broke is still named: PIVO misses it, and uses nothing else instead', async () => {
    await temporal.killServer();
    const env = { PIVO_ENGINES: inject('enginesHome') };
    expect(loadConfig({ PIVO_HOME: folder, ...env }).temporal.address).toBe(temporal.address);
    const doctor = await runPivo(['doctor', '--json'], { home: folder, env });
    expect((JSON.parse(doctor.stdout) as { checks: Check[] }).checks).toContainEqual(expect.objectContaining({ name: 'Engines', state: 'wrong', found: 'temporal ended without being brought down' }));
    await temporal.startServer();
  });
});

it('an engine that is not up is not used, and none at all is said with what to do', async () => {
  const settings = { PIVO_HOME: folder, PIVO_ENGINES: '1' };
  const temporal = await startTemporal(enginePlaces(settings));
  const { temporal: address, events, store } = loadConfig(settings);
  expect({ address, events, store }).toMatchObject({ address: { address: temporal.address, ui: temporal.ui }, events: `sqlite:${join(folder, 'events.db')}`, store: `file://${join(folder, 'archive')}` });
  await temporal.killServer();
  expect(() => loadConfig(settings)).toThrow(expect.objectContaining({ kind: 'Unavailable' }));
  await temporal.startServer();
  await temporal.stop();
  const { code, stderr } = await runPivo(['repos'], { home: folder, env: settings });
  expect({ code, stderr }).toMatchObject({ code: 69, stderr: expect.stringContaining('npm run engines -- up') as string });
});

it('PIVO can be looked at and ended, with a warning, after its engines were', async () => {
  const settings = { PIVO_HOME: folder, PIVO_ENGINES: '1' };
  const temporal = await startTemporal(enginePlaces(settings));
  const pivo = await startPivo(folder, { PIVO_ENGINES: '1' });
  await temporal.stop();
  onTestFinished(() => pivo.close());
  const warned = { code: 0, stderr: expect.stringContaining('warning: PIVO is told to use the engines of') as string };
  expect(await runPivo(['status'], { home: folder, env: settings })).toMatchObject({ ...warned, stdout: expect.stringContaining('PIVO is up') as string });
  expect(await runPivo(['down'], { home: folder, env: settings })).toMatchObject({ ...warned, stdout: expect.stringContaining('PIVO has ended') as string });
});
