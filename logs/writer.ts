// Writes entries: rows, words, templates and the source's position in one transaction a batch.
import type Database from 'better-sqlite3';
import { LEVEL_NUMBERS, type LogEntry, type LogFormat, type LogSourceState, type LogSystem } from '../contract/logs.ts';
import { PivoError } from '../contract/failures.ts';
import { redact } from './redact.ts';
import { entryId } from './schema.ts';
import { TemplateMiner, type Template } from './templates.ts';
import { TermCollector } from './terms.ts';

export interface OpenSource {
  key: number;
  id: string;
  name: string;
  format: LogFormat;
  system: LogSystem;
  run: string | null;
  state: LogSourceState;
  /** Bytes and lines of the content that are stored. */
  offset: number;
  lines: number;
  entries: number;
}

export type NewSource = Pick<OpenSource, 'id' | 'name' | 'format' | 'system' | 'run' | 'state'>;

/** How far the source is stored with a batch. */
export interface Position {
  /** Bytes of the content in front of the next entry. */
  offset: number;
  /** Lines in front of it. */
  lines: number;
}

const COLUMNS = 'key, id, name, format, system, run, state, "offset", lines, entries';

const ADVANCE = `UPDATE sources SET "offset" = @offset, bytes = max(bytes, @offset), lines = @lines, entries = entries + @added, state = @state,
  first_time = min(coalesce(first_time, @first), coalesce(@first, first_time)), last_time = max(coalesce(last_time, @last), coalesce(@last, last_time)) WHERE key = @key`;

/** One writer of the log index. Several may share a file: each batch is one short transaction. */
export class LogWriter {
  readonly #db: Database.Database;
  readonly #clean: (text: string) => string;
  readonly #insert: Database.Statement;
  readonly #words: Database.Statement;
  readonly #terms: TermCollector;
  #miners = new Map<LogSystem, TemplateMiner>();
  readonly #changed = new Map<number, Template>();
  readonly #counts = new Map<number, number>();
  /** What SQLite calls the state that other connections left. */
  #version = -1;
  #level: number | null = null;
  /** Templates that this writer saw first, and entries that it stored. */
  newTemplates = 0;
  newEntries = 0;

  /** `clean` is asked of every text before it is stored. */
  constructor(db: Database.Database, clean: (text: string) => string = redact) {
    this.#db = db;
    this.#clean = clean;
    this.#insert = db.prepare('INSERT INTO entries (id, lines, time, level, template, run, component, text, exception) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#words = db.prepare('INSERT INTO entry_words (rowid, component, text, exception) VALUES (?, ?, ?, ?)');
    this.#terms = new TermCollector(db);
  }

  /** The source of that name; undefined where it was never seen. */
  find(id: string): OpenSource | undefined {
    return this.#db.prepare(`SELECT ${COLUMNS} FROM sources WHERE id = ?`).get(id) as OpenSource | undefined;
  }

  /** The source, made where it is missing. */
  source(source: NewSource): OpenSource {
    const name = this.#clean(source.name);
    this.#db.prepare('INSERT INTO sources (id, name, format, system, run, state, added_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING').run(source.id, name, source.format, source.system, source.run, source.state, Date.now());
    return this.find(source.id) as OpenSource;
  }

  /**
   * Stores entries and the position behind them; entries that the source has already are left out. Fails with
   * Unavailable when another writer stored the same source meanwhile.
   */
  write(source: OpenSource, entries: readonly LogEntry[], position: Position, state: LogSourceState = source.state): number {
    try {
      return this.#db.transaction(() => this.#write(source, entries, position, state)).immediate();
    } catch (error) {
      this.#version = -1; // what was mined for the rows that were not stored is forgotten
      throw error;
    }
  }

