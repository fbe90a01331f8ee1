// The tables that search keeps beside the entries: their shapes, and who made the vectors.

/** Made with the first entries that are shaped; shapes and vectors can be made again from the entries at any time. */
export const SEARCH_TABLES = `
-- entries that differ in numbers and ids only have one shape
CREATE TABLE IF NOT EXISTS shapes (
  id INTEGER PRIMARY KEY,
  hash INTEGER NOT NULL UNIQUE,
  template INTEGER NOT NULL,      -- of its first entry
  system TEXT NOT NULL,
  level INTEGER,
  entries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS shapes_by_template ON shapes (template);
CREATE VIRTUAL TABLE IF NOT EXISTS shape_words USING fts5 (words, content = '', tokenize = 'porter unicode61');
CREATE TABLE IF NOT EXISTS entry_shapes (entry INTEGER PRIMARY KEY, shape INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_shape ON entry_shapes (shape);
-- the last entry of each source whose shape is known
CREATE TABLE IF NOT EXISTS shaped (source INTEGER PRIMARY KEY, entry INTEGER NOT NULL) STRICT;
-- who made vectors; one is active, and the next one's may be under way
CREATE TABLE IF NOT EXISTS embedders (
  id INTEGER PRIMARY KEY,         -- its vectors are in vectors_{id}, by shape
  name TEXT NOT NULL UNIQUE,
  dimensions INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'next')),
  shape INTEGER NOT NULL DEFAULT 0 -- the last shape that was looked at
) STRICT;
`;
