// Numbers, dates, ids and tables as people read them.
import { stripVTControlCharacters } from 'node:util';

/** `1.5 MB`: powers of 1000, as disks and networks are measured. */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${bytes === 1 ? 'byte' : units[unit]}`;
}

/** `12,345`. */
export const count = (value: number): string => String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 commit`, `2 commits`. */
export const many = (value: number, what: string, plural = `${what}s`): string => `${count(value)} ${value === 1 ? what : plural}`;

/** `2026-11-21 10:46:22` of an ISO 8601 instant or milliseconds since 1970, in UTC; `-` for none. */
export function instant(time: string | number | null | undefined): string {
  if (time === null || time === undefined) return '-';
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().slice(0, 19).replace('T', ' ');
}

/** The short form of an object or snapshot id, as git abbreviates. */
export function shortId(id: string | null | undefined): string {
  if (id === null || id === undefined) return '-';
  const [, prefix, hex] = /^(.*:)?([0-9a-f]{40,64})$/.exec(id) ?? [];
  return hex === undefined ? id : `${prefix === undefined ? '' : 'snp-'}${hex.slice(0, 12)}`;
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Marks that turn the direction of what is read (Unicode Annex 9): with them a line looks like another one. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const hexOf = (each: string): string => each.charCodeAt(0).toString(16).padStart(2, '0');

/** Text of a repository made safe for a terminal: control characters, escapes among them, are shown as `\xNN`, marks of direction as `\u{NNNN}`. */
export const safe = (text: string): string => text.replace(CONTROL, (each) => `\\x${hexOf(each)}`).replace(DIRECTION, (each) => `\\u{${hexOf(each)}}`);

/** As `safe`, on one line. */
export const safeLine = (text: string): string => safe(text).replace(/[\t\n]/g, ' ');

export interface Column<Row> {
  title: string;
  value(row: Row): string;
  align?: 'left' | 'right';
}

const width = (text: string): number => Array.from(stripVTControlCharacters(text)).length;

/** Aligned columns under their titles; nothing for no rows. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], title: (text: string) => string = (text) => text): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const widths = columns.map((column, i) => cells.reduce((most, row) => Math.max(most, width(row[i] ?? '')), width(column.title)));
  const lay = (texts: readonly string[], paint: (text: string) => string): string =>
    texts.map((text, i) => pad(paint(text), (widths[i] ?? 0) - width(text), columns[i]?.align, i === texts.length - 1)).join('  ').trimEnd();
  return [lay(columns.map((column) => column.title), title), ...cells.map((row) => lay(row, (text) => text))].map((row) => `${row}\n`).join('');
}

function pad(text: string, missing: number, align: 'left' | 'right' | undefined, last: boolean): string {
  if (align === 'right') return ' '.repeat(missing) + text;
  return last ? text : text + ' '.repeat(missing);
}

/** `name  value` lines with aligned values; fields without a value are left out. */
export function fields(entries: readonly (readonly [string, string | null | undefined])[], indent = ''): string {
  const shown = entries.filter(([, value]) => value !== null && value !== undefined);
  const widest = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${indent}${name.padEnd(widest)}  ${value}\n`).join('');
}

/** `PT36H` and the like are for machines; this is `36 hours`. */
export function duration(seconds: number): string {
  for (const [unit, length] of [['day', 86_400], ['hour', 3_600], ['minute', 60]] as const) if (seconds >= length && seconds % length === 0) return many(seconds / length, unit);
  return many(seconds, 'second');
}
