// What PIVO is set to while it uses the engines of `npm run engines`: addresses by engines.json.
import { join, resolve } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { hasProcess, isUp, readyEngines, recordFile } from '../engines/record.ts';
import { sparkEnvironment } from '../engines/spark-config.ts';

export interface EngineSettings {
  /** Names of those that broke. */
  broken?: string[];
  store?: string;
  events?: string;
  temporal?: { address: string; ui: string };
  hadoopConf?: string;
  spark?: { home: string; master: string; env: Record<string, string> };
}

/** The engines' home that PIVO_ENGINES or `engines` names: a path, or `1` or true for `engines` in `home`. Null where none is named: unset, empty, `0` or false. */
export function enginesHome(value: string | boolean | undefined, home: string): string | null {
  if (value === true || value === '1' || value === 'true') return join(home, 'engines');
  return value === undefined || value === false || value === '' || value === '0' || value === 'false' ? null : resolve(value);
}

/**
 * Settings for the engines that are up there. One that was never brought up, or was brought down, is not used; one that broke is, so that PIVO
 * fails where it is missed and never goes on with another archive. Fails with Unavailable when none runs.
 */
export function engineSettings(home: string): EngineSettings {
  const engines = readyEngines(home);
  if (!Object.values(engines).some(hasProcess)) throw noneRuns(home);
  const { hdfs, kafka, spark, temporal } = engines;
  return {
    broken: Object.entries(engines).flatMap(([name, entry]) => (isUp(entry) ? [] : [name])),
    ...(hdfs === undefined ? {} : { store: `${hdfs.webhdfs}/pivo`, hadoopConf: hdfs.confDir }),
    ...(kafka === undefined ? {} : { events: `kafka://${kafka.brokers}` }),
    ...(temporal === undefined ? {} : { temporal: { address: temporal.address, ui: temporal.ui } }),
    ...(spark === undefined ? {} : { spark: { home: spark.home, master: spark.master, env: sparkEnvironment(spark) } }),
  };
}

function noneRuns(home: string): PivoError {
  return new PivoError('Unavailable', `PIVO is told to use the engines of ${home}, and none runs there`, {
    hint: 'Start them with `npm run engines -- up`, or unset PIVO_ENGINES and `engines` in config.toml.',
    facts: { record: recordFile(home) },
  });
}
