// What other programs send us, fed with anything: git's words, WebHDFS answers, CloudEvents, our own progress lines, SQL from people.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOperation } from '../../apps/cli/call.ts';
import { hdfsAddress } from '../../archive/webhdfs/address.ts';
import { WebHdfsClient } from '../../archive/webhdfs/client.ts';
import { Cluster } from '../../archive/webhdfs/cluster.ts';
import { PivoEvent } from '../../contract/events.ts';
import { isPivoError } from '../../contract/failures.ts';
import { nameOfOrigin, RepositoryName } from '../../contract/names.ts';
import { fromRecord, toRecord } from '../../events/kafka/message.ts';
import { lsRemote } from '../../git/ls-remote.ts';
import { readGitProgress } from '../../git/progress.ts';
import { withRemote } from '../../git/remote.ts';
import { checkUrl } from '../../git/url.ts';
import { checkReader } from '../../metadata/reader-statement.ts';
import { ReadOnlyIndex } from '../../metadata/read-only.ts';
import { FLUSH, OID, advertisement, pkt } from '../security/hostile-server.ts';
import { bounds, damaged, onPurpose, textOf } from './fuzz.ts';

let dir: string;
/** Answers everything with this. */
let answer: { status: number; type: string; body: Buffer } = { status: 200, type: 'application/json', body: Buffer.alloc(0) };
let server: Server;
let port: number;
let socket: Server;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-fuzz-'));
  const answers = (): Server => createServer((request, response) => {
    request.resume();
    response.writeHead(answer.status, { 'content-type': answer.type, 'x-pivo-result': '%' });
    response.end(answer.body);
  });
  server = answers();
  socket = answers();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
  await once(socket.listen(join(dir, 's')), 'listening');
});
afterAll(async () => {
  for (const each of [server, socket]) {
    each.closeAllConnections();
    each.close();
  }
  await rm(dir, { recursive: true, force: true });
});

/** Anything but a failure on purpose goes on. */
const settled = (act: Promise<unknown>): Promise<unknown> => act.catch((error: unknown) => (isPivoError(error) ? null : Promise.reject(error as Error)));

test('an address is refused on purpose, or safe to be an argument and a line of a file', () => {
  const text = textOf('https://', 'ssh://', 'file://', 'git@', 'ext::', '-o', '%0a', '%00', '%', ':', '/', '@', '[', ']', 'host', '..', '//');
  fc.assert(fc.property(text, (url) => {
    const checked = onPurpose(() => checkUrl(url, ['https', 'http', 'ssh', 'git', 'file']));
    if (checked === null) return;
    expect(checked.url).not.toMatch(/^-|[\u0000-\u001f\u007f]/); // eslint-disable-line no-control-regex
    expect(onPurpose(() => checkUrl(checked.url, ['https', 'http', 'ssh', 'git', 'file']))).not.toBeNull();
    const name = nameOfOrigin(checked.url);
    if (RepositoryName.safeParse(name).success) expect(name).not.toMatch(/[/\\]|^[-.]/);
  }), { ...bounds(), numRuns: 3_000 });
});

test('a line of progress is numbers or nothing', () => {
  fc.assert(fc.property(textOf('Receiving objects', ': ', '45%', ' (1/2)', ', ', '1.5 MiB', 'remote: ', '9'.repeat(30)), (line) => {
    const progress = readGitProgress(line);
    if (progress !== null) for (const value of [progress.done, progress.total ?? 0, progress.bytes ?? 0]) expect(value).toBeGreaterThanOrEqual(0);
  }), bounds());
});

test("git's answer to ls-remote is refs, or a failure with a kind", async () => {
  const valid = Buffer.from(`${advertisement(['refs/heads/main', 'refs/tags/v1', 'refs/tags/v1^{}'])}${pkt(`${OID} refs/heads/caf\u00e9\n`)}${FLUSH}`, 'latin1');
  await fc.assert(fc.asyncProperty(damaged(valid), async (body) => {
    answer = { status: 200, type: 'application/x-git-upload-pack-advertisement', body };
    const found = (await settled(withRemote(`http://127.0.0.1:${port}/r`, { protocols: ['http'], credentials: dir, credential: null }, (remote) => lsRemote(remote, { maxRefs: 100 })))) as { refs: Map<string, string> } | null;
    for (const oid of found?.refs.values() ?? []) expect(oid).toMatch(/^[0-9a-f]{40}$/);
  }), bounds(0.03));
});

test('a WebHDFS server may answer anything: it is understood, or a failure that names the operation', async () => {
  const client = new WebHdfsClient(new Cluster(hdfsAddress(`webhdfs://127.0.0.1:${port}/`), { user: 'ada', timeouts: { connect: 5, idle: 5 } }));
  const status = { pathSuffix: 'a', type: 'FILE', length: 3, permission: '644', fileId: 1 };
  const shapes = [{ FileStatus: status }, { FileStatuses: { FileStatus: [status] } }, { DirectoryListing: { partialListing: { FileStatuses: { FileStatus: [status] } }, remainingEntries: 7 } }, { FileChecksum: { algorithm: 'x', bytes: '00', length: 1 } }, { ContentSummary: { fileCount: 1, directoryCount: 1, length: 3 } }, { boolean: true }, { RemoteException: { exception: 'SafeModeException', javaClassName: 'x', message: 'no' } }];
  const bodies = fc.oneof(...shapes.map((shape) => damaged(Buffer.from(JSON.stringify(shape)))), fc.constantFrom(...shapes).map((shape) => Buffer.from(JSON.stringify(shape))));
  await fc.assert(fc.asyncProperty(bodies, fc.constantFrom(200, 201, 204, 400, 403, 404, 500), fc.constantFrom('application/json', 'application/octet-stream', ''), async (body, code, type) => {
    answer = { status: code, type, body };
    const read = async (): Promise<void> => {
      for await (const chunk of client.open('/x', { offset: 0, length: 10 })) expect(chunk.length).toBeLessThanOrEqual(10);
    };
    await Promise.all([client.status('/x'), client.list('/x'), client.checksum('/x'), client.contentSummary('/x'), client.makeFolders('/x', '755'), client.rename('/x', '/y'), read()].map(settled));
  }), bounds(0.2));
}, 240_000);

