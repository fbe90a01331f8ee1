// Writes the frames of one segment as rows, each once by its idempotency key; the caller holds the transaction.
import type Database from 'better-sqlite3';
import type { Frame } from '../../contract/spool.ts';
import { partitionOf, type Partition } from '../partitions.ts';
import { eventRow, idempotencyKey, metricRow } from '../rows.ts';
import { makePart, type Parted } from './schema.ts';

const INSERTS: Record<Parted, string> = {
  events: '(record, id, key, time, type, source, subject, text, data, batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  metrics: '(record, id, key, time, name, value, unit, labels, batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
};

/** A partition, and what writes into its tables. */
interface Part {
  partition: Partition;
  inserts: Partial<Record<Parted, Database.Statement>>;
}

export class SegmentRows {
  readonly #db: Database.Database;
  readonly #batch: number;
  readonly #now = Date.now();
  readonly #once: Database.Statement;
  readonly #text: Database.Statement;
  readonly #parts = new Map<string, Part>();
  /** The part of the last frame: the next one is mostly of the same month. */
  #part: Part | undefined;
  #record: number;
  records = 0;
  duplicates = 0;

  constructor(db: Database.Database, batch: number) {
    this.#db = db;
    this.#batch = batch;
    this.#once = db.prepare('INSERT INTO stored VALUES (?) ON CONFLICT DO NOTHING');
    this.#text = db.prepare('INSERT INTO texts VALUES (?, ?)');
    this.#record = db.prepare('SELECT record FROM sequence').pluck().get() as number;
  }

  /** One row a statement: SQLite would keep copies of all pages that a statement of several rows changes. */
  add(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.#once.run(idempotencyKey(frame.kind, frame.id)).changes === 0) this.duplicates += 1;
      else this.#insert(frame, this.#partOf(frame.time));
    }
  }

  /** Keeps how far the numbers of records are. */
  end(): void {
    this.#db.prepare('UPDATE sequence SET record = ?').run(this.#record);
  }

  #insert(frame: Frame, part: Part): void {
    const record = ++this.#record;
    this.records += 1;
    if (frame.kind === 'metric') {
      const { id, key, time, name, value, unit, labels } = metricRow(frame);
      this.#into('metrics', part).run(record, id, key, time, name, value, unit, labels, this.#batch);
      return;
    }
    const { id, key, time, type, source, subject, text, data } = eventRow(frame);
    this.#into('events', part).run(record, id, key, time, type, source, subject, text, data, this.#batch);
    if (text !== null) this.#text.run(record, part.partition.name);
  }

  #partOf(time: number): Part {
    const last = this.#part?.partition.month;
    if (this.#part !== undefined && last != null && time >= last.from && time < last.until) return this.#part;
    const partition = partitionOf(time, this.#now);
    const part = this.#parts.get(partition.name) ?? { partition, inserts: {} };
    this.#parts.set(partition.name, part);
    return (this.#part = part);
  }

  #into(parted: Parted, { partition, inserts }: Part): Database.Statement {
    return (inserts[parted] ??= this.#db.prepare(`INSERT INTO ${makePart(this.#db, parted, partition.name)} ${INSERTS[parted]}`));
  }
}
