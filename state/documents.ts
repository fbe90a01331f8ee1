// Generated documentation as the state database keeps it: what a model wrote cannot be made again.
import { readState, withState } from './open.ts';

/** What a document belongs to. */
export interface DocumentKey {
  repository: string;
  commit: string;
  path: string;
  generator: number;
  writtenBy: string;
}

export interface KeptDocument extends DocumentKey {
  time: string;
  content: string;
  /** JSON text. */
  result: string;
}

export interface DocumentSummary extends DocumentKey {
  time: string;
  /** Of the content. */
  bytes: number;
}

const KEY = 'repo_name AS repository, commit_hash AS "commit", path, generator, written_by AS writtenBy, time';

/** A document of the same key is replaced. Fails with Unavailable. */
export function keepDocument(path: string, document: KeptDocument): void {
  withState(path, (db) => db.prepare<[KeptDocument]>('INSERT OR REPLACE INTO documents (repo_name, commit_hash, path, generator, written_by, time, content, result) VALUES (@repository, @commit, @path, @generator, @writtenBy, @time, @content, @result)').run(document));
}

export function findDocument(path: string, key: DocumentKey): KeptDocument | undefined {
  const sql = `SELECT ${KEY}, content, result FROM documents WHERE repo_name = @repository AND commit_hash = @commit AND path = @path AND generator = @generator AND written_by = @writtenBy`;
  return readState(path, undefined, (db) => db.prepare<[DocumentKey], KeptDocument>(sql).get(key));
}

/** The latest first; of one repository or of all. */
export function listDocuments(path: string, repository: string | undefined, limit: number): DocumentSummary[] {
  const sql = `SELECT ${KEY}, length(CAST(content AS BLOB)) AS bytes FROM documents WHERE (@repository IS NULL OR repo_name = @repository) ORDER BY time DESC, repo_name, path LIMIT @limit`;
  return readState(path, [], (db) => db.prepare<[object], DocumentSummary>(sql).all({ repository: repository ?? null, limit }));
}
