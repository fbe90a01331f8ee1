// Reads environment and PIVO_HOME/config.toml once, for entries only; everything else is handed what it needs.
import { existsSync, readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse as parseToml } from 'smol-toml';
import { z } from 'zod';
import { LlmTable, modelSettings, type ModelSettings } from './agent/settings.ts';
import { isPivoError, PivoError } from './contract/failures.ts';
import { GatePolicy } from './contract/gate.ts';
import { PushSettings } from './contract/push.ts';
import { RetentionPolicy } from './contract/retention.ts';
import { UrlPrefixes } from './contract/url-prefix.ts';
import { GateThresholds } from './contract/spool.ts';
import { parseInput } from './contract/validation.ts';
import { CodecTable, codecSettings, type CodecSettings } from './stack/codec-key.ts';
import { engineSettings, enginesHome, type EngineSettings } from './stack/engine-settings.ts';
import { EmbeddingsTable, HASHED_SETTINGS, embeddingSettings, type EmbeddingSettings } from './logs/vectors/settings.ts';
import { WebhookTables, webhookSettings, type WebhookSettings } from './webhooks/settings.ts';
import { NotifyTables, notifyTargets, type NotifyTarget } from './notify/settings.ts';
import { KafkaTable, kafkaSettings, type KafkaSettings } from './events/kafka/settings.ts';
import { ForgeTables } from './forges/settings.ts';
import { VaultTable, vaultSettings, type VaultSettings } from './vault/settings.ts';
import { RecordsTable, recordSettings, type RecordSettings } from './records/settings.ts';

const Protocol = z.enum(['https', 'ssh', 'http', 'git', 'file']);
export type Protocol = z.infer<typeof Protocol>;

/** `host:port`, an IPv6 host in brackets. */
const Listen = z.string().transform((text, context) => {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) < 65_536) return { host: bracketed ?? plain ?? '', port: Number(port) };
  context.addIssue({ code: 'custom', message: `"${text}" is not host:port, such as 127.0.0.1:7420 or [::1]:7420` });
  return z.NEVER;
});
const DEFAULT_LISTEN = { host: '127.0.0.1', port: 7420 };

/** When the spool gate of a kind opens, with what it is where the file says nothing. */
const gateTable = ({ records, bytes, seconds }: GateThresholds) => z.strictObject({ records: GateThresholds.shape.records.default(records), bytes: GateThresholds.shape.bytes.default(bytes), seconds: GateThresholds.shape.seconds.default(seconds) }).prefault({});

