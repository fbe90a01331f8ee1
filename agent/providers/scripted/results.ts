// Reads what tools answer: rows of the index, entries of listings, texts.
import { sqlText } from '../../../operations/rows.ts';
import { ToolFailed, use, type Script } from './script.ts';

export type Row = Record<string, unknown>;

export const objectOf = (value: unknown): Row => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {});
export const listOf = (value: unknown): Row[] => (Array.isArray(value) ? value.map(objectOf) : []);

/** The rows of one statement. */
export function* rowsOf(sql: string): Script<Row[]> {
  return tableOf(yield* use('query_metadata', { sql }));
}

/** Rows as objects, from columns and rows, or from a list of objects. */
export function tableOf(value: unknown): Row[] {
  const { columns, rows } = objectOf(value);
  if (!Array.isArray(columns)) return listOf(rows ?? value);
  return (Array.isArray(rows) ? rows : []).map((row: unknown) => (Array.isArray(row) ? Object.fromEntries(columns.map((column, at) => [String(column), (row as unknown[])[at] ?? null])) : objectOf(row)));
}

/** What is said of a result that is not whole; undefined for a whole one. */
export function cutNote(value: unknown): string | undefined {
  const { cut, truncated, more } = objectOf(value);
  return typeof cut === 'string' ? cut : truncated === true || more === true ? 'There are more.' : undefined;
}

/**
 * The repository's name as it is written in the index, found without regard to case, or by its last part where a fleet
 * writes `owner.name`. Fails with the names that there are.
 */
export function* repositoryNamed(asked: string): Script {
  const names = (yield* rowsOf('SELECT DISTINCT repo_name FROM visits ORDER BY repo_name')).map(({ repo_name: name }) => String(name));
  const same = (name: string): boolean => name.toLowerCase() === asked.toLowerCase();
  const found = names.includes(asked) ? [asked] : [names.filter(same), names.filter((name) => same(name.split('.').slice(1).join('.')))].find((list) => list.length > 0);
  if (found?.length === 1 && found[0] !== undefined) return found[0];
  if (found !== undefined) throw new ToolFailed(`"${asked}" may be ${found.join(' or ')}.`, 'Ask again with the whole name.');
  throw new ToolFailed(`There is no backup of a repository named "${asked}".`, names.length === 0 ? 'Nothing is backed up yet: `back up URL` starts.' : `There are ${names.slice(0, 30).join(', ')}${names.length > 30 ? ', …' : ''}.`);
}

/** The name of the repository that a question names, and the filter for it; none where it names none. */
export function* repositoryFilter(asked: string | undefined, column = 'repo_name'): Script<{ name: string | undefined; where: string }> {
  if (asked === undefined) return { name: undefined, where: '' };
  const name = yield* repositoryNamed(asked);
  return { name, where: ` AND ${column} = ${sqlText(name)}` };
}

/** A pattern of LIKE that finds `text` anywhere, after `ESCAPE '\\'`. */
export const likeText = (before: string, text: string, after: string): string => `${sqlText(`${before}${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}${after}`)} ESCAPE '\\'`;
