// A file as readers see it: text with line numbers, or nothing where it is no text.

export interface Source {
  /** As `quotePath` writes it. */
  path: string;
  /** Last part of the path. */
  name: string;
  /** Line ends are `\n`; a line that is too long for any reader is empty. */
  text: string;
  lines: readonly string[];
  /** Lines that were too long. */
  skipped: number;
}

/** Longer lines hold data, not code that people wrote: no reader looks at them, so that none takes long over one. */
const LONGEST_LINE = 4_000;

/** Null for a file that is no text: it has a NUL byte. Bytes that are no UTF-8 become U+FFFD. */
export function sourceOf(path: string, content: Buffer): Source | null {
  if (content.includes(0)) return null;
  const whole = content.toString('utf8').replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n').split('\n');
  const lines = whole.map((line) => (line.length > LONGEST_LINE ? '' : line));
  return { path, name: baseName(path), text: lines.join('\n'), lines, skipped: whole.filter((line) => line.length > LONGEST_LINE).length };
}

/** The last part of a path; of a quoted one without its closing quote. */
export const baseName = (path: string): string => (path.startsWith('"') ? path.slice(1, -1) : path).split('/').at(-1) ?? '';

/** Tells the line of an offset, from 1; offsets may come in any order. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
