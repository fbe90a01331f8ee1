// HDFS's checksum, without HDFS.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { PIECE, crcOfBytes, crcsOfPieces } from '../../archive/webhdfs/crc32c.ts';
import { HdfsChecksum } from '../../archive/webhdfs/checksum.ts';

const checksumOf = (content: Buffer, blockBytes: number, ...cuts: number[]): string => {
  const checksum = new HdfsChecksum(blockBytes);
  [0, ...cuts].forEach((from, i) => checksum.update(content.subarray(from, cuts[i] ?? content.length)));
  return checksum.digest();
};

test('a file of six bytes has the checksum that Hadoop 3.4.1 answered for it', () => {
  expect(checksumOf(Buffer.from('abcdef'), 2 ** 27)).toBe('MD5-of-0MD5-of-512CRC32C:00000200000000000000000016c2c7683b046af626e2fdefea708805');
});

test('a CRC is that of RFC 3720, byte by byte and by whole pieces', () => {
  expect((~crcOfBytes(-1, Buffer.from('123456789'), 0, 9) >>> 0).toString(16)).toBe('e3069283');
  const content = randomBytes(300 * PIECE);
  const alone = Array.from({ length: 300 }, (_, n) => ~crcOfBytes(-1, content, n * PIECE, (n + 1) * PIECE));
  const together = crcsOfPieces(content);
  expect(Array.from({ length: 300 }, (_, n) => together.readInt32BE(n * 4))).toEqual(alone);
  expect(crcsOfPieces(Buffer.alloc(0)).length).toBe(0);
});

test('it does not depend on how the bytes come, nor where they lie in memory', () => {
  const content = randomBytes(10_000);
  const whole = checksumOf(content, 4096);
  for (const cuts of [[1], [511, 512, 513], [3, 4099, 8195], [4096, 8192]]) expect(checksumOf(content, 4096, ...cuts)).toBe(whole);
  for (const shift of [1, 2, 3]) expect(checksumOf(Buffer.concat([Buffer.alloc(shift), content]).subarray(shift), 4096)).toBe(whole);
  content[9_999] = (content[9_999] ?? 0) ^ 1;
  expect(checksumOf(content, 4096)).not.toBe(whole);
});
