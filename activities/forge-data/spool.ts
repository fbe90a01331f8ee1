// The working file of a repository's exports on this worker: what is known of each record, and what a run has fetched so far. Disposable: the archive has all of it.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { ForgeDataKind, ForgeHole, ForgeRecord, ForgeStep } from '../../contract/forge-data.ts';
import { recordLine } from '../../contract/record-line.ts';
import type { ForgePage } from '../../forges/data.ts';

const VERSION = 2;

const TABLES = `
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE known (kind TEXT, id TEXT, print TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE pages (url TEXT PRIMARY KEY, etag TEXT NOT NULL, ids TEXT NOT NULL, next TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE new_pages (url TEXT PRIMARY KEY, etag TEXT NOT NULL, ids TEXT NOT NULL, next TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE steps (step TEXT PRIMARY KEY, place TEXT NOT NULL, began TEXT, newest TEXT, done INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lines (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, number INTEGER, print TEXT NOT NULL, line TEXT NOT NULL, waits INTEGER NOT NULL, UNIQUE (kind, id)) STRICT;
CREATE INDEX lines_by_kind ON lines (kind, seq);
CREATE TABLE seen (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE holes (kind TEXT, what TEXT, reason TEXT NOT NULL, PRIMARY KEY (kind, what)) STRICT, WITHOUT ROWID;
CREATE TABLE assets (sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA user_version = ${VERSION};`;

/** Where a step goes on: after the record of line `after` of the kind that it asks about, at the forge's cursor. */
export interface StepPlace {
  after: number;
  cursor: string | null;
}

/** A page that was seen before, and what it held. */
interface KnownPage {
  etag: string;
  ids: [kind: ForgeDataKind, id: string][];
  next: string | null;
}

export const spoolFolder = (cache: string): string => join(cache, '.forge-data');

/** Holes of a kind that are named; the export's document, the run's result and its audit record hold them. */
const NAMED_HOLES = 250;

/** Fields of a forge's record that change without a change of the record. */
const COUNTERS = new Set(['download_count']);

/** Of a file that could not be had: never that of one which the forge tells of, so that it is asked for again. */
const holePrint = (print: string): string => `?${print}`;

/** Tells whether a record is as it was: by what the forge said of it, of a file that is larger than the limit by that, and of one that could not be had. */
export function printOf({ kind, raw, content }: Pick<ForgeRecord, 'kind' | 'raw' | 'content'>, limit: number): string {
  const isLarge = kind === 'release-assets' && Number((raw as { size?: unknown } | null)?.size ?? 0) > limit;
  const text = JSON.stringify(raw, (name, value: unknown) => (COUNTERS.has(name) ? undefined : value));
  const print = createHash('sha256').update(isLarge ? `${limit} ${text}` : text).digest('base64').slice(0, 22);
  return content === null && !isLarge ? holePrint(print) : print;
}

/** Synchronous, each method one transaction; closed by its owner. */
export class ForgeSpool {
  readonly #db: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();

  constructor(cache: string, repository: string) {
    const path = join(spoolFolder(cache), `${repository}.db`);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#db = openFile(path);
  }

  #sql(text: string): Database.Statement {
    const statement = this.#prepared.get(text) ?? this.#db.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }

  close(): void {
    this.#db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #fact(name: string): string | null {
    return (this.#sql('SELECT value FROM facts WHERE name = ?').pluck().get(name) as string | undefined) ?? null;
  }

  #setFact(name: string, value: string): void {
    this.#sql('INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(name, value);
  }

