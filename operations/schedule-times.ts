// When a schedule starts something, and what it does where a run still goes on: input as people give it, spec as Temporal takes it.
import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { z } from 'zod';
import { TimeZone } from './time-zone.ts';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const SHORTEST_SECONDS = 10;

const spanPattern = (pattern: RegExp): z.ZodType<number, string> =>
  z.string().regex(pattern, 'a span is a number and a unit: 90s, 30m, 6h, 1d or 2w').transform((span) => Number(span.slice(0, -1)) * UNITS[span.slice(-1) as keyof typeof UNITS]);

/** `90s`, `30m`, `6h`, `1d`, `2w`; in seconds. */
const Span = spanPattern(/^[1-9][0-9]{0,8}[smhdw]$/);
const atLeast = (seconds: number): boolean => seconds >= SHORTEST_SECONDS;

/** Temporal's overlap policies that keep to one run at a time, in its words. */
const POLICIES = { skip: 'SKIP', 'buffer-one': 'BUFFER_ONE', 'buffer-all': 'BUFFER_ALL', 'cancel-other': 'CANCEL_OTHER' } as const;

/** Why the others are not for backups. */
const REFUSED: Readonly<Record<string, string>> = {
  'allow-all': 'runs would go on side by side, and of one repository, source or archive only one run goes on at a time; `buffer-all` does them one after another',
  'terminate-other': 'a run that is terminated leaves its backups running and writes no report; `cancel-other` ends it in order',
};

/** `other`: set by somebody in the Temporal UI. */
export type Overlap = keyof typeof POLICIES | 'other';

export const overlapOf = (policy: ScheduleDescription['policies']['overlap']): Overlap => (Object.keys(POLICIES) as (keyof typeof POLICIES)[]).find((name) => POLICIES[name] === policy) ?? 'other';

const OverlapPolicy = z.string().superRefine((name, context) => {
  const reason = REFUSED[name] ?? (Object.hasOwn(POLICIES, name) ? undefined : `one of ${Object.keys(POLICIES).join(', ')}`);
  if (reason !== undefined) context.addIssue({ code: 'custom', message: Object.hasOwn(REFUSED, name) ? `"${name}" is refused: ${reason}` : reason });
}).transform((name) => name as keyof typeof POLICIES);

/** The fields that say when. */
export const Times = {
  every: Span.refine(atLeast, `at least ${SHORTEST_SECONDS}s`).optional(),
  cron: z.string().min(1).max(200).regex(/^[^#\p{C}]+$/u, 'one line without "#"').optional().describe('Five fields (minute hour day month weekday), or `@daily` and the like.'),
  timeZone: TimeZone.optional().describe('IANA name of the zone that the cron expression is meant in, such as Europe/Paris. Default: UTC.'),
  jitter: spanPattern(/^(0|[1-9][0-9]{0,8})[smhdw]$/).prefault('1m').describe('Up to this much later than due, by chance, so that many schedules do not start at once.'),
  catchUp: Span.refine(atLeast, `at least ${SHORTEST_SECONDS}s`).prefault('1d').describe('A start missed by less than this, because Temporal was down, is made up for.'),
  overlap: OverlapPolicy.default('skip').describe('What happens to a start while an earlier run goes on: skip, buffer-one, buffer-all or cancel-other.'),
};

export interface ScheduleTimes {
  every?: number | undefined;
  cron?: string | undefined;
  timeZone?: string | undefined;
  /** Seconds. */
  jitter: number;
  catchUp: number;
  overlap: keyof typeof POLICIES;
}

/** The rules over the fields of `Times`, each with its sentence. */
export const TIME_RULES: readonly (readonly [(times: Partial<ScheduleTimes>) => boolean, string])[] = [
  [({ every, cron }) => (every === undefined) !== (cron === undefined), 'give either `every` or `cron`'],
  [({ every, timeZone }) => every === undefined || timeZone === undefined, 'a time zone goes with `cron`: `every` counts in UTC from 1970; "@daily" or "30 3 * * *" with a time zone starts at a time of day'],
  [({ cron, timeZone }) => timeZone === undefined || cron === undefined || !/^(CRON_)?TZ=/.test(cron), 'the cron expression names a time zone itself; give it once'],
];

/** Temporal's spec and policies. A comment of a cron expression is the only part of it that comes back as it was given. */
export function temporalTimes({ every, cron = '', timeZone, jitter, catchUp, overlap }: ScheduleTimes): { spec: ScheduleOptions['spec']; policies: NonNullable<ScheduleOptions['policies']> } {
  const expression = cron.trim();
  return {
    spec: { ...(every === undefined ? { cronExpressions: [`${expression} # ${expression}`] } : { intervals: [{ every: every * 1000 }] }), ...(timeZone === undefined ? {} : { timezone: timeZone }), jitter: jitter * 1000 },
    policies: { overlap: POLICIES[overlap], catchupWindow: catchUp * 1000 },
  };
}
