// What commands of Hadoop, Kafka, Spark and Temporal can do.
import { judgeSql } from './sql.ts';
import { changes, destroys, has, plainOf, reads, type Judge } from './judgement.ts';

const FS_READERS = new Set(['-ls', '-lsr', '-cat', '-text', '-tail', '-head', '-du', '-dus', '-df', '-count', '-stat', '-test', '-checksum', '-find', '-getfacl', '-getfattr', '-help', '-usage']);
const FS_DESTROYERS = new Set(['-rm', '-rmr', '-expunge', '-truncate', '-deleteSnapshot']);

/** `hdfs dfs`, `hadoop fs`. */
const judgeFs: Judge = (args) => {
  const verb = args.find((arg) => arg !== null && arg.startsWith('-') && !arg.startsWith('-D')) ?? null;
  if (verb === null) return changes('what it does is known only when it runs');
  if (FS_READERS.has(verb)) return reads();
  if (FS_DESTROYERS.has(verb)) return destroys(has(args, '-skipTrash') ? 'it deletes from HDFS for good, not into the trash' : `hdfs dfs ${verb} deletes from HDFS`);
  return has(args, '-f') ? destroys('with -f it overwrites what is there') : changes(`hdfs dfs ${verb} changes files`);
};

const HDFS: Readonly<Record<string, Judge>> = {
  dfs: judgeFs,
  fsck: (args) => (has(args, '-delete', '-move') ? destroys('it deletes or moves files with corrupt blocks') : reads()),
  dfsadmin: (args) => (has(args, '-report', '-printTopology', '-getDatanodeInfo', '-listOpenFiles', '-help') || (has(args, '-safemode') && has(args, 'get')) ? reads() : has(args, '-finalizeUpgrade', '-deleteBlockPool', '-shutdownDatanode') ? destroys('it takes away what cannot come back') : changes('it changes the state of HDFS')),
  haadmin: (args) => (args.some((arg) => arg?.startsWith('-get') === true) || has(args, '-checkHealth') ? reads() : changes('it changes which NameNode serves')),
  namenode: (args) => (has(args, '-format') ? destroys('it formats the NameNode: all of HDFS is lost') : changes('it starts a NameNode')),
};
const HDFS_READERS = new Set(['getconf', 'version', 'groups', 'classpath', 'lsSnapshottableDir', 'snapshotDiff', 'envvars']);

const judgeHdfs: Judge = ([sub, ...rest]) => {
  if (sub === undefined || sub === null) return changes('what it does is known only when it runs');
  return HDFS_READERS.has(sub) ? reads() : (HDFS[sub]?.(rest) ?? changes(`hdfs ${sub} is not known`));
};

const judgeHadoop: Judge = ([sub, ...rest]) => {
  if (sub === 'fs') return judgeFs(rest);
  if (sub === 'distcp') return has(rest, '-delete', '-overwrite') ? destroys('it deletes or overwrites at the target') : changes('it writes at the target');
  return ['version', 'classpath', 'checknative', 'envvars'].includes(sub ?? '') ? reads() : changes('it runs a program on the cluster');
};

const judgeYarn: Judge = ([sub, ...rest]) => {
  if (has(rest, '-kill', '-stop', '-destroy')) return destroys('it ends an application; work that was not written is lost');
  if (['logs', 'node', 'queue', 'version', 'classpath', 'top'].includes(sub ?? '')) return has(rest, '-out') ? changes('it writes files') : reads();
  return has(rest, '-list', '-status', '-help') ? reads() : changes('it changes the state of YARN');
};

const READING_SCRIPTS = new Set(['kafka-get-offsets', 'kafka-log-dirs', 'kafka-broker-api-versions', 'kafka-dump-log', 'kafka-verifiable-consumer', 'kafka-replica-verification']);

/** The scripts of Kafka, whose names say half of it. */
export function judgeKafka(script: string): Judge {
  return (args) => {
    if (READING_SCRIPTS.has(script)) return reads();
    if (script === 'kafka-delete-records' || script === 'kafka-streams-application-reset') return destroys('it deletes messages or state');
    if (script === 'kafka-console-consumer') return has(args, '--group', '--consumer-property', '--consumer.config') ? changes('reading in a group moves its offsets') : reads();
    if (script === 'kafka-metadata-quorum') return has(args, 'describe') ? reads() : changes('it changes the quorum');
    if (script === 'kafka-storage') return has(args, 'format') ? destroys('it formats the log directories') : reads();
    if (has(args, '--delete', '--delete-offsets', '--remove')) return destroys(script === 'kafka-topics' ? 'it deletes the topic with all messages' : 'it deletes what cannot come back');
    if (has(args, '--reset-offsets')) return has(args, '--execute') ? destroys('the group forgets how far it has read') : reads('without --execute it only shows what it would do');
    if (args.some((arg) => /retention\.(?:ms|bytes)|cleanup\.policy/.test(arg ?? '')) && has(args, '--alter')) return destroys('messages past the new retention are deleted');
    if (args.includes(null)) return changes('what it does is known only when it runs');
    return has(args, '--list', '--describe', '--verify', '--generate', '--help', '--version') && !has(args, '--execute', '--alter', '--create', '--add') ? reads() : changes(`${script} changes Kafka, or writes to it`);
  };
}

const judgeSubmit: Judge = (args) => {
  if (has(args, '--kill')) return destroys('it ends an application; work that was not written is lost');
  return has(args, '--version', '--help', '--status') ? reads() : changes('it runs a program on the cluster, which may write what it likes');
};

/** `-e` or `-c` before the statement of a program that takes SQL. */
const judgeSqlTool: Judge = (args) => {
  const at = args.findIndex((arg) => arg === '-e' || arg === '-c' || arg === '--execute' || arg === '--command');
  const sql = at === -1 ? undefined : args[at + 1];
  if (typeof sql === 'string') return judgeSql(sql);
  return has(args, '--version', '--help') ? reads() : changes('its statements are known only when it runs');
};

const TEMPORAL_READERS = new Set(['list', 'count', 'describe', 'show', 'stack', 'query', 'result', 'trace', 'metadata', 'health', 'system', 'get', 'list-partition', 'get-build-ids', 'get-build-id-reachability', 'diff']);
const TEMPORAL_DESTROYERS = new Set(['terminate', 'delete', 'remove']);

const judgeTemporal: Judge = (args) => {
  const first = args.findIndex((arg) => arg === null || arg.startsWith('-'));
  const path = plainOf(first === -1 ? args : args.slice(0, first));
  if (has(args, '--help', '--version')) return reads();
  if (path.some((word) => TEMPORAL_DESTROYERS.has(word))) return destroys(`temporal ${path.join(' ')} ends or deletes without asking the code`);
  const last = path.at(-1);
  return last !== undefined && TEMPORAL_READERS.has(last) ? reads() : changes(`temporal ${path.join(' ')} changes the state of Temporal`);
};

export const ENGINE_JUDGES: Readonly<Record<string, Judge>> = {
  hdfs: judgeHdfs, hadoop: judgeHadoop, yarn: judgeYarn, mapred: (args) => (has(args, '-list', '-status') ? reads() : has(args, '-kill') ? destroys('it ends a job') : changes('it changes a job')),
  'spark-submit': judgeSubmit, 'spark-sql': judgeSqlTool, beeline: judgeSqlTool, hive: judgeSqlTool, psql: judgeSqlTool, mysql: judgeSqlTool, temporal: judgeTemporal,
};
