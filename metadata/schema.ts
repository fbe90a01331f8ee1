// The tables of the index, and the views that people and the agent ask: docs/schema.md describes each column.

/** Changes with every change of the tables or of what their rows mean: an older index is built anew from the log. */
export const SCHEMA_VERSION = 3;

/** ISO 8601 in UTC of a column of seconds since 1970; null outside the years 0 to 9999. */
const instant = (seconds: string): string => `strftime('%Y-%m-%dT%H:%M:%SZ', ${seconds}, 'unixepoch')`;

const TABLES = `
CREATE TABLE repositories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, UNIQUE (name, email)) STRICT;
CREATE TABLE paths (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE stored_commits (
  id INTEGER PRIMARY KEY,
  repository INTEGER NOT NULL REFERENCES repositories,
  hash TEXT NOT NULL,
  visit INTEGER NOT NULL,
  parents TEXT NOT NULL,
  author INTEGER NOT NULL REFERENCES people,
  author_time INTEGER,
  author_zone TEXT NOT NULL,
  committer INTEGER NOT NULL REFERENCES people,
  commit_time INTEGER,
  commit_zone TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  hdfs_path TEXT,
  files_changed INTEGER,
  UNIQUE (hash, repository)
) STRICT;

CREATE TABLE stored_changes (
  commit_id INTEGER NOT NULL REFERENCES stored_commits,
  path_id INTEGER NOT NULL REFERENCES paths,
  status TEXT NOT NULL,
  PRIMARY KEY (commit_id, path_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stored_snapshots (id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repositories, snapshot TEXT NOT NULL, UNIQUE (repository, snapshot)) STRICT;
CREATE TABLE stored_refs (
  snapshot_id INTEGER NOT NULL REFERENCES stored_snapshots,
  name TEXT NOT NULL,
  object TEXT NOT NULL,
  type TEXT NOT NULL,
  peeled TEXT,
  PRIMARY KEY (snapshot_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE stored_visits (
  repository INTEGER NOT NULL REFERENCES repositories,
  visit INTEGER NOT NULL,
  snapshot_id INTEGER NOT NULL REFERENCES stored_snapshots,
  origin TEXT NOT NULL,
  time TEXT NOT NULL,
  object_format TEXT NOT NULL,
  outcome TEXT NOT NULL,
  head_ref TEXT,
  head_commit TEXT,
  refs INTEGER NOT NULL,
  packs INTEGER NOT NULL,
  pack_bytes INTEGER NOT NULL,
  new_packs INTEGER NOT NULL,
  new_bytes INTEGER NOT NULL,
  holes INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  refs_created INTEGER NOT NULL,
  refs_updated INTEGER NOT NULL,
  refs_forced INTEGER NOT NULL,
  refs_deleted INTEGER NOT NULL,
  refs_truncated INTEGER NOT NULL,
  refs_destroyed INTEGER NOT NULL,
  commits_lost INTEGER,
  checkout_commit TEXT,
  checkout_kind TEXT NOT NULL,
  checkout_path TEXT,
  checkout_files INTEGER NOT NULL,
  checkout_bytes INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (repository, visit)
) WITHOUT ROWID;

CREATE TABLE stored_destructions (
  repository INTEGER NOT NULL REFERENCES repositories,
  visit INTEGER NOT NULL,
  kind TEXT NOT NULL,
  ref_name TEXT NOT NULL,
  old_object TEXT,
  new_object TEXT,
  lost INTEGER NOT NULL,
  PRIMARY KEY (repository, visit, kind, ref_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE stored_forge_records (
  id INTEGER PRIMARY KEY,
  repository INTEGER NOT NULL REFERENCES repositories,
  kind TEXT NOT NULL,
  record TEXT NOT NULL,
  export INTEGER NOT NULL,
  number INTEGER,
  parent TEXT,
  author TEXT,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT,
  url TEXT,
  created TEXT,
  updated TEXT,
  deleted INTEGER NOT NULL,
  UNIQUE (repository, kind, record, export)
) STRICT;

CREATE TABLE stored_forge_exports (
  repository INTEGER NOT NULL REFERENCES repositories,
  export INTEGER NOT NULL,
  time TEXT NOT NULL,
  forge TEXT NOT NULL,
  url TEXT NOT NULL,
  visit INTEGER,
  records INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  assets INTEGER NOT NULL,
  asset_bytes INTEGER NOT NULL,
  holes INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (repository, export)
) WITHOUT ROWID;

CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  time TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  repo_name TEXT,
  actor TEXT NOT NULL,
  workflow_id TEXT,
  run_id TEXT,
  details TEXT NOT NULL
) STRICT;

CREATE TABLE positions (topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, partition)) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE message_text USING fts5 (subject, body, content = 'stored_commits', content_rowid = 'id', tokenize = 'porter unicode61');
CREATE VIRTUAL TABLE forge_text USING fts5 (title, body, content = 'stored_forge_records', content_rowid = 'id', tokenize = 'porter unicode61');
CREATE VIRTUAL TABLE path_text USING fts5 (path, content = 'paths', content_rowid = 'id', tokenize = 'unicode61');
`;

