// The tables of the SQLite records database; docs/records.md describes those that people may ask.
import type Database from 'better-sqlite3';
import { OTHER } from '../partitions.ts';

export const RECORDS_SCHEMA_VERSION = 1;

/** What is in parts: one table a month, and a view over all of them. */
export type Parted = 'events' | 'metrics';

const COLUMNS: Record<Parted, string> = {
  events: 'type TEXT NOT NULL, source TEXT, subject TEXT, text TEXT, data TEXT',
  metrics: 'name TEXT NOT NULL, value REAL NOT NULL, unit TEXT, labels TEXT',
};
const NAMES: Record<Parted, string> = { events: 'type, source, subject, text, data', metrics: 'name, value, unit, labels' };

const TABLES = `
CREATE TABLE ingestion_manifest (
  number INTEGER PRIMARY KEY, tag TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
  segments INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, records INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  opened TEXT NOT NULL, finished TEXT
) STRICT;
CREATE TABLE segments (
  batch INTEGER NOT NULL, name TEXT NOT NULL, records INTEGER NOT NULL, duplicates INTEGER NOT NULL, bytes INTEGER NOT NULL, failure TEXT,
  PRIMARY KEY (batch, name)
) STRICT, WITHOUT ROWID;
-- what was stored, by idempotency key: duplicates are found across months and batches
CREATE TABLE stored (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
-- the last record's number
CREATE TABLE sequence (record INTEGER NOT NULL) STRICT;
INSERT INTO sequence VALUES (0);
-- events with words, in the order that they were stored in, and the month that each is in
CREATE TABLE texts (record INTEGER PRIMARY KEY, part TEXT NOT NULL) STRICT;
-- looked: texts up to this one were leased at least once
CREATE TABLE embedders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, dimensions INTEGER, looked INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE leases (embedder INTEGER NOT NULL, record INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (embedder, record)) STRICT, WITHOUT ROWID;
`;

/** Makes all tables in a new database. */
export function makeTables(db: Database.Database): void {
  db.exec(TABLES);
  for (const parted of ['events', 'metrics'] as const) makePart(db, parted, OTHER.name);
  db.exec(`PRAGMA user_version = ${RECORDS_SCHEMA_VERSION}`);
}

const isThere = (db: Database.Database, table: string): boolean => db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;

/** The table of a part, made where it is missing, and the view with it. */
export function makePart(db: Database.Database, parted: Parted, part: string): string {
  const table = `${parted}_${part}`;
  if (isThere(db, table)) return table;
  db.exec(`
    CREATE TABLE ${table} (record INTEGER PRIMARY KEY, id TEXT NOT NULL, key TEXT NOT NULL, time INTEGER NOT NULL, ${COLUMNS[parted]}, batch INTEGER NOT NULL) STRICT;
    CREATE INDEX ${table}_key ON ${table} (key, time);
    ${parted === 'events' ? `CREATE INDEX ${table}_push ON ${table} (batch) WHERE type = 'push';` : ''}
  `);
  db.exec(`DROP VIEW IF EXISTS ${parted}; CREATE VIEW ${parted} AS ${partsOf(db, parted).map((each) => selectOf(parted, each)).join(' UNION ALL ')}`);
  return table;
}

/** The months that a table has, `other` last. */
export function partsOf(db: Database.Database, parted: Parted): string[] {
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ? ORDER BY name").pluck().all(`${parted}_[0-9o]*`) as string[];
  return names.map((name) => name.slice(parted.length + 1));
}

/** The constant month lets SQLite leave out the tables of other months. */
const selectOf = (parted: Parted, part: string): string =>
  `SELECT record, id, key, time, ${NAMES[parted]}, (SELECT tag FROM ingestion_manifest WHERE number = batch) AS batch, '${part.replace('_', '-')}' AS month FROM ${parted}_${part}`;