const ConfigFile = z.strictObject({
  /** Home of `npm run engines` whose engines are the default for store, events, Temporal and Spark; true: `PIVO_HOME/engines`. */
  engines: z.union([z.string(), z.boolean()]).optional(),
  /** Where the archive lives: a `file://`, `webhdfs://` or `swebhdfs://` URL. Default: `PIVO_HOME/archive`. */
  store: z.string().optional(),
  /** Where events live: `sqlite:{path}` or `kafka://host:port,…`. Default: `sqlite:` in PIVO_HOME. */
  events: z.string().optional(),
  kafka: KafkaTable.prefault({}),
  records: RecordsTable.prefault({}),
  /** Who is told of what happens. */
  notify: NotifyTables,
  spool: z
    .strictObject({
      push: gateTable({ records: 5_000, bytes: 4 * 2 ** 20, seconds: 2 }),
      event: gateTable({ records: 10_000, bytes: 8 * 2 ** 20, seconds: 5 }),
      metric: gateTable({ records: 10_000, bytes: 8 * 2 ** 20, seconds: 5 }),
    })
    .prefault({}),
  temporal: z
    .strictObject({
      /** `host:port` of a Temporal that is not PIVO's own; none: PIVO starts a dev server. */
      address: z.string().optional(),
      namespace: z.string().default('default'),
      /** Where the key is that payloads are encrypted with; none: they are plain. */
      codec: CodecTable.optional(),
    })
    .prefault({}),
  git: z
    .strictObject({
      /** Transports an origin or a target may use. */
      protocols: z.array(Protocol).default(['https', 'ssh', 'file']),
    })
    .prefault({}),
  checkout: z
    .strictObject({
      /** Most files of one checkout. */
      files: z.number().int().nonnegative().default(50_000),
      /** Most bytes of one checkout. */
      bytes: z.number().int().nonnegative().default(2 * 2 ** 30),
      /** Seconds between two checkouts of a repository. */
      every: z.number().int().nonnegative().default(86_400),
    })
    .prefault({}),
  gate: z
    .strictObject({
      /** What becomes of a visit that found branches or tags destroyed: `hold` keeps `current` before it until a person accepts it. */
      policy: GatePolicy.default('hold'),
    })
    .prefault({}),
  retention: RetentionPolicy.prefault({}),
  drill: z
    .strictObject({
      /** Days without a proven restore drill after which a repository is red. */
      maxAge: z.number().positive().default(30),
    })
    .prefault({}),
  webhdfs: z
    .strictObject({
      /** Folder with core-site.xml and hdfs-site.xml. */
      hadoopConf: z.string().optional(),
      /** The user to be for HDFS, where authentication is simple. Default: the user of this process. */
      user: z.string().optional(),
      /** File that holds a delegation token; the token itself is nowhere in the configuration. */
      tokenFile: z.string().optional(),
      /** File of certificates (PEM) that the cluster's TLS is signed by. */
      caFile: z.string().optional(),
      /** Hosts, `host:port` or suffixes (`.example.com`) that the NameNode may redirect to. Default: any. */
      datanodes: z.array(z.string()).optional(),
    })
    .prefault({}),
  spark: z
    .strictObject({
      /** SPARK_HOME. Default: `spark-submit` on PATH. */
      home: z.string().optional(),
      /** `local[*]`, `spark://…`, `yarn`, `k8s://…`. Default: as spark-defaults.conf says. */
      master: z.string().optional(),
      /** Address of the history server that `optimize-resources` asks, such as `http://history.example:18080`. */
      historyServer: z.url({ protocol: /^https?$/ }).optional(),
      /** Spark properties, passed on as `--conf`. */
      conf: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  server: z
    .strictObject({
      /** `host:port`; port 0 for any that is free. */
      listen: Listen.optional(),
      /** Who may ask from other machines: user, role, and the SHA-256 of the token (hex), never the token. */
      tokens: z.array(z.strictObject({ user: z.string().min(1).max(200), role: z.enum(['reader', 'operator', 'owner']), sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the token, 64 hex digits') })).default([]),
      /** Further names that this server is reached by, such as a reverse proxy's. */
      hosts: z.array(z.string()).default([]),
      /** Origins whose pages may ask, such as `https://console.example.com`. */
      origins: z.array(z.url().refine((url) => URL.canParse(url) && new URL(url).origin === url, 'scheme, host and port, nothing more')).default([]),
      /** Programs of this machine need a token too. */
      requireToken: z.boolean().default(false),
    })
    .prefault({}),
  llm: LlmTable.prefault({}),
  embeddings: EmbeddingsTable.prefault({}),
  agent: z
    .strictObject({
      /** URL prefixes, each ending with "/", of the origins that an agent may back up without approval. */
      origins: UrlPrefixes,
      /** URL prefixes, each ending with "/", of the targets, beside paths, that an agent may ask a restore to; the plan still needs approval. */
      targets: UrlPrefixes,
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      /** Base URL of an OpenTelemetry collector that traces are sent to (OTLP over HTTP). None: nothing is traced. */
      otlp: z.url({ protocol: /^https?$/ }).optional(),
      /** `ip:port` where the worker answers Prometheus itself. Default: a loopback port that the server reads. */
      metrics: Listen.optional(),
      /** Most repositories with series of their own in `/metrics`. */
      repositories: z.number().int().nonnegative().max(100_000).default(1_000),
    })
    .prefault({}),
  forges: ForgeTables,
  push: PushSettings.prefault({}),
  webhooks: WebhookTables,
  vault: VaultTable.prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});

/** Variables that spark-submit and the JVM it starts may see. */
const SPARK_ENVIRONMENT = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'JAVA_HOME', 'HADOOP_CONF_DIR', 'YARN_CONF_DIR', 'HADOOP_USER_NAME', 'KRB5_CONFIG', 'KRB5CCNAME', 'KUBECONFIG'];

function sparkEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const known = Object.entries(env).filter(([name]) => SPARK_ENVIRONMENT.includes(name) || /^(SPARK|PYSPARK)_/.test(name));
  return Object.fromEntries(known.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export interface Config extends Omit<z.output<typeof ConfigFile>, 'engines' | 'temporal' | 'server' | 'notify' | 'vault' | 'webhooks'> {
  /** Absolute path of PIVO_HOME. */
  home: string;
  store: string;
  events: string;
  kafka: KafkaSettings;
  vault: VaultSettings;
  records: RecordSettings;
  notify: readonly NotifyTarget[];
  webhooks: WebhookSettings[];
  llm: ModelSettings;
  embeddings: EmbeddingSettings;
  /** `ui` is known of an engine's Temporal only. */
  temporal: { address?: string; ui?: string; namespace: string; codec?: CodecSettings };
  spark: z.output<typeof ConfigFile>['spark'] & { env: Record<string, string> };
  /** `chosen`: somebody named the address, so that no other port will do. */
  server: Omit<z.output<typeof ConfigFile>['server'], 'listen'> & { listen: { host: string; port: number; chosen: boolean } };
  /** Engines of `npm run engines` that PIVO is set to and that broke. */
  brokenEngines: readonly string[];
  /** Names this home on this host; the same after a restart. */
  workerId: string;
  /** Paths of PIVO_HOME that several processes share. */
  paths: {
    index: string;
    /** The log index: what `upload` and PIVO's own parts brought. */
    logIndex: string;
    state: string;
    cache: string;
    run: string;
    logs: string;
    /** Folder of the segments that wait, are stored or were. */
    spool: string;
    /** The records database, where it is SQLite. */
    records: string;
    /** Who people are, where the vault is on. */
    vault: string;
    credentials: string;
    serverSocket: string;
    serverToken: string;
    metadataSocket: string;
    temporalDb: string;
  };
}

/** The short, stable name of a home: 12 hex digits of the SHA-256 of host and path. */
function identityOf(home: string): string {
  return createHash('sha256').update(`${hostname()}\0${home}`).digest('hex').slice(0, 12);
}

function readFile(home: string): unknown {
  const file = join(home, 'config.toml');
  if (!existsSync(file)) return {};
  try {
    return parseToml(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new PivoError('InvalidInput', `${file}: ${(error as Error).message.split('\n')[0]}`, { hint: 'Correct the file and start again.', cause: error });
  }
}

/** The name of this process's user; none where the system knows no name for it, as in some containers. */
function osUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** A path without a scheme is a folder of this machine. */
function storeUrl(store: string): string {
  return /^[a-z][a-z0-9+.-]*:/.test(store) ? store : pathToFileURL(resolve(store)).href;
}

/** Where Temporal is; nothing when PIVO is to start its own. */
function temporalAt(address: string | undefined, { temporal }: EngineSettings): Pick<Config['temporal'], 'address' | 'ui'> {
  if (address === undefined) return temporal ?? {};
  return temporal?.address === address ? temporal : { address };
}

/** An engine's SPARK_HOME comes with its own configuration; another one with the user's. */
function sparkAt(table: z.output<typeof ConfigFile>['spark'], { spark }: EngineSettings, env: NodeJS.ProcessEnv): Config['spark'] {
  const home = env['SPARK_HOME'] || table.home;
  const master = env['PIVO_SPARK_MASTER'] || (table.master ?? spark?.master);
  if (home !== undefined || spark === undefined) return { ...table, home, master, env: sparkEnvironment(env) };
  return { ...table, home: spark.home, master, env: { ...spark.env, ...sparkEnvironment(env) } };
}

/** A part that is set to what cannot be used now, and why. */
export interface Unusable {
  part: 'Engines' | 'Model';
  failure: PivoError;
}

const rethrow = ({ failure }: Unusable): never => {
  throw failure;
};

/** What `read` gives, or `otherwise` once the reason against it was told. */
function usable<T>(part: Unusable['part'], read: () => T, otherwise: () => T, onUnusable: (unusable: Unusable) => void): T {
  try {
    return read();
  } catch (error) {
    if (!isPivoError(error)) throw error;
    onUnusable({ part, failure: error });
    return otherwise();
  }
}

/**
 * The configuration: environment before file before default.
 * PIVO_HOME (default `~/.pivo`), PIVO_ENGINES, PIVO_STORE, PIVO_EVENTS, PIVO_KAFKA_PASSWORD, PIVO_RECORDS, PIVO_RECORDS_PASSWORD, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, PIVO_GIT_PROTOCOLS (comma separated), PIVO_LOG_LEVEL, PIVO_LISTEN, PIVO_METRICS_LISTEN, OTEL_EXPORTER_OTLP_ENDPOINT,
 * PIVO_SPARK_MASTER, PIVO_LLM, PIVO_LLM_MODEL, PIVO_EMBEDDINGS, PIVO_EMBEDDINGS_MODEL and the keys and addresses of providers (agent/settings.ts, logs/vectors/settings.ts), and Hadoop's and Spark's own HADOOP_CONF_DIR, HADOOP_USER_NAME and SPARK_HOME.
 * Fails with InvalidInput that names the wrong setting, and with Unavailable when PIVO_ENGINES or `engines` names a home where no engine runs.
 * `onUnusable`, for who only looks or ends, is told of such engines or of a wrong model provider instead, and PIVO's own parts are taken.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, onUnusable: (unusable: Unusable) => void = rethrow): Config {
  const home = resolve(env['PIVO_HOME'] || join(homedir(), '.pivo'));
  const { engines: enginesOfFile, ...file } = parseInput(ConfigFile, readFile(home), join(home, 'config.toml'));
  const fromEnv = parseInput(
    ConfigFile.pick({ store: true, events: true }).extend({ protocols: z.array(Protocol).optional(), listen: Listen.optional(), otlp: ConfigFile.shape.telemetry.unwrap().shape.otlp, metrics: Listen.optional(), level: ConfigFile.shape.log.unwrap().shape.level.unwrap().optional() }),
    {
      store: env['PIVO_STORE'] || undefined,
      events: env['PIVO_EVENTS'] || undefined,
      protocols: env['PIVO_GIT_PROTOCOLS']?.split(',').map((name) => name.trim()),
      level: env['PIVO_LOG_LEVEL'] || undefined,
      listen: env['PIVO_LISTEN'] || undefined,
      otlp: env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined,
      metrics: env['PIVO_METRICS_LISTEN'] || undefined,
    },
    'environment',
  );
  const listen = fromEnv.listen ?? file.server.listen;
  const enginesAt = enginesHome(env['PIVO_ENGINES'] ?? enginesOfFile, home);
  const engines = enginesAt === null ? {} : usable<EngineSettings>('Engines', () => engineSettings(enginesAt), () => ({}), onUnusable);
  const store = fromEnv.store ?? file.store;
  const run = join(home, 'run');
  return {
    ...file,
    home,
    store: storeUrl(store ?? engines.store ?? join(home, 'archive')),
    events: fromEnv.events ?? file.events ?? engines.events ?? `sqlite:${join(home, 'events.db')}`,
    kafka: kafkaSettings(file.kafka, env['PIVO_KAFKA_PASSWORD']),
    vault: vaultSettings(file.vault, join(home, 'vault.key'), env),
    records: recordSettings(file.records, env, join(home, 'records.db')),
    notify: notifyTargets(file.notify, home, env),
    llm: usable('Model', () => modelSettings(file.llm, env), () => modelSettings({ provider: 'scripted', timeout: file.llm.timeout }, {}), onUnusable),
    embeddings: usable('Model', () => embeddingSettings(file.embeddings, env), () => HASHED_SETTINGS, onUnusable),
    temporal: {
      ...temporalAt(env['TEMPORAL_ADDRESS'] || file.temporal.address, engines),
      namespace: env['TEMPORAL_NAMESPACE'] || file.temporal.namespace,
      ...(file.temporal.codec === undefined ? {} : { codec: codecSettings(file.temporal.codec, env) }),
    },
    webhdfs: {
      ...file.webhdfs,
      hadoopConf: env['HADOOP_CONF_DIR'] || (file.webhdfs.hadoopConf ?? (store === undefined ? engines.hadoopConf : undefined)),
      user: env['HADOOP_USER_NAME'] || (file.webhdfs.user ?? osUser()),
    },
    spark: sparkAt(file.spark, engines, env),
    git: { protocols: fromEnv.protocols ?? file.git.protocols },
    server: { ...file.server, listen: { ...(listen ?? DEFAULT_LISTEN), chosen: listen !== undefined } },
    telemetry: { ...file.telemetry, otlp: fromEnv.otlp ?? file.telemetry.otlp, metrics: fromEnv.metrics ?? file.telemetry.metrics },
    webhooks: webhookSettings(file.webhooks, env),
    log: { level: fromEnv.level ?? file.log.level },
    brokenEngines: engines.broken ?? [],
    workerId: identityOf(home),
    paths: {
      index: join(home, 'pivo.db'),
      logIndex: join(home, 'logs.db'),
      state: join(home, 'state.db'),
      cache: join(home, 'cache'),
      run,
      logs: join(home, 'logs'),
      spool: join(home, 'spool'),
      records: join(home, 'records.db'),
      vault: join(home, 'vault.db'),
      credentials: join(home, 'credentials'),
      serverSocket: join(run, 'server.sock'),
      serverToken: join(home, 'server-token'),
      metadataSocket: join(run, 'metadata.sock'),
      temporalDb: join(home, 'temporal.db'),
    },
  };
}
