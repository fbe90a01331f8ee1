// Servers that mean harm, on loopback: each fetch ends by a limit that has a name, and nothing is archived.
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActivityDeps } from '../../activities/act.ts';
import { fetchOrigin } from '../../activities/fetch-origin.ts';
import { localStore } from '../../archive/local/store.ts';
import { listVisitNumbers } from '../../archive/visits.ts';
import { isPivoError, type PivoError } from '../../contract/failures.ts';
import { IngestLimits } from '../../contract/ingest.ts';
import { stateResults } from '../../state/results.ts';
import { silentLog } from '../harness/temporal.ts';
import { FLUSH, TYPE, OID, advertisement, answersFetch, deltaBomb, endlessObject, hostileServer, objectHeader, packHeader, pkt, pour, servesPack, type HostileServer } from './hostile-server.ts';

const MiB = 2 ** 20;
let dir: string;
let deps: ActivityDeps;
const servers: HostileServer[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-hostile-'));
  deps = { store: localStore(join(dir, 'archive')), results: stateResults(join(dir, 'state.db')), events: { url: 'none', publish: async () => {}, subscribe: async () => {}, offsets: async () => [], close: async () => {} }, cache: join(dir, 'cache'), credentials: join(dir, 'credentials'), protocols: ['http', 'git', 'file'], checkout: { files: 1000, bytes: MiB, every: 0 }, log: silentLog, workerId: 'test' };
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(dir, { recursive: true, force: true });
});

async function serve(answer: Parameters<typeof hostileServer>[0]): Promise<HostileServer> {
  const server = await hostileServer(answer);
  servers.push(server);
  return server;
}

/** The failure of a fetch from there; whatever it is, nothing was archived. */
async function failureOf(origin: string, limits: Partial<IngestLimits> = {}): Promise<PivoError> {
  const job = { repository: 'r', origin, credential: null, checkout: 'none' as const, limits: IngestLimits.parse(limits), workflowId: 'ingest:r', runId: 'run' };
  const error: unknown = await fetchOrigin(deps, job, { signal: new AbortController().signal, onProgress: () => {}, attempt: 1, log: silentLog }).then(() => null, (reason: unknown) => reason);
  expect(await listVisitNumbers(deps.store, 'r')).toEqual([]);
  if (isPivoError(error)) return error;
  throw new Error(`expected a PivoError, got ${String(error)}`);
}

const limited = (limit: keyof IngestLimits): object => ({ kind: 'LimitExceeded', hint: expect.stringContaining(`limits.${limit}`) as string });

/** Bytes of all files below the cache. */
async function cached(): Promise<number> {
  const entries = await readdir(join(dir, 'cache'), { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('a pack without end', () => {
  test('of one object that never ends is cut at limits.bytes, which no progress line would tell', async () => {
    const server = await serve(servesPack(() => endlessObject(TYPE.blob)));
    expect(await failureOf(server.url, { bytes: 8 * MiB })).toMatchObject(limited('bytes'));
    expect(await cached()).toBeLessThan(10 * MiB);
  });

  test('of more objects than limits.objects ends when git says how many come', async () => {
    const blob = Buffer.concat([objectHeader(TYPE.blob, 1), deflateSync(Buffer.from('x'))]);
    const server = await serve(servesPack(function* () {
      yield packHeader(5_000_000);
      for (;;) yield blob;
    }));
    expect(await failureOf(server.url, { objects: 1000, bytes: 64 * MiB })).toMatchObject(limited('objects'));
  });

  test('of more objects than any memory holds ends before one of them is read', async () => {
    const server = await serve(servesPack(() => [packHeader(0xffffffff), Buffer.alloc(MiB)]));
    expect(await failureOf(server.url, { memory: 256 * MiB })).toMatchObject(limited('memory'));
  });
});

describe('an object larger than memory', () => {
  test('by a delta: some bytes on the wire, 4 GiB when applied', async () => {
    const server = await serve(servesPack(() => deltaBomb(4 * 2 ** 30)));
    expect(await failureOf(server.url, { memory: 256 * MiB })).toMatchObject(limited('memory'));
  });

  test('by its header: a tree of a terabyte', async () => {
    const server = await serve(servesPack(() => [packHeader(1), objectHeader(TYPE.tree, 2 ** 40), deflateSync(Buffer.alloc(MiB))]));
    expect(await failureOf(server.url, { memory: 256 * MiB })).toMatchObject(limited('memory'));
  });
});

describe('an advertisement without end', () => {
  const endless = function* (): Generator<string> {
    yield advertisement([]);
    for (let n = 0; ; n += 1000) yield Array.from({ length: 1000 }, (_, i) => pkt(`${OID} refs/heads/${n + i}\n`)).join('');
  };

  test('is cut at limits.memory, and this process never holds it', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      return pour(response, endless());
    });
    const before = process.memoryUsage().rss;
    expect(await failureOf(server.url, { memory: 128 * MiB })).toMatchObject(limited('memory'));
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * MiB);
  });

  test('of names as long as a line can be is cut as well', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      return pour(response, (function* () {
        yield advertisement([]);
        for (let n = 0; ; n++) yield pkt(`${OID} refs/heads/${n}${'x'.repeat(65_000)}\n`);
      })());
    });
    expect(await failureOf(server.url, { memory: 128 * MiB })).toMatchObject(limited('memory'));
  });

  test('of more refs than limits.refs is refused by their number', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      response.end(advertisement(Array.from({ length: 50_000 }, (_, n) => `refs/heads/${n}`)) + FLUSH);
    });
    expect(await failureOf(server.url, { refs: 40_000 })).toMatchObject(limited('refs'));
  });
});

