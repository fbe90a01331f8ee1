// Readers and their disposable cache: fresh, shared between processes, and never a word written into the archive.
import { execFile } from 'node:child_process';
import { realpath, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../archive/open.ts';
import { openLibrary, type Library } from '../../archive/reading/library.ts';
import { findPoint } from '../../archive/reading/points.ts';
import type { Store } from '../../archive/store.ts';
import { gitText } from '../../git/process.ts';
import { importOn } from '../fixtures/history-shapes.ts';
import { linearHistory } from '../fixtures/linear-history.ts';
import { allOf, bytesOf, openBackedUp, type BackedUp } from './backed-up.ts';

let archive: BackedUp;
const VISITS = 7;

beforeAll(async () => {
  archive = await openBackedUp();
  const origin = archive.origin('grown');
  await linearHistory(origin, { commits: 20, files: 3, seed: 1 });
  for (let visit = 1; visit <= VISITS; visit++) {
    await archive.ingest(origin, 'grown');
    await importOn(origin, 'refs/heads/main', 2);
  }
});
afterAll(() => archive.cleanUp());

let caches = 0;
const newCache = (): string => join(archive.dir, `cache-${++caches}`);

function opened(cache = newCache(), store: Store = archive.deps.store): Library {
  const library = openLibrary({ store, cache });
  onTestFinished(() => library.close());
  return library;
}

/** Reads one file of the last commit, and the oldest commit. */
async function readSomething(library: Library): Promise<void> {
  const reader = await library.reader('grown');
  const { commit } = await findPoint(reader, 'latest');
  const [entry] = await allOf(reader.tree(commit ?? '', '', { recursive: true }));
  const { content, bytes } = await reader.blob(commit ?? '', entry?.path ?? '');
  expect((await bytesOf(content)).length).toBe(bytes);
  const commits = await allOf(reader.log({ from: commit ?? '' }));
  expect(await findPoint(reader, commits.at(-1)?.hash ?? '')).toMatchObject({ seq: 1 });
}

describe('a library', () => {
  test('keeps one reader a repository and one index over its packs', async () => {
    const cache = newCache();
    const library = opened(cache);
    await readSomething(library);
    expect(await library.reader('grown')).toBe(await library.reader('grown'));
    const files = await readdir(join(cache, 'grown', 'read.git', 'objects', 'pack'));
    expect(files).toContain('multi-pack-index');
    expect(files.filter((name) => name.endsWith('.pack'))).toHaveLength(VISITS);
    expect(await gitText(['multi-pack-index', 'verify'], { gitDir: join(cache, 'grown', 'read.git') })).toBe('');
    expect(await readdir(join(cache, 'grown'))).toEqual(['read.git']);
  });

  test('writes nothing into the archive', async () => {
    const listing = async (): Promise<string> => (await promisify(execFile)('find', [join(archive.dir, 'archive'), '-printf', '%p %s %T@ %m\n'])).stdout;
    const before = await listing();
    await readSomething(opened());
    expect(await listing()).toBe(before);
  });

  test('sees a new visit at the next question, while what was asked before goes on', async () => {
    const library = opened();
    const before = await library.reader('grown');
    const { commit } = await findPoint(before, 'latest');
    const log = before.log({ from: commit ?? '' })[Symbol.asyncIterator]();
    await log.next();
    await importOn(archive.origin('grown'), 'refs/heads/main', 1);
    const result = await archive.ingest(archive.origin('grown'), 'grown');
    const after = await library.reader('grown');
    expect(after.visits.at(-1)?.seq).toBe(result.visit);
    const latest = await findPoint(after, 'latest');
    expect(latest.commit).toBe(await gitText(['rev-parse', 'HEAD'], { gitDir: archive.origin('grown') }));
    expect(await findPoint(after, latest.commit ?? '')).toMatchObject({ seq: result.visit });
    expect((await allOf(after.tree(latest.commit ?? ''))).length).toBeGreaterThan(0);
    expect((await allOf(before.tree(commit ?? ''))).length).toBeGreaterThan(0);
    expect((await log.next()).done).toBe(false);
  });

  test('does not look at the visits again when it finds its cache', async () => {
    const cache = newCache();
    await readSomething(opened(cache));
    const read: string[] = [];
    const store: Store = { ...archive.deps.store, open: (path, ...rest) => (read.push(path), archive.deps.store.open(path, ...rest)) };
    await opened(cache, store).reader('grown');
    expect(read).toHaveLength(1);
    expect(read[0]).toMatch(/visits\/\d+\.json$/);
  });

  test('opened many times at once makes one cache, and all of them can read', async () => {
    const cache = newCache();
    await Promise.all(Array.from({ length: 6 }, async () => readSomething(opened(cache))));
    expect(await readdir(join(cache, 'grown'))).toEqual(['read.git']);
  });

  test('opened by several processes at once does the same', async () => {
    const cache = newCache();
    const script = `
      import { openStore } from '${new URL('../../archive/open.ts', import.meta.url).href}';
      import { openLibrary } from '${new URL('../../archive/reading/library.ts', import.meta.url).href}';
      const library = openLibrary({ store: openStore(process.argv[1]), cache: process.argv[2] });
      const reader = await library.reader('grown');
      process.stdout.write(String((await reader.commits()).size));
      await library.close();`;
    const run = (): Promise<{ stdout: string }> => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, archive.deps.store.url, cache]);
    const answers = await Promise.all([run(), run(), run()]);
    expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1);
    expect(Number(answers[0]?.stdout)).toBeGreaterThan(20);
  });

  test.each([
    ['is cut off', (gitDir: string) => writeFile(join(gitDir, 'history.json'), '{"formatVersion":1,')],
    ['has lost its history', (gitDir: string) => rm(join(gitDir, 'history.json'))],
    ['is of another archive', async (gitDir: string) => rename(join(gitDir, 'config'), join(gitDir, 'history.json'))],
    ['is a file', async (gitDir: string) => {
      await rm(gitDir, { recursive: true });
      await writeFile(gitDir, '');
    }],
  ])('whose cache %s makes it anew', async (_, spoil) => {
    const cache = newCache();
    await readSomething(opened(cache));
    await spoil(join(cache, 'grown', 'read.git'));
    await readSomething(opened(cache));
    expect(await readdir(join(cache, 'grown'))).toEqual(['read.git']);
  });

  test('whose archive was moved elsewhere follows it', async () => {
    const cache = newCache();
    await readSomething(opened(cache));
    const moved = join(archive.dir, 'moved');
    await rename(join(archive.dir, 'archive'), moved);
    try {
      await readSomething(opened(cache, openStore(pathToFileURL(moved).href)));
    } finally {
      await rename(moved, join(archive.dir, 'archive'));
    }
  });

  test('of an archive elsewhere reads from checked copies of its packs', async () => {
    const cache = newCache();
    const remote: Store = { ...archive.deps.store, url: 'elsewhere://archive', localPath: () => null };
    await readSomething(opened(cache, remote));
    const packs = join(cache, 'grown', 'read.git', 'objects', 'pack');
    for (const name of (await readdir(packs)).filter((each) => each.startsWith('pack-'))) expect(await realpath(join(packs, name))).toBe(join(cache, 'grown', 'archived', 'pack', name));
    const tampered: Store = { ...remote, open: (path, ...rest) => (path.endsWith('.pack') ? flipped(remote.open(path, ...rest)) : remote.open(path, ...rest)) };
    await expect(opened(newCache(), tampered).reader('grown')).rejects.toMatchObject({ kind: 'Damaged', message: expect.stringMatching(/objects\/pack\/pack-.*\.pack/) as string });
  });

  test('knows no repository that was never backed up, and no name that leads elsewhere', async () => {
    const library = opened();
    await expect(library.reader('unknown')).rejects.toMatchObject({ kind: 'NotFound', hint: expect.stringContaining('pivo repos') as string });
    for (const name of ['../grown', '', '.', 'a/b']) await expect(library.reader(name)).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  test('that found nothing looks again at the next question', async () => {
    const library = opened();
    await expect(library.reader('later')).rejects.toMatchObject({ kind: 'NotFound' });
    await linearHistory(archive.origin('later'), { commits: 2, files: 1, seed: 2 });
    await archive.ingest(archive.origin('later'), 'later');
    expect((await library.reader('later')).visits.length).toBeGreaterThan(0);
  });

  test('closed leaves no git behind and answers no more', async () => {
    const cache = newCache();
    const library = opened(cache);
    await readSomething(library);
    await library.close();
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'args=']);
    expect(stdout).not.toContain(cache);
    await expect(library.reader('grown')).rejects.toMatchObject({ kind: 'Cancelled' });
  });
});

async function* flipped(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of content) {
    const copy = Buffer.from(chunk);
    if (first) copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
    first = false;
    yield copy;
  }
}
