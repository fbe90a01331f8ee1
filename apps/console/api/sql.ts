// Rows of the index by SQL: what many pages ask, written once.
import type { query } from '../../../operations/query.ts';
import { rowsOf, sqlText } from '../../../operations/rows.ts';
import { post } from './client.ts';

export { sqlText };

/** What one statement answers. */
export type QueryResult = Awaited<ReturnType<(typeof query)['run']>>;
export type Value = QueryResult['rows'][number][number];

export type Row = Record<string, string | number | null>;

/** The rows of one statement. */
export async function rows(sql: string, { limit = 1000, signal }: { limit?: number; signal?: AbortSignal | undefined } = {}): Promise<Row[]> {
  return rowsOf(await post<QueryResult>(['query'], { sql, limit }, signal));
}

export const text = (row: Row | undefined, column: string): string => String(row?.[column] ?? '');
export const number = (row: Row | undefined, column: string): number => Number(row?.[column] ?? 0);
