// Hundreds of tiny origins, some on paths and some on two loopback servers, and among them origins that are broken in every way that a forge knows.
import { cp, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { FailureKind } from '../../contract/failures.ts';
import { git } from '../../git/process.ts';
import { linearHistory } from '../fixtures/linear-history.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { startGitHttp, type GitHttpServer } from '../harness/git-http.ts';

/** What must become of an origin. */
export interface Expected {
  name: string;
  url: string;
  outcome: 'done' | 'failed';
  kind?: FailureKind;
}

export interface WatchedServer extends GitHttpServer {
  /** Most repositories that were being asked at one moment. */
  most(): number;
}

export interface Origins {
  all: Expected[];
  servers: WatchedServer[];
  /** Adds a commit to a sound origin on a path. */
  grow(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Where every server breaks: the first part of a path says how. */
const BREAKS: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  missing: (_, response) => void response.writeHead(404).end('not here'),
  refused: (_, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end('who are you?'),
  forbidden: (_, response) => void response.writeHead(403).end('not you'),
  failing: (_, response) => void response.writeHead(500).end('an error of ours'),
  cut: (request) => void request.socket.destroy(),
  page: (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>\n<p>Please sign in</p>\n</html>\n'),
  elsewhere: (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere.git/info/refs' }).end(),
  halved: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement', 'content-length': '100000' });
    response.write('001e# service=git-upload-pack\n0000', () => response.destroy());
  },
  huge: (_, response) => advertiseTooMuch(response),
};

/** What each way of being broken is reported as. */
const KINDS: Record<string, FailureKind> = { missing: 'OriginRefused', refused: 'OriginRefused', forbidden: 'OriginRefused', failing: 'OriginUnreachable', cut: 'OriginUnreachable', page: 'OriginUnreachable', elsewhere: 'UrlRefused', halved: 'OriginUnreachable', huge: 'LimitExceeded' };

const pkt = (line: string): string => (line.length + 4).toString(16).padStart(4, '0') + line;

/** One ref more than an ingest takes, as protocol version 0 advertises them (gitprotocol-http(5)). */
function advertiseTooMuch(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
  const oid = '1'.repeat(40);
  response.write(`${pkt('# service=git-upload-pack\n')}0000${pkt(`${oid} refs/heads/a\0side-band-64k object-format=sha1\n`)}`);
  let at = 0;
  const more = (): void => {
    for (; at < 1_000_001; at += 2_000) {
      const lines = Array.from({ length: 2_000 }, (_, n) => pkt(`${oid} refs/t/${at + n}\n`)).join('');
      if (!response.write(lines)) {
        at += 2_000;
        return void response.once('drain', more);
      }
    }
    response.end('0000');
  };
  more();
}

async function watchedServer(root: string): Promise<WatchedServer> {
  const open = new Map<string, number>();
  let most = 0;
  const server = await startGitHttp({
    root,
    intercept(request, response) {
      const [, first = '', second = ''] = (request.url ?? '').split(/[/?]/);
      const repository = `${first}/${second}`;
      open.set(repository, (open.get(repository) ?? 0) + 1);
      most = Math.max(most, open.size);
      response.once('close', () => {
        const left = (open.get(repository) ?? 1) - 1;
        if (left === 0) open.delete(repository);
        else open.set(repository, left);
      });
      const breaks = BREAKS[first];
      breaks?.(request, response);
      return breaks !== undefined;
    },
  });
  return { ...server, most: () => most };
}

/** `sound` origins that can be backed up, and `broken` that cannot; the names of neither tell which they are. */
export async function makeOrigins(folder: string, { sound, broken }: { sound: number; broken: number }): Promise<Origins> {
  const root = join(folder, 'served');
  await mkdir(root, { recursive: true });
  const servers = [await watchedServer(root), await watchedServer(root)];
  const template = join(folder, 'template.git');
  await linearHistory(template, { commits: 1, files: 1, seed: 1 });
  await rm(join(template, 'hooks'), { recursive: true, force: true });
  const all: Expected[] = [];
  const nameOf = (): string => `acme.r${String((all.length * 7919) % 10_007).padStart(5, '0')}`;
  for (let n = 0; n < sound; n++) all.push(await soundOrigin(nameOf(), n, { root, template, servers }));
  for (let n = 0; n < broken; n++) all.push(await brokenOrigin(nameOf(), n, { root, template, servers }));
  return {
    all,
    servers,
    grow: (name) => linearHistory(join(root, `${name}.git`), { commits: 1, files: 1, seed: 1, from: 1 }),
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

interface Place {
  root: string;
  template: string;
  servers: WatchedServer[];
}

/** One of six is behind a server; one is empty, one shallow, one has SHA-256 ids. */
async function soundOrigin(name: string, n: number, { root, template, servers }: Place): Promise<Expected> {
  const path = join(root, `${name}.git`);
  if (n === 0) await initBare(path);
  else if (n === 1) await shallow(path, root);
  else if (n === 2) await git(['init', '--quiet', '--bare', '--object-format=sha256', path]);
  else await cp(template, path, { recursive: true });
  const server = n % 6 === 5 ? servers[(n / 6) % 2 | 0] : undefined;
  return { name, url: server === undefined ? path : `${server.url}/${name}.git`, outcome: 'done' };
}

async function shallow(path: string, root: string): Promise<void> {
  const long = join(root, 'long.git');
  await linearHistory(long, { commits: 3, files: 1, seed: 2 });
  await git(['clone', '--quiet', '--bare', '--depth=1', `file://${long}`, path], { protocols: ['file'] });
}

const WAYS = [...Object.keys(BREAKS).filter((way) => way !== 'huge'), 'nowhere', 'no repository', 'damaged'];

/** The ways in turn; `huge` once, for it takes seconds. */
async function brokenOrigin(name: string, n: number, { root, template, servers }: Place): Promise<Expected> {
  const way = n === 0 ? 'huge' : (WAYS[n % WAYS.length] ?? 'missing');
  const path = join(root, `${name}.git`);
  const known = KINDS[way];
  if (known !== undefined) return { name, url: `${servers[n % 2]?.url}/${way}/${name}.git`, outcome: 'failed', kind: known };
  if (way === 'no repository') await mkdir(path).then(() => writeFile(join(path, 'HEAD'), 'nothing\n'));
  if (way === 'damaged') await damage(template, path);
  return { name, url: path, outcome: 'failed', kind: way === 'damaged' ? 'OriginUnreachable' : 'OriginRefused' };
}

/** All that it holds is in one pack, which is cut. */
async function damage(template: string, path: string): Promise<void> {
  await cp(template, path, { recursive: true });
  await git(['repack', '-adq'], { gitDir: path });
  const { readdir } = await import('node:fs/promises');
  const packs = join(path, 'objects/pack');
  for (const file of await readdir(packs)) await truncate(join(packs, file), 20);
}
