// A broker that lets nobody in without TLS and a password, and then allows what docs/deploy.md asks for; on the jars that the engines fetched.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } from 'kafkajs';
import { enginePlaces } from '../../engines/index.ts';
import { KAFKA_VERSIONS } from '../../engines/kafka.ts';
import { brokerAnswers } from '../../engines/kafka-ready.ts';
import { findTool } from '../../engines/tools.ts';
import { TOPICS } from '../../events/kafka/topics.ts';

export interface SecuredBroker {
  /** `kafka://…` of the listener with TLS and SASL. */
  url: string;
  caFile: string;
  user: string;
  password: string;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const USER = 'pivo';
const PASSWORD = 'canary-5b1e9c';

/** The jars must be in the cache: start a broker of the engines first. */
export async function startSecuredBroker(): Promise<SecuredBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-kafka-secured-'));
  const caFile = await certificate(folder);
  const [plain, secured, controller] = await freePorts();
  const config = join(folder, 'server.properties');
  await writeFile(config, properties(folder, { plain, secured, controller }));
  const java = await findTool('java', process.env);
  const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlog4j.configuration=file:${await log4j(folder)}`, '-cp', join(await jars(), '*')];
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${USER},password=${PASSWORD}]`]);
  await run(java, [...jvm, 'kafka.tools.StorageTool', 'format', '-t', 'cGl2by1lbmdpbmVzLXNlYw', '-c', config, ...scram]);
  const broker = spawn(java, [...jvm, 'kafka.Kafka', config], { stdio: 'ignore' });
  const ended = once(broker, 'exit').then(() => Promise.reject(new Error('the secured broker ended')));
  ended.catch(() => {});
  await Promise.race([untilReady(plain), ended]);
  await allow(plain);
  return {
    url: `kafka://127.0.0.1:${secured}`,
    caFile,
    user: USER,
    password: PASSWORD,
    stop: async () => {
      broker.kill('SIGKILL');
      await ended.catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(port: number): Promise<void> {
  while (!(await brokerAnswers('127.0.0.1', port).catch(() => false))) await sleep(50);
}

/** The rights of docs/deploy.md, "Hardening", given by who comes without a name. */
async function allow(port: number): Promise<void> {
  const admin = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING }).admin();
  const { WRITE, READ, DESCRIBE, DESCRIBE_CONFIGS, CREATE } = AclOperationTypes;
  const right = { principal: `User:${USER}`, host: '*', permissionType: AclPermissionTypes.ALLOW, resourcePatternType: ResourcePatternTypes.LITERAL };
  const onTopics = TOPICS.flatMap((resourceName) => [WRITE, READ, DESCRIBE, DESCRIBE_CONFIGS].map((operation) => ({ ...right, resourceType: AclResourceTypes.TOPIC, resourceName, operation })));
  const onGroups = { ...right, resourceType: AclResourceTypes.GROUP, resourceName: 'pivo-', resourcePatternType: ResourcePatternTypes.PREFIXED, operation: READ };
  const onCluster = { ...right, resourceType: AclResourceTypes.CLUSTER, resourceName: 'kafka-cluster', operation: CREATE };
  await admin.connect();
  await admin.createAcls({ acl: [...onTopics, onGroups, onCluster] });
  await admin.disconnect();
}

async function jars(): Promise<string> {
  const { cache } = enginePlaces(process.env);
  const found = (await readdir(cache)).find((name) => name.startsWith(`kafka-${KAFKA_VERSIONS[0]}-`) && !name.endsWith('.part'));
  if (found === undefined) throw new Error(`no Kafka in ${cache}`);
  return join(cache, found, 'jars');
}

/** A key with a certificate of its own, for 127.0.0.1: `server.pem` for the broker; the path of the certificate alone. */
async function certificate(folder: string): Promise<string> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1']);
  await run('sh', ['-c', 'cat "$0" "$1" > "$2"', key, cert, join(folder, 'server.pem')]);
  return cert;
}

async function log4j(folder: string): Promise<string> {
  const file = join(folder, 'log4j.properties');
  await writeFile(file, 'log4j.rootLogger=OFF\n');
  await mkdir(join(folder, 'data'));
  return file;
}

/** Free when asked, each other than the others. */
async function freePorts(): Promise<[number, number, number]> {
  const servers = Array.from({ length: 3 }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports as [number, number, number];
}

function properties(folder: string, { plain, secured, controller }: { plain: number; secured: number; controller: number }): string {
  const module = 'org.apache.kafka.common.security';
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${plain},SASL_SSL://127.0.0.1:${secured},CONTROLLER://127.0.0.1:${controller}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(folder, 'server.pem'),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 2_097_152,
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join('');
}
