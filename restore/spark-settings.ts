// What the Spark engine is told: which Spark, which cluster, and how its executors reach the archive.
import type { WebHdfsSettings } from '../archive/webhdfs/settings.ts';

export interface SparkSettings {
  /** SPARK_HOME; without one, `spark-submit` is looked for on PATH. */
  home?: string | undefined;
  /** `local[*]`, `spark://…`, `yarn` or `k8s://…`; none: as spark-defaults.conf says. */
  master?: string | undefined;
  /** Passed on as `--conf name=value`. */
  conf: Record<string, string>;
  /** The environment of spark-submit: PATH, JAVA_HOME, SPARK_*, HADOOP_CONF_DIR and the like. */
  env: Record<string, string>;
  /** How executors reach an archive on HDFS: the same as this worker. */
  webhdfs?: WebHdfsSettings | undefined;
}
