// Real HDFS: NameNode and DataNode of Hadoop 3.4.1 from Maven Central's jars, WebHDFS on, permissions enforced.
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fetched, fetchWith, pinOf, sourceFile, type EngineOptions } from './cache.ts';
import { startEngine, type EngineSpec, type Part } from './engine.ts';
import { HDFS_PORTS, writeHdfsConfig, type HdfsPorts } from './hdfs-config.ts';
import { getJson } from './http.ts';
import { jarsIn, javaArgs } from './java.ts';
import { fetchJars } from './maven.ts';
import { engineEnvironment } from './places.ts';
import { IP } from './ports.ts';
import type { HdfsAddress } from './record.ts';
import { findTool, run, type RunResult } from './tools.ts';

export interface HdfsOptions extends EngineOptions {
  /** NameNode and DataNode as two processes, so that one can be killed; else one process, which starts faster. */
  separate?: boolean;
  /** As a cluster runs it, for measurements: slower to start, faster after a while. */
  optimized?: boolean;
}

/** The user who starts it is the superuser; any other is `user.name` of WebHDFS. */
export interface Hdfs extends HdfsAddress {
  /** False when it ran already. */
  started: boolean;
  stop: () => Promise<void>;
  /** SIGKILL; needs `separate`. */
  killDataNode: () => Promise<void>;
  /** Returns when the NameNode has it again. */
  startDataNode: () => Promise<void>;
  /** SIGKILL. Without `separate` the DataNode goes with it. */
  killNameNode: () => Promise<void>;
  /**
   * With the same data; returns when the DataNode is registered again. With `separate`, each user's first WebHDFS call through the DataNode may
   * still answer 403 with an EOFException: it meets its connection to the former NameNode.
   */
  startNameNode: () => Promise<void>;
}

type Role = 'hdfs' | 'namenode' | 'datanode';

const VERSION = '3.4.1';
const POM = sourceFile('./poms/hadoop.xml');
const SOURCE = sourceFile('./java/HdfsNode.java');
/** hadoop-hdfs' jar lacks these folders, and its HTTP servers refuse to start without them. */
const WEBAPPS = ['hdfs', 'datanode', 'static'];

/**
 * Starts HDFS, or finds it running in this home. Ready means: a DataNode is live and safe mode is off.
 * Fails with Unavailable when a tool is missing, the registry does not answer or a process ends, with Exists when it runs otherwise than `separate` says.
 */
export async function startHdfs(options: HdfsOptions): Promise<Hdfs> {
  const engine = await startEngine(await hdfsSpec(options), options);
  const nameNode = options.separate ? 'namenode' : 'hdfs';
  return {
    ...engine.address,
    started: engine.started,
    stop: engine.stop,
    killDataNode: () => engine.kill('datanode'),
    startDataNode: () => engine.start('datanode'),
    killNameNode: () => engine.kill(nameNode),
    startNameNode: () => engine.start(nameNode),
  };
}

/** Fetches what `startHdfs` needs; the folder in the cache. */
function hadoop(options: EngineOptions): Promise<string> {
  return pinOf(POM, SOURCE).then((pin) =>
    fetched(`hadoop-${VERSION}-${pin}`, options, async (aside) => {
      await fetchJars(POM, ['dependency:copy'], aside, options);
      for (const name of WEBAPPS) await mkdir(join(aside, 'classes', 'webapps', name), { recursive: true });
      await fetchWith('javac', ['-nowarn', '-cp', jarsIn(join(aside, 'jars')), '-d', join(aside, 'classes'), SOURCE], options);
    }),
  );
}

async function hdfsSpec(options: HdfsOptions): Promise<EngineSpec<'hdfs', Role, (typeof HDFS_PORTS)[number]>> {
  const lib = await hadoop(options);
  const folder = join(options.home, 'hdfs');
  const confDir = join(folder, 'conf');
  const classpath = [confDir, join(lib, 'classes'), jarsIn(join(lib, 'jars'))].join(delimiter);
  const env = engineEnvironment(options.env);
  const java = await findTool('java', env);
  const node = (role: Role, nodes: string, ready: () => Promise<boolean>): Part<Role> => {
    const args = javaArgs({ heap: '768m', classpath, temporary: join(folder, 'tmp'), main: 'HdfsNode', args: [nodes, join(folder, 'formatted')], optimized: options.optimized });
    return { role, command: { file: java, args, env, log: join(folder, 'log', `${role}.log`) }, ready };
  };
  return {
    name: 'hdfs',
    folder,
    portNames: HDFS_PORTS,
    prepare: (ports) => writeHdfsConfig(folder, ports),
    parts: (ports) =>
      options.separate
        ? [node('namenode', 'namenode', () => answers(ports)), node('datanode', 'datanode', () => isWritable(ports))]
        : [node('hdfs', 'both', () => isWritable(ports))],
    address: (ports) => ({
      namenode: `hdfs://${IP}:${ports.namenode}`,
      webhdfs: `webhdfs://${IP}:${ports.namenodeHttp}`,
      datanodeHttp: `${IP}:${ports.datanodeHttp}`,
      confDir,
      classpath,
    }),
  };
}

/** Attributes of a management bean, as Hadoop's JMXJsonServlet gives them. */
async function bean(port: number, name: string): Promise<Record<string, unknown>> {
  const { beans } = (await getJson(`http://${IP}:${port}/jmx?qry=${name}`)) as { beans: Record<string, unknown>[] };
  return beans[0] ?? {};
}

async function answers(ports: HdfsPorts): Promise<boolean> {
  return 'Safemode' in (await bean(ports.namenodeHttp, 'Hadoop:service=NameNode,name=NameNodeInfo'));
}

/** True when the NameNode counts the DataNode as live and has left safe mode, and the DataNode that runs now knows the NameNode. */
async function isWritable(ports: HdfsPorts): Promise<boolean> {
  const [state, info, dataNode] = await Promise.all([
    bean(ports.namenodeHttp, 'Hadoop:service=NameNode,name=FSNamesystemState'),
    bean(ports.namenodeHttp, 'Hadoop:service=NameNode,name=NameNodeInfo'),
    bean(ports.datanodeHttp, 'Hadoop:service=DataNode,name=DataNodeInfo'),
  ]);
  const actors = JSON.parse((dataNode['BPServiceActorInfo'] as string | undefined) ?? '[]') as { ActorState: string }[]; // JSON in JSON
  return state['NumLiveDataNodes'] === 1 && info['Safemode'] === '' && actors.length === 1 && actors[0]?.ActorState === 'RUNNING';
}

export interface HdfsShellOptions {
  /** Runs as this user of HDFS; default: the user of this process. */
  user?: string;
  input?: string | Uint8Array;
  signal?: AbortSignal;
}

/** Runs Hadoop's own FsShell (`hdfs dfs`), e.g. `['-ls', '/']`. A code other than 0 is an answer, not a failure. */
export async function hdfsShell(hdfs: HdfsAddress, args: string[], env: NodeJS.ProcessEnv, options: HdfsShellOptions = {}): Promise<RunResult> {
  const folder = join(hdfs.confDir, '..');
  const java = javaArgs({ heap: '512m', classpath: hdfs.classpath, temporary: join(folder, 'tmp'), main: 'org.apache.hadoop.fs.FsShell', args });
  return run(await findTool('java', env), java, {
    env: { ...engineEnvironment(env), ...(options.user === undefined ? {} : { HADOOP_USER_NAME: options.user }) },
    signal: options.signal,
    input: options.input,
  });
}
