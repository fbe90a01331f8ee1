// A reader that is killed in the middle, and what the next one makes of it.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestApart } from '../../logs/ingest-apart.ts';
import type { IngestNews } from '../../logs/ingest-process.ts';
import { hadoopLines, temporaryIndex, type TemporaryIndex } from './temporary.ts';

const ENTRY = fileURLToPath(new URL('../../logs/ingest-process.ts', import.meta.url));
const LINES = 30_000;

let index: TemporaryIndex;

beforeEach(async () => {
  index = await temporaryIndex();
});
afterEach(() => index.close());

/** Kills the reader as soon as some rows are stored, and not all. */
async function killInTheMiddle(path: string): Promise<number> {
  const child: ChildProcess = fork(ENTRY, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send({ index: index.path, request: { paths: [path], spooled: false } });
  let ended: IngestNews | undefined;
  child.on('message', (news: IngestNews) => {
    if (!('progress' in news)) ended = news;
  });
  await expect.poll(() => index.column<number>('SELECT entries FROM sources')[0] ?? 0, { interval: 1 }).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(ended).toBeUndefined();
  return index.column<number>('SELECT entries FROM sources')[0] as number;
}

const everything = (of: TemporaryIndex): unknown => ({
  entries: of.db.prepare('SELECT id, lines, time, level, template, component, text, exception FROM entries ORDER BY id').all(),
  templates: of.db.prepare('SELECT id, system, text, entries FROM templates ORDER BY id').all(),
  source: of.db.prepare('SELECT id, bytes, lines, entries, first_time, last_time, state FROM sources').all(),
  words: of.db.prepare("SELECT count(*) FROM entry_words WHERE entry_words MATCH 'block'").pluck().get(),
});

describe('an upload whose process is killed', () => {
  it.each([['a plain file', (text: string) => Buffer.from(text)], ['a packed one', (text: string) => gzipSync(text)]])('goes on where it stopped, without an entry too many or too few: %s', async (_what, pack) => {
    const text = hadoopLines(LINES);
    const path = join(index.folder, 'x.log');
    await writeFile(path, pack(text));
    const before = await killInTheMiddle(path);
    expect(before).toBeLessThan(LINES);
    const summary = await index.ingest(path);
    expect(summary).toMatchObject({ added: 1, logs: [{ outcome: 'continued', entries: LINES - before }] });
    const whole = await temporaryIndex();
    try {
      await writeFile(join(whole.folder, 'x.log'), text);
      await whole.ingest(join(whole.folder, 'x.log'));
      expect(everything(index)).toEqual(everything(whole));
    } finally {
      await whole.close();
    }
    index.db.exec("INSERT INTO entry_words (entry_words, rank) VALUES ('integrity-check', 1)");
  });

  it('is cancelled by killing it, too', async () => {
    const path = join(index.folder, 'x.log');
    await writeFile(path, hadoopLines(LINES));
    const cancel = new AbortController();
    const running = ingestApart({ index: index.path, request: { paths: [path], spooled: false } }, { signal: cancel.signal, onProgress: ({ bytes = 0 }) => bytes > 0 && cancel.abort() });
    await expect(running).rejects.toMatchObject({ kind: 'Cancelled' });
    expect(await index.ingest(path)).toMatchObject({ added: 1 });
    expect(index.column('SELECT count(*) FROM entries')).toEqual([LINES]);
  });
});

it('two readers of one index at the same time store both files whole', async () => {
  const [a, b] = [join(index.folder, 'a.log'), join(index.folder, 'b.log')];
  await writeFile(a, hadoopLines(12_000));
  await writeFile(b, hadoopLines(12_000, 100_000));
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  const summaries = await Promise.all([a, b].map((path) => ingestApart({ index: index.path, request: { paths: [path], spooled: false } }, options)));
  expect(summaries.map(({ entries }) => entries)).toEqual([12_000, 12_000]);
  expect(index.column('SELECT count(*) FROM entries')).toEqual([24_000]);
  expect(index.column('SELECT sum(entries) FROM templates')).toEqual([24_000]);
  index.db.exec("INSERT INTO entry_words (entry_words, rank) VALUES ('integrity-check', 1)");
});
