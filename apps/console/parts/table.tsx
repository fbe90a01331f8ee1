// A table that scrolls by itself and reads well on a phone.
import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** `number` is aligned to the right; `wide` takes what room there is. */
  kind?: 'number' | 'wide';
  /** Not needed on a phone. */
  minor?: boolean;
}

export function Table<Row>({ rows, columns, label, of }: { rows: readonly Row[]; columns: readonly Column<Row>[]; label: string; of: (row: Row, at: number) => string }): JSX.Element {
  const classOf = ({ kind, minor }: Column<Row>): string => `${kind ?? ''}${minor === true ? ' minor' : ''}`;
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead><tr>{columns.map((column) => <th key={column.title} scope="col" class={classOf(column)}>{column.title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, at) => <tr key={of(row, at)}>{columns.map((column) => <td key={column.title} class={classOf(column)}>{column.cell(row)}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}
