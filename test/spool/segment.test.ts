// Segments: what is whole is read, packed or not; what is not is refused with the byte and the reason, and costs little.
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../contract/spool.ts';
import { encodeFrame } from '../../spool/frame.ts';
import { countFrames, readSegment } from '../../spool/segment.ts';
import { anyFrame, eventFrame } from './frames.ts';
import { bytesOf, framesOf, makeSpool, segmentName, type TestSpool } from './segments.ts';

const MiB = 2 ** 20;
const signal = new AbortController().signal;
const frames = Array.from({ length: 5_000 }, (_, i) => eventFrame(i));
let spool: TestSpool;
let number = 0;

beforeAll(async () => {
  spool = await makeSpool();
});
afterAll(() => spool.remove());

const written = (bytes: Uint8Array, suffix = ''): Promise<string> => spool.byHand('event', segmentName('event', number++, suffix), bytes);
const refusal = (reason: RegExp): unknown => expect.objectContaining({ kind: 'InvalidInput', message: expect.stringMatching(reason) as unknown });
const refuse = (path: string, reason: RegExp): Promise<void> => expect(framesOf(path)).rejects.toEqual(refusal(reason));

describe('a segment', () => {
  it('gives its frames in order, plain, gzip and Zstandard, in batches', async () => {
    const bytes = bytesOf(frames);
    for (const [suffix, content] of [['', bytes], ['.gz', gzipSync(bytes)], ['.zst', zstdCompressSync(bytes)]] as const) {
      const path = await written(content, suffix);
      expect(await framesOf(path)).toEqual(frames);
      expect(await countFrames(path, { kind: 'event', signal })).toBe(frames.length);
    }
    const sizes: number[] = [];
    for await (const batch of readSegment(await written(bytes), { kind: 'event', signal })) sizes.push(batch.length);
    expect(Math.max(...sizes)).toBeLessThan(2_000);
    expect(sizes.length).toBeGreaterThan(2);
  });

  it('may be packed in several members or frames', async () => {
    const [first, second] = [bytesOf(frames.slice(0, 10)), bytesOf(frames.slice(10, 20))];
    expect(await framesOf(await written(Buffer.concat([gzipSync(first), gzipSync(second)]), '.gz'))).toEqual(frames.slice(0, 20));
    expect(await framesOf(await written(Buffer.concat([zstdCompressSync(first), zstdCompressSync(second)]), '.zst'))).toEqual(frames.slice(0, 20));
  });

  it('may hold frames as large as a frame can be', async () => {
    const large: Frame = { ...eventFrame(1), payload: { type: 't', data: { words: 'x'.repeat(MiB - 200) } } };
    expect(await framesOf(await written(bytesOf([large, large, eventFrame(2)])))).toEqual([large, large, eventFrame(2)]);
  });

  it('takes length and checksum in any width, as other libraries write them', async () => {
    const bodies = Array.from({ length: 300 }, (_, i) => encode([1, 'event', 'k', i, `id-${i}`, { type: 't' }]));
    const { crc32 } = await import('node:zlib');
    const path = await written(Buffer.concat(bodies.map((body) => encode([body, crc32(body)]))));
    expect(await framesOf(path)).toHaveLength(300);
    const zero = encode([1, 'event', 'k', 1, 'i', { type: 't' }]);
    await refuse(await written(Buffer.concat([Buffer.from([0x92, 0xc5, 0, zero.length]), zero, Buffer.from([7])])), /checksum/);
  });

  it('stops when it is told to', async () => {
    await expect(framesOf(await written(bytesOf(frames)), 'event', AbortSignal.abort())).rejects.toThrow();
  });
});

