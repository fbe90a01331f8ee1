// Turns the words for a time into a filter of SQL; "now" is the index's own clock.
import { sqlText } from '../../../operations/rows.ts';

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];

/** A time span as expressions of SQL, the end not in it. */
interface Span {
  from?: string;
  to?: string;
}

/** Matches the words of a time, as part of a question. */
export const WHEN = String.raw`(?<when>(?:(?:in|within|during|over) the )?(?:last|this|past|previous) (?:\d+ )?(?:day|week|month|year)s?|today|yesterday|(?:since|after|before|until|on) (?:the )?[\w:+.-]+(?: (?:day|week|month|year)| \d{4})?|between \S+ and \S+|(?:in|during) (?:\d{4}(?:-\d\d)?|(?:${MONTHS.join('|')}) \d{4}))`;

/** What cannot be the name of a repository after "in". */
export const NO_NAME = String.raw`(?!(?:\d{4}(?:-\d\d)*|the last|the past|this|last|past|previous|${MONTHS.join('|')})\b)`;

/**
 * ` AND column >= … AND column < …` for words such as `last month`, `since 2026-01-01`, `in October 2026`; empty for none.
 * Null for words that are not understood. `column` holds ISO 8601, so that a date compares with it as text.
 */
export function whenFilter(words: string | undefined, column: string): string | null {
  if (words === undefined) return '';
  const span = spanOf(words.toLowerCase().trim());
  if (span === null) return null;
  return `${span.from === undefined ? '' : ` AND ${column} >= ${span.from}`}${span.to === undefined ? '' : ` AND ${column} < ${span.to}`}`;
}

function spanOf(words: string): Span | null {
  const edge = /^(since|after|before|until|on) (?:the )?(.+)$/.exec(words);
  if (edge !== null) return edgeOf(edge[1] ?? '', named(edge[2] ?? '') ?? dateSpan(edge[2] ?? ''));
  const between = /^between (\S+) and (\S+)$/.exec(words);
  if (between !== null) {
    const [from, to] = [dateSpan(between[1] ?? ''), dateSpan(between[2] ?? '')];
    return from?.from === undefined || to?.to === undefined ? null : { from: from.from, to: to.to };
  }
  const plain = words.replace(/^(?:in|within|during|over) (?:the )?/, '');
  return named(plain) ?? dateSpan(plain);
}

/** What `since`, `before`, … make of a span. */
function edgeOf(word: string, span: Span | null): Span | null {
  if (span === null) return null;
  const { from, to } = span;
  switch (word) {
    case 'since':
      return from === undefined ? null : { from };
    case 'after':
      return to === undefined ? null : { from: to };
    case 'before':
      return from === undefined ? null : { to: from };
    case 'until':
      return to === undefined ? null : { to };
    default:
      return span;
  }
}

const STARTS: Record<string, string> = { day: "'start of day'", week: "'weekday 0', '-6 days'", month: "'start of month'", year: "'start of year'" };
const LENGTHS: Record<string, string> = { day: "'-1 day'", week: "'-7 days'", month: "'-1 month'", year: "'-1 year'" };

/** `today`, `last week` (Monday to Sunday), `this year`, `past month`, `last 30 days`. */
function named(words: string): Span | null {
  if (words === 'today') return { from: "date('now')" };
  if (words === 'yesterday') return { from: "date('now', '-1 day')", to: "date('now')" };
  const [, which = '', count, unit = ''] = /^(last|previous|past|this) (?:(\d+) )?(day|week|month|year)s?$/.exec(words) ?? [];
  const [start, length] = [STARTS[unit], LENGTHS[unit]];
  if (start === undefined || length === undefined) return null;
  if (which === 'this') return { from: `date('now', ${start})` };
  if (count !== undefined || which === 'past') return { from: `date('now', '-${unit === 'week' ? Number(count ?? 1) * 7 : Number(count ?? 1)} ${unit === 'week' ? 'day' : unit}s')` };
  return { from: `date('now', ${start}, ${length})`, to: `date('now', ${start})` };
}

/** A year, a month (`2026-10`, `october 2026`), a day, or an instant, which is a span without length. */
function dateSpan(text: string): Span | null {
  const month = /^([a-z]+) (\d{4})$/.exec(text);
  const at = month === null ? -1 : MONTHS.indexOf(month[1] ?? '');
  if (month !== null) return at === -1 ? null : dateSpan(`${month[2]}-${String(at + 1).padStart(2, '0')}`);
  if (/^\d{4}$/.test(text)) return { from: sqlText(`${text}-01-01`), to: sqlText(`${Number(text) + 1}-01-01`) };
  if (/^\d{4}-\d\d$/.test(text)) return { from: sqlText(`${text}-01`), to: `date(${sqlText(`${text}-01`)}, '+1 month')` };
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return { from: sqlText(text), to: `date(${sqlText(text)}, '+1 day')` };
  if (/^\d{4}-\d\d-\d\dt[\d:.]+z?$/.test(text)) return { from: sqlText(text.toUpperCase()), to: sqlText(text.toUpperCase()) };
  return null;
}
