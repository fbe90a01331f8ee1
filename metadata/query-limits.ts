// What a read-only statement may cost, and the words between a reader and its process.

export interface QueryLimits {
  /** Most rows; more are cut off and said to be. */
  rows: number;
  /** Most bytes of all values together. */
  bytes: number;
  /** Most milliseconds; then the process is killed. */
  milliseconds: number;
}

/** Most bytes that the process of a query may take in memory. */
export const QUERY_MEMORY_BYTES = 512 * 2 ** 20;

/** Values as JSON can hold them: a blob is its hex digits after `x'`, an integer past 2^53 its digits. */
export type Value = string | number | null;

export interface QueryResult {
  columns: string[];
  rows: Value[][];
  /** More rows were there than the limits let through. */
  truncated: boolean;
  /** Milliseconds that SQLite took. */
  ms: number;
}

export interface QueryRequest extends QueryLimits {
  sql: string;
}
