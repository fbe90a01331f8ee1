// The tables of `state.db` that verifications fill.

export const VERIFICATION_TABLES = `
CREATE TABLE IF NOT EXISTS verifications (
  run TEXT PRIMARY KEY,
  workflow_id TEXT,              -- NULL when it ran in the asking process
  repo_name TEXT,                -- NULL: all
  part INTEGER,                  -- NULL: everything
  parts INTEGER,
  engine TEXT NOT NULL,          -- local, spark
  started TEXT NOT NULL,         -- ISO 8601 UTC
  finished TEXT                  -- NULL while it runs, or when it never ended
) STRICT;

CREATE TABLE IF NOT EXISTS verified_repositories (
  run TEXT NOT NULL,
  repo_name TEXT NOT NULL,
  time TEXT NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  PRIMARY KEY (run, repo_name)
) STRICT;
CREATE INDEX IF NOT EXISTS verified_repositories_by_name ON verified_repositories (repo_name, time);

CREATE TABLE IF NOT EXISTS verified_files (
  repo_name TEXT NOT NULL,
  file TEXT NOT NULL,            -- path in the store
  kind TEXT NOT NULL,            -- visit, snapshot, pack, idx, checkout
  bytes INTEGER NOT NULL,
  read_at TEXT NOT NULL,         -- when it was last read
  ok INTEGER NOT NULL,           -- 1: as it was archived
  run TEXT NOT NULL,
  PRIMARY KEY (repo_name, file)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS verification_findings (
  repo_name TEXT NOT NULL,
  file TEXT NOT NULL,
  kind TEXT NOT NULL,
  byte_offset INTEGER,
  problem TEXT NOT NULL,
  hint TEXT NOT NULL,
  visits TEXT NOT NULL,          -- JSON: numbers
  snapshots TEXT NOT NULL,       -- JSON: ids
  found_at TEXT NOT NULL,
  run TEXT NOT NULL,
  unit TEXT NOT NULL             -- the row of verified_files whose next reading replaces it
) STRICT;
CREATE INDEX IF NOT EXISTS verification_findings_by_unit ON verification_findings (repo_name, unit);
`;
