// Operation `query`: one SQL statement that reads the index.
import { z } from 'zod';
import type { QueryResult } from '../metadata/query-limits.ts';
import { DEFAULT_QUERY_LIMITS, ReadOnlyIndex, type Beside } from '../metadata/read-only.ts';
import { recordEngine } from '../records/settings.ts';
import { defineOperation, type OperationContext } from './operation.ts';

const open = new Map<string, ReadOnlyIndex>();

/** The reader of an index and of what lies beside it, with its warm process, for as long as this process lives. */
export function readerOf(path: string, beside: Beside = {}): ReadOnlyIndex {
  const key = JSON.stringify([path, beside]);
  const reader = open.get(key) ?? new ReadOnlyIndex(path, beside);
  open.set(key, reader);
  return reader;
}

/**
 * The records, unless PostgreSQL keeps them, which is asked with its own tools; and, for the owner at the command line only,
 * the state, which holds what other people asked the agent.
 */
function besideIndex({ records, caller, paths }: OperationContext): Beside {
  const named = records === undefined ? null : recordEngine(records.url);
  return {
    ...(named?.engine === 'sqlite' ? { records: named.path } : {}),
    ...(caller.owner && caller.via === 'cli' ? { state: paths.state } : {}),
  };
}

export const query = defineOperation({
  name: 'query',
  description: 'Runs one SQL statement that reads the index (repo_snapshots, commits, changes, refs, visits, restores, audit, message_search, path_search, forge_records, forge_history, forge_exports, forge_search), or the records beside it where SQLite keeps them (records.events, records.metrics, records.ingestion_manifest), and returns its rows.',
  kind: 'reads',
  input: z.strictObject({
    sql: z.string().min(1, 'a SELECT, WITH, VALUES or EXPLAIN statement').max(100_000),
    /** Most rows. */
    limit: z.number().int().positive().max(100_000).default(DEFAULT_QUERY_LIMITS.rows),
  }),
  run: (context, { sql, limit }, { signal }): Promise<QueryResult> => readerOf(context.paths.index, besideIndex(context)).query(sql, { rows: limit }, signal),
});
