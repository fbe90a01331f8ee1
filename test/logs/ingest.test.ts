// Files of every kind become entries, each content once.
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lineOf } from '../../logs/schema.ts';
import { listSources } from '../../logs/sources.ts';
import { PRIVATE_KEY, SECRETS, linesWithSecrets } from './secrets.ts';
import { hadoopLines, temporaryIndex, type TemporaryIndex } from './temporary.ts';

let index: TemporaryIndex;

beforeEach(async () => {
  index = await temporaryIndex();
});
afterEach(() => index.close());

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(index.folder, 'files', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const matching = (words: string): number[] => index.column<number>('SELECT rowid FROM entry_words WHERE entry_words MATCH ? ORDER BY rowid', words).map(lineOf);

describe('a file', () => {
  it('is found by words, parts of class names, block ids and paths, with its lines and times', async () => {
    const summary = await index.ingest(await file('datanode.log', hadoopLines(300)));
    expect(summary).toMatchObject({ files: 1, added: 1, known: 0, lines: 300, entries: 300, logs: [{ name: 'datanode.log', outcome: 'added', format: 'log4j', system: 'hadoop' }] });
    expect(matching('"blk_1073741825_0"')).toEqual([1]);
    expect(matching('"/user/ada/part-4"')).toEqual([5]);
    expect(matching('datanode')).toHaveLength(300);
    expect(matching('receive')).toHaveLength(100); // stemmed
    expect(index.column('SELECT terms.term FROM terms JOIN term_parts ON id = term_parts.rowid WHERE term_parts MATCH ?', 'tanod')).toEqual(['datanode']);
    expect(index.column('SELECT text FROM templates ORDER BY id')).toEqual(['Received block <*> of size <*> from <*>', 'BLOCK* allocate <*>, replicas=<*> for <*>', 'Number of transactions: <*> Number of syncs: <*>']);
    expect(listSources(index.path, { limit: 10 })).toMatchObject([{ name: 'datanode.log', lines: 300, entries: 300, state: 'complete', firstTime: '2026-01-01T00:00:00.000Z', lastTime: '2026-01-01T00:00:02.990Z' }]);
  });

  it('is stored once, under whatever name and packed in whatever way it comes again', async () => {
    const text = hadoopLines(50);
    await index.ingest(await file('a.log', text));
    const again = await index.ingest(await file('a.log', text), await file('b.log', text), await file('c.log.gz', gzipSync(text)), await file('d.log.zst', zstdCompressSync(Buffer.from(text))));
    expect(again).toMatchObject({ files: 4, added: 0, known: 4, lines: 0, entries: 0, templates: 0 });
    expect(again.logs.map(({ name, outcome }) => [name, outcome])).toEqual(Array.from({ length: 4 }, () => ['a.log', 'known']));
    expect(index.column('SELECT count(*) FROM entries')).toEqual([50]);
  });

  it.each([1, 4_000])('is read whole when it has several frames or members, with rows of %i bytes', async (bytes) => {
    const lines = Array.from({ length: 200 }, (_, n) => `26/11/20 08:00:00 INFO Loader: row ${n} ${'x'.repeat(bytes)}\n`);
    const packed = (pack: (text: Buffer) => Buffer): Buffer => Buffer.concat([lines.slice(0, 1), lines.slice(1, 150), lines.slice(150)].map((part) => pack(Buffer.from(part.join('')))));
    const { lines: read } = await index.ingest(await file('frames.zst', packed(zstdCompressSync)));
    expect(read).toBe(200);
    expect(await index.ingest(await file('members.gz', packed(gzipSync)))).toMatchObject({ known: 1 });
  });

  it.each([['gzip', gzipSync], ['Zstandard', (text: string) => zstdCompressSync(Buffer.from(text))]])('is read packed with %s, its name whatever it may be', async (_name, pack) => {
    expect(await index.ingest(await file('packed', pack(hadoopLines(1_000))))).toMatchObject({ entries: 1_000, refused: [] });
  });

  it('is refused with the reason where it is no text, damaged or empty, and others go on', async () => {
    const paths = [await file('good.log', 'all is well\n'), await file('image.png', Buffer.from([137, 80, 78, 71, 0, 0, 0])), await file('cut.gz', gzipSync(hadoopLines(999)).subarray(0, 500)), await file('x.zip', Buffer.from('PK\u0003\u0004rest')), await file('empty.log', '')];
    const { added, refused } = await index.ingest(...paths);
    expect(added).toBe(1);
    expect(refused.map(({ name }) => name)).toEqual(['image.png', 'cut.gz', 'x.zip', 'empty.log']);
    expect(refused.map(({ reason }) => reason)).toEqual([expect.stringContaining('zero bytes'), expect.stringContaining('cannot be unpacked'), expect.stringContaining('zip'), 'it is empty']);
    await expect(index.ingest(paths[1] as string)).rejects.toMatchObject({ kind: 'InvalidInput' });
    await expect(index.ingest(join(index.folder, 'nothing'))).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('that unpacks to far more than its size is refused', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(300 * 2 ** 20, 'a\n'));
    await expect(index.ingest(await file('bomb.zst', bomb))).rejects.toMatchObject({ kind: 'LimitExceeded', message: expect.stringContaining('300 times') as string });
  });

  it('with a line of many megabytes keeps its beginning and says what is missing', async () => {
    await index.ingest(await file('long.log', `first\n${'x'.repeat(5_000_000)}\nlast\n`));
    const [first, long = '', last] = index.column<string>('SELECT text FROM entries ORDER BY id');
    expect([first, last]).toEqual(['first', 'last']);
    expect(long).toMatch(/… \[cut: \d+ (?:bytes|characters)\]$/);
    expect(long.length).toBeLessThan(50_000);
  });

  it('that grew brings a new source, and no new template', async () => {
    const path = await file('a.log', hadoopLines(30));
    await index.ingest(path);
    await appendFile(path, hadoopLines(30, 30));
    expect(await index.ingest(path)).toMatchObject({ added: 1, entries: 60, templates: 0 });
  });
});

it('a folder is read with its subfolders, each file named below it, and an Airflow run by its path', async () => {
  await file('logs/a.log', 'one\n');
  await file('logs/dag_id=etl/run_id=manual__2026/task_id=t/attempt=1.log', '[2026-01-02T12:00:00.000+0000] {x.py:1} INFO - two\n');
  await file('logs/deep/er/c.log.gz', gzipSync('three\n'));
  expect((await index.ingest(join(index.folder, 'files/logs'))).logs.map(({ name }) => name)).toEqual(['logs/a.log', 'logs/dag_id=etl/run_id=manual__2026/task_id=t/attempt=1.log', 'logs/deep/er/c.log.gz']);
  expect(listSources(index.path, { run: 'manual__2026', limit: 10 })).toMatchObject([{ system: 'airflow', entries: 1 }]);
});

it('no secret reaches the file of the index, in whatever format it came', async () => {
  const lines = [...linesWithSecrets(), ...PRIVATE_KEY];
  const stamped = linesWithSecrets().map((line) => `24/01/02 12:00:00 INFO SparkContext: ${line}`);
  const json = linesWithSecrets().map((line) => JSON.stringify({ time: '2026-01-01T00:00:00Z', level: 30, msg: line, password: 'cAnArY0', nested: { token: 'cAnArYtOkEn', note: line } }));
  const stack = linesWithSecrets().flatMap((line) => [`24/01/02 12:00:00 ERROR Executor: failed`, `java.io.IOException: ${line}`, '\tat a.B.c(B.java:1)']);
  const key = ['24/01/02 12:00:00 INFO A: dump', ...PRIVATE_KEY, '24/01/02 12:00:01 INFO A: behind the key'];
  const files = { 'plain.log': lines, 'log4j.log': stamped, 'json.log': json, 'stack.log': stack, 'key.log': key };
  await index.ingest(...(await Promise.all(Object.entries(files).map(([name, content]) => file(name, content.join('\n'))))));
  index.db.pragma('wal_checkpoint(TRUNCATE)');
  const bytes = (await readFile(index.path)).toString('latin1').toLowerCase();
  for (const secret of SECRETS) expect(bytes.includes(secret.toLowerCase()), secret).toBe(false);
  expect(matching('behind')).toHaveLength(1);
  expect(matching('refused').length).toBeGreaterThan(2);
});

it('templates go on from what is stored, whoever reads', async () => {
  const parts = [hadoopLines(400), hadoopLines(400, 400)];
  await index.ingest(await file('1.log', parts[0] as string));
  await index.ingest(await file('2.log', parts[1] as string)); // a writer of its own
  const whole = await temporaryIndex();
  try {
    await writeFile(join(whole.folder, 'x.log'), parts.join(''));
    await whole.ingest(join(whole.folder, 'x.log'));
    const templates = (of: TemporaryIndex): unknown => of.db.prepare('SELECT text, entries FROM templates ORDER BY id').all();
    expect(templates(index)).toEqual(templates(whole));
  } finally {
    await whole.close();
  }
});
