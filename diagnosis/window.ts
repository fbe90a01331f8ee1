// The words for a time in a question, as a span of instants.

export interface Span {
  /** Milliseconds since 1970 UTC; the end is not part of it. */
  from: number;
  to: number;
  words: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, min: MINUTE, hour: HOUR, day: DAY, week: 7 * DAY };
const COUNTS: Readonly<Record<string, number>> = { a: 1, an: 1, one: 1, two: 2, three: 3, few: 4, couple: 2 };

const startOfDay = (instant: number): number => Math.floor(instant / DAY) * DAY;

interface Reading {
  pattern: RegExp;
  span(found: RegExpExecArray, now: number): [from: number, to: number] | null;
}

/** Days are those of UTC, as everywhere in PIVO; a night is from six in the evening to nine in the morning; what was "an hour ago" was within two. */
const READINGS: readonly Reading[] = [
  { pattern: /\b(?:last night|over ?night|tonight)(?:'s)?\b/i, span: (_, now) => [startOfDay(now) - 6 * HOUR, Math.min(now, startOfDay(now) + 9 * HOUR)] },
  { pattern: /\bthis morning\b/i, span: (_, now) => [startOfDay(now) + 4 * HOUR, startOfDay(now) + 12 * HOUR] },
  { pattern: /\byesterday(?:'s)?\b/i, span: (_, now) => [startOfDay(now) - DAY, startOfDay(now)] },
  { pattern: /\btoday(?:'s)?\b/i, span: (_, now) => [startOfDay(now), now] },
  { pattern: /\b(?:an?|one|two|three|(?:a )?few|a couple of|\d{1,4}) (minute|min|hour|day|week)s? ago\b/i, span: (found, now) => [now - 2 * agoOf(found), now] },
  { pattern: /\b(?:in |within |during |over )?the (?:last|past) (?:(?:\d{1,4}|two|three|few) )?(minute|min|hour|day|week)s?\b/i, span: (found, now) => [now - agoOf(found), now] },
  { pattern: /\blast week(?:'s)?\b/i, span: (_, now) => [now - 7 * DAY, now] },
  { pattern: /\bon (\d{4}-\d\d-\d\d)\b/i, span: ([, day = '']) => (Number.isNaN(Date.parse(day)) ? null : [Date.parse(day), Date.parse(day) + DAY]) },
  { pattern: /\bsince (\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?)\b/i, span: ([, instant = ''], now) => (Number.isNaN(Date.parse(instant)) ? null : [Date.parse(instant), now]) },
];

function agoOf([words, unit = '']: RegExpExecArray): number {
  const number = /\d+/.exec(words)?.[0];
  const named = words.toLowerCase().split(/\s+/).find((word) => word in COUNTS);
  return (number === undefined ? (COUNTS[named ?? 'a'] ?? 1) : Number(number)) * (UNITS[unit.toLowerCase()] ?? HOUR);
}

/** The span that the first words for a time name; null where there are none. `now`: milliseconds since 1970. */
export function spanIn(question: string, now: number): Span | null {
  for (const { pattern, span } of READINGS) {
    const found = pattern.exec(question);
    const edges = found === null ? null : span(found, now);
    if (found !== null && edges !== null) return { from: edges[0], to: edges[1], words: found[0] };
  }
  return null;
}

/** The question without its words for a time. */
export const withoutSpan = (question: string, span: Span | null): string => (span === null ? question : question.replace(span.words, ' '));
