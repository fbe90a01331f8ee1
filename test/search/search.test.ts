// Searching: what is found, what narrows it, pages, and texts that are no queries.
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, property, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogSearch } from '../../contract/log-search.ts';
import type { LogFilter } from '../../contract/logs.ts';
import { contextAt } from '../../logs/search/hit.ts';
import { histogramOf } from '../../logs/search/histogram.ts';
import { searchLogs, type LogQuestion } from '../../logs/search/search.ts';
import { LogTail } from '../../logs/search/tail.ts';
import { temporaryIndex, type TemporaryIndex } from '../logs/temporary.ts';

let index: TemporaryIndex;
const CORPUS = join(import.meta.dirname, 'corpus');

beforeAll(async () => {
  index = await temporaryIndex();
  await index.ingest(CORPUS);
});

afterAll(() => index.close());

const ask = (query: string, more: Partial<LogQuestion> = {}): LogSearch => searchLogs(index.db, { query, filter: {}, limit: 10, skip: 0, context: 0, order: 'best', ...more });
const texts = (query: string, more: Partial<LogQuestion> = {}): string[] => ask(query, more).hits.map(({ text, exception }) => `${text}\n${exception ?? ''}`);

describe('a question', () => {
  it.each([
    ['finds a part of a word', 'maxResult', 'spark.driver.maxResultSize'],
    ['finds two words that are written as one', 'dead data node', 'removeDeadDatanode'],
    ['finds one word that is written as two', 'safemode', 'Safe mode'],
    ['finds a form of a word', 'partition cleaning', 'cleaned 3 partitions'],
    ['finds an id that no two entries share', 'YLdI0In2Q_mqefh1cxHn8g', 'YLdI0In2Q_mqefh1cxHn8g'],
    ['finds a number', '46825', '46825'],
    ['finds what stands deep in a stack', 'magic number at tail', 'Expected magic number at tail'],
  ])('%s', (_, query, text) => expect(texts(query).some((each) => each.includes(text))).toBe(true));

  it('finds what was meant by a misspelt word, and says so', () => {
    const { hits, understood } = ask('partitoner');
    expect(understood).toEqual([{ word: 'partitoner', as: ['partitioner'] }]);
    expect(hits[0]?.text).toContain('default partitioner');
  });

  it('with a phrase in quotes finds only entries that have it', () => {
    const found = texts('"data loss" directory');
    expect(found.length).toBeGreaterThan(1);
    expect(found.every((text) => text.includes('data loss'))).toBe(true);
    expect(ask('"loss data"').hits).toEqual([]);
  });

  it.each(['stage 0.0', 'stage 1.0'])('with a phrase that ends in a number finds only entries that have that number: %s', (phrase) => {
    const found = texts(`"${phrase}" task`, { limit: 50 });
    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((text) => !text.toLowerCase().includes(phrase))).toEqual([]);
    expect(texts(`"${phrase}" task`, { filter: { system: 'spark', level: 'warn' } }).filter((text) => !text.toLowerCase().includes(phrase))).toEqual([]);
  });

  it('says whose vectors it compared', () => expect(ask('disk').embedder).toEqual({ name: 'hashed 384' }));

  it('is any text: nothing in it is an operator, and nothing fails', () => {
    for (const query of ['"', '""', '" OR "', 'AND', 'NOT x', 'NEAR(a b)', 'text:error', 'a*', '(', '^a', "'; DROP TABLE entries; --", '{a b}: c', '-', '\u0000', '\uD800', '%', '日本語', 'é'.repeat(500), '- '.repeat(900), 'a '.repeat(900)]) {
      for (const order of ['best', 'newest'] as const) expect(() => ask(query, { order })).not.toThrow();
    }
    assert(property(string({ unit: 'binary', maxLength: 60 }), (query) => Array.isArray(ask(query, { limit: 1 }).hits)), { numRuns: 60 });
  });
});

describe('a filter', () => {
  const FILTERS: [string, LogFilter, (hit: LogSearch['hits'][number]) => boolean][] = [
    ['of a level leaves it and those above', { level: 'warn' }, ({ level }) => ['warn', 'error', 'fatal'].includes(level ?? '')],
    ['of a system', { system: 'kafka' }, ({ system }) => system === 'kafka'],
    ['of a component, with or without its package', { component: 'FSNamesystem' }, ({ component }) => component?.endsWith('.FSNamesystem') === true],
    ['of a time', { from: '2026-11-21T17:06:00Z', to: '2026-11-21T17:07:00Z' }, ({ time }) => time !== null && time >= '2026-11-21T17:06' && time < '2026-11-21T17:07'],
    ['of a run', { run: 'ingest:orders' }, ({ run }) => run === 'ingest:orders'],
  ];
  it.each(FILTERS)('%s', (_, filter, holds) => {
    for (const query of ['failed', 'starting block', '']) {
      const { hits } = ask(query, { filter, limit: 100 });
      expect(hits.filter((hit) => !holds(hit))).toEqual([]);
      if (query === '') expect(hits.length).toBeGreaterThan(1);
    }
    expect(ask('orders error started failed namesystem', { filter }).hits.length).toBeGreaterThan(0);
  });

  it('of a log leaves that log', () => {
    const [id = ''] = index.column<string>("SELECT id FROM sources WHERE name LIKE '%namenode.log'");
    const { hits } = ask('block', { filter: { source: id } });
    expect(hits.length).toBeGreaterThan(5);
    expect(hits.every(({ source }) => source === id)).toBe(true);
  });

  it('that leaves nothing is an empty answer', () => {
    expect(ask('failed', { filter: { source: '0'.repeat(16) } })).toMatchObject({ hits: [], more: false });
    expect(ask('failed', { filter: { from: '2027-01-01T00:00:00Z' } }).hits).toEqual([]);
  });
});

