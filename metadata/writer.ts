// The writer of the index: events become rows, and the log's positions move in the same transaction.
import type Database from 'better-sqlite3';
import type { PivoEvent } from '../contract/events.ts';
import { auditWriter } from './write-audit.ts';
import { commitWriter } from './write-commits.ts';
import { openForWriting } from './index-file.ts';
import { forgeWriter } from './write-forge.ts';
import { snapshotWriter } from './write-snapshots.ts';

/** Where a consumer is in one partition: the offset of the next message to read. */
export interface Position {
  topic: string;
  partition: number;
  next: number;
}

export interface IndexWriter {
  /**
   * Writes events and the position after them, both or neither. Events that are there already change nothing,
   * but that a commit keeps the lowest visit that was told.
   */
  write(events: Iterable<PivoEvent>, position?: Position): void;
  /** Sets positions, e.g. of an index that was not built from the log. */
  setPositions(positions: Iterable<Position>): void;
  position(topic: string, partition: number): number;
  /** True when all of a visit is indexed. */
  hasVisit(repository: string, visit: number): boolean;
  /** Repositories, commits, visits, records of forges and audit records. */
  counts(): Record<string, number>;
  close(): void;
}

/** Opens the index at `path` for writing. The caller holds its lock. */
export function openIndexWriter(path: string): IndexWriter {
  return indexWriter(openForWriting(path));
}

/** Writes into an open index file; `close` closes it. */
export function indexWriter(db: Database.Database): IndexWriter {
  const setPosition = db.prepare('INSERT INTO positions (topic, partition, next) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next');
  const getPosition = db.prepare('SELECT next FROM positions WHERE topic = ? AND partition = ?').pluck();
  const getVisit = db.prepare('SELECT 1 FROM stored_visits v JOIN repositories r ON r.id = v.repository WHERE r.name = ? AND v.visit = ?').pluck();
  let rows = rowWriters(db);
  const write = db.transaction((events: Iterable<PivoEvent>, positions: Iterable<Position>) => {
    for (const event of events) rows.add(event);
    rows.finish();
    for (const { topic, partition, next } of positions) setPosition.run(topic, partition, next);
  });
  const writeAll = (events: Iterable<PivoEvent>, positions: Iterable<Position>): void => {
    try {
      write.immediate(events, positions);
    } catch (error) {
      rows = rowWriters(db); // what it remembers of rows that were rolled back is wrong now
      throw error;
    }
  };
  return {
    write: (events, position) => writeAll(events, position === undefined ? [] : [position]),
    setPositions: (positions) => writeAll([], positions),
    position: (topic, partition) => (getPosition.get(topic, partition) as number | undefined) ?? 0,
    hasVisit: (repository, visit) => getVisit.get(repository, visit) !== undefined,
    counts: () => counts(db),
    close: () => void db.close(),
  };
}

interface RowWriters {
  add(event: PivoEvent): void;
  /** Writes what `add` kept back. */
  finish(): void;
}

function rowWriters(db: Database.Database): RowWriters {
  const commits = commitWriter(db);
  const addSnapshot = snapshotWriter(db);
  const forge = forgeWriter(db);
  const addAudit = auditWriter(db);
  return {
    add: (event) => {
      if (event.type === 'COMMIT') commits.add(event);
      else if (event.type === 'SNAPSHOT') addSnapshot(event);
      else if (event.type === 'AUDIT') addAudit(event);
      else forge.add(event);
    },
    finish: () => {
      commits.finish();
      forge.finish();
    },
  };
}

/** Commits are counted by their ids, which have no gaps: a count would read all of them. */
function counts(db: Database.Database): Record<string, number> {
  const count = (table: string): number => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  return {
    repositories: count('repositories'),
    commits: (db.prepare('SELECT max(id) FROM stored_commits').pluck().get() as number | null) ?? 0,
    visits: count('stored_visits'),
    forgeRecords: (db.prepare('SELECT max(id) FROM stored_forge_records').pluck().get() as number | null) ?? 0,
    audit: count('audit'),
  };
}
