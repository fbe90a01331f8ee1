// What a repository says of itself: the first words of its README, as a quotation.
import type { ListedFile } from '../../analysis/analyse.ts';

export interface Quotation {
  text: string;
  file: string;
  /** Of its first line. */
  line: number;
}

const LONGEST = 600;
/** Lines that are no prose: headings, badges, HTML, tables, rules, lists, quotations, options of reStructuredText. */
const NO_PROSE = /^\s*(?:#|!\[|\[!\[|<|\||[-=~*_]{3,}|[-*+]\s|\d+[.)]\s|>|\.\.\s|:\w+:|```|~~~|\[[^\]]*\]:)/;

/** The README of the folder itself, by the names that forges show. */
export function readmeOf(files: readonly ListedFile[], folder: string): ListedFile | undefined {
  const prefix = folder === '' ? '' : `${folder}/`;
  return files.filter(({ path }) => path.startsWith(prefix) && /^readme(?:\.(?:md|markdown|rst|txt))?$/i.test(path.slice(prefix.length))).sort((a, b) => (a.path < b.path ? -1 : 1))[0];
}

/** The first paragraph of prose; null where there is none. */
export function quotationOf(file: string, content: Buffer): Quotation | null {
  const lines = content.subarray(0, 65_536).toString('utf8').split(/\r\n?|\n/);
  const first = firstProse(lines);
  if (first === -1) return null;
  const end = lines.findIndex((line, at) => at > first && (line.trim() === '' || NO_PROSE.test(line)));
  const text = lines.slice(first, end === -1 ? first + 20 : end).join(' ').slice(0, 20_000).replaceAll(/!?\[([^\]]{0,200})\]\([^)]{0,500}\)/g, '$1').replaceAll(/<[^>]{0,200}>/g, '').replaceAll(/\s+/g, ' ').trim();
  return text === '' ? null : { text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text, file, line: first + 1 };
}

/** The number of the first line of prose outside of code blocks, from 0; -1 where there is none. */
function firstProse(lines: readonly string[]): number {
  let fenced = false;
  for (const [at, line] of lines.entries()) {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    else if (!fenced && line.trim().length > 20 && !NO_PROSE.test(line)) return at;
  }
  return -1;
}
