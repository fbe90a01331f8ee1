// The table of `state.db` that generated documentation fills.

export const DOCUMENT_TABLES = `
CREATE TABLE IF NOT EXISTS documents (
  repo_name TEXT NOT NULL,
  commit_hash TEXT NOT NULL,
  path TEXT NOT NULL,            -- file or folder; '' for everything
  generator INTEGER NOT NULL,    -- version of the rules that facts and text are made by
  written_by TEXT NOT NULL,      -- pivo, or the provider and model
  time TEXT NOT NULL,            -- ISO 8601 UTC
  content TEXT NOT NULL,         -- Markdown
  result TEXT NOT NULL,          -- JSON: facts, findings, what was left out
  PRIMARY KEY (repo_name, commit_hash, path, generator, written_by)
) STRICT;
CREATE INDEX IF NOT EXISTS documents_by_time ON documents (repo_name, time);
`;
