// engines.json: which engines of a home run, at which addresses; read by tests, by people and by `down`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessIdentity } from '../processes/identity.ts';

export interface HdfsAddress {
  /** `hdfs://127.0.0.1:PORT`, as `fs.defaultFS`. */
  namenode: string;
  /** `webhdfs://127.0.0.1:PORT`, the NameNode's HTTP side. */
  webhdfs: string;
  /** `127.0.0.1:PORT` that WebHDFS redirects reads and writes to. */
  datanodeHttp: string;
  /** HADOOP_CONF_DIR for clients. */
  confDir: string;
  /** For `java -cp`: Hadoop's own tools with this configuration. */
  classpath: string;
}

export interface KafkaAddress {
  /** `127.0.0.1:PORT`. */
  brokers: string;
  version: KafkaVersion;
}

export interface SparkAddress {
  /** SPARK_HOME. */
  home: string;
  /** SPARK_CONF_DIR: everything on loopback, small heaps. */
  confDir: string;
  /** `spark://127.0.0.1:PORT`. */
  master: string;
  /** The master's page, e.g. `http://127.0.0.1:8080`; `/json/` below it is for programs. */
  ui: string;
}

export interface TemporalAddress {
  /** `127.0.0.1:PORT` of the gRPC service. */
  address: string;
  namespace: string;
  /** Its page, `http://127.0.0.1:PORT`. */
  ui: string;
}

export type KafkaVersion = '4.4.0' | '3.4.0';

export interface Addresses {
  hdfs: HdfsAddress;
  kafka: KafkaAddress;
  spark: SparkAddress;
  temporal: TemporalAddress;
}

export const ENGINES = ['hdfs', 'kafka', 'spark', 'temporal'] as const satisfies (keyof Addresses)[];
export type EngineName = (typeof ENGINES)[number];

export type Recorded<Name extends EngineName = EngineName> = Addresses[Name] & {
  /** `starting` until each process said that it is ready. */
  state: 'starting' | 'ready';
  /** By role: `namenode`, `datanode` (or `hdfs`, both in one), `broker`, `master`, `worker`, `server`. */
  pids: Record<string, ProcessIdentity>;
};

export type EnginesRecord = { [Name in EngineName]?: Recorded<Name> };

export const recordFile = (home: string): string => join(home, 'engines.json');

/** What was written last, whether it still runs or not; empty when nothing was. */
export function readRecord(home: string): EnginesRecord {
  try {
    return JSON.parse(readFileSync(recordFile(home), 'utf8')) as EnginesRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** True when an engine became ready and each of its processes still runs. */
export function isUp(entry: Recorded): boolean {
  return entry.state === 'ready' && Object.values(entry.pids).every(isRunning);
}

/** True while some process of an engine runs. */
export function hasProcess(entry: Recorded): boolean {
  return Object.values(entry.pids).some(isRunning);
}

/** Engines of a home that became ready and were not brought down, whether they still run or not. */
export function readyEngines(home: string): EnginesRecord {
  return Object.fromEntries(Object.entries(readRecord(home)).filter(([, { state }]) => state === 'ready'));
}

/** Addresses of the engines of a home that run. */
export function runningEngines(home: string): Partial<Addresses> {
  return Object.fromEntries(Object.entries(readRecord(home)).filter(([, entry]) => isUp(entry)));
}