describe('a server that takes its time', () => {
  test('a byte now and then, fast enough for curl: limits.seconds ends it while refs are asked for', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      const drip = setInterval(() => response.write('0'.repeat(100)), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await failureOf(server.url, { seconds: 1 })).toMatchObject(limited('seconds'));
  });

  test('a git:// server that says nothing at all', async () => {
    const silent = createServer((socket) => void socket.on('error', () => {}));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    try {
      expect(await failureOf(`git://127.0.0.1:${(silent.address() as AddressInfo).port}/r`, { seconds: 1 })).toMatchObject(limited('seconds'));
    } finally {
      silent.close();
    }
  });

  test('a pack that stops in the middle', async () => {
    const server = await serve(answersFetch((_, response) => {
      response.setHeader('content-type', 'application/x-git-upload-pack-result');
      response.write(pkt('NAK\n'));
      response.write(packHeader(2));
    }));
    expect(await failureOf(server.url, { seconds: 1 })).toMatchObject(limited('seconds'));
  });
});

describe('a server that sends git elsewhere', () => {
  const victims = (): Promise<HostileServer> => serve((_, response) => void response.end('secret'));

  test.each([301, 302, 303, 307, 308])('by %i to another server of the loopback: nothing is asked there', async (status) => {
    const victim = await victims();
    const server = await serve((request, response) => void response.writeHead(status, { location: `${victim.url}${request.url}` }).end());
    expect(await failureOf(server.url)).toMatchObject({ kind: 'UrlRefused', permanent: true, hint: expect.stringContaining('final URL') as string });
    expect(victim.seen).toEqual([]);
  });

  test.each(['file:///etc/passwd', 'ext::sh -c id', 'ftp://127.0.0.1/r', 'http://169.254.169.254/latest/meta-data/', 'gopher://127.0.0.1/'])('to %s', async (location) => {
    const server = await serve((_, response) => void response.writeHead(302, { location }).end());
    expect(await failureOf(server.url)).toMatchObject({ kind: 'UrlRefused' });
  });

  test('only when it is asked for the pack', async () => {
    const victim = await victims();
    const server = await serve(answersFetch((request, response) => void response.writeHead(307, { location: `${victim.url}${request.url}` }).end()));
    expect(['UrlRefused', 'OriginUnreachable']).toContain((await failureOf(server.url)).kind);
    expect(victim.seen).toEqual([]);
  });

  test('by the alternates of a dumb server', async () => {
    const victim = await victims();
    const server = await serve((request, response) => {
      const path = request.url?.split('?')[0];
      if (path === '/info/refs') response.end(`${OID}\trefs/heads/main\n`);
      else if (path === '/HEAD') response.end('ref: refs/heads/main\n');
      else if (path?.endsWith('alternates') === true) response.end(`${victim.url}/objects\n`);
      else response.writeHead(404).end();
    });
    expect((await failureOf(server.url)).kind).toMatch(/^(Origin|UrlRefused)/);
    expect(victim.seen).toEqual([]);
  });
});

test.each([
  ['no git at all', 'hello'],
  ['a length that lies', 'ffff'],
  ['a length that is no number', 'zzzz'],
  ['a ref without a name', `${pkt('# service=git-upload-pack\n')}0000${pkt(`${OID} \0 \n`)}0000`],
  ['a ref that climbs', `${pkt('# service=git-upload-pack\n')}0000${pkt(`${OID} refs/../../../etc/passwd\0 \n`)}0000`],
  ['an error for people', `${pkt('# service=git-upload-pack\n')}0000${pkt('ERR go away\u001b[2J\n')}`],
])('an advertisement that is %s is a failure with a kind', async (_, body) => {
  const server = await serve((_, response) => {
    response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
    response.end(body, 'latin1');
  });
  expect((await failureOf(server.url)).kind).toMatch(/^(Origin|UrlRefused)/);
});
