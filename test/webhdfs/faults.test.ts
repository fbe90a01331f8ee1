// Faults between PIVO and HDFS: whatever breaks, an act that says it succeeded did, and one that failed did no harm.
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isPivoError } from '../../contract/failures.ts';
import { readSmall } from '../../archive/read.ts';
import { openInHar } from '../../archive/har/read.ts';
import type { Store } from '../../archive/store.ts';
import { webHdfsStore } from '../../archive/webhdfs/store.ts';
import type { WebHdfsSettings } from '../../archive/webhdfs/settings.ts';
import { failureKind, sourceOf } from '../archive/store-conformance.ts';
import { ARCHIVIST, hdfsUnderTest, type HdfsUnderTest } from './hdfs.ts';
import { FAULTS, startProxy, type Proxy, type Rule } from './proxy.ts';

/** Seconds; a busy machine may be silent longer, which is one more fault. */
const SHORT = { connect: 0.5, idle: 0.5 };
const PATIENT = { connect: 20, idle: 20 };

let under: HdfsUnderTest;
let proxy: Proxy;
beforeAll(async () => {
  under = await hdfsUnderTest();
  proxy = await startProxy(under.nameNode);
});
afterEach(() => proxy.break(null));
afterAll(() => proxy.close());

/** The same archive twice: through the proxy, and straight. */
async function archive(settings: WebHdfsSettings = {}): Promise<{ store: Store; straight: Store; root: string }> {
  const { store: straight, root } = await under.archive();
  return { straight, root, store: webHdfsStore(`webhdfs://${proxy.address}${root}`, { user: ARCHIVIST, timeouts: PATIENT, ...settings }) };
}

const CONTENT = randomBytes(300_000);
const FILES = { 'a': { content: 'first' }, 'b/c': { content: 'second' } };

interface Act {
  /** Operations that it is made of. */
  operations: Pick<Rule, 'operation' | 'at'>[];
  prepare?(straight: Store): Promise<unknown>;
  act(store: Store): Promise<unknown>;
  /** Throws when what is there is neither nothing nor whole; true when it is whole. */
  isWhole(straight: Store): Promise<boolean>;
}

const steps = (operation: string): Act['operations'] => [{ operation, at: 'namenode' }, { operation, at: 'datanode' }];
const FILE = [...steps('CREATE'), { operation: 'GETFILESTATUS' }, ...steps('GETFILECHECKSUM'), { operation: 'RENAME' }];

async function fileIsWhole(straight: Store, path: string): Promise<boolean> {
  if ((await straight.stat(path)) === null) return false;
  expect(CONTENT.equals(await readSmall(straight, path))).toBe(true);
  return true;
}

const ACTS: Record<string, Act> = {
  create: {
    operations: FILE,
    act: (store) => store.create('folder/file', (async function* () { for (let i = 0; i < CONTENT.length; i += 50_000) yield CONTENT.subarray(i, i + 50_000); })()),
    isWhole: (straight) => fileIsWhole(straight, 'folder/file'),
  },
  open: {
    operations: [...steps('OPEN')],
    prepare: (straight) => straight.create('folder/file', CONTENT),
    act: async (store) => expect(CONTENT.equals(await readSmall(store, 'folder/file'))).toBe(true),
    isWhole: async () => true,
  },
  list: {
    operations: [{ operation: 'LISTSTATUS_BATCH' }],
    prepare: (straight) => straight.create('folder/file', CONTENT),
    act: async (store) => expect(await store.list('folder')).toHaveLength(1),
    isWhole: async () => true,
  },
  stat: {
    operations: [{ operation: 'GETFILESTATUS' }],
    prepare: (straight) => straight.create('folder/file', CONTENT),
    act: async (store) => expect(await store.stat('folder/file')).toEqual({ kind: 'file', bytes: CONTENT.length, mode: 0o444 }),
    isWhole: async () => true,
  },
  seal: {
    operations: [{ operation: 'LISTSTATUS_BATCH' }, { operation: 'SETPERMISSION' }],
    prepare: (straight) => straight.create('folder/file', CONTENT),
    act: (store) => store.seal('folder'),
    isWhole: async (straight) => (await failureKind(straight.create(`folder/late-${randomUUID()}`, Buffer.from('x')))) === 'StorageReadOnly',
  },
  'layOut as an archive': {
    operations: [...FILE, { operation: 'MKDIRS' }, { operation: 'SETPERMISSION' }],
    act: (store) => store.layOut('backups/c', sourceOf(FILES)),
    isWhole: async (straight) => {
      if ((await straight.stat('backups/c.har')) === null) return false;
      const found = await openInHar(straight, 'backups/c.har', 'b/c');
      for await (const bytes of found?.content ?? []) expect(Buffer.from(bytes).toString()).toBe('second');
      return found !== null;
    },
  },
  'layOut as files': {
    operations: [...FILE, { operation: 'MKDIRS' }, { operation: 'GETCONTENTSUMMARY' }],
    act: (store) => store.layOut('backups/c', { ...sourceOf(FILES), kind: 'files' }),
    isWhole: async (straight) => (await straight.stat('backups/c')) !== null && (await readSmall(straight, 'backups/c/b/c')).toString() === 'second',
  },
};

