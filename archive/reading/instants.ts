// Instants as people write them: ISO 8601, UTC where no zone is given, a date alone is the end of its day.

const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** The instant that `text` says, or null when it says none: `2026-11-01`, `2026-11-01T12:00Z`, `2026-11-01 12:00:30.5+02:00`. */
export function parseInstant(text: string): Date | null {
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = FORM.exec(text) ?? [];
  if (year === undefined) return null;
  const date = [Number(year), Number(month), Number(day)] as const;
  const time = hour === undefined ? ([23, 59, 59, 999] as const) : ([Number(hour), Number(minute), Number(second), milliseconds(fraction)] as const);
  const minutes = zoneMinutes(zone);
  if (!isDate(...date) || time[0] > 24 || time[1] > 59 || time[2] > 60 || minutes === null) return null;
  if (time[0] === 24 && (time[1] > 0 || time[2] > 0 || time[3] > 0)) return null;
  return new Date(Date.UTC(date[0], date[1] - 1, date[2], ...time) - minutes * 60_000);
}

const milliseconds = (fraction: string): number => Number(fraction.padEnd(3, '0').slice(0, 3));

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Minutes east of UTC; null for a zone that cannot be. */
function zoneMinutes(zone: string | undefined): number | null {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '') ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 14 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
