// Verifications as the state database keeps them: runs, when each file was last read, and what is wrong now.
import type { Database } from 'better-sqlite3';
import type { ArchivedKind, Finding, LastRead, Part, RepositoryVerdict, VerificationRun, VerificationSummary } from '../contract/verification.ts';
import { readState } from './open.ts';

/** Repositories with findings that a summary names. */
const NAMED = 20;

/** The part of `of` whose last complete run over the repository (null: all) is the longest ago. */
export function nextPart(db: Database, of: number, repository: string | null): Part['part'] {
  const sql = 'SELECT part, max(finished) AS last FROM verifications WHERE repo_name IS ? AND parts = ? AND finished IS NOT NULL GROUP BY part';
  const last = new Map(db.prepare<[string | null, number], { part: number; last: string }>(sql).all(repository, of).map((row) => [row.part, row.last]));
  let next = 1;
  for (let part = 2; part <= of; part++) if ((last.get(part) ?? '') < (last.get(next) ?? '')) next = part;
  return next;
}

export function insertRun(db: Database, { run, workflowId, repository, part, engine, started }: VerificationRun): void {
  db.prepare('INSERT INTO verifications (run, workflow_id, repo_name, part, parts, engine, started) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING').run(run, workflowId, repository, part?.part ?? null, part?.of ?? null, engine, started);
}

/** One transaction: a file's new reading and what was found in it take the place of the old. */
export function insertVerdict(db: Database, { run }: VerificationRun, verdict: RepositoryVerdict): void {
  const { repository, findings, files, bytes } = verdict;
  const now = new Date().toISOString();
  const units = unitsOf(findings, files.map(({ file }) => file));
  const bad = new Set(units.values());
  const forget = db.prepare('DELETE FROM verification_findings WHERE repo_name = ? AND unit = ?');
  const read = db.prepare(`INSERT INTO verified_files (repo_name, file, kind, bytes, read_at, ok, run) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (repo_name, file) DO UPDATE SET kind = excluded.kind, bytes = excluded.bytes, read_at = excluded.read_at, ok = excluded.ok, run = excluded.run`);
  const found = db.prepare('INSERT INTO verification_findings (repo_name, file, kind, byte_offset, problem, hint, visits, snapshots, found_at, run, unit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const done = db.prepare('INSERT INTO verified_repositories (run, repo_name, time, files, bytes, findings) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run, repo_name) DO UPDATE SET time = excluded.time, files = excluded.files, bytes = excluded.bytes, findings = excluded.findings');
  db.transaction(() => {
    for (const unit of new Set([...files.map(({ file }) => file), ...bad])) forget.run(repository, unit);
    for (const { file, kind, bytes: size } of files) read.run(repository, file, kind, size, now, bad.has(file) ? 0 : 1, run);
    for (const finding of findings) found.run(repository, finding.file, finding.kind, finding.offset, finding.problem, finding.hint, JSON.stringify(finding.visits), JSON.stringify(finding.snapshots), now, run, units.get(finding) ?? finding.file);
    done.run(run, repository, now, files.length, bytes, findings.length);
  }).immediate();
}

/** The file whose reading each finding came from: itself, or the folder above that was read as one. */
function unitsOf(findings: readonly Finding[], read: readonly string[]): Map<Finding, string> {
  const known = new Set(read);
  const unitOf = (file: string): string => {
    for (let path = file; path.includes('/'); path = path.slice(0, path.lastIndexOf('/'))) if (known.has(path)) return path;
    return file;
  };
  return new Map(findings.map((finding) => [finding, unitOf(finding.file)]));
}

export function verifiedBy(db: Database, run: string): string[] {
  return db.prepare<[string], { repo_name: string }>('SELECT repo_name FROM verified_repositories WHERE run = ?').all(run).map((row) => row.repo_name);
}

