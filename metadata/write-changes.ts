// Rows of changed paths, many to a statement: a commit has few, a batch has thousands.
import type Database from 'better-sqlite3';

/** Rows in one statement. */
const ROWS = 32;

export interface ChangeWriter {
  add(commit: number, path: number, status: string): void;
  /** Writes what is still kept back. */
  finish(): void;
}

/** A path that a commit names twice (malformed trees do) keeps its first status. */
export function changeWriter(db: Database.Database): ChangeWriter {
  const statement = (rows: number): Database.Statement => db.prepare(`INSERT OR IGNORE INTO stored_changes (commit_id, path_id, status) VALUES ${Array.from({ length: rows }, () => '(?, ?, ?)').join(', ')}`);
  const many = statement(ROWS);
  const one = statement(1);
  let values: (string | number)[] = [];
  return {
    add: (commit, path, status) => {
      values.push(commit, path, status);
      if (values.length < ROWS * 3) return;
      many.run(values);
      values = [];
    },
    finish: () => {
      for (let at = 0; at < values.length; at += 3) one.run(values.slice(at, at + 3));
      values = [];
    },
  };
}
