// A few WebHDFS calls, as plain as the protocol allows, to see an HDFS work without PIVO's own client.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { HdfsAddress } from '../../engines/index.ts';

const url = ({ webhdfs }: HdfsAddress, path: string, query: Record<string, string>): string => `${webhdfs.replace('webhdfs:', 'http:')}/webhdfs/v1${path}?${new URLSearchParams(query).toString()}`;

/** CREATE in two steps; the status of the last answer. */
export async function create(hdfs: HdfsAddress, user: string, path: string, text: string): Promise<number> {
  const told = await fetch(url(hdfs, path, { op: 'CREATE', 'user.name': user, overwrite: 'false' }), { method: 'PUT', redirect: 'manual' });
  const location = told.headers.get('location');
  if (location === null) return told.status;
  return put(location, text);
}

/** The DataNode sends `100 Continue` unasked, which `fetch` takes for an error. */
async function put(location: string, text: string): Promise<number> {
  const asked = request(location, { method: 'PUT', headers: { 'content-length': Buffer.byteLength(text) } });
  asked.end(text);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

/** OPEN; what the file holds, or the status when it is not given. */
export async function open(hdfs: HdfsAddress, user: string, path: string): Promise<string | number> {
  const answer = await fetch(url(hdfs, path, { op: 'OPEN', 'user.name': user }));
  return answer.ok ? answer.text() : answer.status;
}
