// Reads times and levels as logs write them. A time without a zone is UTC, as everywhere in PIVO.
import type { LogLevel } from '../../contract/logs.ts';

const ISO = /^[[(]?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?[\])]?(?=$|[\s,:|-])/;
/** Spark's log4j pattern `yy/MM/dd HH:mm:ss`. */
const SHORT = /^(\d\d)\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?=\s)/;

export interface Stamp {
  /** Milliseconds since 1970 UTC. */
  time: number;
  /** Characters that it takes. */
  length: number;
}

/** The time at the start of a line, in ISO 8601, log4j's ISO8601 (`yyyy-MM-dd HH:mm:ss,SSS`) or Spark's short form; null without one. */
export function stampOf(line: string): Stamp | null {
  const first = line.charCodeAt(0);
  if ((first < 48 || first > 57) && first !== 91 && first !== 40) return null; // a digit, [ or (
  const found = ISO.exec(line) ?? SHORT.exec(line);
  if (found === null) return null;
  const [whole, year, month, day, hour, minute, second, fraction, zone] = found as unknown as [string, ...(string | undefined)[]];
  const fullYear = Number(year) < 100 ? 2000 + Number(year) : Number(year);
  const time = utc(fullYear, Number(month), Number(day), Number(hour), Number(minute), Number(second)) + milliseconds(fraction) - zoneOffset(zone);
  return Number.isNaN(time) ? null : { time, length: whole.length };
}

/** NaN for a date that is none. */
function utc(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  return month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 ? Number.NaN : Date.UTC(year, month - 1, day, hour, minute, second);
}

const milliseconds = (fraction: string | undefined): number => (fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6));

function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || zone.length < 5) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** The instant of a JSON field: ISO text, or seconds, milliseconds, microseconds or nanoseconds since 1970. */
export function instantOf(value: unknown): number | null {
  if (typeof value === 'string') return stampOf(value)?.time ?? (/^\d{9,19}(\.\d+)?$/.test(value) ? instantOf(Number(value)) : null);
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return null;
  if (value < 1e11) return Math.round(value * 1000);
  if (value < 1e14) return Math.round(value);
  return Math.round(value / (value < 1e17 ? 1e3 : 1e6));
}

const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'trace', finest: 'trace', debug: 'debug', fine: 'debug', info: 'info', information: 'info', notice: 'info',
  warn: 'warn', warning: 'warn', error: 'error', err: 'error', severe: 'error', fatal: 'fatal', critical: 'fatal', panic: 'fatal', emergency: 'fatal',
};

/** The level that a word or one of pino's numbers names; null for others. */
export function levelNamed(value: unknown): LogLevel | null {
  if (typeof value === 'string') return LEVELS[value.toLowerCase()] ?? null;
  if (typeof value !== 'number') return null;
  return value >= 60 ? 'fatal' : value >= 50 ? 'error' : value >= 40 ? 'warn' : value >= 30 ? 'info' : value >= 20 ? 'debug' : 'trace';
}
