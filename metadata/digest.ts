// The logical digest of an index: what its rows say, whatever their ids and the order they came in.
import { createHash, type Hash } from 'node:crypto';
import Database from 'better-sqlite3';

/** The logical rows of each table in an order that only their content decides. */
const QUERIES: Record<string, string> = {
  commits: `SELECT repo_name, commit_hash, parents, author_name, author_email, author_time, author_zone, committer_name, committer_email, commit_time, commit_zone,
    subject, body, files_changed, hdfs_path, visit FROM commits ORDER BY commit_hash, repo_name`,
  changes: `SELECT r.name, c.hash, p.path, h.status
    FROM stored_commits c CROSS JOIN stored_changes h ON h.commit_id = c.id CROSS JOIN paths p ON p.id = h.path_id CROSS JOIN repositories r ON r.id = c.repository
    ORDER BY c.hash, r.name, p.path`,
  refs: 'SELECT repo_name, snapshot, ref_name, object, type, peeled FROM refs ORDER BY repo_name, snapshot, ref_name',
  visits: 'SELECT * FROM visits ORDER BY repo_name, visit',
  destructions: 'SELECT r.name, d.visit, d.kind, d.ref_name, d.old_object, d.new_object, d.lost FROM stored_destructions d JOIN repositories r ON r.id = d.repository ORDER BY r.name, d.visit, d.kind, d.ref_name',
  forgeRecords: 'SELECT * FROM forge_history ORDER BY repo_name, kind, record, export',
  forgeExports: 'SELECT * FROM forge_exports ORDER BY repo_name, export',
  audit: 'SELECT * FROM audit ORDER BY id',
};

/** SHA-256 (hex) over all logical rows. Positions in the log and row ids are not part of it. */
export function digestOf(db: Database.Database): string {
  const hash = createHash('sha256');
  for (const [table, sql] of Object.entries(QUERIES)) {
    hash.update(`${table}\n`);
    addRows(hash, db, sql);
  }
  return hash.digest('hex');
}

/** Characters hashed at once. */
const PIECE = 64 * 1024;

function addRows(hash: Hash, db: Database.Database, sql: string): void {
  let piece = '';
  for (const row of db.prepare(sql).raw().iterate()) {
    piece += `${JSON.stringify(row)}\n`;
    if (piece.length < PIECE) continue;
    hash.update(piece);
    piece = '';
  }
  hash.update(piece);
}

/** The digest of the index file at `path`, read as one consistent state. */
export function digestOfFile(path: string): string {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    return db.transaction(() => digestOf(db))();
  } finally {
    db.close();
  }
}
