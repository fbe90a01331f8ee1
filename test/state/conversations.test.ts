// The state database: each turn once, in order, and never thrown away.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordedTurn } from '../../contract/conversation.ts';
import { openConversations, readConversations } from '../../state/conversations.ts';

/** Tables of `state.db` that tell nobody anything: how far topics were read, answers of forges with their ETags. */
const BOOKKEEPING = ['notifier_positions', 'source_listings', 'source_answers'];

let dir = '';
let path = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-state-'));
  path = join(dir, 'state.db');
});
afterEach(() => rm(dir, { recursive: true }));

const recorded = (conversation: string, at: number, title = 'A title'): RecordedTurn => ({
  title,
  speaker: { user: 'ada', via: 'cli' },
  messages: [{ role: 'user', text: `question ${at}` }, { role: 'assistant', text: `answer ${at}`, calls: [] }],
  result: { conversation, turn: `turn-${at}`, question: `question ${at}`, answer: `answer ${at}`, end: 'stop', tools: [], usage: { input: 3, output: 2 }, model: 'test/script', started: `2026-11-21T10:0${at}:00.000Z`, finished: `2026-11-21T10:0${at}:30.000Z` },
});

describe('the state database', () => {
  it('gives back the last turns in order, with the messages a model is given again', () => {
    using state = openConversations(path);
    for (const at of [1, 2, 3]) state.record(recorded('chat', at, `Title ${at}`));
    expect(state.load('chat', 2)).toEqual({ title: 'Title 3', turns: [recorded('chat', 2).result, recorded('chat', 3).result], messages: [...recorded('chat', 2).messages, ...recorded('chat', 3).messages] });
    expect(state.load('nobody', 2)).toBeNull();
  });

  it('keeps a turn once, as it was written first', () => {
    using state = openConversations(path);
    const first = recorded('chat', 1);
    state.record(first);
    state.record({ ...first, result: { ...first.result, answer: 'another' } });
    expect(state.load('chat', 9)?.turns).toEqual([first.result]);
  });

  it('lists the latest conversation first, and is read while it is written', () => {
    using state = openConversations(path);
    state.record(recorded('old', 1));
    state.record(recorded('new', 2));
    using reading = readConversations(path);
    state.record(recorded('old', 3));
    expect(reading?.list(1)).toEqual([{ conversation: 'old', title: 'A title', turns: 2, started: '2026-11-21T10:01:00.000Z', updated: '2026-11-21T10:03:30.000Z', user: 'ada' }]);
    expect(reading?.list(9).map(({ conversation }) => conversation)).toEqual(['old', 'new']);
  });

  it('is for its owner only, and read as none where there is none', async () => {
    expect(readConversations(path)).toBeNull();
    openConversations(path)[Symbol.dispose]();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('of another version is refused, not replaced', () => {
    openConversations(path)[Symbol.dispose]();
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    expect(() => openConversations(path)).toThrow(expect.objectContaining({ kind: 'Damaged', message: expect.stringContaining('99') as string }) as Error);
  });

  it('that is none is told as damaged, and kept', async () => {
    await writeFile(path, 'no database at all');
    for (const open of [openConversations, readConversations]) expect(() => open(path)).toThrow(expect.objectContaining({ kind: 'Damaged', hint: expect.stringContaining('move the file away') as string }) as Error);
    expect(await readFile(path, 'utf8')).toBe('no database at all');
  });

  it('that is just being made is read as none', async () => {
    await writeFile(path, '');
    expect(readConversations(path)).toBeNull();
  });

  it('is documented: every table that means something to people, and every column, in order', async () => {
    openConversations(path)[Symbol.dispose]();
    const docs = (await readFile(new URL('../../docs/schema.md', import.meta.url), 'utf8')).split('\n# The state database\n')[1] ?? '';
    const db = new Database(path, { readonly: true });
    const tables = (db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all() as string[]).filter((name) => !BOOKKEEPING.includes(name));
    const documented = (table: string): (string | undefined)[] => [...(docs.split(`\n## ${table}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| (\w+) \|/gm)].map((match) => match[1]).slice(1);
    expect(Object.fromEntries(tables.map((table) => [table, documented(table)]))).toEqual(Object.fromEntries(tables.map((table) => [table, db.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all()])));
    db.close();
  });
});
