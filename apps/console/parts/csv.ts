// Rows as CSV (RFC 4180).
import type { QueryResult, Value } from '../api/sql.ts';

/** A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
function cell(value: Value): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csvOf = ({ columns, rows }: Pick<QueryResult, 'columns' | 'rows'>): string => [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
