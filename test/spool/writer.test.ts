// Group commit: what was said to be durable is in incoming/, whatever happens to the writer or the disk.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../contract/spool.ts';
import type { WrittenSegment } from '../../spool/landing.ts';
import { openSpoolWriter } from '../../spool/writer.ts';
import { eventFrame } from './frames.ts';
import { framesOf, makeSpool, type TestSpool } from './segments.ts';

const WRITING = fileURLToPath(new URL('writing.ts', import.meta.url));
const GROUPS = { windowMs: 2, maxFrames: 5_000 };
let spool: TestSpool;

beforeEach(async () => {
  spool = await makeSpool();
});
afterEach(() => spool.remove());

/** All frames that wait; a segment that is not whole fails. */
async function landed(): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (const { path } of await spool.waiting('event')) frames.push(...(await framesOf(path)));
  return frames;
}

const landedIds = async (): Promise<string[]> => (await landed()).map(({ id }) => id);

describe('a writer', () => {
  it('lands frames that come together in few segments, in their order', async () => {
    const writer = openSpoolWriter(spool, 'event', GROUPS);
    const frames = Array.from({ length: 3_000 }, (_, i) => eventFrame(i));
    await Promise.all(frames.map((frame) => writer.append(frame)));
    expect(await landed()).toEqual(frames);
    expect((await spool.waiting('event')).length).toBeLessThanOrEqual(2);
    await writer.append(eventFrame(3_000));
    expect(await landedIds()).toContain('event-3000');
  });

  it('divides what waits into segments of at most so many frames', async () => {
    const writer = openSpoolWriter(spool, 'event', { windowMs: 1, maxFrames: 10 });
    await Promise.all(Array.from({ length: 25 }, (_, i) => writer.append(eventFrame(i))));
    expect(await spool.waiting('event')).toHaveLength(3);
  });

  it('refuses a bad frame alone', async () => {
    const writer = openSpoolWriter(spool, 'event', GROUPS);
    const ends = await Promise.allSettled([writer.append(eventFrame(1)), writer.append({ ...eventFrame(2), key: '' }), writer.append({ kind: 'metric', key: 'k', time: 1, id: 'i', payload: { name: 'n', value: 1 } }), writer.append(eventFrame(3))]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(await landedIds()).toEqual(['event-1', 'event-3']);
  });

  it('takes no more than may wait for a slow disk, and goes on after it', async () => {
    const disk = Promise.withResolvers<void>();
    const slow = { land: async (...args: Parameters<TestSpool['land']>): Promise<WrittenSegment> => disk.promise.then(() => spool.land(...args)) };
    const writer = openSpoolWriter(slow, 'event', { windowMs: 0, maxFrames: 50_000 });
    const appended = Array.from({ length: 20_000 }, (_, i) => writer.append(eventFrame(i)));
    await expect(writer.append(eventFrame(20_000))).rejects.toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('again') as unknown });
    disk.resolve();
    await Promise.all(appended);
    await writer.append(eventFrame(20_001));
    expect(await landedIds()).toHaveLength(20_001);
  });

  it('lands what waits before it closes, and takes nothing then', async () => {
    const writer = openSpoolWriter(spool, 'event', { windowMs: 50, maxFrames: 10 });
    const appended = writer.append(eventFrame(1));
    await writer.close();
    await appended;
    expect(await landedIds()).toEqual(['event-1']);
    await expect(writer.append(eventFrame(2))).rejects.toMatchObject({ kind: 'Unavailable' });
  });

  it('tells every frame of a segment that could not be written, and goes on with the next', async () => {
    let broken = true;
    const disk = { land: (...args: Parameters<TestSpool['land']>): Promise<WrittenSegment> => (broken ? Promise.reject(new Error('the disk is gone')) : spool.land(...args)) };
    const writer = openSpoolWriter(disk, 'event', GROUPS);
    const ends = await Promise.allSettled([1, 2, 3].map((i) => writer.append(eventFrame(i))));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    broken = false;
    await writer.append(eventFrame(4));
    expect(await landedIds()).toEqual(['event-4']);
  });
});

describe('a writer\'s process', () => {
  /** Starts it; `said` is called with each line until it gives true, which ends the process at once. */
  async function untilKilled(args: readonly string[], said: (line: string) => boolean, command = process.execPath): Promise<string[]> {
    const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      lines.push(line);
      if (said(line)) child.kill('SIGKILL');
    }
    await ended;
    return lines;
  }

  it('may be killed at any moment: incoming/ has whole segments only, with every frame that it said was durable', async () => {
    const durable = new Set<string>();
    for (const acknowledged of [1, 7, 40, 333, 1_200]) {
      let count = 0;
      const lines = await untilKilled([WRITING, spool.root, '7', '100'], () => ++count === acknowledged);
      for (const line of lines) if (line.endsWith(' durable')) durable.add(line.split(' ')[0] ?? '');
    }
    const ids = new Set(await landedIds());
    expect(durable.size).toBeGreaterThan(1_000);
    expect([...durable].filter((id) => !ids.has(id))).toEqual([]);
  });

  it('that meets a full disk says so for every frame of the segment, and leaves no part of it', async () => {
    const limited = ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, WRITING, spool.root, '10', '20000'];
    const lines = await untilKilled(limited, (line) => line.startsWith('event-29 '), 'bash');
    expect(lines.filter((line) => !line.endsWith(' StorageFull'))).toEqual([]);
    expect(await spool.waiting('event')).toEqual([]);
    expect(await readdir(spool.places.temporary)).toEqual([]);
  });

  it('that meets a full disk lands what fits', async () => {
    const limited = ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, WRITING, spool.root, '2', '20000'];
    await untilKilled(limited, (line) => line.startsWith('event-5 '), 'bash');
    expect((await landedIds()).slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `event-${i}`));
  });
});
