// Runs jobs/faults.py on the engines' Spark, each as its fault asks for, with its event log written to a folder.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { enginePlaces } from '../../engines/index.ts';
import { engineEnvironment } from '../../engines/places.ts';
import { sparkHome } from '../../engines/spark-home.ts';

const NOT_ADAPTIVE = { 'spark.sql.adaptive.enabled': 'false' };

/** How each job is run: `[executors, cores, MiB]` of a cluster within one machine, and properties. */
export const JOBS: Readonly<Record<string, { cluster: readonly [number, number, number]; conf?: Readonly<Record<string, string>> }>> = {
  skewed: { cluster: [2, 1, 640], conf: { ...NOT_ADAPTIVE, 'spark.sql.shuffle.partitions': '8' } },
  spilling: { cluster: [1, 2, 512], conf: { ...NOT_ADAPTIVE, 'spark.memory.fraction': '0.3' } },
  over_partitioned: { cluster: [2, 1, 640], conf: NOT_ADAPTIVE },
  under_partitioned: { cluster: [2, 2, 640] },
  gc_bound: { cluster: [1, 2, 640], conf: { ...NOT_ADAPTIVE, 'spark.sql.shuffle.partitions': '2', 'spark.sql.objectHashAggregate.sortBased.fallbackThreshold': '10000000' } },
  missed_broadcast: { cluster: [2, 1, 640], conf: { ...NOT_ADAPTIVE, 'spark.sql.shuffle.partitions': '8', 'spark.sql.autoBroadcastJoinThreshold': '-1' } },
  idle_executors: { cluster: [3, 1, 512] },
  healthy_scan: { cluster: [2, 1, 640] },
  healthy_aggregation: { cluster: [2, 1, 640] },
};

export interface SparkHome {
  home: string;
  env: Record<string, string>;
}

/** The engines' Spark with a configuration of its own in `folder`, whatever the user's is. */
export async function sparkFor(folder: string): Promise<SparkHome> {
  const home = await sparkHome(enginePlaces(process.env));
  const confDir = join(folder, 'conf');
  await mkdir(confDir, { recursive: true });
  await writeFile(join(confDir, 'log4j2.properties'), 'rootLogger.level = error\nrootLogger.appenderRef.stderr.ref = console\nappender.console.type = Console\nappender.console.name = console\nappender.console.target = SYSTEM_ERR\nappender.console.layout.type = PatternLayout\nappender.console.layout.pattern = %p %c{1}: %m%n\n');
  return { home, env: { ...engineEnvironment(process.env), SPARK_HOME: home, SPARK_CONF_DIR: confDir, SPARK_LOCAL_IP: '127.0.0.1', SPARK_SCALA_VERSION: '2.12', SPARK_LOCAL_DIRS: join(folder, 'local'), SPARK_WORKER_DIR: join(folder, 'work') } };
}

/** Runs one job to its end; its event log lies in `events` then. */
export async function runJob({ home, env }: SparkHome, name: string, folder: string, events: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const job = JOBS[name];
  if (job === undefined) throw new Error(`there is no job ${name}`);
  const [executors, cores, memory] = job.cluster;
  const conf = {
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.dir': `file://${events}`,
    'spark.eventLog.logStageExecutorMetrics': 'true',
    'spark.executor.processTreeMetrics.enabled': 'true',
    'spark.driver.memory': '640m',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.executor.memory': `${memory}m`,
    'spark.ui.enabled': 'false',
    'spark.sql.catalogImplementation': 'in-memory',
    'spark.sql.warehouse.dir': join(folder, 'warehouse'),
    ...job.conf,
    ...more,
  };
  const args = ['--master', `local-cluster[${executors},${cores},${memory}]`, ...Object.entries(conf).flatMap(([key, value]) => ['--conf', `${key}=${value}`])];
  await promisify(execFile)(join(home, 'bin/spark-submit'), [...args, fileURLToPath(new URL('jobs/faults.py', import.meta.url)), name], { env, cwd: folder, maxBuffer: 2 ** 26 });
}