const INDEXES = `
CREATE INDEX commits_by_time ON stored_commits (commit_time);
CREATE INDEX commits_by_repository ON stored_commits (repository, commit_time);
CREATE INDEX commits_by_author ON stored_commits (author, commit_time);
CREATE INDEX changes_by_path ON stored_changes (path_id, commit_id);
CREATE INDEX refs_by_object ON stored_refs (object);
CREATE INDEX visits_by_checkout ON stored_visits (repository, checkout_commit, visit);
CREATE INDEX forge_by_number ON stored_forge_records (repository, number, kind);
CREATE INDEX forge_by_time ON stored_forge_records (kind, updated);
CREATE INDEX audit_by_time ON audit (time);
CREATE INDEX audit_by_action ON audit (action, time);
`;

const MESSAGE = `CASE c.body WHEN '' THEN c.subject ELSE c.subject || char(10, 10) || c.body END`;
const HDFS_PATH = `coalesce(c.hdfs_path, '/backups/' || r.name || '/' || c.hash)`;

const COMMIT_JOIN = `stored_commits c
  JOIN repositories r ON r.id = c.repository
  JOIN people a ON a.id = c.author
  JOIN people m ON m.id = c.committer`;

const FORGE_COLUMNS = `r.name AS repo_name, f.kind, f.record, f.number, f.parent, f.author, f.title, f.body, f.state, f.url, f.created, f.updated, f.deleted, f.export`;
const FORGE_LAST = `NOT EXISTS (SELECT 1 FROM stored_forge_records n WHERE n.repository = f.repository AND n.kind = f.kind AND n.record = f.record AND n.export > f.export)`;

