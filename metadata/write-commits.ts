// Rows of COMMIT events: the commit, its changes, its words.
import type Database from 'better-sqlite3';
import type { CommitEvent } from '../contract/events.ts';
import { knownIds } from './known-ids.ts';
import { changeWriter } from './write-changes.ts';

export interface CommitWriter {
  add(event: CommitEvent): void;
  /** Indexes the words of what was added: once a transaction is much cheaper than once a commit. */
  finish(): void;
}

export function commitWriter(db: Database.Database): CommitWriter {
  const repositoryId = knownIds(db, 'repositories', ['name']);
  const personId = knownIds(db, 'people', ['name', 'email']);
  const pathId = knownIds(db, 'paths', ['path']);
  const insert = db.prepare(`INSERT INTO stored_commits
    (id, repository, hash, visit, parents, author, author_time, author_zone, committer, commit_time, commit_zone, subject, body, hdfs_path, files_changed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const lowerVisit = db.prepare('UPDATE stored_commits SET visit = min(visit, ?) WHERE hash = ? AND repository = ? RETURNING id').pluck();
  const changes = changeWriter(db);
  const countChanges = db.prepare('UPDATE stored_commits SET files_changed = (SELECT count(*) FROM stored_changes WHERE commit_id = id) WHERE id = ?');
  const words = textWriter(db, 'message_text', 'stored_commits', ['subject', 'body']);
  const pathWords = textWriter(db, 'path_text', 'paths', ['path']);
  let nextId = lastId(db, 'stored_commits') + 1;

  /** Writes the commit's own row; returns its id and whether it is new. */
  const addCommit = (event: CommitEvent): { id: number; isNew: boolean } => {
    const { hash, author, committer } = event;
    const repository = repositoryId(event.repository);
    const hdfsPath = event.hdfsPath === `/backups/${event.repository}/${hash}` ? null : event.hdfsPath;
    const files = event.changesUnknown === true ? null : event.changes.length;
    const written = insert.run(
      nextId, repository, hash, event.visit, event.parents.join(' '),
      personId(author.name, author.email), author.time, author.zone,
      personId(committer.name, committer.email), committer.time, committer.zone,
      event.subject, event.body, hdfsPath, files,
    );
    if (written.changes === 1) return { id: nextId++, isNew: true };
    return { id: lowerVisit.get(event.visit, hash, repository) as number, isNew: false };
  };

  return {
    add: (event) => {
      const { id, isNew } = addCommit(event);
      if (!isNew && event.parts === 1) return;
      for (const [status, path] of event.changes) changes.add(id, pathId(path), status);
      if (event.parts === 1) return;
      changes.finish();
      countChanges.run(id);
    },
    finish: () => {
      changes.finish();
      words();
      pathWords();
    },
  };
}

const lastId = (db: Database.Database, table: string): number => (db.prepare(`SELECT max(id) FROM ${table}`).pluck().get() as number | null) ?? 0;

/** Adds the rows of `table` that came since the last call to its full-text index. */
export function textWriter(db: Database.Database, index: string, table: string, columns: readonly string[]): () => void {
  const list = columns.join(', ');
  const insert = db.prepare(`INSERT INTO ${index} (rowid, ${list}) SELECT id, ${list} FROM ${table} WHERE id > ? ORDER BY id`);
  const last = db.prepare(`SELECT max(id) FROM ${table}`).pluck();
  let indexed = lastId(db, table);
  return () => {
    const newest = (last.get() as number | null) ?? 0;
    if (newest === indexed) return;
    insert.run(indexed);
    indexed = newest;
  };
}
