// The tables of `logs.db`. Entries are found by words, by template, by time and by run; vectors are in a table of their own.

export const LOGS_SCHEMA_VERSION = 1;

/** Lines that one source may have: the lower part of an entry's id. */
export const LINES_A_SOURCE = 2 ** 32;

/** An entry's id says where it stands, so that its link and its neighbours need no further index. */
export const entryId = (sourceKey: number, line: number): number => sourceKey * LINES_A_SOURCE + line;
export const sourceKeyOf = (id: number): number => Math.floor(id / LINES_A_SOURCE);
export const lineOf = (id: number): number => id % LINES_A_SOURCE;

/** What separates the words of `entry_words`, `template_words` and `terms`: everything but letters and digits, so that each part of a class name, path or block id is a word and the whole is a phrase. */
export const WORD = /[\p{L}\p{N}]+/gu;

export const LOGS_SCHEMA = `
CREATE TABLE sources (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,        -- 16 hex digits: of the content's SHA-256, or of a growing file's identity
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  system TEXT NOT NULL,
  run TEXT,                       -- where the uploader or the file says so
  bytes INTEGER NOT NULL DEFAULT 0,
  lines INTEGER NOT NULL DEFAULT 0,
  entries INTEGER NOT NULL DEFAULT 0,
  first_time INTEGER,             -- ms UTC
  last_time INTEGER,
  added_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('reading', 'complete', 'growing')),
  offset INTEGER NOT NULL DEFAULT 0 -- bytes of the uncompressed content that the rows below cover; the next entry begins there
) STRICT;
CREATE INDEX sources_by_run ON sources (run) WHERE run IS NOT NULL;

CREATE TABLE templates (
  id INTEGER PRIMARY KEY,
  system TEXT NOT NULL,
  text TEXT NOT NULL,             -- words, with <*> for what varies; becomes more general as lines are read, never another
  level INTEGER,                  -- of its first entry
  entries INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE entries (
  id INTEGER PRIMARY KEY,         -- source key * 2^32 + number of the first line
  lines INTEGER NOT NULL,
  time INTEGER,                   -- ms UTC
  level INTEGER,                  -- 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal
  template INTEGER NOT NULL REFERENCES templates (id),
  run TEXT,                       -- where the entry itself says so
  component TEXT,
  text TEXT NOT NULL,
  exception TEXT
) STRICT;
CREATE INDEX entries_by_time ON entries (time, level);
CREATE INDEX entries_by_template ON entries (template);
CREATE INDEX entries_by_run ON entries (run) WHERE run IS NOT NULL;

-- words of every entry; content is in entries
CREATE VIRTUAL TABLE entry_words USING fts5 (component, text, exception, content = 'entries', content_rowid = 'id', tokenize = 'porter unicode61');
-- the distinct words (lower case, not stemmed) of entries; those with many digits are left out: they are found as a whole or by prefix
CREATE TABLE terms (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE) STRICT;
-- parts of words to words, whose entries entry_words has; and parts of templates to templates
CREATE VIRTUAL TABLE term_parts USING fts5 (term, content = 'terms', content_rowid = 'id', tokenize = 'trigram');
CREATE VIRTUAL TABLE template_parts USING fts5 (text, tokenize = 'trigram');
CREATE VIRTUAL TABLE template_words USING fts5 (text, tokenize = 'porter unicode61');
`;