export function endRun(db: Database, verification: VerificationRun): VerificationSummary {
  const { run } = verification;
  const finished = new Date().toISOString();
  db.prepare('UPDATE verifications SET finished = ? WHERE run = ?').run(finished, run);
  const sum = db.prepare<[string], { repositories: number; files: number; bytes: number; findings: number }>('SELECT count(*) AS repositories, coalesce(sum(files), 0) AS files, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(findings), 0) AS findings FROM verified_repositories WHERE run = ?').get(run);
  const damaged = db.prepare<[string, number], { repo_name: string }>('SELECT repo_name FROM verified_repositories WHERE run = ? AND findings > 0 ORDER BY repo_name LIMIT ?').all(run, NAMED).map((row) => row.repo_name);
  const { repositories = 0, files = 0, bytes = 0, findings = 0 } = sum ?? {};
  return { ...verification, finished, ok: findings === 0, repositories, files, bytes, findings, damaged };
}

export interface KeptFinding extends Finding {
  repository: string;
  foundAt: string;
  run: string;
}

/** What is wrong as far as the last readings tell; of one repository or of all. */
export function openFindings(path: string, { repository, run, limit }: { repository?: string | undefined; run?: string | undefined; limit: number }): KeptFinding[] {
  const sql = `SELECT repo_name, file, kind, byte_offset, problem, hint, visits, snapshots, found_at, run FROM verification_findings
    WHERE (@repository IS NULL OR repo_name = @repository) AND (@run IS NULL OR run = @run) ORDER BY repo_name, file, byte_offset LIMIT @limit`;
  return readState(path, [], (db) => db.prepare<[object], FindingRow>(sql).all({ repository: repository ?? null, run: run ?? null, limit }).map(findingOf));
}

interface FindingRow {
  repo_name: string;
  file: string;
  kind: ArchivedKind;
  byte_offset: number | null;
  problem: string;
  hint: string;
  visits: string;
  snapshots: string;
  found_at: string;
  run: string;
}

const findingOf = ({ repo_name, file, kind, byte_offset, problem, hint, visits, snapshots, found_at, run }: FindingRow): KeptFinding => ({
  repository: repo_name, file, kind, offset: byte_offset, problem, hint, visits: JSON.parse(visits) as number[], snapshots: JSON.parse(snapshots) as string[], foundAt: found_at, run,
});

export interface RunState extends VerificationRun {
  finished: string | null;
  repositories: number;
  files: number;
  bytes: number;
  findings: number;
}

/** The latest runs first. */
export function listRuns(path: string, limit: number): RunState[] {
  const sql = `SELECT v.run, v.workflow_id, v.repo_name, v.part, v.parts, v.engine, v.started, v.finished, count(r.run) AS repositories,
    coalesce(sum(r.files), 0) AS files, coalesce(sum(r.bytes), 0) AS bytes, coalesce(sum(r.findings), 0) AS findings
    FROM verifications v LEFT JOIN verified_repositories r USING (run) GROUP BY v.run ORDER BY v.started DESC, v.run LIMIT ?`;
  type Row = Omit<RunState, 'workflowId' | 'repository' | 'part'> & { workflow_id: string | null; repo_name: string | null; part: number | null; parts: number | null };
  return readState(path, [], (db) => db.prepare<[number], Row>(sql).all(limit).map(({ workflow_id, repo_name, part, parts, ...rest }) => ({
    ...rest, workflowId: workflow_id, repository: repo_name, part: part === null || parts === null ? null : { part, of: parts },
  })));
}

/** By file: when it was last read. */
export function lastReads(path: string, repository: string): Map<string, LastRead> {
  const sql = 'SELECT file, read_at, ok FROM verified_files WHERE repo_name = ?';
  return readState(path, new Map(), (db) => new Map(db.prepare<[string], { file: string; read_at: string; ok: number }>(sql).all(repository).map(({ file, read_at, ok }) => [file, { readAt: read_at, ok: ok === 1 }])));
}

export interface RepositoryVerification {
  /** When anything of it was last read. */
  last: string;
  /** What is wrong with it as far as is known. */
  findings: number;
}

/** By repository. */
export function verificationStates(path: string): Map<string, RepositoryVerification> {
  const sql = `SELECT repo_name, max(time) AS last, (SELECT count(*) FROM verification_findings f WHERE f.repo_name = r.repo_name) AS findings FROM verified_repositories r GROUP BY repo_name`;
  return readState(path, new Map(), (db) => new Map(db.prepare<[], { repo_name: string; last: string; findings: number }>(sql).all().map(({ repo_name, ...state }) => [repo_name, state])));
}
