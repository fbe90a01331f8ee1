// Fleet runs as the state database keeps them, and what became of each repository.
import type { Database } from 'better-sqlite3';
import type { FailureReport } from '../contract/failures.ts';
import { NO_COUNTS, type FleetCounts, type FleetItem, type FleetItemFilter, type FleetOutcome, type FleetReport, type FleetRows, type FleetRun } from '../contract/fleet.ts';
import { readState, withState } from './open.ts';

type StoredItem = Omit<FleetItem, 'failure' | 'forgeData'> & { failure: string | null; forgeData: string | null };
type StoredRun = Omit<FleetRun, 'report' | 'failure'> & { report: string | null; failure: string | null };

const ITEM = 'repo_name AS repository, path, outcome, visit, new_bytes AS newBytes, holes, failure, forge_data AS forgeData, started, finished';
const RUN = 'id AS fleetId, source, workflow_id AS workflowId, requested_by AS requestedBy, status, started, finished, report, failure';

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));
const written = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const itemOf = (stored: StoredItem): FleetItem => ({ ...stored, failure: parsed(stored.failure) as FailureReport | null, forgeData: parsed(stored.forgeData) as FailureReport | null });
const runOf = (stored: StoredRun): FleetRun => ({ ...stored, report: parsed(stored.report) as FleetReport | null, failure: parsed(stored.failure) as FailureReport | null });

/** Adapter of the port FleetRows; nothing stays open. */
export function stateFleets(path: string): FleetRows {
  return {
    begin: (run) => withState(path, (db) => db.transaction(() => insertRun(db, run)).immediate()),
    record: (fleetId, items) => withState(path, (db) => db.transaction(() => insertItems(db, fleetId, items)).immediate()),
    recordForgeData: (fleetId, ended) => withState(path, (db) => db.transaction(() => updateForgeData(db, fleetId, ended)).immediate()),
    unrecorded: (fleetId, repositories) => readState(path, new Set(repositories), (db) => without(repositories, namesOf(db, fleetId, repositories, ''))),
    withoutForgeData: (fleetId, repositories) => readState(path, new Set(), (db) => namesOf(db, fleetId, repositories, "AND outcome IN ('done', 'unchanged', 'held') AND forge_data_ended = 0")),
    counts: (fleetId) => fleetCounts(path, fleetId),
    sums: (fleetId) => readState(path, NO_SUMS, (db) => sumsOf(db, fleetId)),
    items: (fleetId, filter) => fleetItems(path, fleetId, filter),
    end: (fleetId, { status, finished, report, failure }) => withState(path, (db) => {
      db.prepare('UPDATE fleet_runs SET status = ?, finished = ?, report = ?, failure = ? WHERE id = ?').run(status, finished, written(report), written(failure), fleetId);
    }),
  };
}

const without = (names: readonly string[], known: ReadonlySet<string>): Set<string> => new Set(names.filter((name) => !known.has(name)));

/** Why a run that never ended has failed. */
const NEVER_ENDED: FailureReport = { kind: 'Cancelled', message: 'the run was ended from outside, before it could report', hint: 'What it had backed up is kept.' };

function insertRun(db: Database, { fleetId, source, workflowId, requestedBy, started }: Parameters<FleetRows['begin']>[0]): void {
  db.prepare("INSERT OR IGNORE INTO fleet_runs (id, source, workflow_id, requested_by, status, started) VALUES (?, ?, ?, ?, 'running', ?)").run(fleetId, source, workflowId, requestedBy, started);
  db.prepare("UPDATE fleet_runs SET status = 'failed', finished = ?, failure = ? WHERE source = ? AND status = 'running' AND id <> ? AND started <= ?").run(started, written(NEVER_ENDED), source, fleetId, started);
}

function insertItems(db: Database, fleetId: string, items: readonly FleetItem[]): void {
  const insert = db.prepare('INSERT OR IGNORE INTO fleet_items (fleet, repo_name, path, outcome, visit, new_bytes, holes, failure, forge_data, started, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const { repository, path, outcome, visit, newBytes, holes, failure, forgeData, started, finished } of items) insert.run(fleetId, repository, path, outcome, visit, newBytes, holes, written(failure), written(forgeData), started, finished);
}

function updateForgeData(db: Database, fleetId: string, ended: Parameters<FleetRows['recordForgeData']>[1]): void {
  const update = db.prepare('UPDATE fleet_items SET forge_data = ?, forge_data_ended = 1 WHERE fleet = ? AND repo_name = ?');
  for (const { repository, failure } of ended) update.run(written(failure), fleetId, repository);
}

/** Which of the names have an item that is as the condition says. */
function namesOf(db: Database, fleetId: string, repositories: readonly string[], condition: string): Set<string> {
  const sql = `SELECT repo_name FROM fleet_items WHERE fleet = ? AND repo_name IN (SELECT value FROM json_each(?)) ${condition}`;
  return new Set(db.prepare<[string, string], { repo_name: string }>(sql).all(fleetId, JSON.stringify(repositories)).map((row) => row.repo_name));
}

type Sums = ReturnType<FleetRows['sums']>;
const NO_SUMS: Sums = { newBytes: 0, withHoles: 0, forgeDataFailed: 0 };

function sumsOf(db: Database, fleetId: string): Sums {
  const sql = 'SELECT coalesce(sum(new_bytes), 0) AS newBytes, count(*) FILTER (WHERE holes > 0) AS withHoles, count(forge_data) AS forgeDataFailed FROM fleet_items WHERE fleet = ?';
  return db.prepare<[string], Sums>(sql).get(fleetId) ?? NO_SUMS;
}

/** How many repositories a run has of each outcome. */
export function fleetCounts(path: string, fleetId: string): FleetCounts {
  const rows = readState(path, [], (db) => db.prepare<[string], { outcome: FleetOutcome; count: number }>('SELECT outcome, count(*) AS count FROM fleet_items WHERE fleet = ? GROUP BY outcome').all(fleetId));
  return { ...NO_COUNTS, ...Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count])) };
}

/** By name. */
export function fleetItems(path: string, fleetId: string, { outcome, after, limit }: FleetItemFilter): FleetItem[] {
  const sql = `SELECT ${ITEM} FROM fleet_items WHERE fleet = @fleetId AND (@outcome IS NULL OR outcome = @outcome) AND repo_name > @after ORDER BY repo_name LIMIT @limit`;
  return readState(path, [], (db) => db.prepare<[object], StoredItem>(sql).all({ fleetId, outcome: outcome ?? null, after: after ?? '', limit }).map(itemOf));
}

/** The latest first. */
export function listFleetRuns(path: string, source: string | undefined, limit: number): FleetRun[] {
  const sql = `SELECT ${RUN} FROM fleet_runs WHERE (@source IS NULL OR source = @source) ORDER BY started DESC, id DESC LIMIT @limit`;
  return readState(path, [], (db) => db.prepare<[object], StoredRun>(sql).all({ source: source ?? null, limit }).map(runOf));
}

/** Null where no run has that id. */
export function findFleetRun(path: string, fleetId: string): FleetRun | null {
  const stored = readState(path, undefined, (db) => db.prepare<[string], StoredRun>(`SELECT ${RUN} FROM fleet_runs WHERE id = ?`).get(fleetId));
  return stored === undefined ? null : runOf(stored);
}
