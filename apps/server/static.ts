// The console's files: read once, sent compressed where the browser takes it, cached for ever where their name holds a hash.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Hono } from 'hono';
import type { WebEnvironment } from './rest/mount.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

interface StaticFile {
  type: string;
  /** By content coding; `identity` always. */
  bytes: Record<string, Buffer>;
  etag: string;
  caching: string;
}

/** Serves the files below the folder; any other path that a page may have gets `index.html`. Requests wait for a folder that is still being built. */
export function mountStatic(app: Hono<WebEnvironment>, folder: Promise<string | null>): void {
  const reading = folder.then((built) => (built === null ? new Map<string, StaticFile>() : readAll(built)));
  reading.catch(() => {}); // whoever asks for a page is told
  app.get('*', async (c, next) => {
    const files = await reading;
    const { path } = c.req;
    const file = files.get(path) ?? (isPage(path) ? files.get('/index.html') : undefined);
    return file === undefined ? next() : send(file, c.req.raw);
  });
}

/** Pages have addresses of their own, which the script of `index.html` reads. */
const isPage = (path: string): boolean => !/^\/(api|git|mcp|metrics|assets)(\/|$)/.test(path);

function send({ type, bytes, etag, caching }: StaticFile, request: Request): Response {
  const headers: Record<string, string> = { 'content-type': type, 'cache-control': caching, etag, vary: 'Accept-Encoding' };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const accepted = request.headers.get('accept-encoding') ?? '';
  const coding = ['br', 'gzip'].find((each) => accepted.includes(each) && bytes[each] !== undefined) ?? 'identity';
  return new Response(bytes[coding] as Buffer<ArrayBuffer>, { headers: coding === 'identity' ? headers : { ...headers, 'content-encoding': coding } });
}

async function readAll(folder: string): Promise<Map<string, StaticFile>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = await Promise.all(entries.map(async (entry) => {
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    return [path, await readStatic(file, path)] as const;
  }));
  const found = new Map(files);
  const index = found.get('/index.html');
  if (index !== undefined) found.set('/', index);
  return found;
}

async function readStatic(file: string, path: string): Promise<StaticFile> {
  const identity = await readFile(file);
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const small = /^(text|application\/(json|manifest)|image\/svg)/.test(type) && identity.length > 512;
  const packed = small ? { br: await promisify(brotliCompress)(identity), gzip: await promisify(gzip)(identity) } : {};
  return {
    type,
    bytes: { identity, ...packed },
    etag: `"${createHash('sha256').update(identity).digest('hex').slice(0, 20)}"`,
    caching: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
}
