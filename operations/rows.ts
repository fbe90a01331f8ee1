// Rows of the index as objects, and text as SQL writes it.
import type { QueryResult, Value } from '../metadata/query-limits.ts';

/** Rows by column name. */
export function rowsOf({ columns, rows }: QueryResult): Record<string, Value>[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])));
}

/** A string literal of SQL. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
