// The spool's folders: segments land whole, move by renames, and every move may be done again.
import { lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SpoolKind } from '../../contract/spool.ts';
import { encodeFrame } from '../../spool/frame.ts';
import { openSpool } from '../../spool/folders.ts';
import { eventFrame } from './frames.ts';
import { bytesOf, framesOf, makeSpool, segmentName, type TestSpool } from './segments.ts';

const NO_LIMIT = { segments: 1_000, bytes: 2 ** 40 };
const one = bytesOf([eventFrame(1)]);
let spool: TestSpool;

beforeEach(async () => {
  spool = await makeSpool();
});
afterEach(() => spool.remove());

const filesBelow = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
const names = (segments: readonly { name: string }[]): string[] => segments.map(({ name }) => name);
const waiting = async (...numbers: number[]): Promise<string[]> => {
  for (const number of numbers) await spool.byHand('event', segmentName('event', number), one);
  return numbers.map((number) => segmentName('event', number));
};

describe('landing', () => {
  it('gives a segment that is whole, private, and named after its kind and time', async () => {
    const landed = await spool.land('event', [1, 2, 3].map((i) => encodeFrame(eventFrame(i))));
    const [segment] = await spool.waiting('event');
    expect(landed).toEqual({ name: segment?.name, frames: 3, bytes: segment?.bytes });
    expect(landed.name).toMatch(/^event-\d{13}-[0-9a-f]{24}\.msgpack$/);
    expect(await framesOf(segment?.path ?? '')).toEqual([1, 2, 3].map(eventFrame));
    for (let path = dirname(segment?.path ?? ''); path !== spool.root; path = dirname(path)) expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(segment?.path ?? '')).mode & 0o777).toBe(0o600);
    expect(await readdir(spool.places.temporary)).toEqual([]);
  });

  it('says so where a folder of the spool is a file', async () => {
    await writeFile(join(spool.root, 'incoming'), '');
    await expect(spool.land('event', [one])).rejects.toMatchObject({ kind: 'StorageUnavailable' });
  });
});

describe('a claim', () => {
  it('takes the oldest first by the time in their names, up to its limits and one at least', async () => {
    const [a, b, c] = await waiting(1, 2, 3);
    await waiting(10);
    expect(names(await spool.claim('event', 'first', { segments: 2, bytes: 2 ** 40 }))).toEqual([a, b]);
    expect(names(await spool.claim('event', 'second', { segments: 9, bytes: 1 }))).toEqual([c]);
    expect(names(await spool.waiting('event'))).toEqual([segmentName('event', 10)]);
    expect(names(await spool.claim('event', 'none', { segments: 0, bytes: 0 }))).toEqual([]);
  });

  it('done again goes on with what it has', async () => {
    await waiting(1, 2, 3, 4);
    const limits = { segments: 3, bytes: 2 ** 40 };
    const first = await spool.claim('event', 'batch', limits);
    expect(await spool.claim('event', 'batch', limits)).toEqual(first);
    await rename(join(spool.places.processing('event', 'batch'), first[2]?.name ?? ''), join(spool.places.incoming('event'), first[2]?.name ?? '')); // as if it had been killed before the third
    expect(await spool.claim('event', 'batch', limits)).toEqual(first);
    expect(await spool.left('event')).toEqual(['batch']);
    expect(await spool.claimed('event', 'batch')).toEqual(first);
  });

  it('leaves a segment that the batch has already under its name for the next one', async () => {
    const [name = ''] = await waiting(1);
    await spool.claim('event', 'batch', NO_LIMIT);
    await waiting(1);
    expect(names(await spool.claim('event', 'batch', NO_LIMIT))).toEqual([name]);
    expect(names(await spool.waiting('event'))).toEqual([name]);
  });

  it('takes links and folders that are named as segments, which nobody follows, and sends other names to failed/', async () => {
    const [name = ''] = await waiting(1);
    await spool.byHand('event', '.unfinished', one);
    await spool.byHand('event', 'events.msgpack', one);
    await spool.byHand('event', 'up\\..\\up.msgpack', one);
    await symlink('/etc/passwd', join(spool.places.incoming('event'), segmentName('event', 2)));
    await mkdir(join(spool.places.incoming('event'), segmentName('event', 3)));
    await symlink('/etc/passwd', join(spool.places.incoming('event'), 'passwd'));
    const claimed = await spool.claim('event', 'batch', NO_LIMIT);
    expect(names(claimed)).toEqual([name, segmentName('event', 2), segmentName('event', 3)]);
    for (const { path } of claimed.slice(1)) await expect(framesOf(path)).rejects.toMatchObject({ kind: 'InvalidInput' });
    await spool.settle('event', 'batch', claimed.map((segment, i) => ({ name: segment.name, failure: i === 0 ? null : 'not a file' })));
    expect((await spool.failed('event')).map(({ name, reason }) => [name, reason])).toEqual(expect.arrayContaining([['events.msgpack', 'this is not the name of a segment'], ['passwd', 'this is not the name of a segment'], [segmentName('event', 2), 'not a file']]));
    expect((await lstat(join(spool.places.failed('event'), 'passwd'))).isSymbolicLink()).toBe(true);
    expect(await readdir(spool.places.incoming('event'))).toEqual(['.unfinished']);
  });

  it('refuses a tag that could be a path', async () => {
    for (const tag of ['../up', 'a/b', '', '.', '..', 'x'.repeat(201)]) {
      await expect(spool.claim('event', tag, NO_LIMIT)).rejects.toMatchObject({ kind: 'InvalidInput' });
      await expect(spool.settle('event', tag, [])).rejects.toMatchObject({ kind: 'InvalidInput' });
      await expect(spool.archived('event', tag)).rejects.toMatchObject({ kind: 'InvalidInput' });
    }
  });
});

