// Operation `query`: one SQL statement that reads the index.
import { z } from 'zod';
import type { QueryResult } from '../metadata/query-limits.ts';
import { DEFAULT_QUERY_LIMITS, ReadOnlyIndex } from '../metadata/read-only.ts';
import { defineOperation } from './operation.ts';

const open = new Map<string, ReadOnlyIndex>();

/** The reader of an index, with its warm process, for as long as this process lives. */
export function readerOf(path: string): ReadOnlyIndex {
  const reader = open.get(path) ?? new ReadOnlyIndex(path);
  open.set(path, reader);
  return reader;
}

export const query = defineOperation({
  name: 'query',
  description: 'Runs one SQL statement that reads the index (repo_snapshots, commits, changes, refs, visits, restores, audit, message_search, path_search) and returns its rows.',
  kind: 'reads',
  input: z.strictObject({
    sql: z.string().min(1, 'a SELECT, WITH, VALUES or EXPLAIN statement').max(100_000),
    /** Most rows. */
    limit: z.number().int().positive().max(100_000).default(DEFAULT_QUERY_LIMITS.rows),
  }),
  run: (context, { sql, limit }, { signal }): Promise<QueryResult> => readerOf(context.paths.index).query(sql, { rows: limit }, signal),
});
