// Puts words of a repository into Markdown, where they stay words.

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** On one line, without signs that move a terminal or turn the direction of text. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(CONTROL, '').trim();

/** A code span whose fence is longer than every run of backticks inside (CommonMark, section 6.1). */
export function code(text: string): string {
  const shown = oneLine(text);
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Text in which nothing is markup. */
export const plain = (text: string): string => oneLine(text).replaceAll(/[\\`*[\]<>|]/g, String.raw`\$&`);