  /** Begins the run, or goes on with it: what another run left unfinished is forgotten. */
  begin(runId: string): void {
    this.#db.transaction(() => {
      if (this.#fact('run') === runId) return;
      this.#db.exec("DELETE FROM steps; DELETE FROM lines; DELETE FROM seen; DELETE FROM holes; DELETE FROM new_pages; DELETE FROM assets; DELETE FROM facts WHERE name LIKE 'refused %';");
      this.#setFact('run', runId);
    }).immediate();
  }

  /** How often the forge could not give a page of the step in this run, with this time. */
  countRefusal({ name }: ForgeStep): number {
    const count = Number(this.#fact(`refused ${name}`) ?? 0) + 1;
    this.#setFact(`refused ${name}`, String(count));
    return count;
  }

  isRunOf(runId: string): boolean {
    return this.#fact('run') === runId;
  }

  hasSettled(runId: string): boolean {
    return this.#fact('settled') === runId;
  }

  /** The export whose records are known here; null: none. */
  knows(): string | null {
    return this.#fact('known');
  }

  forget(): void {
    this.#db.transaction(() => {
      this.#db.exec("DELETE FROM known; DELETE FROM pages; DELETE FROM facts WHERE name = 'known';");
    }).immediate();
  }

  learn(records: readonly { kind: ForgeDataKind; id: string; print: string | null }[]): void {
    const put = this.#sql('INSERT INTO known VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET print = excluded.print');
    const drop = this.#sql('DELETE FROM known WHERE kind = ? AND id = ?');
    this.#db.transaction(() => {
      for (const { kind, id, print } of records) {
        if (print === null) drop.run(kind, id);
        else put.run(kind, id, print);
      }
    }).immediate();
  }

  /** `of` names the export by the SHA-256 of its file. */
  learned(of: string): void {
    this.#setFact('known', of);
  }

  /** Null: the step is done. */
  place({ name }: ForgeStep): StepPlace | null {
    const row = this.#sql('SELECT place, done FROM steps WHERE step = ?').get(name) as { place: string; done: number } | undefined;
    if (row === undefined) return { after: 0, cursor: null };
    return row.done === 1 ? null : (JSON.parse(row.place) as StepPlace);
  }

  page(url: string): KnownPage | null {
    const row = this.#sql('SELECT etag, ids, next FROM pages WHERE url = ?').get(url) as { etag: string; ids: string; next: string | null } | undefined;
    return row === undefined ? null : { ...row, ids: JSON.parse(row.ids) as KnownPage['ids'] };
  }

  /** The next record of a kind of this run after a line. */
  nextParent(kind: ForgeDataKind, after: number): { seq: number; id: string; number: number | null } | null {
    return (this.#sql('SELECT seq, id, number FROM lines WHERE kind = ? AND seq > ? ORDER BY seq LIMIT 1').get(kind, after) as { seq: number; id: string; number: number | null } | undefined) ?? null;
  }

  /** Takes a page in, and where the step goes on after it. Where another attempt was faster nothing is taken. */
  takePage(step: ForgeStep, at: StepPlace, { page, next, url, limit }: { page: ForgePage; next: StepPlace | 'end'; url: string | null; limit: number }): void {
    this.#db.transaction(() => {
      if (!this.#isAt(step, at)) return;
      for (const record of page.records) this.#take(step, record, limit);
      if (url !== null && page.etag !== null) this.#keepPage(url, { etag: page.etag, ids: page.records.map(({ kind, id }): [ForgeDataKind, string] => [kind, id]), next: page.next });
      const newest = page.records.map(({ updated }) => updated ?? '').reduce((one, other) => (one > other ? one : other), '');
      this.#go(step, next, { began: page.time, newest: newest === '' ? null : newest });
    }).immediate();
  }

  /** As takePage, of a page that is as it was. */
  takeKnownPage(step: ForgeStep, at: StepPlace, { page, next, url }: { page: KnownPage; next: StepPlace | 'end'; url: string }): void {
    this.#db.transaction(() => {
      if (!this.#isAt(step, at)) return;
      for (const [kind, id] of page.ids) this.#see(step, kind, id);
      this.#keepPage(url, page);
      this.#go(step, next, { began: null, newest: null });
    }).immediate();
  }

  /** Moves on without a page. */
  pass(step: ForgeStep, next: StepPlace, hole: ForgeHole): void {
    this.#db.transaction(() => {
      this.#hole(hole);
      this.#go(step, next, { began: null, newest: null });
    }).immediate();
  }

  #hole({ kind, what, reason }: ForgeHole): void {
    this.#sql('INSERT INTO holes VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(kind, what, reason);
  }

  /** Ends a step early: with a hole nothing is taken for gone, and the next export asks for the same again. */
  end({ name }: ForgeStep, hole: ForgeHole | null): void {
    this.#db.transaction(() => {
      this.#end(name);
      if (hole === null) return;
      this.#hole(hole);
      this.#sql('UPDATE steps SET newest = NULL WHERE step = ?').run(name);
    }).immediate();
  }

  #end(name: ForgeDataKind): void {
    this.#sql("INSERT INTO steps VALUES (?, '', NULL, NULL, 1) ON CONFLICT DO UPDATE SET done = 1").run(name);
  }

  #isAt(step: ForgeStep, at: StepPlace): boolean {
    const now = this.place(step);
    return now !== null && now.after === at.after && now.cursor === at.cursor;
  }

  /** At the end of a listing of everything, what it does not have any more is gone from the forge. */
  #go({ name, way, gives }: ForgeStep, next: StepPlace | 'end', { began, newest }: { began: string | null; newest: string | null }): void {
    this.#sql('INSERT INTO steps VALUES (?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET place = excluded.place, began = coalesce(began, excluded.began), newest = nullif(max(coalesce(newest, \'\'), coalesce(excluded.newest, \'\')), \'\')').run(name, next === 'end' ? '' : JSON.stringify(next), began, newest);
    if (next !== 'end') return;
    if (way === 'all') for (const kind of gives) this.#takeGone(kind);
    this.#end(name);
  }

  #keepPage(url: string, { etag, ids, next }: KnownPage): void {
    this.#sql('INSERT INTO new_pages VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET etag = excluded.etag, ids = excluded.ids, next = excluded.next').run(url, etag, JSON.stringify(ids), next);
  }

  #see({ way }: ForgeStep, kind: ForgeDataKind, id: string): void {
    if (way === 'all') this.#sql('INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING').run(kind, id);
  }

  /** The last that was seen of a record is its line; what is as it was in the exports before has none. */
  #take(step: ForgeStep, record: ForgeRecord, limit: number): void {
    const { kind, id, number } = record;
    this.#see(step, kind, id);
    const print = printOf(record, limit);
    const known = this.#sql('SELECT print FROM lines WHERE kind = ? AND id = ?').pluck().get(kind, id) ?? this.#sql('SELECT print FROM known WHERE kind = ? AND id = ?').pluck().get(kind, id);
    if (known === print) return;
    this.#sql('INSERT OR REPLACE INTO lines (kind, id, number, print, line, waits) VALUES (?, ?, ?, ?, ?, ?)').run(kind, id, number, print, recordLine(record), kind === 'release-assets' ? 1 : 0);
  }

  #takeGone(kind: ForgeDataKind): void {
    const gone = this.#sql('SELECT id FROM known WHERE kind = ? AND id NOT IN (SELECT id FROM seen WHERE kind = ?)').pluck().all(kind, kind) as string[];
    const put = this.#sql("INSERT OR REPLACE INTO lines (kind, id, number, print, line, waits) VALUES (?, ?, NULL, '', ?, 0)");
    for (const id of gone) {
      const record: ForgeRecord = { kind, id, number: null, parent: null, created: null, updated: null, deleted: true, author: null, title: null, body: null, state: null, url: null, raw: null };
      put.run(kind, id, recordLine(record));
    }
  }

  /** Until when a step has seen everything: the newest change it saw, but not after the forge's own time when it began. */
  mark({ name }: Pick<ForgeStep, 'name'>): string | null {
    const row = this.#sql('SELECT began, newest FROM steps WHERE step = ?').get(name) as { began: string | null; newest: string | null } | undefined;
    if (row === undefined || row.newest === null) return null;
    return row.began !== null && row.began < row.newest ? row.began : row.newest;
  }

  /** The next file of a release whose bytes are not stored yet, and how often it was tried: those that were tried least come first. */
  nextAsset(): { seq: number; record: ForgeRecord; tries: number } | null {
    const row = this.#sql('SELECT seq, line, waits FROM lines WHERE waits > 0 ORDER BY waits, seq LIMIT 1').get() as { seq: number; line: string; waits: number } | undefined;
    return row === undefined ? null : { seq: row.seq, record: JSON.parse(row.line) as ForgeRecord, tries: row.waits - 1 };
  }

  triedAsset(seq: number): void {
    this.#sql('UPDATE lines SET waits = waits + 1 WHERE seq = ?').run(seq);
  }

  /** `isNew`: this run was the first to store it. */
  storeAsset(seq: number, record: ForgeRecord, isNew: boolean): void {
    this.#db.transaction(() => {
      this.#sql('UPDATE lines SET line = ?, waits = 0 WHERE seq = ?').run(recordLine(record), seq);
      if (isNew && record.content != null) this.#sql('INSERT INTO assets VALUES (?, ?) ON CONFLICT DO NOTHING').run(record.content.sha256, record.content.bytes);
    }).immediate();
  }

  /** `again`: the next export asks for it anew. One that is a hole as it was before is no change. */
  passAsset(seq: number, record: ForgeRecord, hole: ForgeHole, again: boolean): void {
    const { kind, id } = record;
    this.#db.transaction(() => {
      this.#hole(hole);
      if (again) this.#sql('DELETE FROM new_pages WHERE EXISTS (SELECT 1 FROM json_each(ids) WHERE value ->> 0 = ? AND value ->> 1 = ?)').run(kind, id);
      const print = this.#sql('SELECT print FROM lines WHERE seq = ?').pluck().get(seq) as string;
      const known = this.#sql('SELECT print FROM known WHERE kind = ? AND id = ?').pluck().get(kind, id);
      if (again && known === holePrint(print)) this.#sql('DELETE FROM lines WHERE seq = ?').run(seq);
      else this.#sql('UPDATE lines SET line = ?, print = ?, waits = 0 WHERE seq = ?').run(recordLine(record), again ? holePrint(print) : print, seq);
    }).immediate();
  }

  counts(): Partial<Record<ForgeDataKind, number>> {
    const rows = this.#sql('SELECT kind, count(*) AS records FROM lines GROUP BY kind').all() as { kind: ForgeDataKind; records: number }[];
    return Object.fromEntries(rows.map(({ kind, records }) => [kind, records]));
  }

  /** By kind; of many the first, and how many more. */
  holes(): ForgeHole[] {
    const rows = this.#sql('SELECT kind, what, reason, place, total FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY what) AS place, count(*) OVER (PARTITION BY kind) AS total FROM holes) WHERE place <= ? ORDER BY kind, place').all(NAMED_HOLES) as (ForgeHole & { place: number; total: number })[];
    return rows.flatMap(({ place, total, ...hole }) => (place < NAMED_HOLES || total === place ? [hole] : [hole, { kind: hole.kind, what: `${total - place} more`, reason: 'not named here' }]));
  }

  assets(): { stored: number; bytes: number } {
    return this.#sql('SELECT count(*) AS stored, coalesce(sum(bytes), 0) AS bytes FROM assets').get() as { stored: number; bytes: number };
  }

  /** Lines of a kind in the order that they came, each with its LF. */
  *lines(kind: ForgeDataKind): Generator<Buffer> {
    const next = this.#sql('SELECT seq, line FROM lines WHERE kind = ? AND seq > ? ORDER BY seq LIMIT 50');
    for (let after = 0; ; ) {
      const rows = next.all(kind, after) as { seq: number; line: string }[];
      for (const { line } of rows) yield Buffer.from(`${line}\n`);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.seq;
    }
  }

  /** What the run fetched is archived as the export `of`, or is what was known: it becomes what is known. */
  settle(of: string): void {
    this.#db.transaction(() => {
      this.#db.exec(`
        DELETE FROM facts WHERE name = 'settled';
        DELETE FROM known WHERE (kind, id) IN (SELECT kind, id FROM lines WHERE print = '');
        INSERT INTO known SELECT kind, id, print FROM lines WHERE print <> '' ON CONFLICT DO UPDATE SET print = excluded.print;
        DELETE FROM pages;
        INSERT INTO pages SELECT * FROM new_pages;
        DELETE FROM steps; DELETE FROM lines; DELETE FROM seen; DELETE FROM holes; DELETE FROM new_pages; DELETE FROM assets;
        UPDATE facts SET name = 'settled' WHERE name = 'run';`);
      this.#setFact('known', of);
    }).immediate();
  }
}

function openFile(path: string): Database.Database {
  try {
    return prepared(new Database(path));
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || !['SQLITE_NOTADB', 'SQLITE_CORRUPT'].includes(error.code)) throw error;
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    return prepared(new Database(path));
  }
}

function prepared(db: Database.Database): Database.Database {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('busy_timeout = 5000');
  const version = db.pragma('user_version', { simple: true });
  if (version === VERSION) return db;
  if (version !== 0) {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all() as string[];
    for (const table of tables) db.exec(`DROP TABLE ${table}`);
  }
  db.exec(TABLES);
  return db;
}
