// Where a WebHDFS store is: the NameNodes (or HttpFS servers) to ask, and the folder that is the archive's root.
import { posix } from 'node:path';
import { PivoError } from '../../contract/failures.ts';
import { readHadoopConf } from './hadoop-conf.ts';

export interface HdfsAddress {
  tls: boolean;
  /** `host:port`, in the order to be tried. */
  nameNodes: string[];
  /** Absolute path of the archive's root in HDFS, `/` or without a slash at its end. */
  root: string;
  /** The URL as a person writes it. */
  url: string;
}

const FORM = 'Use webhdfs://namenode:9870/path, several NameNodes with commas between them, or a name service of HADOOP_CONF_DIR.';
const PORTS = { http: 9870, https: 9871 } as const;

/**
 * Understands `webhdfs://host[:port][,host[:port]…][/path]`, `swebhdfs://…` for TLS, and, with Hadoop's configuration,
 * `webhdfs://nameservice/path` and `webhdfs:///path` (fs.defaultFS). Fails with InvalidInput.
 */
export function hdfsAddress(url: string, hadoopConf?: string): HdfsAddress {
  const [, scheme, authority, path] = /^(s?webhdfs):\/\/([^/?#]*)(\/[^?#]*)?$/.exec(url) ?? [];
  if (scheme === undefined || authority === undefined) throw new PivoError('InvalidInput', 'this is not the URL of a WebHDFS store', { hint: FORM });
  if (authority.includes('@')) throw new PivoError('InvalidInput', 'the URL of a store takes no user', { hint: 'Set HADOOP_USER_NAME, or webhdfs.user in config.toml.' });
  const tls = scheme === 'swebhdfs';
  const conf = hadoopConf === undefined ? new Map<string, string>() : readHadoopConf(hadoopConf);
  const nameNodes = authority === '' ? defaultNodes(conf, tls) : authority.split(',').flatMap((host) => nodesOf(host, conf, tls));
  const root = posix.normalize(decoded(path ?? '/')).replace(/(.)\/$/, '$1');
  return { tls, nameNodes, root, url: `${scheme}://${authority}${path ?? ''}` };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new PivoError('InvalidInput', 'the path of the store has a stray %', { hint: 'Write %25 for a percent sign.' });
  }
}

/** `fs.defaultFS` is a name service, or the RPC address of one NameNode. */
function defaultNodes(conf: Map<string, string>, tls: boolean): string[] {
  const authority = /^\w+:\/\/([^/]+)/.exec(conf.get('fs.defaultFS') ?? '')?.[1];
  if (authority === undefined) throw new PivoError('InvalidInput', 'the store names no NameNode, and there is no fs.defaultFS', { hint: FORM });
  if (isNameService(authority, conf)) return nodesOf(authority, conf, tls);
  const [host = ''] = authority.split(':');
  return [reachable(conf.get(`dfs.namenode.${tls ? 'https' : 'http'}-address`), host) ?? nodeOf(host, tls)];
}

const isNameService = (name: string, conf: Map<string, string>): boolean => words(conf.get('dfs.nameservices')).includes(name);
const words = (value: string | undefined): string[] => (value ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '');

function nodesOf(host: string, conf: Map<string, string>, tls: boolean): string[] {
  if (!isNameService(host, conf)) return [nodeOf(host, tls)];
  const key = `dfs.namenode.${tls ? 'https' : 'http'}-address.${host}`;
  const ids = words(conf.get(`dfs.ha.namenodes.${host}`));
  const nodes = ids.length === 0 ? [conf.get(key)] : ids.map((id) => conf.get(`${key}.${id}`));
  const known = nodes.filter((node) => node !== undefined);
  if (known.length === 0) throw new PivoError('InvalidInput', `hdfs-site.xml has no ${key} for name service ${host}`, { hint: FORM });
  return known.map((node) => nodeOf(node, tls));
}

/** An address that is bound to all interfaces says only the port. */
function reachable(address: string | undefined, host: string): string | undefined {
  return address?.replace(/^0\.0\.0\.0:/, `${host}:`);
}

function nodeOf(host: string, tls: boolean): string {
  const [, name, port] = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?$/.exec(host.trim()) ?? [];
  if (name === undefined) throw new PivoError('InvalidInput', `${JSON.stringify(host)} is no host of a NameNode`, { hint: FORM });
  return `${name}:${port ?? (tls ? PORTS.https : PORTS.http)}`;
}