describe('settling', () => {
  it('moves each segment to archive/ or failed/, with the reason beside it, and may be done again', async () => {
    const [a = '', b = '', c = ''] = await waiting(1, 2, 3);
    await spool.claim('event', 'batch', NO_LIMIT);
    const ends = [{ name: a, failure: null }, { name: b, failure: 'torn at byte 9' }];
    for (let again = 0; again < 3; again++) expect(await spool.settle('event', 'batch', ends)).toEqual([]);
    expect(names(await spool.claimed('event', 'batch'))).toEqual([c]);
    expect(await spool.settle('event', 'batch', [...ends, { name: c, failure: null }])).toEqual([]);
    expect(await filesBelow(spool.root)).toEqual([`archive/event/batch/${a}`, `archive/event/batch/${c}`, `failed/event/${b}`, `failed/event/${b}.reason.json`]);
    expect(JSON.parse(await readFile(join(spool.places.failed('event'), `${b}.reason.json`), 'utf8'))).toMatchObject({ reason: 'torn at byte 9', tag: 'batch' });
    expect(await spool.left('event')).toEqual([]);
    expect(await spool.archivedTags('event')).toEqual(['batch']);
    expect(names(await spool.archived('event', 'batch'))).toEqual([a, c]);
    expect(await readdir(spool.places.processing('event'))).toEqual([]);
  });

  it('names what somebody removed, and goes on with the rest', async () => {
    const [a = '', b = ''] = await waiting(1, 2);
    await spool.claim('event', 'batch', NO_LIMIT);
    await rm(join(spool.places.processing('event', 'batch'), a));
    expect(await spool.settle('event', 'batch', [{ name: a, failure: null }, { name: b, failure: null }])).toEqual([a]);
    expect(names(await spool.archived('event', 'batch'))).toEqual([b]);
    expect(await spool.settle('event', 'batch', [{ name: a, failure: 'gone' }])).toEqual([a]);
  });

  it('refuses a name that could be a path', async () => {
    await expect(spool.settle('event', 'batch', [{ name: '../../../etc/passwd', failure: null }])).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  it('replaces nothing that failed before under the same name', async () => {
    const [name = ''] = await waiting(1);
    for (const tag of ['one', 'two']) {
      await spool.byHand('event', name, bytesOf([eventFrame(tag.length + tag.charCodeAt(0))]));
      await spool.claim('event', tag, NO_LIMIT);
      await spool.settle('event', tag, [{ name, failure: tag }]);
    }
    expect((await spool.failed('event')).map(({ reason }) => reason).sort()).toEqual(['one', 'two']);
  });
});

describe('a failed segment', () => {
  it('goes back to incoming/ when a person asks, once', async () => {
    const [name = ''] = await waiting(1);
    await spool.claim('event', 'batch', NO_LIMIT);
    await spool.settle('event', 'batch', [{ name, failure: 'no' }]);
    for (let again = 0; again < 2; again++) await spool.returnFailed('event', name);
    expect(names(await spool.waiting('event'))).toEqual([name]);
    expect(await readdir(spool.places.failed('event'))).toEqual([]);
    await expect(spool.returnFailed('event', segmentName('event', 9))).rejects.toMatchObject({ kind: 'NotFound' });
    await expect(spool.returnFailed('event', '../x')).rejects.toMatchObject({ kind: 'InvalidInput' });
    expect(await spool.settle('event', 'batch', [{ name, failure: 'no' }])).toEqual([]); // an act that was not told of its end does it again
    expect(names(await spool.waiting('event'))).toEqual([name]);
  });

  it('is told without its reason where that was lost', async () => {
    const [name = ''] = await waiting(1);
    await spool.claim('event', 'batch', NO_LIMIT);
    await spool.settle('event', 'batch', [{ name, failure: 'no' }]);
    await rm(join(spool.places.failed('event'), `${name}.reason.json`));
    expect(await spool.failed('event')).toMatchObject([{ name, reason: 'the reason was lost', failed: null }]);
  });
});

describe('the depth', () => {
  it('tells segments and bytes of each folder, and the age of the oldest that waits', async () => {
    await waiting(1, 2, 3, 4);
    const [first] = await spool.claim('event', 'batch', { segments: 1, bytes: 2 ** 40 });
    await spool.settle('event', 'batch', [{ name: first?.name ?? '', failure: null }]);
    const [second] = await spool.claim('event', 'next', { segments: 1, bytes: 2 ** 40 });
    await spool.settle('event', 'next', [{ name: second?.name ?? '', failure: 'no' }]);
    await spool.claim('event', 'last', { segments: 1, bytes: 2 ** 40 });
    const [oldest] = await spool.waiting('event');
    await utimes(oldest?.path ?? '', new Date(), new Date(Date.now() - 60_000));
    const size = { segments: 1, bytes: one.length };
    const depth = await spool.depth('event');
    expect(depth).toMatchObject({ kind: 'event', incoming: size, processing: size, archive: size, failed: size });
    await writeFile(join(spool.places.failed('event'), 'no-segment'), one);
    expect((await spool.depth('event')).failed.segments).toBe(2);
    expect(depth.incoming.age).toBeGreaterThanOrEqual(60);
    await utimes(oldest?.path ?? '', new Date(), new Date(Date.now() + 60_000));
    expect((await spool.depth('event')).incoming.age).toBe(0);
    for (const kind of ['push', 'metric'] satisfies SpoolKind[]) expect((await spool.depth(kind)).incoming).toEqual({ segments: 0, bytes: 0, age: 0 });
  });

  it('of archived batches is known without reading them again, until one changes', async () => {
    await waiting(1, 2);
    const claimed = await spool.claim('event', 'batch', NO_LIMIT);
    const [a = '', b = ''] = names(claimed);
    await spool.settle('event', 'batch', [{ name: a, failure: null }]);
    const folder = spool.places.archive('event', 'batch');
    await utimes(folder, new Date(), new Date(Date.now() - 60_000));
    expect((await spool.depth('event')).archive.segments).toBe(1);
    await spool.settle('event', 'batch', [{ name: b, failure: null }]);
    expect((await spool.depth('event')).archive.segments).toBe(2);
  });
});

it('what a dead writer left is swept away after a day, and nothing else', async () => {
  await waiting(1);
  await mkdir(spool.places.temporary, { recursive: true });
  for (const [name, hours] of [['old', 25], ['new', 1]] as const) {
    await writeFile(join(spool.places.temporary, name), '');
    await utimes(join(spool.places.temporary, name), new Date(), new Date(Date.now() - hours * 3_600_000));
  }
  await openSpool(spool.root).sweep();
  expect(await readdir(spool.places.temporary)).toEqual(['new']);
  expect(await spool.waiting('event')).toHaveLength(1);
});
