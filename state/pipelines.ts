// Proposed pipelines as the state database keeps them, and what became of them.
import type { Database } from 'better-sqlite3';
import type { PipelineStatus, ProposedFile } from '../contract/pipeline.ts';
import type { PipelineChange, PipelineRow, PipelineRows } from '../contract/pipeline-run.ts';
import { readState, withState } from './open.ts';

/** Columns of texts and JSON, by the names that the contract has. */
const COLUMNS = 'id, run_id AS runId, repo_name AS repository, commit_hash AS "commit", forge, system, status, hash, proposal, requested_by AS requestedBy, approver, branch, commit_id AS commitId, merge_request AS mergeRequest, run, failed, failure, created, updated';

type Stored = Omit<PipelineRow, 'proposal' | 'run' | 'failed'> & { proposal: string; run: string | null; failed: string };

const rowOf = ({ proposal, run, failed, ...row }: Stored): PipelineRow => ({ ...row, proposal: JSON.parse(proposal) as PipelineRow['proposal'], run: run === null ? null : (JSON.parse(run) as PipelineRow['run']), failed: JSON.parse(failed) as PipelineRow['failed'] });

/** Adapter of the port PipelineRows; nothing stays open. */
export function statePipelines(path: string): PipelineRows {
  return {
    propose: (row) => withState(path, (db) => db.transaction(() => insert(db, row)).immediate()),
    find: (id) => readState(path, null, (db) => find(db, id)),
    change: (id, change) => withState(path, (db) => update(db, id, change)),
  };
}

const find = (db: Database, id: string): PipelineRow | null => {
  const stored = db.prepare<[string], Stored>(`SELECT ${COLUMNS} FROM pipelines WHERE id = ?`).get(id);
  return stored === undefined ? null : rowOf(stored);
};

function insert(db: Database, row: PipelineRow): PipelineRow {
  const { files } = row.proposal;
  const contentOf = (is: (file: ProposedFile) => boolean): string | null => files.find(is)?.content ?? null;
  db.prepare(`INSERT OR IGNORE INTO pipelines (id, run_id, repo_name, commit_hash, forge, system, status, dockerfile, gitlab_ci, github_workflow, hash, proposal, requested_by, approver, branch, commit_id, merge_request, run, failed, failure, created, updated)
    VALUES (@id, @runId, @repository, @commit, @forge, @system, @status, @dockerfile, @gitlabCi, @githubWorkflow, @hash, @proposal, @requestedBy, @approver, @branch, @commitId, @mergeRequest, @run, @failed, @failure, @created, @updated)`).run({
    ...row,
    dockerfile: contentOf(({ path }) => /(?:^|\/)Dockerfile$/.test(path)),
    gitlabCi: contentOf(({ path }) => path === '.gitlab-ci.yml'),
    githubWorkflow: contentOf(({ path }) => path.startsWith('.github/workflows/')),
    proposal: JSON.stringify(row.proposal),
    run: row.run === null ? null : JSON.stringify(row.run),
    failed: JSON.stringify(row.failed),
  });
  return find(db, row.id) ?? row;
}

/** What the change does not name stays. */
function update(db: Database, id: string, { status, approver, branch, commitId, mergeRequest, run, failed, failure }: PipelineChange): void {
  db.prepare(`UPDATE pipelines SET status = coalesce(@status, status), approver = coalesce(@approver, approver), branch = coalesce(@branch, branch), commit_id = coalesce(@commitId, commit_id),
    merge_request = coalesce(@mergeRequest, merge_request), run = coalesce(@run, run), failed = coalesce(@failed, failed), failure = coalesce(@failure, failure), updated = @now WHERE id = @id`).run({
    id,
    status: status ?? null,
    approver: approver ?? null,
    branch: branch ?? null,
    commitId: commitId ?? null,
    mergeRequest: mergeRequest ?? null,
    run: run == null ? null : JSON.stringify(run),
    failed: failed === undefined ? null : JSON.stringify(failed),
    failure: failure ?? null,
    now: new Date().toISOString(),
  });
}

/** Which pipelines are meant; what is not given is any. */
export interface PipelineFilter {
  repository?: string | undefined;
  branch?: string | undefined;
  status?: PipelineStatus | undefined;
}

/** A pipeline without its files. */
export type PipelineEntry = Omit<PipelineRow, 'proposal' | 'runId'> & { files: string[] };

/** The latest first. */
export function listPipelines(path: string, { repository, branch, status }: PipelineFilter, limit: number): PipelineEntry[] {
  const sql = `SELECT ${COLUMNS} FROM pipelines WHERE (@repository IS NULL OR repo_name = @repository) AND (@branch IS NULL OR branch = @branch) AND (@status IS NULL OR status = @status) ORDER BY created DESC, rowid DESC LIMIT @limit`;
  return readState(path, [], (db) => db.prepare<[object], Stored>(sql).all({ repository: repository ?? null, branch: branch ?? null, status: status ?? null, limit }).map((stored) => entryOf(rowOf(stored))));
}

function entryOf({ proposal, runId: _runId, ...row }: PipelineRow): PipelineEntry {
  return { ...row, files: proposal.files.map(({ path }) => path) };
}
