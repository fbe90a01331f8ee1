// Restore drills as the state database keeps them.
import type { Database } from 'better-sqlite3';
import type { DrillRecord } from '../contract/drill.ts';
import { readState } from './open.ts';

const COLUMNS = 'run, repo_name AS repository, outcome, started, finished, visit, snapshot, visit_time AS visitTime, age, seconds, refs, objects, bytes, message, hint';

export function insertDrill(db: Database, drill: DrillRecord): void {
  db.prepare(`INSERT OR REPLACE INTO drills (run, repo_name, outcome, started, finished, visit, snapshot, visit_time, age, seconds, refs, objects, bytes, message, hint)
    VALUES (@run, @repository, @outcome, @started, @finished, @visit, @snapshot, @visitTime, @age, @seconds, @refs, @objects, @bytes, @message, @hint)`).run(drill);
}

/** The latest drills first; of one repository or of all. */
export function listDrills(path: string, repository: string | undefined, limit: number): DrillRecord[] {
  const sql = `SELECT ${COLUMNS} FROM drills WHERE (@repository IS NULL OR repo_name = @repository) ORDER BY finished DESC, repo_name LIMIT @limit`;
  return readState(path, [], (db) => db.prepare<[object], DrillRecord>(sql).all({ repository: repository ?? null, limit }));
}

export interface DrillState {
  last: DrillRecord;
  /** The last one that proved it restorable; null when none ever did. */
  proven: DrillRecord | null;
}

/** By repository. */
export function drillStates(path: string): Map<string, DrillState> {
  const lastOf = (db: Database, where: string): Map<string, DrillRecord> => {
    const sql = `SELECT ${COLUMNS} FROM (SELECT *, row_number() OVER (PARTITION BY repo_name ORDER BY finished DESC) AS place FROM drills ${where}) WHERE place = 1`;
    return new Map(db.prepare<[], DrillRecord>(sql).all().map((drill) => [drill.repository, drill]));
  };
  return readState(path, new Map(), (db) => {
    const proven = lastOf(db, "WHERE outcome = 'proven'");
    return new Map([...lastOf(db, '')].map(([repository, last]) => [repository, { last, proven: proven.get(repository) ?? null }]));
  });
}