const VIEWS = `
CREATE VIEW repo_snapshots AS SELECT
  r.name AS repo_name,
  c.hash AS commit_hash,
  a.name AS author,
  a.email AS author_email,
  ${instant('c.commit_time')} AS timestamp,
  ${MESSAGE} AS message,
  ${HDFS_PATH} AS hdfs_path,
  c.files_changed AS files_changed,
  (SELECT v.checkout_files FROM stored_visits v WHERE v.repository = c.repository AND v.checkout_commit = c.hash AND v.checkout_kind <> 'none' ORDER BY v.visit DESC LIMIT 1) AS files,
  (SELECT v.checkout_bytes FROM stored_visits v WHERE v.repository = c.repository AND v.checkout_commit = c.hash AND v.checkout_kind <> 'none' ORDER BY v.visit DESC LIMIT 1) AS size,
  c.visit AS visit
FROM ${COMMIT_JOIN};

CREATE VIEW commits AS SELECT
  r.name AS repo_name,
  c.hash AS commit_hash,
  c.parents AS parents,
  a.name AS author_name,
  a.email AS author_email,
  ${instant('c.author_time')} AS authored_at,
  c.author_time AS author_time,
  c.author_zone AS author_zone,
  m.name AS committer_name,
  m.email AS committer_email,
  ${instant('c.commit_time')} AS committed_at,
  c.commit_time AS commit_time,
  c.commit_zone AS commit_zone,
  c.subject AS subject,
  c.body AS body,
  c.files_changed AS files_changed,
  ${HDFS_PATH} AS hdfs_path,
  c.visit AS visit
FROM ${COMMIT_JOIN};

CREATE VIEW commit_parents AS SELECT
  r.name AS repo_name,
  c.hash AS commit_hash,
  p.key AS position,
  p.value AS parent_hash
FROM stored_commits c JOIN repositories r ON r.id = c.repository JOIN json_each('["' || replace(c.parents, ' ', '","') || '"]') p
WHERE c.parents <> '';

CREATE VIEW changes AS SELECT
  r.name AS repo_name,
  c.hash AS commit_hash,
  h.status AS status,
  p.path AS path,
  ${instant('c.commit_time')} AS committed_at
FROM stored_changes h
  JOIN stored_commits c ON c.id = h.commit_id
  JOIN repositories r ON r.id = c.repository
  JOIN paths p ON p.id = h.path_id;

CREATE VIEW visits AS SELECT
  r.name AS repo_name,
  v.visit, v.time, s.snapshot, v.origin, v.object_format, v.outcome, v.head_ref, v.head_commit, v.refs, v.packs, v.pack_bytes, v.new_packs, v.new_bytes, v.holes, v.findings,
  v.refs_created, v.refs_updated, v.refs_forced, v.refs_deleted, v.refs_truncated, v.refs_destroyed, v.commits_lost,
  v.checkout_commit, v.checkout_kind, v.checkout_path, v.checkout_files, v.checkout_bytes,
  v.workflow_id, v.run_id
FROM stored_visits v JOIN repositories r ON r.id = v.repository JOIN stored_snapshots s ON s.id = v.snapshot_id;

CREATE VIEW refs AS SELECT
  r.name AS repo_name,
  s.snapshot AS snapshot,
  f.name AS ref_name,
  f.object AS object,
  f.type AS type,
  f.peeled AS peeled,
  CASE f.type WHEN 'commit' THEN f.object WHEN 'tag' THEN f.peeled END AS commit_hash
FROM stored_refs f JOIN stored_snapshots s ON s.id = f.snapshot_id JOIN repositories r ON r.id = s.repository;

CREATE VIEW visit_refs AS SELECT
  r.name AS repo_name,
  v.visit AS visit,
  v.time AS time,
  s.snapshot AS snapshot,
  f.name AS ref_name,
  f.object AS object,
  f.type AS type,
  f.peeled AS peeled,
  CASE f.type WHEN 'commit' THEN f.object WHEN 'tag' THEN f.peeled END AS commit_hash
FROM stored_visits v
  JOIN repositories r ON r.id = v.repository
  JOIN stored_snapshots s ON s.id = v.snapshot_id
  JOIN stored_refs f ON f.snapshot_id = v.snapshot_id;

CREATE VIEW destructions AS SELECT
  r.name AS repo_name,
  d.visit AS visit,
  v.time AS time,
  d.kind AS kind,
  nullif(d.ref_name, '') AS ref_name,
  d.old_object AS old_object,
  d.new_object AS new_object,
  d.lost AS lost
FROM stored_destructions d
  JOIN repositories r ON r.id = d.repository
  JOIN stored_visits v ON v.repository = d.repository AND v.visit = d.visit
UNION ALL SELECT repo_name, details ->> '$.facts.visit', time, 'gone', NULL, NULL, NULL, 0
FROM audit WHERE action = 'ingest' AND outcome = 'failed' AND details ->> '$.kind' = 'OriginGone';

CREATE VIEW forge_records AS SELECT ${FORGE_COLUMNS}
FROM stored_forge_records f JOIN repositories r ON r.id = f.repository WHERE ${FORGE_LAST};

CREATE VIEW forge_history AS SELECT ${FORGE_COLUMNS}
FROM stored_forge_records f JOIN repositories r ON r.id = f.repository;

CREATE VIEW forge_exports AS SELECT
  r.name AS repo_name,
  e.export, e.time, e.forge, e.url, e.visit, e.records, e.bytes, e.assets, e.asset_bytes, e.holes, e.workflow_id, e.run_id
FROM stored_forge_exports e JOIN repositories r ON r.id = e.repository;

CREATE VIEW restores AS SELECT
  details ->> '$.restoreId' AS restore_id,
  repo_name,
  details ->> '$.target' AS target,
  outcome,
  time,
  details ->> '$.planHash' AS plan_hash,
  details ->> '$.point' AS point,
  details ->> '$.engine' AS engine,
  coalesce(details ->> '$.requestedBy', actor) AS requested_by,
  details ->> '$.approvedBy' AS approved_by,
  details ->> '$.message' AS message,
  workflow_id,
  run_id,
  details
FROM audit WHERE action = 'restore';

CREATE VIEW message_search AS SELECT
  f.message_text AS query,
  f.rank AS rank,
  r.name AS repo_name,
  c.hash AS commit_hash,
  a.name AS author,
  ${instant('c.commit_time')} AS timestamp,
  c.subject AS subject,
  c.body AS body
FROM message_text f JOIN stored_commits c ON c.id = f.rowid JOIN repositories r ON r.id = c.repository JOIN people a ON a.id = c.author;

CREATE VIEW forge_search AS SELECT
  t.forge_text AS query,
  t.rank AS rank,
  ${FORGE_COLUMNS}
FROM forge_text t JOIN stored_forge_records f ON f.id = t.rowid JOIN repositories r ON r.id = f.repository WHERE ${FORGE_LAST};

CREATE VIEW path_search AS SELECT
  f.path_text AS query,
  f.rank AS rank,
  p.path AS path
FROM path_text f JOIN paths p ON p.id = f.rowid;
`;

/** What a new index starts with, and what may be added when its rows are in: sorting once is cheaper than keeping order. */
export const SCHEMA = { tables: TABLES, rest: `${INDEXES}${VIEWS}PRAGMA user_version = ${SCHEMA_VERSION};` } as const;

/** The documented face, in the order of docs/schema.md. */
export const DOCUMENTED_VIEWS = ['repo_snapshots', 'commits', 'commit_parents', 'changes', 'visits', 'refs', 'visit_refs', 'destructions', 'forge_records', 'forge_history', 'forge_exports', 'restores', 'audit', 'message_search', 'path_search', 'forge_search'] as const;
