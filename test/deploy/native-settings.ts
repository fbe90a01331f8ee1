// What the native starts of the engines write and say, without any engine: programs are replaced by scripts that only note their arguments.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readHadoopConf } from '../../archive/webhdfs/hadoop-conf.ts';
import { pinOf, sourceFile } from '../../engines/cache.ts';
import { writeHdfsConfig } from '../../engines/hdfs-config.ts';
import { KAFKA_VERSIONS, startKafka } from '../../engines/kafka.ts';
import { writeSparkConfig } from '../../engines/spark-config.ts';
import { startTemporalServer } from '../../stack/temporal-server.ts';

type Settings = Record<string, string>;

const PORTS = { namenode: 1, namenodeHttp: 2, datanode: 3, datanodeHttp: 4, datanodeIpc: 5 };

export async function nativeHdfs(folder: string): Promise<Settings> {
  await writeHdfsConfig(folder, PORTS);
  return Object.fromEntries(readHadoopConf(join(folder, 'conf')));
}

export async function nativeSpark(folder: string): Promise<Settings> {
  writeSparkConfig(folder);
  return settingsOf(await readFile(join(folder, 'conf', 'spark-defaults.conf'), 'utf8'), ' ');
}

/** server.properties of the newest version. */
export async function nativeKafka(folder: string): Promise<Settings> {
  const [home, cache, bin] = [join(folder, 'home'), join(folder, 'cache'), join(folder, 'bin')];
  await mkdir(join(cache, `kafka-${KAFKA_VERSIONS[0]}-${await pinOf(sourceFile('./poms/kafka.xml'))}`), { recursive: true });
  await script(join(bin, 'java'), 'exit 0');
  await startKafka({ home, cache, env: { PATH: bin } }).then(unexpected, () => {}); // a broker that ends at once is no broker; what it was told stays
  return settingsOf(await readFile(join(home, 'kafka', 'server.properties'), 'utf8'), '=');
}

/** The command line of the embedded Temporal. */
export async function nativeTemporal(folder: string): Promise<string[]> {
  const [cli, said] = [join(folder, 'bin', 'temporal'), join(folder, 'arguments')];
  await script(cli, `printf '%s\\n' "$@" > ${said}`);
  const options = { cli, dbFile: null, ui: false, logFile: join(folder, 'log'), namespace: 'default', searchAttributes: {} };
  await startTemporalServer(options).then(unexpected, () => {});
  return (await readFile(said, 'utf8')).trimEnd().split('\n');
}

async function script(file: string, line: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${line}\n`);
  await chmod(file, 0o755);
}

function unexpected(): never {
  throw new Error('a script that starts nothing was taken for an engine');
}

/** `name{between}value` a line; comments and empty lines are passed over. */
export function settingsOf(text: string, between: string): Settings {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(between)), line.slice(line.indexOf(between) + between.length).trim()]));
}
