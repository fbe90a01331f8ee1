// docker-compose.yml keeps to the Compose Specification, is closed to the outside, and sets engines as the native starts do.
import { cpSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../config.ts';
import { KAFKA_VERSIONS } from '../../engines/kafka.ts';
import { hasPython } from '../harness/python-tools.ts';
import { complaintsOf } from './compose-schema.ts';
import { nativeHdfs, nativeKafka, nativeSpark, nativeTemporal, settingsOf } from './native-settings.ts';

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  healthcheck?: { test: string[] };
  restart?: string;
  volumes?: string[];
  configs?: { source: string; target: string }[];
  depends_on?: Record<string, { condition: string }>;
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, null>;
  configs: Record<string, { file: string }>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const compose = parse(text('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const python = await hasPython();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-compose-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function service(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

function without(settings: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

/** Settings of a Hadoop service, by the names of Hadoop's XML files. */
function hadoopSettings({ environment = {} }: Service): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (/^(CORE|HDFS)-SITE\.XML_/.test(name) ? [[name.slice(name.indexOf('_') + 1), value]] : [])));
}

/** Settings of the broker, by the names of server.properties. */
function kafkaSettings({ environment = {} }: Service): Record<string, string> {
  const settings = Object.entries(environment).filter(([name]) => name.startsWith('KAFKA_') && name !== 'KAFKA_HEAP_OPTS');
  return Object.fromEntries(settings.map(([name, value]) => [name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'), value]));
}

const HDFS_ADDRESSES = [
  'fs.defaultFS', 'hadoop.tmp.dir', 'dfs.namenode.name.dir', 'dfs.datanode.data.dir', 'dfs.namenode.rpc-address', 'dfs.namenode.http-address',
  'dfs.datanode.address', 'dfs.datanode.http.address', 'dfs.datanode.ipc.address', 'dfs.datanode.hostname',
];
/** Tests kill DataNodes, fill small disks and write many small blocks; a cluster keeps Hadoop's own pace and limits. */
const HDFS_OF_TESTS = ['dfs.heartbeat.interval', 'dfs.namenode.heartbeat.recheck-interval', 'dfs.datanode.du.reserved', 'dfs.namenode.fs-limits.min-block-size'];
const KAFKA_ADDRESSES = ['controller.quorum.voters', 'listeners', 'advertised.listeners', 'listener.security.protocol.map', 'log.dirs'];
/** Two cores, shared with all else that a test runs. */
const KAFKA_OF_TESTS = ['num.network.threads', 'num.io.threads', 'log.cleaner.dedupe.buffer.size'];
const SPARK_ADDRESSES = ['spark.driver.host', 'spark.driver.bindAddress', 'spark.local.dir', 'spark.sql.warehouse.dir'];
/** JVM flags for a start that is short. */
const SPARK_OF_TESTS = ['spark.driver.extraJavaOptions', 'spark.executor.extraJavaOptions'];

test.skipIf(!python)('the file keeps to the schema of the Compose Specification (needs Python)', async () => {
  expect(await complaintsOf(join(folder, 'compose.json'), compose)).toBe('');
});

test.skipIf(!python)('the schema finds a misspelt key (needs Python)', async () => {
  const misspelt = { ...compose, services: { ...compose.services, kafka: { ...service('kafka'), helthcheck: {} } } };
  expect(await complaintsOf(join(folder, 'misspelt.json'), misspelt)).toContain('helthcheck');
});

test('nothing is published beyond loopback', () => {
  const published = services.flatMap(([, { ports = [] }]) => ports);
  expect(published.length).toBeGreaterThan(0);
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test('no secret is in the file: each comes from .env, and its absence is said', () => {
  const secrets = services.flatMap(([, { environment = {} }]) => Object.entries(environment).filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN|KEY/.test(name)));
  expect(secrets.length).toBeGreaterThan(0);
  for (const [name, value] of secrets) expect(value, name).toMatch(/^\$\{[A-Z_]+:\?/);
});

test('.env.example names every variable that the file asks for, and holds no value of a secret', () => {
  const asked = new Set([...text('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name));
  const example = text('.env.example');
  const named = new Set([...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name));
  expect(named).toEqual(asked);
  expect(example).toMatch(/^TEMPORAL_DB_PASSWORD=$/m);
  expect(text('.gitignore').split('\n')).toContain('.env');
});

test('every service that stays has a health check, and whoever waits for health waits for one that has it', () => {
  const staying = services.filter(([, { restart }]) => restart === 'unless-stopped');
  expect(staying.filter(([, { healthcheck }]) => healthcheck === undefined).map(([name]) => name)).toEqual([]);
  for (const [name, { depends_on = {} }] of services) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const ends = service(other).restart !== 'unless-stopped';
      expect(condition, `${name} waits for ${other}`).toBe(ends ? 'service_completed_successfully' : 'service_healthy');
    }
  }
});

test('every image has a version, every volume and configuration is declared, and every file is there', () => {
  for (const [name, { image, volumes = [], configs = [] }] of services) {
    if (!/^pivo(-spark)?$/.test(image)) expect(image, name).toMatch(/:\d/);
    for (const volume of volumes.filter((each) => !each.startsWith('/'))) expect(compose.volumes).toHaveProperty([volume.split(':')[0] ?? '']);
    for (const { source } of configs) expect(text(compose.configs[source]?.file ?? '')).not.toBe('');
  }
});

test('HDFS behaves as the native one: both nodes have all its settings but addresses and the pace of tests', async () => {
  const native = await nativeHdfs(join(folder, 'hdfs'));
  for (const name of ['namenode', 'datanode', 'archive-root']) {
    const settings = hadoopSettings(service(name));
    expect(without(settings, HDFS_ADDRESSES), name).toEqual(without(native, [...HDFS_ADDRESSES, ...HDFS_OF_TESTS]));
    expect(Object.keys(settings), name).toEqual(expect.arrayContaining(HDFS_ADDRESSES));
  }
});

test('Kafka behaves as the native one, of the same version', async () => {
  const native = await nativeKafka(join(folder, 'kafka'));
  expect(without(kafkaSettings(service('kafka')), KAFKA_ADDRESSES)).toEqual(without(native, [...KAFKA_ADDRESSES, ...KAFKA_OF_TESTS]));
  expect(service('kafka').image).toBe(`apache/kafka:${KAFKA_VERSIONS[0]}`);
});

test('Spark behaves as the native one, of the same version and the same bytes', async () => {
  const native = await nativeSpark(join(folder, 'spark'));
  const settings = settingsOf(text('docker/spark-defaults.conf'), ' ');
  expect(settings).toEqual(without(native, [...SPARK_ADDRESSES, ...SPARK_OF_TESTS]));
  const pins = /VERSION = '([\d.]+)';[\s\S]*SDIST_SHA256 = '([0-9a-f]{64})'/.exec(text('engines/spark-home.ts'));
  expect([...text('docker/Dockerfile').matchAll(/^ARG SPARK_\w+=(.+)$/gm)].map(([, value]) => value)).toEqual(pins?.slice(1));
});

test('Temporal has the dynamic configuration of the embedded one, and the search attribute', async () => {
  const told = await nativeTemporal(join(folder, 'temporal'));
  const native = told.flatMap((word, index) => (told[index - 1] === '--dynamic-config-value' ? [word] : []));
  const dynamic = parse(text('docker/temporal.yaml')) as Record<string, { value: number | string }[]>;
  expect(native.length).toBeGreaterThan(0);
  expect(Object.entries(dynamic).map(([name, [only]]) => `${name}=${JSON.stringify(only?.value)}`)).toEqual(native);
  expect(service('temporal-attributes').command).toEqual(expect.arrayContaining(['--name', 'PivoRepo', '--type', 'Keyword']));
});

test('PIVO understands its settings, the same in all its processes, and each address is a service', () => {
  const home = join(folder, 'pivo');
  cpSync(join(root, 'docker/pivo.toml'), join(home, 'config.toml'));
  const [environment, ...others] = ['worker', 'metadata', 'server'].map((name) => service(name).environment ?? {});
  for (const other of others) expect(other).toEqual(environment);
  const config = loadConfig({ ...environment, PIVO_HOME: home });
  const driver = config.spark.conf['spark.driver.host'];
  const hosts = [new URL(config.store).hostname, new URL(config.events).hostname, new URL(config.spark.master ?? '').hostname, config.temporal.address?.split(':')[0], driver, ...(config.webhdfs.datanodes ?? []).map((each) => each.split(':')[0])];
  expect(hosts).toEqual(['namenode', 'kafka', 'spark-master', 'temporal', 'worker', 'datanode']);
  for (const host of hosts) expect(compose.services).toHaveProperty([host ?? '']);
});
