// The tables of `state.db` that fleet runs fill.

export const FLEET_TABLES = `
CREATE TABLE IF NOT EXISTS fleet_runs (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  status TEXT NOT NULL,          -- running, done, cancelled, failed
  started TEXT NOT NULL,         -- ISO 8601 UTC
  finished TEXT,
  report TEXT,                   -- JSON: FleetReport of contract/fleet.ts
  failure TEXT                   -- JSON: why the run itself failed
) STRICT;
CREATE INDEX IF NOT EXISTS fleet_runs_by_time ON fleet_runs (source, started);
CREATE TABLE IF NOT EXISTS fleet_items (
  fleet TEXT NOT NULL REFERENCES fleet_runs (id) ON DELETE CASCADE,
  repo_name TEXT NOT NULL,
  path TEXT NOT NULL,            -- on the forge
  outcome TEXT NOT NULL,         -- done, unchanged, held, failed, vanished, nothing
  visit INTEGER,                 -- that the run wrote
  new_bytes INTEGER NOT NULL,
  holes INTEGER NOT NULL,        -- what the origin lacks
  failure TEXT,                  -- JSON
  forge_data TEXT,               -- JSON: why the forge's data could not be exported
  forge_data_ended INTEGER NOT NULL DEFAULT 0, -- 1: its export was tried
  started TEXT,
  finished TEXT NOT NULL,
  PRIMARY KEY (fleet, repo_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fleet_items_by_outcome ON fleet_items (fleet, outcome, repo_name);
`;
