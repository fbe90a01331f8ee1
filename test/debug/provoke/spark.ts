// Failures of Spark applications, submitted as people submit them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Failure } from './failure.ts';
import { put, type Lab, type RunOptions } from './lab.ts';

const JOBS = join(import.meta.dirname, 'jobs', 'jobs.py');
const LOG4J = ['rootLogger.level = info', 'rootLogger.appenderRef.stderr.ref = console', 'appender.console.type = Console', 'appender.console.name = console', 'appender.console.target = SYSTEM_ERR', 'appender.console.layout.type = PatternLayout', 'appender.console.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex', 'logger.native.name = org.apache.hadoop.util.NativeCodeLoader', 'logger.native.level = error', ''].join('\n');

interface Submit extends RunOptions {
  master?: string;
  conf?: Record<string, string>;
  /** What follows the options; default: the job of this name. */
  rest?: readonly string[];
}

/** `spark-submit` with the log that Spark has by default. */
export async function submit(lab: Lab, job: string, argument: string | undefined, { master = 'local[2]', conf = {}, rest, ...options }: Submit = {}): Promise<string> {
  const { home } = await sparkHomeOf(lab);
  const folder = await lab.fresh();
  await writeFile(join(folder, 'log4j2.properties'), LOG4J);
  const settings = { 'spark.ui.enabled': 'false', 'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData', 'spark.sql.shuffle.partitions': '2', 'spark.driver.memory': '512m', 'spark.driver.host': '127.0.0.1', 'spark.ui.showConsoleProgress': 'false', 'spark.local.dir': join(folder, 'local'), 'spark.sql.warehouse.dir': join(folder, 'warehouse'), ...conf };
  const args = ['--master', master, ...Object.entries(settings).flatMap(([name, value]) => ['--conf', `${name}=${value}`]), ...(rest ?? [JOBS, job, ...(argument === undefined ? [] : [argument])])];
  return lab.say(join(home, 'bin', 'spark-submit'), args, { ...options, cwd: folder, env: { SPARK_HOME: home, SPARK_CONF_DIR: folder, SPARK_LOCAL_IP: '127.0.0.1', SPARK_SCALA_VERSION: '2.12', PYSPARK_PYTHON: 'python3', ...options.env } });
}

async function sparkHomeOf(lab: Lab): Promise<{ home: string }> {
  const { sparkHome } = await import('../../../engines/spark-home.ts');
  const { enginePlaces } = await import('../../../engines/index.ts');
  return { home: await sparkHome(enginePlaces(process.env, join(lab.folder, 'engines'))) };
}

const job = (name: string, jobName: string, options: Submit = {}, argument?: (lab: Lab) => Promise<string>): Failure => ({ name, provoke: async (lab) => submit(lab, jobName, await argument?.(lab), options) });

/** A class that a Java of the future compiled: the class file says version 69. */
async function futureClass(lab: Lab): Promise<string> {
  const folder = await lab.fresh();
  await put(join(folder, 'Nightly.java'), 'public class Nightly { public static void main(String[] args) { System.out.println("done"); } }\n');
  await lab.say('javac', ['-d', folder, join(folder, 'Nightly.java')]);
  const file = join(folder, 'Nightly.class');
  const bytes = await readFile(file);
  bytes.writeUInt16BE(69, 6); // JVM specification 4.1: major_version
  await writeFile(file, bytes);
  await lab.say('jar', ['--create', '--file', join(folder, 'nightly.jar'), '-C', folder, 'Nightly.class']);
  return join(folder, 'nightly.jar');
}

/** A file system of that size, gone with the lab; only root may mount one. */
export async function smallDisk(lab: Lab, size: string): Promise<string> {
  const folder = await lab.fresh();
  const said = await lab.say('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  if (said !== '') throw new Error(`a small disk needs the right to mount: ${said}`);
  lab.after(() => lab.say('umount', [folder]));
  return folder;
}

async function portTaken(lab: Lab): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    return await submit(lab, 'healthy', join(await lab.fresh(), 'out'), { conf: { 'spark.driver.port': String(port), 'spark.port.maxRetries': '0' } });
  } finally {
    server.close();
  }
}

export const FAILURES: readonly Failure[] = [
  job('spark-driver-oom', 'driver_oom', { master: 'local[1]' }),
  { name: 'spark-executor-oom', provoke: async (lab) => submit(lab, 'executor_oom', undefined, { master: (await lab.spark()).master, conf: { 'spark.executor.memory': '512m', 'spark.task.maxFailures': '2' }, seconds: 200 }) },
  job('spark-missing-input', 'missing_input', {}, async (lab) => join(await lab.fresh(), 'warehouse', 'orders', 'day=2026-11-20')),
  job('spark-wrong-column', 'wrong_column'),
  job('spark-table-missing', 'table_missing'),
  job('spark-output-exists', 'path_exists', {}, async (lab) => {
    const out = join(await lab.fresh(), 'exports', 'nightly');
    await mkdir(out, { recursive: true });
    return out;
  }),
  job('spark-bad-parquet', 'corrupt_parquet', {}, async (lab) => {
    const folder = join(await lab.fresh(), 'events');
    await put(join(folder, 'part-00000.parquet'), 'id,name\n1,Ada\n2,Grace\n');
    return folder;
  }),
  { name: 'spark-hdfs-permission', provoke: async (lab) => submit(lab, 'permission', `${(await lab.hdfs()).namenode}/reports/daily`, { env: { HADOOP_USER_NAME: 'analyst' } }) },
  { name: 'spark-wrong-java', provoke: async (lab) => submit(lab, '', undefined, { rest: ['--class', 'Nightly', await futureClass(lab)] }) },
  job('spark-python-crash', 'python_crash'),
  job('spark-missing-module', 'missing_module'),
  job('spark-not-serializable', 'serialization'),
  job('spark-python-error', 'python_type_error'),
  job('spark-broadcast-timeout', 'broadcast_timeout'),
  job('spark-division-by-zero', 'divide'),
  job('spark-bad-cast', 'bad_cast'),
  job('spark-result-too-large', 'result_size'),
  job('spark-shuffle-lost', 'fetch_failed', {}, (lab) => lab.fresh()),
  job('spark-disk-full', 'disk_full', {}, (lab) => smallDisk(lab, '24m')),
  { name: 'spark-wrong-master', provoke: async (lab) => submit(lab, 'healthy', join(await lab.fresh(), 'out'), { master: `spark://127.0.0.1:${await lab.deadPort()}`, seconds: 100 }) },
  { name: 'spark-port-taken', provoke: portTaken },
  { name: 'spark-no-resources', provoke: async (lab) => submit(lab, 'healthy', join(await lab.fresh(), 'out'), { master: (await lab.spark()).master, conf: { 'spark.executor.memory': '16g' }, seconds: 110 }) },
  { name: 'spark-class-missing', provoke: async (lab) => submit(lab, '', undefined, { rest: ['--class', 'com.example.NightlyLoad', await futureClass(lab)] }) },
  { name: 'spark-hdfs-down', provoke: async (lab) => submit(lab, 'hdfs_read', `hdfs://127.0.0.1:${await lab.deadPort()}/warehouse/orders`, { seconds: 100 }) },
];