describe('a hostile segment', () => {
  const small = bytesOf(frames.slice(0, 3));

  it('that is cut at any byte is refused, or holds the frames that are whole', async () => {
    const ends = [1, 2, 3].map((count) => bytesOf(frames.slice(0, count)).length);
    for (let end = 0; end < small.length; end++) {
      const path = await written(small.subarray(0, end));
      if (ends.includes(end)) expect(await framesOf(path)).toHaveLength(ends.indexOf(end) + 1);
      else await refuse(path, end === 0 ? /at byte 0: .*no frame/ : /at byte \d+: the segment ends within a frame/);
    }
  });

  it('that is packed and cut at any byte is refused', async () => {
    for (const [suffix, content] of [['.gz', gzipSync(small)], ['.zst', zstdCompressSync(small)]] as const) {
      for (let end = 0; end < content.length; end++) await refuse(await written(content.subarray(0, end), suffix), /at byte \d+: /);
    }
  });

  it('with any bit flipped is refused', async () => {
    const one = bytesOf(frames.slice(0, 1));
    for (let bit = 0; bit < one.length * 8; bit += 3) {
      const bytes = Buffer.from(one);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await refuse(await written(bytes), /^segment event-\S+: at byte 0: /);
    }
  });

  it('names the byte where its fault begins', async () => {
    const good = bytesOf(frames.slice(0, 100));
    await refuse(await written(Buffer.concat([good, Buffer.from('garbage')])), new RegExp(`at byte ${good.length}: no frame begins here`));
    await refuse(await written(zstdCompressSync(Buffer.concat([good, Buffer.from([0x92, 0xc4])])), '.zst'), new RegExp(`at byte ${good.length}: .*ends within a frame`));
  });

  it('is refused for what follows the packed bytes', async () => {
    for (const garbage of [Buffer.from('garbage'), Buffer.from([1]), small]) {
      await refuse(await written(Buffer.concat([gzipSync(small), garbage]), '.gz'), /at byte \d+: /);
      await refuse(await written(Buffer.concat([zstdCompressSync(small), garbage]), '.zst'), /at byte \d+: /);
    }
  });

  const lengths: readonly [string, number[]][] = [
    ['a length of 4 GiB', [0x92, 0xc6, 0xff, 0xff, 0xff, 0xff, 0]],
    ['a length over the limit by one', [0x92, 0xc6, 0, 0x10, 0, 1, 0]],
  ];
  it.each(lengths)('with %s is refused before anything is allocated', async (_, bytes) => {
    await refuse(await written(Buffer.from(bytes)), /at byte 0: a frame says that it has \d+ bytes/);
  });

  const layouts: readonly [string, number[], RegExp][] = [
    ['an array of three', [0x93, 0xc4, 0, 0, 0], /no frame begins/],
    ['a body that is text', [0x92, 0xa1, 0x41, 0], /not bytes/],
    ['a checksum that is negative', [0x92, 0xc4, 0, 0xff], /checksum/],
    ['a checksum that is text', [0x92, 0xc4, 0, 0xa1, 0x41], /checksum/],
    ['an empty body', [0x92, 0xc4, 0, 0], /longer than the body/],
  ];
  it.each(layouts)('with %s is refused', async (_, bytes, reason) => {
    await refuse(await written(Buffer.from(bytes)), reason);
  });

  it('that unpacks to more than a segment may have is refused, and little of it is unpacked', async () => {
    const frame = encodeFrame({ ...eventFrame(1), payload: { type: 't', data: { words: '0'.repeat(MiB - 200) } } });
    const bomb = Buffer.concat(Array.from({ length: 80 }, () => frame));
    await refuse(await written(gzipSync(bomb), '.gz'), /more than 67108864 bytes unpacked/);
    await refuse(await written(zstdCompressSync(bomb), '.zst'), /more than 67108864 bytes unpacked/);
    await refuse(await written(zstdCompressSync(Buffer.alloc(900 * MiB)), '.zst'), /no frame begins here/);
  });

  it('of a million empty Zstandard frames is refused soon', async () => {
    await refuse(await written(Buffer.concat(Array.from({ length: 1_000_000 }, () => EMPTY_ZSTD)), '.zst'), /more than 10000 frames/);
  });

  it('of another kind, by its name or in it, is refused', async () => {
    await expect(framesOf(await written(small), 'metric')).rejects.toEqual(refusal(/name says event, not metric/));
    const metric = encodeFrame({ kind: 'metric', key: 'cpu', time: 1, id: 'm', payload: { name: 'cpu', value: 1 } });
    await refuse(await written(Buffer.concat([small, metric])), /the frame is of kind metric/);
  });

  it('whose packing is not what its name says is refused', async () => {
    await refuse(await written(gzipSync(small)), /no frame begins/);
    await refuse(await written(small, '.zst'), /not packed as its name says/);
    await refuse(await written(gzipSync(small), '.zst'), /not packed as its name says/);
  });

  it.each(['event.msgpack', 'event-1-00000000.msgpack', 'event-1763700000000-XYZ.msgpack', 'event-1763700000000-00000000.msgpack.bz2', 'other-1763700000000-00000000.msgpack', 'event-1763700000000-00000000.msgpack\n'])('named %j is refused', async (name) => {
    await refuse(await spool.byHand('event', name, small), /not the name of a segment/);
  });

  it('that is a link, a folder or a pipe is refused, and not waited for', async () => {
    const target = await written(small);
    const [link, folder, pipe] = [1, 2, 3].map(() => join(spool.places.incoming('event'), segmentName('event', number++))) as [string, string, string];
    await symlink(target, link);
    await mkdir(folder);
    await promisify(execFile)('mkfifo', [pipe]);
    for (const path of [link, folder, pipe]) await refuse(path, /not a file/);
    await expect(framesOf(join(spool.places.incoming('event'), segmentName('event', number++)))).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('of any bytes at all is refused with InvalidInput or read', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), anyFrame.map(encodeFrame)), fc.nat(), fc.nat(255), async (bytes, at, byte) => {
      const changed = Buffer.from(bytes);
      if (changed.length > 0) changed[at % changed.length] = byte;
      const path = join(spool.root, segmentName('event', number++));
      await writeFile(path, changed);
      await framesOf(path).catch((error: unknown) => expect(error).toMatchObject({ kind: 'InvalidInput' }));
    }), { numRuns: 300 });
  });
});

const EMPTY_ZSTD = zstdCompressSync(Buffer.alloc(0));
