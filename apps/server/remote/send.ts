// Sends what may be gigabytes past the application, straight to the socket.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import { publicReport } from '../problem.ts';
import type { WebEnvironment } from '../rest/mount.ts';
import type { Log } from '../../../contract/log.ts';

export interface Sent {
  status?: number;
  headers: Record<string, string>;
  /** Bytes before the content. */
  before?: string;
}

/** What goes wrong once it flows ends the connection; where git itself failed, it told its client why. */
export async function send(c: Context<WebEnvironment>, { status = 200, headers, before = '' }: Sent, content: AsyncIterable<Uint8Array>, log: Log): Promise<Response> {
  const { outgoing } = c.env as { outgoing: ServerResponse };
  outgoing.writeHead(status, { 'x-content-type-options': 'nosniff', ...headers });
  if (before !== '') outgoing.write(before);
  try {
    for await (const chunk of content) if (!outgoing.write(chunk)) await once(outgoing, 'drain', { signal: c.get('signal') });
    outgoing.end();
  } catch (error) {
    const report = publicReport(error);
    if (!c.get('signal').aborted) log.warn({ error, path: c.req.path }, 'a client of the git remote could not be served');
    if (report.kind === 'GitFailed') outgoing.end();
    else outgoing.destroy();
  }
  return RESPONSE_ALREADY_SENT;
}
