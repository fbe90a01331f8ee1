// The tables of `state.db` that sources and their discoveries fill.

export const SOURCE_TABLES = `
CREATE TABLE IF NOT EXISTS sources (
  name TEXT PRIMARY KEY,
  spec TEXT NOT NULL,            -- JSON: SourceSpec of contract/source.ts, without any secret
  added TEXT NOT NULL,           -- ISO 8601 UTC
  discovery TEXT,                -- the newest discovery, whose listing source_listings has
  discovered TEXT                -- end of the last whole discovery; null before the first
) STRICT;

CREATE TABLE IF NOT EXISTS source_repositories (
  source TEXT NOT NULL REFERENCES sources (name) ON DELETE CASCADE,
  id TEXT NOT NULL,              -- the forge's own; of a list the URL
  repo_name TEXT NOT NULL,       -- in the archive, for ever
  path TEXT NOT NULL,            -- owner/name on the forge
  url TEXT NOT NULL,
  archived INTEGER NOT NULL,
  fork INTEGER NOT NULL,
  wiki INTEGER NOT NULL,
  empty INTEGER NOT NULL,
  state TEXT NOT NULL,           -- present, vanished, excluded
  reason TEXT,                   -- why it is excluded
  former_url TEXT,               -- of its newest visit, where that is another
  renamed_from TEXT NOT NULL,    -- JSON: earlier paths, oldest first
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  PRIMARY KEY (source, id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS source_repositories_by_name ON source_repositories (source, repo_name);

CREATE TABLE IF NOT EXISTS source_listings (
  source TEXT NOT NULL REFERENCES sources (name) ON DELETE CASCADE,
  discovery TEXT NOT NULL,
  id TEXT NOT NULL,
  listed TEXT NOT NULL,          -- JSON: ListedRepository
  decided TEXT,                  -- JSON: DecidedRepository, at the end
  PRIMARY KEY (source, discovery, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS source_answers (
  source TEXT NOT NULL REFERENCES sources (name) ON DELETE CASCADE,
  url TEXT NOT NULL,
  etag TEXT NOT NULL,
  body TEXT NOT NULL,            -- JSON: what a page of the listing said
  PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
`;