  #write(source: OpenSource, entries: readonly LogEntry[], position: Position, state: LogSourceState): number {
    this.#catchUp();
    const stored = this.#db.prepare('SELECT "offset", lines FROM sources WHERE key = ?').get(source.key) as Position | undefined;
    if (stored?.offset !== source.offset || stored.lines !== source.lines) throw new PivoError('Unavailable', `another writer stores ${source.name} at the same time`, { facts: { source: source.id } });
    const times = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
    let added = 0;
    for (const entry of entries) {
      if (entry.line <= source.lines) continue;
      this.#add(source, entry);
      added += 1;
      if (entry.time === null) continue;
      if (entry.time < times.first) times.first = entry.time;
      if (entry.time > times.last) times.last = entry.time;
    }
    this.#keepTemplates();
    this.#terms.store();
    const lines = Math.max(source.lines, position.lines);
    this.#db.prepare(ADVANCE).run({ offset: position.offset, lines, added, state, first: finite(times.first), last: finite(times.last), key: source.key });
    Object.assign(source, { offset: position.offset, lines, entries: source.entries + added, state });
    this.newEntries += added;
    return added;
  }

  #add(source: OpenSource, { line, lines, time, level, component, run, text, exception }: LogEntry): void {
    const clean = this.#clean(text);
    const part = component === null ? null : this.#clean(component);
    const stack = exception === null ? null : this.#clean(exception);
    this.#level = level === null ? null : LEVEL_NUMBERS[level];
    const template = this.#miner(source.system).match(clean);
    this.#counts.set(template, (this.#counts.get(template) ?? 0) + 1);
    const id = entryId(source.key, line);
    this.#insert.run(id, lines, time, this.#level, template, run === null || run === source.run ? null : this.#clean(run), part, clean, stack);
    this.#words.run(id, part, clean, stack);
    this.#terms.see(clean);
    if (part !== null) this.#terms.see(part);
    if (stack !== null) this.#terms.see(stack);
  }

  #miner(system: LogSystem): TemplateMiner {
    const known = this.#miners.get(system);
    if (known !== undefined) return known;
    const miner = new TemplateMiner({
      add: (words) => {
        this.newTemplates += 1;
        return Number(this.#db.prepare('INSERT INTO templates (system, text, level) VALUES (?, ?, ?)').run(system, words.join(' '), this.#level).lastInsertRowid);
      },
      change: (template) => void this.#changed.set(template.id, template),
    });
    this.#miners.set(system, miner);
    return miner;
  }

  /** Takes up what is stored, where another writer was there since. */
  #catchUp(): void {
    const version = this.#db.pragma('data_version', { simple: true }) as number;
    if (version === this.#version) return;
    this.#version = version;
    this.#miners = new Map();
    this.#changed.clear();
    this.#counts.clear();
    this.#terms.forget();
    for (const { id, system, text } of this.#db.prepare('SELECT id, system, text FROM templates ORDER BY id').all() as { id: number; system: LogSystem; text: string }[]) this.#miner(system).take(id, text);
  }

  #keepTemplates(): void {
    const text = this.#db.prepare('UPDATE templates SET text = ? WHERE id = ?');
    for (const { id, words } of this.#changed.values()) text.run(words.join(' '), id);
    const count = this.#db.prepare('UPDATE templates SET entries = entries + ? WHERE id = ?');
    for (const [id, entries] of this.#counts) count.run(entries, id);
    this.#indexTemplates();
    this.#changed.clear();
    this.#counts.clear();
  }

  /** Parts and words of templates that are new or became more general. */
  #indexTemplates(): void {
    const changed = [...this.#changed.keys()];
    const fresh = this.#db.prepare('SELECT id FROM templates WHERE id > (SELECT coalesce(max(rowid), 0) FROM template_words)').pluck().all() as number[];
    for (const table of ['template_words', 'template_parts']) {
      const put = this.#db.prepare(`INSERT OR REPLACE INTO ${table} (rowid, text) SELECT id, replace(text, '<*>', ' ') FROM templates WHERE id = ?`);
      for (const id of new Set([...fresh, ...changed])) put.run(id);
    }
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
