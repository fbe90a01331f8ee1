// Builds an index aside from events, then puts its content in the place of the live one.
import type Database from 'better-sqlite3';
import type { PivoEvent } from '../contract/events.ts';
import { digestOf } from './digest.ts';
import { finishAside, openAside, openReadOnly, removeIndexFile } from './index-file.ts';
import { indexWriter, type IndexWriter, type Position } from './writer.ts';

export interface Rebuild {
  write(events: PivoEvent[]): void;
  /** Makes the index complete, with the positions to go on from; returns its digest and its rows by table. */
  finish(positions: Iterable<Position>): { digest: string; rows: Record<string, number> };
  /** A repository of which the index at `path` has visits or commits that this one has not; null when there is none, or that index cannot be read. */
  lacksOf(path: string): string | null;
  /** Copies it over `target` in one transaction: readers see the old content or the new, a kill leaves the old. */
  replace(target: string): Promise<void>;
  /** Deletes the file. */
  discard(): void;
}

/** Pages copied between two turns of the event loop. */
const PAGES_A_STEP = 4_096;

const asideOf = (target: string): string => `${target}.rebuild`;

/** Deletes what a rebuild that was killed left beside the index at `target`. */
export function removeUnfinishedRebuild(target: string): void {
  removeIndexFile(asideOf(target));
}

/** Starts a new index beside the live one at `target`. */
export function startRebuild(target: string): Rebuild {
  const path = asideOf(target);
  const db: Database.Database = openAside(path);
  const writer: IndexWriter = indexWriter(db);
  return {
    write: (events) => writer.write(events),
    finish: (positions) => {
      writer.setPositions(positions);
      finishAside(db);
      return { digest: digestOf(db), rows: writer.counts() };
    },
    lacksOf: (path) => lacking(db, path),
    replace: async (target) => {
      await db.backup(target, { progress: () => PAGES_A_STEP });
    },
    discard: () => {
      writer.close();
      removeIndexFile(path);
    },
  };
}

/** Commits by repository, and each visit; names hold no `/`. */
const CONTENTS = `
  SELECT r.name, count(*) FROM stored_commits c JOIN repositories r ON r.id = c.repository GROUP BY c.repository
  UNION ALL SELECT r.name || '/' || v.visit, 1 FROM stored_visits v JOIN repositories r ON r.id = v.repository`;

const contentsOf = (db: Database.Database): Map<string, number> => new Map(db.prepare(CONTENTS).raw().all() as [string, number][]);

function lacking(db: Database.Database, path: string): string | null {
  let former: Map<string, number>;
  try {
    using file = openReadOnly(path);
    former = contentsOf(file);
  } catch {
    return null; // a broken index is what a rebuild is for
  }
  const now = contentsOf(db);
  const [lost] = [...former].find(([what, count]) => (now.get(what) ?? 0) < count) ?? [];
  return lost?.split('/')[0] ?? null;
}
