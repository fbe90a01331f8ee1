// The table of `state.db` that pipelines fill.

export const PIPELINE_TABLES = `
CREATE TABLE IF NOT EXISTS pipelines (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,          -- the workflow's run
  repo_name TEXT NOT NULL,
  commit_hash TEXT NOT NULL,     -- what was analysed
  forge TEXT NOT NULL,           -- URL of the repository that it is for
  system TEXT NOT NULL,          -- gitlab, github
  status TEXT NOT NULL,          -- generated, approved, committed, watched, rejected, expired, failed
  dockerfile TEXT,               -- the first of them
  gitlab_ci TEXT,
  github_workflow TEXT,
  hash TEXT NOT NULL,            -- what is approved
  proposal TEXT NOT NULL,        -- JSON: all files, jobs, templates, problems
  requested_by TEXT NOT NULL,
  approver TEXT,
  branch TEXT,
  commit_id TEXT,                -- on the branch
  merge_request TEXT,            -- URL
  run TEXT,                      -- JSON: the run on the forge with its jobs, as it was seen last
  failed TEXT NOT NULL,          -- JSON: jobs that failed, and the sources of their logs
  failure TEXT,
  created TEXT NOT NULL,         -- ISO 8601 UTC
  updated TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS pipelines_by_time ON pipelines (repo_name, created);
`;
