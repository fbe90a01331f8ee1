// Real Kafka: one KRaft broker from Maven Central's jars, a current release or the one that the seed system ran.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { fetched, pinOf, sourceFile, type EngineOptions } from './cache.ts';
import { startEngine, type EngineSpec } from './engine.ts';
import { exists, writeWhole } from './files.ts';
import { jarsIn, javaArgs, log4j } from './java.ts';
import { brokerAnswers } from './kafka-ready.ts';
import { fetchJars } from './maven.ts';
import { engineEnvironment } from './places.ts';
import { IP, type Ports } from './ports.ts';
import type { Command } from './processes.ts';
import type { KafkaAddress, KafkaVersion } from './record.ts';
import { findTool, run } from './tools.ts';

export const KAFKA_VERSIONS = ['4.4.0', '3.4.0'] as const satisfies KafkaVersion[];

export interface KafkaOptions extends EngineOptions {
  /** Default 4.4.0; 3.4.0 is what `cp-kafka:7.4.0` holds. Each version has data of its own. */
  version?: KafkaVersion;
}

export interface Kafka extends KafkaAddress {
  /** False when it ran already. */
  started: boolean;
  stop: () => Promise<void>;
  /** SIGKILL. */
  killBroker: () => Promise<void>;
  /** At the same address with the same data; returns when it serves clients. */
  startBroker: () => Promise<void>;
}

const POM = sourceFile('./poms/kafka.xml');
const PORTS = ['broker', 'controller'] as const;
/** Any 16 bytes in URL-safe base64, as KRaft wants them. */
const CLUSTER_ID = 'cGl2by1lbmdpbmVzLWthZg';

/**
 * Starts a broker, or finds it running in this home. Ready means: it answers ApiVersions and Metadata, and is not fenced.
 * Topics are never created by use. Fails with Unavailable when a tool is missing, the registry does not answer or it ends, with Exists when another version runs.
 */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const engine = await startEngine(await kafkaSpec(options, options.version ?? KAFKA_VERSIONS[0]), options);
  return {
    ...engine.address,
    started: engine.started,
    stop: engine.stop,
    killBroker: () => engine.kill('broker'),
    startBroker: () => engine.start('broker'),
  };
}

function kafkaJars(version: KafkaVersion, options: EngineOptions): Promise<string> {
  return pinOf(POM).then((pin) =>
    fetched(`kafka-${version}-${pin}`, options, (aside) => fetchJars(POM, [`-Dkafka=${version}`, '-DincludeScope=runtime', 'dependency:copy-dependencies'], aside, options)),
  );
}

async function kafkaSpec(options: EngineOptions, version: KafkaVersion): Promise<EngineSpec<'kafka', 'broker', (typeof PORTS)[number]>> {
  const jars = jarsIn(join(await kafkaJars(version, options), 'jars'));
  const folder = join(options.home, 'kafka');
  const data = join(folder, `data-${version}`);
  const config = join(folder, 'server.properties');
  const env = engineEnvironment(options.env);
  const temporary = join(folder, 'tmp');
  const jvm = { heap: '512m', classpath: [folder, jars].join(delimiter), temporary };
  const java = await findTool('java', env);
  const command = { file: java, args: javaArgs({ ...jvm, main: 'kafka.Kafka', args: [config] }), env, log: join(folder, 'log', 'broker.log') };
  const format = javaArgs({ ...jvm, main: 'kafka.tools.StorageTool', args: ['format', '-t', CLUSTER_ID, '-c', config] });
  return {
    name: 'kafka',
    folder,
    portNames: PORTS,
    prepare: async (ports) => {
      await mkdir(temporary, { recursive: true });
      writeWhole(join(folder, 'log4j.properties'), log4j('WARN'));
      writeWhole(config, properties(data, ports));
      await formatOnce(data, { ...command, args: format }, options.signal);
    },
    parts: (ports) => [{ role: 'broker', command, ready: () => brokerAnswers(IP, ports.broker) }],
    address: (ports) => ({ brokers: `${IP}:${ports.broker}`, version }),
  };
}

/** A format that was cut off is done again: nothing can have been stored before it ended. */
async function formatOnce(data: string, { file, args, env }: Command, signal: AbortSignal | undefined): Promise<void> {
  const formatted = `${data}.formatted`;
  if (await exists(formatted)) return;
  await rm(data, { recursive: true, force: true });
  const result = await run(file, args, { env, signal });
  if (result.code !== 0) throw new PivoError('Unavailable', `Kafka's storage tool ended with code ${result.code}: ${result.stderr.trim().slice(-500)}`);
  await writeFile(formatted, '');
}

function properties(data: string, ports: Ports<(typeof PORTS)[number]>): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${IP}:${ports.controller}`,
    listeners: `PLAINTEXT://${IP}:${ports.broker},CONTROLLER://${IP}:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://${IP}:${ports.broker}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'broker.session.timeout.ms': 3000, // stock 9000: that long a broker that was killed is fenced after its restart
    'broker.heartbeat.interval.ms': 500,
    'log.dirs': data,
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'log.cleaner.dedupe.buffer.size': 2_097_152,
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join('');
}
