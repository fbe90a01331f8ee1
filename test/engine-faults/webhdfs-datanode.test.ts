// A DataNode that dies while PIVO writes to it.
import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { readSmall } from '../../archive/read.ts';
import { failureKind } from '../archive/store-conformance.ts';
import { hdfsUnderTest } from '../webhdfs/hdfs.ts';

const CONTENT = randomBytes(300_000);

test('a DataNode that is killed during a write is a failure that can be repeated; afterwards all is as it should be', async () => {
  const under = await hdfsUnderTest();
  const { store } = await under.archive({ timeouts: { connect: 2, idle: 5 } });
  await store.create('before', CONTENT);
  let asked = 0;
  const source = async function* (): AsyncGenerator<Buffer> {
    for (asked = 0; asked < 200; asked++) {
      if (asked === 20) await under.hdfs.killDataNode();
      yield Buffer.alloc(1 << 20, asked);
    }
  };
  expect(await failureKind(store.create('during', source()))).toBe('StorageUnavailable');
  expect(asked).toBeGreaterThan(19);
  expect(await store.stat('during')).toBeNull();
  await under.hdfs.startDataNode();
  await store.create('during', CONTENT);
  expect(createHash('sha256').update(await readSmall(store, 'before')).digest('hex')).toBe(createHash('sha256').update(CONTENT).digest('hex'));
});
