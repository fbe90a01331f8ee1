// The table of `state.db` that restore drills fill.

export const DRILL_TABLES = `
CREATE TABLE IF NOT EXISTS drills (
  run TEXT NOT NULL,
  repo_name TEXT NOT NULL,
  outcome TEXT NOT NULL,         -- proven, failed
  started TEXT NOT NULL,         -- ISO 8601 UTC
  finished TEXT NOT NULL,
  visit INTEGER,                 -- recovery point
  snapshot TEXT,
  visit_time TEXT,
  age REAL,                      -- of the recovery point when it was restored, seconds
  seconds REAL,                  -- recovery time
  refs INTEGER,
  objects INTEGER,
  bytes INTEGER,
  message TEXT,                  -- why it failed
  hint TEXT,
  PRIMARY KEY (run, repo_name)
) STRICT;
CREATE INDEX IF NOT EXISTS drills_by_name ON drills (repo_name, finished);
`;
