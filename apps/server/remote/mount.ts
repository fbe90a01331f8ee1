// The git remote: git's smart HTTP protocol (gitprotocol-http(5)) and Git LFS, for reading only.
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { hasContent } from '../content.ts';
import { callerOf } from '../access/roles.ts';
import type { Seats } from '../access/limits.ts';
import { publicReport, Refusal, statusOf } from '../problem.ts';
import type { WebEnvironment } from '../rest/mount.ts';
import { PivoError } from '../../../contract/failures.ts';
import type { Log } from '../../../contract/log.ts';
import { parseInput } from '../../../contract/validation.ts';
import type { Operation, OperationContext } from '../../../operations/operation.ts';
import { gitAddress, type GitAddress } from './address.ts';
import { answerLfs } from './lfs.ts';
import { send } from './send.ts';

export interface GitRemoteOptions {
  load(name: string): Promise<Operation>;
  context: OperationContext;
  /** For packs; asking for refs is cheap. */
  seats: Seats;
  log: Log;
}

/** Most bytes of a request, unpacked: a client with a million refs names each of them once. */
const LARGEST_REQUEST = 128 * 2 ** 20;

export function mountGitRemote(app: Hono<WebEnvironment>, options: GitRemoteOptions): void {
  app.all('/git/*', async (c) => {
    try {
      return await answer(c, options);
    } catch (error) {
      return refuse(error, options.log);
    }
  });
}

async function answer(c: Context<WebEnvironment>, options: GitRemoteOptions): Promise<Response> {
  const url = new URL(c.req.url);
  const address = gitAddress(url.pathname);
  if (address.path.startsWith('info/lfs/')) return answerLfs(c, address, options);
  const service = address.path === 'info/refs' ? url.searchParams.get('service') : address.path;
  if (service === 'git-receive-pack') return readOnly(address.path === 'info/refs');
  if (service !== 'git-upload-pack') throw new Refusal(403, 'NotAllowed', 'only git\'s smart protocol is spoken here', { hint: 'Use git 1.6.6 or later.' });
  if (c.req.method !== (address.path === 'info/refs' ? 'GET' : 'POST')) throw new Refusal(405, 'InvalidInput', `${c.req.method} is not what git sends here`);
  return address.path === 'info/refs' ? sendRefs(c, address, options) : sendPack(c, address, options);
}

/** Protocol versions 0 and 1 announce the service; version 2 does not (gitprotocol-v2(5)). */
async function sendRefs(c: Context<WebEnvironment>, address: GitAddress, options: GitRemoteOptions): Promise<Response> {
  const content = await ask(c, address, options, undefined);
  const isVersion2 = (c.req.header('git-protocol') ?? '').split(':').includes('version=2');
  return send(c, { headers: headersOf('advertisement'), before: isVersion2 ? '' : `${pktLine('# service=git-upload-pack\n')}0000` }, content, options.log);
}

async function sendPack(c: Context<WebEnvironment>, address: GitAddress, options: GitRemoteOptions): Promise<Response> {
  if (c.req.header('content-type') !== 'application/x-git-upload-pack-request') throw new Refusal(415, 'InvalidInput', 'a request of git is application/x-git-upload-pack-request');
  const free = await options.seats.take(c.get('signal'));
  try {
    const { incoming } = c.env as HttpBindings;
    return await send(c, { headers: headersOf('result') }, await ask(c, address, options, requestOf(incoming)), options.log);
  } finally {
    free();
  }
}

async function ask(c: Context<WebEnvironment>, { repository, point }: GitAddress, { load, context }: GitRemoteOptions, body: AsyncIterable<Uint8Array> | undefined): Promise<AsyncIterable<Uint8Array>> {
  const operation = await load('git-upload-pack');
  const input = parseInput(operation.input, { repository, point, protocol: c.req.header('git-protocol') ?? '', answer: body === undefined ? 'refs' : 'pack' }, 'address');
  const result = await operation.run({ ...context, caller: callerOf(c.get('visitor')) }, input, { signal: c.get('signal'), onProgress: () => {}, ...(body === undefined ? {} : { body }) });
  if (!hasContent(result)) throw new PivoError('Internal', 'git-upload-pack answered nothing');
  return result.content;
}

/** What the client sends, unpacked, and no more than that may be. */
async function* requestOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  const zipped = incoming.headers['content-encoding'] === 'gzip' || incoming.headers['content-encoding'] === 'x-gzip';
  let bytes = 0;
  for await (const chunk of (zipped ? incoming.pipe(createGunzip()) : incoming) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > LARGEST_REQUEST) throw new PivoError('LimitExceeded', `the request is larger than ${LARGEST_REQUEST} bytes`);
    yield chunk;
  }
}

const headersOf = (what: 'advertisement' | 'result'): Record<string, string> => ({ 'content-type': `application/x-git-upload-pack-${what}`, 'cache-control': 'no-cache, max-age=0, must-revalidate' });

/** Git's packet line: four hex digits of its whole length, then the text (gitprotocol-common(5)). */
const pktLine = (text: string): string => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;

/** A push is refused in git's own words, so that its user reads them. */
function readOnly(asksForRefs: boolean): Response {
  const error = pktLine('ERR this is an archive: nothing can be pushed to it. Push to the origin; PIVO backs it up from there.\n');
  const body = asksForRefs ? `${pktLine('# service=git-receive-pack\n')}0000${error}` : error;
  return new Response(body, { headers: { 'content-type': `application/x-git-receive-pack-${asksForRefs ? 'advertisement' : 'result'}`, 'cache-control': 'no-cache' } });
}

/** Git shows its user what comes as plain text. */
function refuse(error: unknown, log: Log): Response {
  const { kind, message, hint } = publicReport(error);
  if (kind === 'Internal') log.error({ error }, 'the git remote failed unexpectedly');
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...(error instanceof Refusal ? error.headers : {}), ...(statusOf(error) === 503 ? { 'retry-after': '5' } : {}) };
  return new Response(`${message}\n${hint === undefined ? '' : `${hint}\n`}`, { status: statusOf(error), headers });
}