test('an event survives its headers, and a message of others never stops its reader', () => {
  fc.assert(fc.property(fc.string(), fc.string(), fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()), (key, id, value) => {
    const { headers, key: sentKey, value: sentValue } = toRecord('topic', { key, id, value });
    const bytes = Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, Buffer.from(String(text))]));
    expect(fromRecord('topic', 0, { key: Buffer.from(String(sentKey)), value: Buffer.from(String(sentValue)), headers: bytes, offset: '7', timestamp: '1', attributes: 0 })).toMatchObject({ key, id, value, offset: 7 });
  }), bounds());
  const header = fc.oneof(fc.uint8Array().map((array) => Buffer.from(array)), fc.string(), fc.array(fc.string()), fc.constant(undefined));
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('ce_id', 'ce_type', '__proto__', 'x'), header), fc.option(fc.uint8Array().map((array) => Buffer.from(array))), (headers, value) => {
    const message = fromRecord('topic', 0, { key: null, value, headers, offset: '1', timestamp: '1', attributes: 0 });
    expect(typeof message.value).toBe('string');
    let parsed: unknown;
    try {
      parsed = JSON.parse(message.value);
    } catch {
      return;
    }
    expect(typeof PivoEvent.safeParse(parsed).success).toBe('boolean');
  }), bounds());
});

test("an answer of PIVO's socket that is cut or garbled is a failure with a kind", async () => {
  const valid = Buffer.from('{"progress":{"phase":"x","done":1}}\n{"result":{"a":1}}\n');
  const failed = Buffer.from('{"failure":{"kind":"Damaged","message":"m"}}\n');
  await fc.assert(fc.asyncProperty(fc.oneof(damaged(valid), damaged(failed)), fc.constantFrom('application/x-ndjson', 'application/octet-stream'), async (body, type) => {
    answer = { status: 200, type, body };
    await settled(callOperation(join(dir, 's'), 'repos', {}, { signal: new AbortController().signal, onProgress: () => {} }, () => Promise.reject(new Error('in process'))));
    await settled(callOperation(join(dir, 's'), 'repos', {}, { signal: new AbortController().signal, onProgress: () => {} }, () => Promise.reject(new Error('in process'))).catch((error: unknown) => {
      if (isPivoError(error)) expect(typeof error.permanent).toBe('boolean');
      throw error;
    }));
  }), bounds(0.3));
});

const SQL = ['SELECT', 'select', ' ', '\n', 'WITH', 'VALUES(1)', 'EXPLAIN', 'QUERY PLAN', 'PRAGMA', 'writable_schema=1', 'ATTACH', "'/tmp/x.db' AS y", 'DELETE FROM t', 'INSERT INTO t VALUES(2)', 'DROP TABLE t', 'VACUUM INTO', 'UPDATE t SET a=9', '--', '/*', '*/', ';', '(', ')', '*', 'FROM', 't', 'a', '1', ',', 'x AS (', 'RETURNING a', 'load_extension(1)', "'", '"'];

test('whatever SQL is taken, it starts as a reader; and what is taken changes nothing', async () => {
  fc.assert(fc.property(textOf(...SQL), (sql) => {
    if (onPurpose(() => checkReader(sql)) === null) return;
    expect(sql.replace(/^(\s|;|--[^\n]*(\n|$)|\/\*[^]*?(\*\/|$))*/, '')).toMatch(/^(SELECT|WITH|VALUES|EXPLAIN)/i);
  }), bounds());
  const path = join(dir, 'index.db');
  const db = new Database(path);
  db.exec('CREATE TABLE t(a); INSERT INTO t VALUES(1)');
  db.close();
  const before = await readFile(path);
  const index = new ReadOnlyIndex(path);
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...SQL), { minLength: 1, maxLength: 9 }), (words) => settled(index.query(`SELECT ${words.join(' ')}`, { milliseconds: 2_000 })).then(() => {})), bounds(0.4));
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...SQL), { minLength: 1, maxLength: 9 }), (words) => settled(index.query(words.join(' '), { milliseconds: 2_000 })).then(() => {})), bounds(0.4));
  expect(await readFile(path)).toEqual(before);
}, 240_000);

test('a very long statement, line or path is answered at once', () => {
  for (const long of [' '.repeat(2 ** 20), '/*'.repeat(2 ** 19), ';'.repeat(2 ** 20), '--\n'.repeat(2 ** 18)]) {
    onPurpose(() => checkReader(long));
    readGitProgress(`Receiving objects:${long}`);
    onPurpose(() => checkUrl(`https://h/${long}`, ['https']));
    onPurpose(() => checkUrl(`https://h/${'/'.repeat(2 ** 16)}${long}x`, ['https']));
  }
}, 30_000);
