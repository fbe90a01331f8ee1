// Spark's configuration for a small cluster on loopback, which drivers read as well.
import { join } from 'node:path';
import { writeWhole } from './files.ts';
import { JVM_FLAGS } from './java.ts';
import { IP } from './ports.ts';
import type { SparkAddress } from './record.ts';

const SCALA_VERSION = '2.12';

/** For `spark-submit` against this cluster, on top of an environment with PATH; add HADOOP_CONF_DIR for an HDFS. */
export function sparkEnvironment({ home, confDir }: Pick<SparkAddress, 'home' | 'confDir'>): Record<string, string> {
  return {
    SPARK_HOME: home,
    SPARK_CONF_DIR: confDir,
    SPARK_LOCAL_IP: IP,
    SPARK_SCALA_VERSION: SCALA_VERSION, // bin/load-spark-env.sh would set it: a worker without it starts no executor
  };
}

/** Writes spark-defaults.conf and log4j2.properties into `{folder}/conf`. */
export function writeSparkConfig(folder: string): void {
  writeWhole(join(folder, 'conf', 'spark-defaults.conf'), lines(defaults(folder), ' '));
  writeWhole(join(folder, 'conf', 'log4j2.properties'), lines(LOG4J2, ' = '));
}

function defaults(folder: string): Record<string, string> {
  const temporary = join(folder, 'tmp');
  const java = `${JVM_FLAGS.join(' ')} -Djava.io.tmpdir=${temporary}`;
  return {
    'spark.driver.host': IP,
    'spark.driver.bindAddress': IP,
    'spark.driver.memory': '1g',
    'spark.executor.memory': '1g',
    'spark.driver.extraJavaOptions': java,
    'spark.executor.extraJavaOptions': java,
    'spark.ui.port': '0', // any: several drivers on one machine
    'spark.ui.showConsoleProgress': 'false',
    'spark.local.dir': temporary,
    'spark.sql.warehouse.dir': join(folder, 'warehouse'),
    'spark.sql.catalogImplementation': 'in-memory',
    'spark.master.rest.enabled': 'false', // would take jobs from anybody on this machine, on a fixed port
  };
}

const LOG4J2 = {
  'rootLogger.level': 'warn',
  'rootLogger.appenderRef.stderr.ref': 'console',
  'appender.console.type': 'Console',
  'appender.console.name': 'console',
  'appender.console.target': 'SYSTEM_ERR',
  'appender.console.layout.type': 'PatternLayout',
  'appender.console.layout.pattern': '%d{HH:mm:ss.SSS} %p %c{1}: %m%n%ex',
  'logger.deploy.name': 'org.apache.spark.deploy',
  'logger.deploy.level': 'info',
  'logger.native.name': 'org.apache.hadoop.util.NativeCodeLoader',
  'logger.native.level': 'error',
};

function lines(settings: Record<string, string>, between: string): string {
  return Object.entries(settings).map(([name, value]) => `${name}${between}${value}\n`).join('');
}