describe.each(Object.entries(ACTS))('%s', (_, { operations, prepare, act, isWhole }) => {
  const rules = operations.flatMap((operation) => FAULTS.filter((fault) => fault !== 'cut upload' || operation.at === 'datanode').flatMap((fault) => (['503', 'lost', 'false'].includes(fault) ? [1, undefined] : [1]).map((times) => ({ ...operation, fault, ...(times === undefined ? {} : { times }) }))));
  test.each(rules.map((rule) => [`${rule.fault} ${rule.times === 1 ? 'once' : 'always'} at ${rule.operation} (${rule.at ?? 'any'})`, rule] as const))('%s: no false success, no harm, and it can be repeated', async (_, rule) => {
    const { store, straight } = await archive({ timeouts: SHORT });
    await prepare?.(straight);
    proxy.break({ ...rule });
    const problem: unknown = await act(store).then(() => null, (error: unknown) => error);
    proxy.break(null);
    if (problem === null) expect(await isWhole(straight)).toBe(true);
    else if (!isPivoError(problem, 'StorageUnavailable', 'Damaged', 'Exists', 'InvalidInput')) throw problem;
    await isWhole(straight);
    const again: unknown = await act(straight).then(() => null, (error: unknown) => error);
    if (again !== null && !isPivoError(again, 'Exists')) throw again;
    expect(await isWhole(straight)).toBe(true);
  });
});

describe('several NameNodes', () => {
  test('one that is gone and one on standby are left for the active one', async () => {
    const { straight, root } = await archive();
    proxy.break({ fault: 'standby', operation: 'GETFILESTATUS' });
    const store = webHdfsStore(`webhdfs://127.0.0.1:9,${proxy.address},${under.nameNode}${root}`, { user: ARCHIVIST, timeouts: PATIENT });
    await store.create('file', CONTENT);
    expect(await fileIsWhole(straight, 'file')).toBe(true);
  });

  test('a failover on the way is followed, and with none active the failure says so and may be tried again', async () => {
    const { root } = await archive();
    const store = webHdfsStore(`webhdfs://${proxy.address},${under.nameNode}${root}`, { user: ARCHIVIST, timeouts: PATIENT });
    await store.create('one', CONTENT);
    proxy.break({ fault: 'standby', operation: 'RENAME' });
    await store.create('two', CONTENT);
    const alone = webHdfsStore(`webhdfs://${proxy.address}${root}`, { user: ARCHIVIST, timeouts: PATIENT });
    await expect(alone.create('three', CONTENT)).rejects.toMatchObject({ kind: 'StorageUnavailable', permanent: false, message: expect.stringContaining('StandbyException') });
  });
});

