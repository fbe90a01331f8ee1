// An instant as a browser's field for date and time has it: in the reader's own zone, to the second.

/** `2026-11-21T18:05:09` of an ISO 8601 instant; empty for none. */
export function localTime(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** The instant of such a field, ISO 8601 UTC; empty for none. */
export function instantOf(field: string): string {
  const date = new Date(field);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
