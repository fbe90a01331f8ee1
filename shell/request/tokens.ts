// Cuts a request into tokens: words, and values that are known by their shape, such as sizes, durations, paths and quoted texts.
import { PivoError } from '../../contract/failures.ts';

export type TokenKind = 'word' | 'quoted' | 'size' | 'duration' | 'time' | 'number' | 'path' | 'glob' | 'url' | 'application' | 'hostPort' | 'commit' | 'mode';

export interface Token {
  kind: TokenKind;
  /** As it was typed, without quotes. */
  text: string;
}

const NUMBERS: Record<string, number> = { a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, twenty: 20, fifty: 50, hundred: 100, last: 1, past: 1 };
const ORDINALS: Record<string, number> = { second: 2, third: 3, fourth: 4, fifth: 5 };
const COUNT = String.raw`\d+|(?:last|past) \d+|${Object.keys(NUMBERS).join('|')}`;
const UNIT = '(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)';
const DAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
const END = String.raw`(?=[\s,;?!)]|\.?\s|\.?$)`;

/** In order of precedence; each begins where the last token ended. */
const SHAPES: readonly (readonly [TokenKind, RegExp])[] = [
  ['quoted', /"(?<text>[^"]*)"|`(?<text>[^`]*)`|“(?<text>[^”]*)”|'(?<text>(?:[^']|'(?=\w))*)'(?=[\s,;?!.)]|$)/y],
  ['url', new RegExp(String.raw`(?:https?|ssh|git|ftp|s3a?)://[^\s'"]+?${END}|git@[\w.-]+:[^\s]+?${END}`, 'iy')],
  ['path', new RegExp(String.raw`(?:hdfs|har|webhdfs|file)://[^\s'"]+?${END}`, 'iy')],
  ['application', new RegExp(String.raw`application_\d+_\d+${END}`, 'y')],
  ['size', new RegExp(String.raw`\d+(?:\.\d+)? ?(?:[kmgt]i?b?|bytes?|kilobytes?|megs?|megabytes?|gigs?|gigabytes?|terabytes?)${END}`, 'iy')],
  ['duration', new RegExp(String.raw`(?:(?:${COUNT}) ?${UNIT}|\d+ ?[smhdwy])(?: ago)?${END}`, 'iy')],
  ['time', new RegExp(String.raw`(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?|yesterday|today|midnight|(?:last )?${DAY})${END}`, 'iy')],
  ['mode', new RegExp(String.raw`(?:[ugoa]*[+-][rwxX]+|0[0-7]{3}|[0-7]{3}(?=\s+(?:permissions?|mode|on|to|for)))${END}`, 'y')],
  ['hostPort', new RegExp(String.raw`[A-Za-z][\w.-]*:\d{2,5}(?:,[A-Za-z][\w.-]*:\d{2,5})*${END}`, 'y')],
  ['glob', new RegExp(String.raw`[^\s'"]*[*][^\s'",;]*${END}`, 'y')],
  ['commit', new RegExp(String.raw`(?:(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}|HEAD(?:[~^]\d*)*)${END}`, 'y')],
  ['path', new RegExp(String.raw`(?:~|\.{1,2})?/[^\s'"]*?${END}|~${END}|[\w@%+=.-]+/[^\s'"]*?${END}|[\w@%+=-][\w@%+=.-]*\.[A-Za-z][A-Za-z0-9]{0,9}${END}|\.[a-z]\w+(?!\s+files?\b)${END}`, 'y')],
  ['number', new RegExp(String.raw`\d+${END}`, 'y')],
  ['word', /[^\s"`“]+/y],
];

const MOST_CHARACTERS = 2_000;

/** Fails with InvalidInput for a request of several lines, or with control characters: a command is one line. */
export function tokensOf(request: string): Token[] {
  const text = request.trim();
  if (text === '') throw new PivoError('InvalidInput', 'the request is empty', { hint: 'Say in plain words what the command should do.' });
  if (text.length > MOST_CHARACTERS) throw new PivoError('InvalidInput', `the request is longer than ${MOST_CHARACTERS} characters`, { hint: 'One command does one thing; say that thing alone.' });
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F\u2028\u2029]/.test(text)) throw new PivoError('InvalidInput', 'a request is one line, without control characters', { hint: 'No line break can be in a command that PIVO writes; leave it out.' });
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const { token, end } = tokenAt(text, at);
    if (token !== null) tokens.push(token);
    at = end;
  }
  return tokens;
}

function tokenAt(text: string, at: number): { token: Token | null; end: number } {
  if (/[\s,;!?()]/.test(text[at] ?? '')) return { token: null, end: at + 1 };
  for (const [kind, shape] of SHAPES) {
    shape.lastIndex = at;
    const found = shape.exec(text);
    if (found === null || found[0] === '') continue;
    const raw = found.groups?.['text'] ?? found[0];
    const shown = kind === 'word' ? raw.replace(/[,;:!?.)]+$/, '') : raw;
    return { token: shown === '' && kind === 'word' ? null : { kind, text: shown }, end: at + found[0].length };
  }
  return { token: null, end: at + 1 };
}

/** The number that digits or a word say; null for neither. */
export function numberOf(text: string): number | null {
  const digits = /\d+/.exec(text);
  if (digits !== null) return Number(digits[0]);
  const word = text.toLowerCase().split(' ')[0] ?? '';
  return NUMBERS[word] ?? ORDINALS[word] ?? null;
}

/** Seconds of a duration such as `7 days`, `2h`, `last week`. */
export function secondsOf(text: string): number {
  const unit = /[\d ]([a-z])[a-z]*(?: ago)?$/i.exec(text)?.[1]?.toLowerCase() ?? 's';
  const word = /mo(?:nth)?s?\b/i.test(text) ? 'month' : unit;
  return (numberOf(text) ?? 1) * ({ s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, month: 2_592_000, y: 31_536_000 }[word] ?? 1);
}
