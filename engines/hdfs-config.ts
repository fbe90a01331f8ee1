// Hadoop's configuration for one NameNode and one DataNode on loopback, of which clients read the same files.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeWhole } from './files.ts';
import { log4j } from './java.ts';
import { IP, type Ports } from './ports.ts';

export const HDFS_PORTS = ['namenode', 'namenodeHttp', 'datanode', 'datanodeHttp', 'datanodeIpc'] as const;
export type HdfsPorts = Ports<(typeof HDFS_PORTS)[number]>;

/** Writes core-site.xml, hdfs-site.xml and log4j.properties into `{folder}/conf`. */
export async function writeHdfsConfig(folder: string, ports: HdfsPorts): Promise<void> {
  await mkdir(join(folder, 'tmp'), { recursive: true });
  writeWhole(join(folder, 'conf', 'core-site.xml'), xml(coreSite(folder, ports)));
  writeWhole(join(folder, 'conf', 'hdfs-site.xml'), xml(hdfsSite(folder, ports)));
  writeWhole(join(folder, 'conf', 'log4j.properties'), log4j('WARN'));
}

function coreSite(folder: string, ports: HdfsPorts): Record<string, string> {
  return {
    'fs.defaultFS': `hdfs://${IP}:${ports.namenode}`,
    'hadoop.tmp.dir': join(folder, 'tmp'),
  };
}

function hdfsSite(folder: string, ports: HdfsPorts): Record<string, string> {
  return {
    'dfs.replication': '1',
    'dfs.namenode.name.dir': pathToFileURL(join(folder, 'name')).href,
    'dfs.datanode.data.dir': pathToFileURL(join(folder, 'data')).href,
    'dfs.namenode.rpc-address': `${IP}:${ports.namenode}`,
    'dfs.namenode.http-address': `${IP}:${ports.namenodeHttp}`,
    'dfs.datanode.address': `${IP}:${ports.datanode}`,
    'dfs.datanode.http.address': `${IP}:${ports.datanodeHttp}`,
    'dfs.datanode.ipc.address': `${IP}:${ports.datanodeIpc}`,
    'dfs.datanode.hostname': IP,
    'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
    'dfs.webhdfs.enabled': 'true',
    'dfs.permissions.enabled': 'true',
    'dfs.namenode.safemode.threshold-pct': '1', // stock 0.999: of fewer than 1,000 blocks one may be missing, and be so for a moment after a restart
    'dfs.namenode.safemode.extension': '0',
    'dfs.namenode.safemode.min.datanodes': '1',
    'dfs.heartbeat.interval': '1',
    'dfs.namenode.heartbeat.recheck-interval': '1000', // with the interval: a killed DataNode is dead after 12 s, not after 10 min
    'dfs.blockreport.initialDelay': '0',
    'dfs.datanode.du.reserved': '0',
    'dfs.namenode.fs-limits.min-block-size': '4096', // a test of many blocks needs no large files
    // stock 400: with one DataNode, half of all closes ask the NameNode before the DataNode's report is in, and then sleep this long
    'dfs.client.block.write.locateFollowingBlock.initial.delay.ms': '5',
    'dfs.client.block.write.replace-datanode-on-failure.policy': 'NEVER',
  };
}

function xml(properties: Record<string, string>): string {
  const lines = Object.entries(properties).map(([name, value]) => `  <property><name>${name}</name><value>${escapeXml(value)}</value></property>`);
  return `<configuration>\n${lines.join('\n')}\n</configuration>\n`;
}

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