describe('redirects', () => {
  test('lead only to hosts that are configured, when some are', async () => {
    expect(await failureKind((await archive({ datanodes: ['.example.org', 'dn1.example.com'] })).store.create('x', CONTENT))).toBeNull(); // the NameNode's own address: the proxy
    const { store: straight } = await under.archive({ datanodes: ['.example.org'] });
    await expect(straight.create('x', CONTENT)).rejects.toMatchObject({ kind: 'UrlRefused', message: expect.stringContaining('redirects to') });
    const { store } = await under.archive({ datanodes: ['127.0.0.1'] });
    await store.create('x', CONTENT);
  });

  test('through TLS work with the cluster\'s certificate, are refused with another, and never leave TLS', async ({ skip }) => {
    const folder = await mkdtemp(join(tmpdir(), 'pivo-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]).then(() => true, () => false);
    skip(!made, 'needs openssl for a certificate');
    const tls = { key: await readFile(key), cert: await readFile(cert) };
    const [secure, downgrading] = [await startProxy(under.nameNode, { tls }), await startProxy(under.nameNode, { tls, downgrade: true })];
    try {
      const { root, straight } = await archive();
      const open = (address: string, settings: WebHdfsSettings) => webHdfsStore(`swebhdfs://${address}${root}`, { user: ARCHIVIST, timeouts: PATIENT, ...settings });
      await open(secure.address, { caFile: cert }).create('file', CONTENT);
      expect(await fileIsWhole(straight, 'file')).toBe(true);
      expect(await failureKind(open(secure.address, {}).create('second', CONTENT))).toBe('StorageUnavailable');
      expect(await failureKind(open(downgrading.address, { caFile: cert }).create('third', CONTENT))).toBe('UrlRefused');
    } finally {
      await Promise.all([secure.close(), downgrading.close()]);
      await rm(folder, { recursive: true });
    }
  });
});

test('a delegation token is read from its file for each request and is in no error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-token-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'canary-token\n');
  const { store } = await archive({ tokenFile });
  proxy.break({ fault: '503', operation: 'GETFILESTATUS' });
  const problem: unknown = await store.stat('x').catch((error: unknown) => error);
  expect(proxy.seen.at(-1)?.url).toContain('delegation=canary-token');
  expect(proxy.seen.at(-1)?.url).not.toContain('user.name');
  if (!isPivoError(problem)) throw problem;
  expect(JSON.stringify([problem.report(), problem.stack])).not.toContain('canary');
  await rm(folder, { recursive: true });
});

test('an archived file costs at most eight requests, a file of an open archive two a read', async () => {
  const { store } = await archive();
  proxy.seen.length = 0;
  await store.create('file', CONTENT);
  expect(proxy.seen.map(({ operation, at }) => `${operation} ${at}`)).toEqual([
    'GETFILESTATUS namenode', 'CREATE namenode', 'CREATE datanode', 'GETFILESTATUS namenode', 'GETFILECHECKSUM namenode', 'GETFILECHECKSUM datanode', 'RENAME namenode', 'GETFILESTATUS namenode',
  ]);
  proxy.seen.length = 0;
  await readSmall(store, 'file');
  expect(proxy.seen).toHaveLength(2);
});

test('bytes that HDFS stored otherwise than they were sent are found before they get their name', async () => {
  const { store, straight, root } = await archive();
  proxy.break({ fault: 'flip', operation: 'CREATE', at: 'datanode' });
  expect(await failureKind(store.create('file', CONTENT))).toBe('Damaged');
  expect(await failureKind(store.layOut('c', sourceOf(FILES)))).toBe('Damaged');
  expect(await straight.list('')).toEqual([]);
  expect((await under.ask('GET', root, { op: 'LISTSTATUS' })).text).not.toContain('.tmp-');
});

test('an archive that the NameNode keeps no checksum for, as in an encryption zone, is read back instead', async () => {
  const { store, straight } = await archive();
  proxy.break({ fault: 'other checksum', operation: 'GETFILECHECKSUM', at: 'datanode' });
  proxy.seen.length = 0;
  await store.create('file', CONTENT);
  expect(proxy.seen.filter(({ operation, at }) => operation === 'OPEN' && at === 'datanode')).toHaveLength(1);
  expect(await fileIsWhole(straight, 'file')).toBe(true);
});
