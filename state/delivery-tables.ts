// The tables of `state.db` that notifications fill: what is told to whom, every attempt, and how far the topics were read.

export const DELIVERY_TABLES = `
CREATE TABLE IF NOT EXISTS deliveries (
  id TEXT PRIMARY KEY,           -- hex; the idempotency key of every attempt
  target TEXT NOT NULL,
  event TEXT NOT NULL,
  key TEXT NOT NULL,             -- names what happened for ever
  repo_name TEXT,
  status TEXT NOT NULL,          -- pending, delivered, dead
  attempts INTEGER NOT NULL,     -- since it was written down or sent again
  answer INTEGER,                -- HTTP status of the last attempt
  failure TEXT,                  -- why the last attempt failed
  created TEXT NOT NULL,         -- ISO 8601 UTC
  updated TEXT NOT NULL,
  notification TEXT NOT NULL     -- JSON: what is told
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_by_status ON deliveries (status, target, created);
CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (created);
CREATE TABLE IF NOT EXISTS delivery_attempts (
  delivery TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,       -- from 1
  time TEXT NOT NULL,            -- ISO 8601 UTC
  milliseconds INTEGER NOT NULL,
  answer INTEGER,
  failure TEXT,
  PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notifier_positions (
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next INTEGER NOT NULL,         -- offset of the first message that was not read
  PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;
`;
