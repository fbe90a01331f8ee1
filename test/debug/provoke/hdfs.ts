// Failures of HDFS, said by its own shell and by its daemons.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hdfs } from '../../../engines/index.ts';
import { enginePlaces } from '../../../engines/index.ts';
import type { Failure } from './failure.ts';
import { put, type Lab } from './lab.ts';

const LOG4J = ['log4j.rootLogger=INFO,console', 'log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR', 'log4j.logger.org.apache.hadoop.metrics2=WARN', 'log4j.appender.console=org.apache.log4j.ConsoleAppender', 'log4j.appender.console.target=System.err', 'log4j.appender.console.layout=org.apache.log4j.PatternLayout', 'log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n', ''].join('\n');

/** A tool of Hadoop, by its class, as a user of HDFS. */
async function hadoop(lab: Lab, hdfs: Hdfs, main: string, args: readonly string[], { user = 'root', set = {} }: { user?: string; set?: Record<string, string> } = {}): Promise<string> {
  const folder = await lab.fresh();
  const log4j = await put(join(folder, 'log4j.properties'), LOG4J);
  const defines = Object.entries({ 'dfs.client.block.write.locateFollowingBlock.retries': '12', 'ipc.client.connect.max.retries': '2', 'ipc.client.connect.retry.interval': '200', ...set }).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  return lab.say('java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', `-Dlog4j.configuration=file:${log4j}`, '-cp', hdfs.classpath, main, ...defines, ...args], { env: { HADOOP_USER_NAME: user }, seconds: 90 });
}

const dfs = (lab: Lab, hdfs: Hdfs, args: readonly string[], options?: { user?: string; set?: Record<string, string> }): Promise<string> => hadoop(lab, hdfs, 'org.apache.hadoop.fs.FsShell', args, options);
const admin = (lab: Lab, hdfs: Hdfs, args: readonly string[]): Promise<string> => hadoop(lab, hdfs, 'org.apache.hadoop.hdfs.tools.DFSAdmin', args);

const failure = (name: string, provoke: (lab: Lab, hdfs: Hdfs) => Promise<string>): Failure => ({ name, provoke: async (lab) => provoke(lab, await lab.hdfs()) });

async function smallFile(lab: Lab): Promise<string> {
  return put(join(await lab.fresh(), 'orders.csv'), 'id,amount\n1,2\n'.repeat(100));
}

/** What a daemon logged while something went on. */
async function daemonSaid(lab: Lab, role: string, during: () => Promise<unknown>): Promise<string> {
  const file = join(enginePlaces(process.env, join(lab.folder, 'engines')).home, 'hdfs', 'log', `${role}.log`);
  const before = (await readFile(file, 'utf8')).length;
  await during();
  return (await readFile(file, 'utf8')).slice(before);
}

export const FAILURES: readonly Failure[] = [
  failure('hdfs-safe-mode', async (lab, hdfs) => {
    await admin(lab, hdfs, ['-safemode', 'enter']);
    const said = await dfs(lab, hdfs, ['-mkdir', '/landing']);
    await admin(lab, hdfs, ['-safemode', 'leave']);
    return said;
  }),
  failure('hdfs-name-quota', async (lab, hdfs) => {
    await dfs(lab, hdfs, ['-mkdir', '-p', '/teams/growth']);
    await admin(lab, hdfs, ['-setQuota', '2', '/teams/growth']);
    await dfs(lab, hdfs, ['-touchz', '/teams/growth/a']);
    return dfs(lab, hdfs, ['-touchz', '/teams/growth/b']);
  }),
  failure('hdfs-space-quota', async (lab, hdfs) => {
    await dfs(lab, hdfs, ['-mkdir', '-p', '/teams/risk']);
    await admin(lab, hdfs, ['-setSpaceQuota', '1m', '/teams/risk']);
    return dfs(lab, hdfs, ['-put', await smallFile(lab), '/teams/risk/scores.csv']);
  }),
  failure('hdfs-parent-is-file', async (lab, hdfs) => {
    await dfs(lab, hdfs, ['-touchz', '/daily']);
    return dfs(lab, hdfs, ['-mkdir', '-p', '/daily/2026-11-20']);
  }),
  failure('hdfs-permission', async (lab, hdfs) => {
    await dfs(lab, hdfs, ['-mkdir', '-p', '/finance']);
    return dfs(lab, hdfs, ['-put', await smallFile(lab), '/finance/orders.csv'], { user: 'intern' });
  }),
  failure('hdfs-no-such-file', (lab, hdfs) => dfs(lab, hdfs, ['-cat', '/warehouse/customers/part-00000'])),
  failure('hdfs-wrong-port', async (lab, hdfs) => dfs(lab, hdfs, ['-ls', `${hdfs.webhdfs.replace('webhdfs:', 'hdfs:')}/`])),
  failure('hdfs-connection-refused', async (lab, hdfs) => dfs(lab, hdfs, ['-ls', `hdfs://127.0.0.1:${await lab.deadPort()}/`])),
  failure('hdfs-unknown-host', async (lab, hdfs) => dfs(lab, hdfs, ['-ls', 'hdfs://namenode.prod.invalid:8020/'])),
  failure('hdfs-not-empty', async (lab, hdfs) => {
    await dfs(lab, hdfs, ['-mkdir', '-p', '/archive/2026']);
    return dfs(lab, hdfs, ['-rmdir', '/archive']);
  }),
  failure('hdfs-no-datanode', async (lab, hdfs) => {
    await hdfs.killDataNode();
    let answer = '';
    const node = await daemonSaid(lab, 'namenode', async () => {
      answer = await dfs(lab, hdfs, ['-put', await smallFile(lab), '/orders.csv']);
    });
    await hdfs.startDataNode();
    return `${node}${answer}`;
  }),
  failure('hdfs-block-missing', async (lab, hdfs) => {
    await dfs(lab, hdfs, ['-put', await smallFile(lab), '/only-copy.csv']);
    await hdfs.killDataNode();
    const answer = await dfs(lab, hdfs, ['-cat', '/only-copy.csv'], { set: { 'dfs.client.retry.window.base': '50', 'dfs.client.max.block.acquire.failures': '1' } });
    await hdfs.startDataNode();
    return answer;
  }),
];
