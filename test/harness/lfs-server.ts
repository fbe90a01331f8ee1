// A Git LFS server on loopback beside a real git server: Batch API, transfer basic with Range, verify; and it misbehaves where a test wants it to.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startGitHttp, type GitHttpServer } from './git-http.ts';

const MEDIA = 'application/vnd.git-lfs+json';

/** How the server fails at one object, or at the batch as a whole. */
export type LfsFault = 'missing' | 'wrong content' | 'wrong size' | 'truncated' | 'expired' | 'elsewhere' | 'hangs' | 'server error';

export interface LfsServerOptions {
  /** Folder whose repositories git serves. */
  root: string;
  /** Basic credentials that git and LFS ask for. */
  login?: { username: string; token: string };
  /** Most objects of one batch; more are answered with 413. */
  most?: number;
}

export interface TestLfsServer extends GitHttpServer {
  objects: Map<string, Buffer>;
  /** Faults by oid. */
  faults: Map<string, LfsFault>;
  /** `METHOD path` of each LFS request, in order. */
  asked: string[];
  /** Sizes of the batches that were answered. */
  batches: number[];
  /** Objects whose upload was verified. */
  verified: string[];
  /** Answered instead of the next batches, first first. */
  refusals: { status: number; headers?: Record<string, string>; message?: string }[];
  /** Where an object that is `elsewhere` is said to be. */
  elsewhere: string;
  /** Why no upload is taken, although the Batch API offers it. */
  refuseUploads: string | null;
}

export async function startLfsServer({ root, login, most = 100 }: LfsServerOptions): Promise<TestLfsServer> {
  const state = { objects: new Map<string, Buffer>(), faults: new Map<string, LfsFault>(), asked: [] as string[], batches: [] as number[], verified: [] as string[], refusals: [] as TestLfsServer['refusals'], elsewhere: '', refuseUploads: null as string | null };
  /** Objects whose first action was not valid. */
  const expired = new Set<string>();
  const refuse = (response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void => void response.writeHead(status, { 'content-type': MEDIA, ...headers }).end(JSON.stringify({ message }));
  const isKnown = ({ headers }: IncomingMessage): boolean => login === undefined || headers.authorization === `Basic ${Buffer.from(`${login.username}:${login.token}`).toString('base64')}`;

  async function batch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { operation, objects } = JSON.parse((await bodyOf(request)).toString()) as { operation: 'download' | 'upload'; objects: { oid: string; size: number }[] };
    const refusal = state.refusals.shift();
    if (refusal !== undefined) return refuse(response, refusal.status, refusal.message ?? 'not now', refusal.headers);
    if (objects.length > most) return refuse(response, 413, 'too many');
    state.batches.push(objects.length);
    const base = `http://${request.headers.host}/objects`;
    const action = (verb: string, oid: string): object => ({ href: `${base}/${oid}${verb === 'verify' ? '/verify' : ''}`, header: { 'x-pass': passOf(oid) } });
    const answer = objects.map(({ oid, size }) => {
      const content = state.objects.get(oid);
      if (operation === 'upload') return { oid, size, authenticated: true, ...(content === undefined ? { actions: { upload: action('upload', oid), verify: action('verify', oid) } } : {}) };
      if (content === undefined || state.faults.get(oid) === 'missing') return { oid, size, error: { code: 404, message: 'Object does not exist' } };
      return { oid, size, authenticated: true, actions: { download: { ...action('download', oid), ...(state.faults.get(oid) === 'elsewhere' ? { href: `${base}/${oid}/moved` } : {}) } } };
    });
    response.writeHead(200, { 'content-type': MEDIA }).end(JSON.stringify({ transfer: 'basic', objects: answer, hash_algo: 'sha256' }));
  }

  const passOf = (oid: string): string => (state.faults.get(oid) === 'expired' && !expired.has(oid) ? 'old' : `pass-${oid.slice(0, 8)}`);

  async function put(request: IncomingMessage, response: ServerResponse, oid: string): Promise<void> {
    const content = await bodyOf(request);
    if (state.refuseUploads !== null) return refuse(response, 403, state.refuseUploads);
    if (createHash('sha256').update(content).digest('hex') !== oid) return refuse(response, 422, 'that is another object');
    state.objects.set(oid, content);
    response.writeHead(200).end();
  }

  async function verify(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { oid, size } = JSON.parse((await bodyOf(request)).toString()) as { oid: string; size: number };
    if (state.objects.get(oid)?.length !== size) return refuse(response, 422, 'no such object');
    state.verified.push(oid);
    response.writeHead(200).end();
  }

  function get(request: IncomingMessage, response: ServerResponse, oid: string): void {
    const content = state.objects.get(oid);
    const fault = state.faults.get(oid);
    if (request.headers['x-pass'] === 'old') {
      expired.add(oid);
      return refuse(response, 403, 'the link is not valid any more');
    }
    if (content === undefined) return refuse(response, 404, 'not here');
    if (fault === 'hangs') return void response.writeHead(200, { 'content-length': String(content.length) }).write(content.subarray(0, 10));
    if (fault === 'server error') return refuse(response, 500, 'out of order');
    if (fault === 'wrong content') return void response.writeHead(200).end(Buffer.alloc(content.length, 'x'));
    if (fault === 'wrong size') return void response.writeHead(200).end(Buffer.concat([content, Buffer.from('more')]));
    if (fault === 'truncated') {
      response.writeHead(200, { 'content-length': String(content.length) }).write(content.subarray(0, content.length >> 1), () => response.destroy());
      return;
    }
    response.writeHead(200, { 'content-length': String(content.length) }).end(content);
  }

  function intercept(request: IncomingMessage, response: ServerResponse): boolean {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const [, oid = '', rest = ''] = /^\/objects\/([0-9a-f]{64})(\/(?:verify|moved))?$/.exec(path) ?? [];
    if (!path.endsWith('/info/lfs/objects/batch') && oid === '') return false;
    state.asked.push(`${request.method} ${path}`);
    if (oid === '' && !isKnown(request)) refuse(response, 401, 'who are you?', { 'lfs-authenticate': 'Basic realm="test"' });
    else if (oid === '') void batch(request, response);
    else if (rest === '/moved') response.writeHead(302, { location: `${state.elsewhere}/objects/${oid}` }).end();
    else if (rest === '/verify') void verify(request, response);
    else if (request.method === 'PUT') void put(request, response, oid);
    else get(request, response, oid);
    return true;
  }

  const server = await startGitHttp({ root, ...(login === undefined ? {} : { login }), intercept });
  return Object.assign(state, server);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
