// Log entries as people read them: hits with what stands around them, one entry's surroundings, single lines.
import type { LogContext, LogLine, LogSearch } from '../../contract/log-search.ts';
import { instant, safe, safeLine } from './format.ts';
import type { Style } from './session.ts';

/** Lines of a stack that are shown with a hit. */
const STACK_LINES = 6;

export function hitsText({ hits }: LogSearch, style: Style): string {
  if (hits.length === 0) return 'nothing found\n';
  return hits.map((hit) => `${[...hit.before.map((text) => style.dim(`  ${safeLine(text)}`)), entryText(hit, style), ...hit.after.map((text) => style.dim(`  ${safeLine(text)}`))].join('\n')}\n`).join(hits.some(({ before, after }) => before.length + after.length > 0) ? '\n' : '');
}

export function contextText({ entry, before, after }: LogContext, style: Style): string {
  const around = (lines: readonly LogLine[]): string => lines.map((line) => style.dim(lineText(line, { ...style, bold: (text) => text, red: (text) => text, yellow: (text) => text, dim: (text) => text }))).join('');
  return `${around(before)}${entryText(entry, style, Number.POSITIVE_INFINITY)}\n${around(after)}`;
}

/** One entry on one line. */
export const lineText = (line: LogLine, style: Style): string => `${headOf(line, style)} ${safeLine(line.text)}\n`;

function entryText(line: LogLine, style: Style, stackLines = STACK_LINES): string {
  const stack = line.exception === undefined ? [] : safe(line.exception).split('\n');
  const telling = stackLines < stack.length ? stack.filter((text) => /^\S/.test(text)) : stack; // what failed and why: frames are indented
  const shown = telling.slice(0, stackLines).map((text) => `    ${text}`);
  const rest = stack.length > shown.length ? [style.dim(`    … ${stack.length - shown.length} more lines`)] : [];
  return [`${headOf(line, style)} ${style.bold(safeLine(line.text))}`, ...shown, ...rest, style.dim(`    ${line.link}  ${safeLine(line.sourceName)}${line.run === null ? '' : `  ${safeLine(line.run)}`}`)].join('\n');
}

function headOf({ time, level, component }: LogLine, style: Style): string {
  const word = (level ?? '-').padEnd(5);
  const shown = level === 'error' || level === 'fatal' ? style.red(word) : level === 'warn' ? style.yellow(word) : style.dim(word);
  return `${style.dim(instant(time))} ${shown}${component === null ? '' : ` ${safeLine(component.split('.').at(-1) ?? component)}:`}`;
}
