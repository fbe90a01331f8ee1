// Real HDFS for tests: the run's own, and a folder of its own for each archive.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { userInfo } from 'node:os';
import { hdfsShell, type Hdfs } from '../../engines/index.ts';
import { readSmall } from '../../archive/read.ts';
import { webHdfsStore } from '../../archive/webhdfs/store.ts';
import type { WebHdfsSettings } from '../../archive/webhdfs/settings.ts';
import type { Store } from '../../archive/store.ts';
import type { ArchiveHand } from '../harness/archive-hand.ts';
import { sharedHdfs, type Shared } from '../harness/engines.ts';
import type { Elsewhere } from '../reading/backed-up.ts';

/** The user of the archives; the user of this process is HDFS's superuser. */
export const ARCHIVIST = 'pivo';
export const SUPERUSER = userInfo().username;

export interface HdfsUnderTest {
  hdfs: Shared<Hdfs>;
  /** `host:port` of the NameNode's HTTP. */
  nameNode: string;
  /** An empty archive that belongs to ARCHIVIST, and its path in HDFS. */
  archive(settings?: WebHdfsSettings): Promise<{ store: Store; root: string }>;
  /** As `archive`, and the hand of HDFS's superuser on it. */
  archiveInHand(): Promise<Elsewhere>;
  /** One WebHDFS request as anybody could send it; follows redirects. */
  ask(method: string, path: string, query: Record<string, string>, body?: string): Promise<{ status: number; text: string }>;
  /** Hadoop's own shell. */
  shell(args: string[], user?: string): Promise<{ code: number; stdout: Buffer; stderr: string }>;
}

export async function hdfsUnderTest(): Promise<HdfsUnderTest> {
  const hdfs = await sharedHdfs();
  const nameNode = hdfs.webhdfs.replace('webhdfs://', '');
  const ask: HdfsUnderTest['ask'] = async (method, path, query, body) => {
    const url = `http://${nameNode}/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}?${String(new URLSearchParams({ 'user.name': SUPERUSER, ...query }))}`;
    const first = await exchange(method, url);
    return first.location === undefined ? first : exchange(method, first.location, body);
  };
  const archive: HdfsUnderTest['archive'] = async (settings = {}) => {
    const root = `/archive-${randomUUID()}`;
    await ask('PUT', root, { op: 'MKDIRS' });
    await ask('PUT', root, { op: 'SETOWNER', owner: ARCHIVIST });
    return { store: webHdfsStore(`${hdfs.webhdfs}${root}`, { user: ARCHIVIST, ...settings }), root };
  };
  return {
    hdfs,
    nameNode,
    ask,
    archive,
    archiveInHand: async () => {
      const { store, root } = await archive();
      return { store, hand: superuserHand(ask, root, webHdfsStore(store.url, { user: SUPERUSER })) };
    },
    shell: (args, user) => hdfsShell(hdfs, args, process.env, user === undefined ? {} : { user }),
  };
}

/** Nothing is overwritten on HDFS, not even by the superuser: it is removed, and written anew. */
function superuserHand(ask: HdfsUnderTest['ask'], root: string, store: Store): ArchiveHand {
  const remove = async (path: string): Promise<void> => {
    const { status, text } = await ask('DELETE', `${root}/${path}`, { op: 'DELETE' });
    if (status !== 200) throw new Error(`${path} could not be removed: ${text}`);
  };
  return {
    read: (path) => readSmall(store, path),
    remove,
    replace: async (path, bytes) => {
      await remove(path);
      await store.create(path, bytes);
    },
  };
}

function exchange(method: string, url: string, body?: string): Promise<{ status: number; text: string; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent: false, headers: { 'content-type': 'application/octet-stream', 'content-length': Buffer.byteLength(body ?? '') } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, location: answer.headers.location })).on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}
