// How many edits apart two words are.

/**
 * Insertions, deletions, replacements and swaps of neighbours that make one word of the other
 * (optimal string alignment: Damerau, "A technique for computer detection and correction of spelling errors", CACM 1964).
 */
export function distance(from: string, to: string): number {
  const width = to.length + 1;
  const rows = [Array.from({ length: width }, (_, at) => at)];
  for (let i = 1; i <= from.length; i++) rows.push(nextRow(rows, from, to, i));
  return rows[from.length]?.[to.length] ?? 0;
}

function nextRow(rows: readonly number[][], from: string, to: string, i: number): number[] {
  const at = (back: number, j: number): number => rows[i - back]?.[j] ?? Number.POSITIVE_INFINITY;
  const row = [i];
  for (let j = 1; j <= to.length; j++) {
    const replaced = at(1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
    const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? at(2, j - 2) + 1 : Number.POSITIVE_INFINITY;
    row.push(Math.min(at(1, j) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
  }
  return row;
}
