// Numbers, times and ids as the pages show them.

const counted = new Intl.NumberFormat('en');
const listedTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const since = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `12,345`. */
export const count = (value: number): string => counted.format(value);

/** `1 commit`, `2 commits`. */
export const many = (value: number, what: string, plural = `${what}s`): string => `${count(value)} ${value === 1 ? what : plural}`;

/** `1.5 MB`: powers of 1000. */
export function size(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(5, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB', 'PB'][step]}`;
}

/** `1.5 s`, `2 min 5 s`, `3 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const STEPS = [['second', 60], ['minute', 60], ['hour', 24], ['day', 30], ['month', 12], ['year', Number.POSITIVE_INFINITY]] as const;

/** `3 hours ago`, `in 2 days`. */
export function ago(time: string, now = Date.now()): string {
  let value = (Date.parse(time) - now) / 1000;
  for (const [unit, most] of STEPS) {
    if (Math.abs(value) < most) return Number.isNaN(value) ? time : since.format(Math.round(value), unit);
    value /= most;
  }
  return time;
}

/** The whole time in the reader's own zone. */
export function when(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : listedTime.format(date);
}

/** The short form of an object or snapshot id, as git abbreviates. */
export const short = (id: string): string => id.replace(/^(?:swh|pivo):1:snp:/, 'snp-').replace(/^(snp-)?([0-9a-f]{10})[0-9a-f]{30,}$/, '$1$2');

/** `refs/heads/main` as people say it: `main`. */
export const refLabel = (name: string): string => name.replace(/^refs\/(heads|tags)\//, '');

// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text of a repository with its control and direction marks shown, so that it cannot look like something else. */
export const shown = (text: string): string => text.replace(UNSEEN, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`);
