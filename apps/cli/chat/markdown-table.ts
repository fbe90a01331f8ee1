// A Markdown table with aligned columns that fit the terminal.
import { table } from '../format.ts';
import type { Style } from '../session.ts';

const NARROWEST = 8;
const GAP = 2;

/** Lines of GitHub's table syntax: the first is the heading, the second says how columns are aligned. */
export function markdownTable(lines: readonly string[], columns: number, style: Style): string {
  const rows = lines.map(cellsOf);
  const [heading = [], ruler = []] = rows;
  if (!ruler.every((cell) => /^:?-+:?$/.test(cell)) || ruler.length === 0) return lines.map((line) => `${line}\n`).join('');
  const body = rows.slice(2);
  const widths = fitted(heading.map((title, i) => Math.max(title.length, ...body.map((row) => row[i]?.length ?? 0))), columns);
  const laid = body.length === 0 ? [[]] : body;
  return table<string[]>(laid, heading.map((title, i) => ({ title: shortened(title, widths[i]), value: (row) => shortened(row[i] ?? '', widths[i]), align: /^-+:$/.test(ruler[i] ?? '') ? 'right' : 'left' })), style.bold);
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|').replace(/\*\*|`/g, ''));
}

/** Widths that fit, by taking from the widest. */
function fitted(widths: number[], columns: number): number[] {
  const left = [...widths];
  const used = (): number => left.reduce((sum, width) => sum + width + GAP, -GAP);
  for (let most = Math.max(...left); used() > columns && most > NARROWEST; most = Math.max(...left)) left[left.indexOf(most)] = most - 1;
  return left;
}

const shortened = (text: string, width = text.length): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