describe('pages', () => {
  it.each(['best', 'newest'] as const)('of the %s follow each other without a gap or a repeat', (order) => {
    const whole = ask('block', { limit: 30, order }).hits.map(({ link }) => link);
    const pages = [0, 10, 20].flatMap((skip) => ask('block', { limit: 10, skip, order }).hits.map(({ link }) => link));
    expect(new Set(pages).size).toBe(30);
    expect(pages).toEqual(whole);
    expect(ask('block', { limit: 10, order }).more).toBe(true);
  });

  it('of the newest have every word, the newest first', () => {
    const { hits } = ask('safe mode', { order: 'newest', limit: 50 });
    expect(hits.every(({ text }) => /safe mode/i.test(text))).toBe(true);
    expect(hits.map(({ time }) => time)).toEqual(hits.map(({ time }) => time).toSorted().toReversed());
  });
});

describe('around an entry', () => {
  it('hits show what stands before and after, and links lead there for ever', () => {
    const [hit] = ask('Leaving safe mode', { context: 2 }).hits;
    expect(hit?.text).toContain('Leaving safe mode');
    expect(hit?.before.at(-1)).toContain('Safe mode is OFF');
    expect(hit?.after).toHaveLength(2);
    const context = contextAt(index.db, { source: hit?.source ?? '', line: hit?.line ?? 0 }, 3, 4);
    expect(context).toMatchObject({ entry: { link: hit?.link, text: hit?.text } });
    expect([context.before.length, context.after.length]).toEqual([3, 4]);
    expect(context.before.slice(1).map(({ text }) => text)).toEqual(hit?.before);
  });

  it('a line within a stack leads to its entry; unknown logs and lines are said to be', () => {
    const [hit] = ask('not a Parquet file').hits;
    expect(contextAt(index.db, { source: hit?.source ?? '', line: (hit?.line ?? 0) + 2 }, 0, 0).entry.link).toBe(hit?.link);
    expect(() => contextAt(index.db, { source: '0'.repeat(16), line: 1 }, 0, 0)).toThrow(expect.objectContaining({ kind: 'NotFound' }) as Error);
    expect(() => contextAt(index.db, { source: hit?.source ?? '', line: 999_999 }, 0, 0)).toThrow(expect.objectContaining({ kind: 'NotFound' }) as Error);
  });
});

describe('a histogram', () => {
  it('counts every entry that has a time, by level, in round buckets', () => {
    const { buckets, width } = histogramOf(index.db, '', {}, 60);
    const [all] = index.column<number>('SELECT count(*) FROM entries WHERE time IS NOT NULL');
    const [errors] = index.column<number>('SELECT count(*) FROM entries WHERE time IS NOT NULL AND level = 50');
    expect(buckets.reduce((sum, { entries }) => sum + entries, 0)).toBe(all);
    expect(buckets.reduce((sum, { levels }) => sum + (levels.error ?? 0), 0)).toBe(errors);
    expect(buckets.length).toBeLessThanOrEqual(60);
    expect(buckets.every(({ from }) => Date.parse(from) % width === 0)).toBe(true);
  });

  it('of a question counts the entries that have every word', () => {
    const counted = histogramOf(index.db, 'safe mode', { system: 'hadoop' }, 10).buckets.reduce((sum, { entries }) => sum + entries, 0);
    expect(counted).toBe(ask('safe mode', { order: 'newest', filter: { system: 'hadoop' }, limit: 200 }).hits.length);
    expect(histogramOf(index.db, 'nothing has this', {}, 10)).toMatchObject({ from: null, buckets: [] });
  });
});

it('a tail tells the entries that come, with its filters', async () => {
  const own = await temporaryIndex();
  try {
    const file = join(own.folder, 'a.log');
    await writeFile(file, '2026-11-21 10:00:00,000 INFO a.B: before\n');
    await own.ingest(file);
    const [all, errors, words] = [new LogTail(own.db, '', {}), new LogTail(own.db, '', { level: 'error' }), new LogTail(own.db, 'disk', {})];
    expect(all.look()).toEqual([]);
    await appendFile(file, '2026-11-21 10:00:01,000 ERROR a.B: the disk is full\n2026-11-21 10:00:02,000 ERROR a.B: ended\n');
    await own.ingest(file);
    expect(all.look().map(({ text }) => text)).toEqual(['before', 'the disk is full', 'ended']); // another content is another log
    expect(errors.look().map(({ text }) => text)).toEqual(['the disk is full', 'ended']);
    expect(words.look().map(({ text }) => text)).toEqual(['the disk is full']);
    expect(all.look()).toEqual([]);
  } finally {
    await own.close();
  }
});
