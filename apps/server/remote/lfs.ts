// Git LFS at the git remote: its Batch API (git-lfs, docs/api/batch.md) and the objects themselves, for reading only.
import type { Context } from 'hono';
import { z } from 'zod';
import { hasContent } from '../content.ts';
import { callerOf } from '../access/roles.ts';
import { publicReport, Refusal, statusOf } from '../problem.ts';
import type { WebEnvironment } from '../rest/mount.ts';
import { PivoError } from '../../../contract/failures.ts';
import { parseInput } from '../../../contract/validation.ts';
import type { GitAddress } from './address.ts';
import type { GitRemoteOptions } from './mount.ts';
import { send } from './send.ts';

const MEDIA = 'application/vnd.git-lfs+json';
/** Bytes of a request: 1,000 objects take a tenth of it. */
const LARGEST_REQUEST = 2 ** 20;

const BatchRequest = z.object({
  operation: z.string(),
  transfers: z.array(z.string()).optional(),
  objects: z.array(z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().nonnegative() })).max(1000),
  hash_algo: z.string().optional(),
});

interface Held {
  oid: string;
  bytes: number | null;
}

/** Answers what is asked for below `info/lfs/`. */
export async function answerLfs(c: Context<WebEnvironment>, address: GitAddress, options: GitRemoteOptions): Promise<Response> {
  try {
    const [, oid] = /^info\/lfs\/objects\/([0-9a-f]{64})$/.exec(address.path) ?? [];
    if (oid !== undefined && c.req.method === 'GET') return await sendObject(c, address, oid, options);
    if (address.path === 'info/lfs/objects/batch' && c.req.method === 'POST') return await batch(c, address, options);
    throw new Refusal(404, 'NotFound', 'of Git LFS, only the Batch API and downloads are spoken here');
  } catch (error) {
    return refuse(error, options);
  }
}

async function batch(c: Context<WebEnvironment>, address: GitAddress, options: GitRemoteOptions): Promise<Response> {
  const { operation, transfers, objects, hash_algo: algorithm = 'sha256' } = parseInput(BatchRequest, await bodyOf(c), 'Git LFS batch');
  if (operation !== 'download') throw new Refusal(403, 'NotAllowed', 'this is an archive: nothing can be uploaded to it. Push to the origin; PIVO backs it up from there.');
  if (algorithm !== 'sha256') throw new Refusal(409, 'InvalidInput', `objects are named by sha256 here, not by ${algorithm.slice(0, 20)}`);
  if (transfers !== undefined && transfers.length > 0 && !transfers.includes('basic')) throw new Refusal(422, 'InvalidInput', 'only the transfer "basic" is spoken here');
  const held = (await run(c, options, 'lfs-batch', { repository: address.repository, oids: objects.map(({ oid }) => oid) })) as Held[];
  const base = c.req.url.replace(/\/batch(\?.*)?$/, '');
  const told = objects.map(({ oid, size }, i) => {
    const bytes = held[i]?.bytes ?? null;
    if (bytes === null) return { oid, size, error: { code: 404, message: 'this object is not in the archive' } };
    return { oid, size: bytes, actions: { download: { href: `${base}/${oid}` } } };
  });
  return Response.json({ transfer: 'basic', objects: told, hash_algo: 'sha256' }, { headers: { 'content-type': MEDIA, 'cache-control': 'no-store' } });
}

async function bodyOf(c: Context<WebEnvironment>): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of c.req.raw.body ?? []) {
    bytes += piece.length;
    if (bytes > LARGEST_REQUEST) throw new PivoError('LimitExceeded', `the request is larger than ${LARGEST_REQUEST} bytes`);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (error) {
    throw new PivoError('InvalidInput', 'the request is no JSON', { cause: error });
  }
}

async function sendObject(c: Context<WebEnvironment>, { repository }: GitAddress, oid: string, options: GitRemoteOptions): Promise<Response> {
  const [held] = (await run(c, options, 'lfs-batch', { repository, oids: [oid] })) as Held[];
  const bytes = held?.bytes ?? null;
  if (bytes === null) throw new PivoError('NotFound', 'this object is not in the archive');
  const part = rangeOf(c.req.header('range'), bytes);
  const free = await options.seats.take(c.get('signal'));
  try {
    const result = await run(c, options, 'lfs-object', { repository, oid, ...part });
    if (!hasContent(result)) throw new PivoError('Internal', 'lfs-object answered nothing');
    const headers = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', etag: `"${oid}"`, 'cache-control': 'private, max-age=31536000, immutable', 'content-length': String(part === null ? bytes : part.length) };
    if (part === null) return await send(c, { headers }, result.content, options.log);
    return await send(c, { status: 206, headers: { ...headers, 'content-range': `bytes ${part.offset}-${part.offset + part.length - 1}/${bytes}` } }, result.content, options.log);
  } finally {
    free();
  }
}

/** One range of bytes (RFC 9110, 14.2); null for all of them, also where several are asked for. */
export function rangeOf(header: string | undefined, bytes: number): { offset: number; length: number } | null {
  const [, first, last] = /^bytes=([0-9]*)-([0-9]*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return null;
  const offset = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  if (offset >= bytes || end <= offset) throw new Refusal(416, 'InvalidInput', 'there are no such bytes', { headers: { 'content-range': `bytes */${bytes}` } });
  return { offset, length: end - offset };
}

async function run(c: Context<WebEnvironment>, { load, context }: GitRemoteOptions, name: string, asked: object): Promise<unknown> {
  const operation = await load(name);
  return operation.run({ ...context, caller: callerOf(c.get('visitor')) }, parseInput(operation.input, asked, 'address'), { signal: c.get('signal'), onProgress: () => {} });
}

/** git-lfs shows its user `message`. */
function refuse(error: unknown, { log }: GitRemoteOptions): Response {
  const { kind, message, hint } = publicReport(error);
  if (kind === 'Internal') log.error({ error }, 'Git LFS failed unexpectedly');
  const headers = { 'content-type': MEDIA, 'cache-control': 'no-store', ...(error instanceof Refusal ? error.headers : {}), ...(statusOf(error) === 503 ? { 'retry-after': '5' } : {}) };
  return Response.json({ message: hint === undefined ? message : `${message}. ${hint}` }, { status: statusOf(error), headers });
}
