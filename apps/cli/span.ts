// Spans of time as people type them: 90s, 30m, 6h, 1d, 2w.
import { PivoError } from '../../contract/failures.ts';

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** Seconds. Fails with InvalidInput. */
export function spanSeconds(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,8})([smhdw])$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) throw new PivoError('InvalidInput', `${JSON.stringify(text)} is not a span of time`, { hint: 'A number and a unit: 90s, 30m, 6h, 1d or 2w.' });
  return Number(number) * (SECONDS[unit] ?? 1);
}

/** A span back from now as an instant; an instant stays as it was typed. Fails with InvalidInput. */
export const instantOf = (text: string): string => (/^\d+[smhdw]$/.test(text) ? new Date(Date.now() - spanSeconds(text) * 1000).toISOString() : text);
