// The file of the embedded log: topics, partitions and messages in SQLite.
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { PivoError } from '../../contract/failures.ts';
import { TOPIC, deadLetterTopic } from '../../contract/names.ts';

/** Partitions of a topic, fixed when the topic is made. */
const PARTITIONS = 4;

/** A message's row id is its partition's id times 2^40 plus its offset: one key, read in order of offset. */
export const OFFSETS_PER_PARTITION = 2 ** 40;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS partitions (
  id INTEGER PRIMARY KEY,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next INTEGER NOT NULL DEFAULT 0,
  UNIQUE (topic, partition)
) STRICT;
CREATE TABLE IF NOT EXISTS messages (
  row INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT NOT NULL
) STRICT;
`;

function createTopics(db: Database.Database): void {
  const insert = db.prepare('INSERT OR IGNORE INTO partitions (topic, partition) VALUES (?, ?)');
  const topics = Object.values(TOPIC).flatMap((topic) => [topic, deadLetterTopic(topic)]);
  db.transaction(() => {
    for (const topic of topics) for (let partition = 0; partition < PARTITIONS; partition++) insert.run(topic, partition);
  }).immediate();
}

/** A database of something else, put here by mistake, is not made a log. */
function refuseStranger(db: Database.Database): void {
  const [table] = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('partitions', 'messages') AND name NOT LIKE 'sqlite_%'").pluck().all();
  if (table !== undefined) throw new Error(`it has a table ${JSON.stringify(table)}`);
}

/** Opens the log's file and creates file, tables and topics where they are missing. Fails with Unavailable. */
export function openLogFile(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new Database(path, { timeout: 10_000 });
    refuseStranger(db);
    chmodSync(path, 0o600);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec(SCHEMA);
    createTopics(db);
    return db;
  } catch (error) {
    throw new PivoError('Unavailable', `the event log ${path} cannot be opened: ${(error as Error).message}`, { hint: 'Check that the folder is writable and the file is a PIVO event log.', cause: error });
  }
}
