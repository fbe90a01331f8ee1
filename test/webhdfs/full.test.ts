// A full HDFS is said to be full, not unavailable: quotas of space and names, and DataNodes without room.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { hdfsAddress } from '../../archive/webhdfs/address.ts';
import { WebHdfsClient } from '../../archive/webhdfs/client.ts';
import { Cluster } from '../../archive/webhdfs/cluster.ts';
import { webHdfsStore } from '../../archive/webhdfs/store.ts';
import { isPivoError } from '../../contract/failures.ts';
import { failureKind, sourceOf } from '../archive/store-conformance.ts';
import { ARCHIVIST, hdfsUnderTest, type HdfsUnderTest } from './hdfs.ts';

let under: HdfsUnderTest;
beforeAll(async () => {
  under = await hdfsUnderTest();
});

describe('a quota of space', () => {
  test.each([10_000, 5_000_000, 60_000_000])('refuses a file of %i bytes as StorageFull with a hint, and leaves nothing', async (bytes) => {
    const { store, root } = await under.archive();
    await under.ask('PUT', root, { op: 'SETQUOTA', storagespacequota: '1000000' });
    const failure: unknown = await store.create('pack', randomBytes(bytes)).catch((error: unknown) => error);
    expect(isPivoError(failure, 'StorageFull') && [failure.hint, failure.message, failure.permanent]).toEqual([expect.stringContaining('quota'), expect.stringContaining('QuotaExceeded'), true]);
    expect(await store.list('')).toEqual([]);
  });

  test('refuses a large stream as StorageFull, also where the answer is lost under it', async () => {
    const { store, root } = await under.archive();
    await under.ask('PUT', root, { op: 'SETQUOTA', storagespacequota: '1000000' });
    const chunk = Buffer.alloc(2 ** 20);
    const stream = async function* (): AsyncGenerator<Buffer> {
      for (let n = 0; n < 200; n++) yield chunk;
    };
    for (let round = 0; round < 10; round++) expect(await failureKind(store.create('pack', stream()))).toBe('StorageFull');
    expect(await under.ask('GET', root, { op: 'LISTSTATUS' })).toMatchObject({ text: expect.not.stringContaining('tmp-') as string });
  });

  test('refuses a checkout as StorageFull, and leaves nothing', async () => {
    const { store, root } = await under.archive();
    await under.ask('PUT', root, { op: 'SETQUOTA', storagespacequota: '1000000' });
    expect(await failureKind(store.layOut('backups/r/c', sourceOf({ a: { content: 'a' } })))).toBe('StorageFull');
    expect((await store.list('backups/r')).map(({ name }) => name)).toEqual([]);
  });

  test('that was raised lets the same write pass', async () => {
    const { store, root } = await under.archive();
    await under.ask('PUT', root, { op: 'SETQUOTA', storagespacequota: '1000000' });
    expect(await failureKind(store.create('pack', Buffer.alloc(10)))).toBe('StorageFull');
    await under.ask('PUT', root, { op: 'SETQUOTA', storagespacequota: String(2 ** 40) });
    expect(await store.create('pack', Buffer.alloc(10))).toMatchObject({ bytes: 10 });
  });
});

test('a block for which no DataNode has room is StorageFull', async () => {
  const { root } = await under.archive();
  const client = new WebHdfsClient(new Cluster(hdfsAddress(under.hdfs.webhdfs), { user: ARCHIVIST }));
  const failure: unknown = await client.create(`${root}/file`, Buffer.alloc(1_000), { permission: '444', blockBytes: 2 ** 50 }).catch((error: unknown) => error);
  expect(isPivoError(failure, 'StorageFull') && failure.message).toContain('no DataNode has room for a block');
  expect((await under.ask('GET', root, { op: 'LISTSTATUS' })).text).not.toContain('pathSuffix');
});

describe('what NameNodes say', () => {
  /** What becomes of an answer of a NameNode with this message. */
  async function kindOf(exception: string, javaClassName: string, message: string): Promise<string | null> {
    const server = createServer((_request, response) => response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ RemoteException: { exception, javaClassName, message } })));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      return await failureKind(webHdfsStore(`webhdfs://127.0.0.1:${(server.address() as AddressInfo).port}/x`, { user: ARCHIVIST }).create('file', Buffer.alloc(1)));
    } finally {
      server.close();
    }
  }

  test.each([
    ['StorageFull', 'DSQuotaExceededException', 'org.apache.hadoop.hdfs.protocol.DSQuotaExceededException', 'The DiskSpace quota of /x is exceeded'],
    ['StorageFull', 'NSQuotaExceededException', 'org.apache.hadoop.hdfs.protocol.NSQuotaExceededException', 'The NameSpace quota of /x is exceeded'],
    ['StorageFull', 'QuotaByStorageTypeExceededException', 'org.apache.hadoop.hdfs.protocol.QuotaByStorageTypeExceededException', 'Quota by storage type : DISK on path : /x is exceeded'],
    ['StorageFull', 'IOException', 'java.io.IOException', 'File /x could only be written to 0 of the 1 minReplication nodes. There are 3 datanode(s) running and no node(s) are excluded in this operation.'],
    ['StorageFull', 'IOException', 'java.io.IOException', 'File /x could only be replicated to 0 nodes instead of minReplication (=1).  There are 3 datanode(s) running and no node(s) are excluded in this operation.'],
    ['StorageUnavailable', 'IOException', 'java.io.IOException', 'File /x could only be written to 0 of the 1 minReplication nodes. There are 0 datanode(s) running and 0 node(s) are excluded in this operation.'],
    ['StorageUnavailable', 'IOException', 'java.io.IOException', 'File /x could only be written to 0 of the 1 minReplication nodes. There are 3 datanode(s) running and 3 node(s) are excluded in this operation.'],
    ['StorageUnavailable', 'IOException', 'java.io.IOException', 'Failed to find datanode, suggest to check cluster health.'],
  ])('is %s: %s', async (kind, exception, javaClassName, message) => {
    expect(await kindOf(exception, javaClassName, message)).toBe(kind);
  });
});
