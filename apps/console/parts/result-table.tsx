// Rows of a query as a table.
import type { JSX } from 'preact';
import type { Value } from '../api/sql.ts';
import { shown } from '../format.ts';

export function ResultTable({ columns, rows }: { columns: readonly string[]; rows: readonly (readonly Value[])[] }): JSX.Element {
  return (
    <div class="scroll result" role="region" aria-label="Rows" tabIndex={0}>
      <table>
        <thead><tr>{columns.map((column, i) => <th key={i} scope="col" class={typeof rows[0]?.[i] === 'number' ? 'number' : ''}>{shown(column)}</th>)}</tr></thead>
        <tbody>{rows.map((row, i) => <tr key={i}>{row.map((value, j) => <td key={j} class={typeof value === 'number' ? 'number' : ''}>{value === null ? <span class="quiet">NULL</span> : shown(String(value))}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
