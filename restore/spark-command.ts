// The command line and environment of spark-submit for a restore job.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planPath } from '../archive/layout.ts';
import { hdfsAddress } from '../archive/webhdfs/address.ts';
import { PivoError } from '../contract/failures.ts';
import type { RestorePlan } from '../contract/restore.ts';
import type { SparkSettings } from './spark-settings.ts';

const JOB = fileURLToPath(new URL('../spark_jobs/restore_job.py', import.meta.url));

export interface SparkCommand {
  file: string;
  args: string[];
  env: Record<string, string>;
}

/** A restore that is part of a job. */
export interface SparkRestore {
  restoreId: string;
  plan: RestorePlan;
}

/** The plan is needed to name the application of a single restore. */
export type SparkPart = Pick<SparkRestore, 'restoreId'> & Partial<SparkRestore>;

/** Restores that are one job under a name of their own: more than fit into a command line. */
export interface SparkGroup {
  /** Id of the restore of many. */
  id: string;
  /** File of this machine with the path of one plan a line. */
  list: string;
}

/**
 * `spark-submit` for these restores in one application, which keeps its temporary files in `scratch` where it has no
 * cluster. Secrets are named by their files. Fails with InvalidInput when there is no spark-submit, or conf holds a secret.
 */
export async function sparkCommand(settings: SparkSettings, storeUrl: string, restores: readonly SparkPart[], scratch: string, group?: SparkGroup): Promise<SparkCommand> {
  const ids = group?.id ?? restores.map(({ restoreId }) => restoreId).join(',');
  const args = group === undefined ? restores.flatMap(({ restoreId }) => ['--plan', planPath(restoreId)]) : ['--plans', group.list];
  return submitCommand(settings, storeUrl, { job: JOB, name: applicationName(restores), conf: { 'spark.pivo.restore': ids }, tag: ids, args, scratch });
}

export interface SparkSubmission {
  /** Path of the Python file. */
  job: string;
  /** Name of the application. */
  name: string;
  conf: Record<string, string>;
  /** Whose work it is, for people who look at the cluster. */
  tag: string;
  /** Arguments of the job behind those that name the store. */
  args: string[];
  /** Folder for temporary files where there is no cluster. */
  scratch: string;
}

/** `spark-submit` for one of PIVO's jobs. Fails as `sparkCommand` does. */
export async function submitCommand(settings: SparkSettings, storeUrl: string, { job, name, conf: own, tag, args: jobArguments, scratch }: SparkSubmission): Promise<SparkCommand> {
  const { master, env } = settings;
  refuseSecrets(settings.conf);
  const conf = { ...settings.conf, ...own, ...placeAndTag(settings, tag, scratch) };
  const args = [
    ...(master === undefined ? [] : ['--master', master]),
    '--deploy-mode', 'client', // progress and outcome are read from the driver's output
    '--name', name,
    ...Object.entries(conf).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
    job,
    ...storeArguments(storeUrl, settings),
    ...jobArguments,
  ];
  return { file: await findSparkSubmit(settings), args, env: { ...env, ...(settings.home === undefined ? {} : { SPARK_HOME: settings.home }) } };
}

/** Names of properties that Spark itself hides (spark.redaction.regex): a command line can be read by every user. */
const SECRET = /secret|password|token|access[.]?key/i;

function refuseSecrets(conf: Record<string, string>): void {
  const name = Object.keys(conf).find((each) => SECRET.test(each));
  if (name === undefined) return;
  throw new PivoError('InvalidInput', `spark.conf: ${name} would stand in a command line`, { hint: 'Put it into spark-defaults.conf of SPARK_CONF_DIR, readable for the worker alone.', facts: { name } });
}

/** `PIVO-Restore-{repository}-{commit}`; for several restores their number. */
export function applicationName(restores: readonly SparkPart[]): string {
  const [first] = restores;
  if (first?.plan === undefined || restores.length > 1) return `PIVO-Restore-${restores.length}-repositories`;
  const { repository, point, head } = first.plan;
  return `PIVO-Restore-${repository}-${point.commit ?? head.oid ?? 'empty'}`;
}

/** Whose work it is, for people who look at the cluster, and the place for temporary files. */
function placeAndTag({ master = 'local', conf }: SparkSettings, tag: string, scratch: string): Record<string, string> {
  return {
    'spark.yarn.tags': [conf['spark.yarn.tags'], tag].filter((tag) => tag !== undefined).join(','),
    ...(master.startsWith('local') && conf['spark.local.dir'] === undefined ? { 'spark.local.dir': scratch } : {}),
  };
}

function storeArguments(url: string, { webhdfs = {} }: SparkSettings): string[] {
  if (!/^s?webhdfs:/.test(url)) return ['--store', url];
  const { tls, nameNodes, root } = hdfsAddress(url, webhdfs.hadoopConf);
  const { user, tokenFile, caFile, datanodes = [] } = webhdfs;
  return [
    '--store', `${tls ? 'swebhdfs' : 'webhdfs'}://${nameNodes.join(',')}${root.split('/').map(encodeURIComponent).join('/')}`,
    ...(user === undefined ? [] : ['--user', user]),
    ...(tokenFile === undefined ? [] : ['--token-file', tokenFile]),
    ...(caFile === undefined ? [] : ['--ca-file', caFile]),
    ...datanodes.flatMap((host) => ['--datanode', host]),
  ];
}

async function findSparkSubmit({ home, env }: SparkSettings): Promise<string> {
  const folders = home === undefined ? (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '') : [join(home, 'bin')];
  for (const folder of folders) {
    const file = join(folder, 'spark-submit');
    if (await access(file, constants.X_OK).then(() => true, () => false)) return file;
  }
  throw new PivoError('InvalidInput', `spark-submit was not found ${home === undefined ? 'on PATH' : `in ${join(home, 'bin')}`}`, {
    hint: 'Install Spark 3.5 or later and set SPARK_HOME for the worker, or restore with the engine "local".',
    facts: { home: home ?? null },
  });
}
