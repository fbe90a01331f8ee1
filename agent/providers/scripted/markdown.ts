// Writes answers as Markdown: whatever a repository holds stays text inside a cell or a fence.

const MOST_CELL = 120;

/** A value of an answer as text; what is no single value as JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A cell: one line, without signs that would end it or mean markup. */
export function cell(value: unknown): string {
  const text = textOf(value).replaceAll(/\s+/g, ' ').trim();
  const short = text.length > MOST_CELL ? `${text.slice(0, MOST_CELL - 1)}…` : text;
  return short.replaceAll(/[\\|`*_[\]<>]/g, (sign) => (sign === '_' ? sign : `\\${sign}`));
}

/** A table of rows; the columns are those of the first row. */
export function table(rows: readonly Record<string, unknown>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns.map(cell)), line(columns.map(() => '---')), ...rows.map((row) => line(columns.map((column) => cell(row[column]))))].join('\n');
}

/** A fence that is longer than every one inside. */
export function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

export const paragraphs = (...parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined && part !== '').join('\n\n');

/** `1 commit`, `2 commits`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** The first digits of a hash, as people read them. */
export const shortHash = (hash: unknown): string => textOf(hash).slice(0, 12);
