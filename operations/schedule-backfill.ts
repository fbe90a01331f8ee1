// Operation `schedule-backfill`: makes up for starts of a span that is past, such as one in which Temporal was down or the schedule was paused.
import type { Client, ScheduleHandle } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { z } from 'zod';
import { parseInstant } from '../archive/reading/instants.ts';
import { PivoError } from '../contract/failures.ts';
import { defineOperation } from './operation.ts';
import { nameOf, whichInput, withSchedule, type ScheduleOf } from './schedule.ts';
import { existing, type ScheduleView } from './schedule-view.ts';

/** Temporal tells no more than a thousand times of a span, and lets a thousand starts of a schedule wait. */
const MOST_TIMES = 500;

export interface Backfill {
  schedule: ScheduleView;
  from: string;
  to: string;
  /** Starts that were due in the span, ISO 8601 UTC, whether or not they happened then. */
  due: string[];
  /** How many runs are started for them. */
  runs: number;
}

const Instant = z.string().min(1).max(60);

export const scheduleBackfill = defineOperation({
  name: 'schedule-backfill',
  description: 'Makes up for the starts that were due in a past span: by one run now, which stands for all of them, or by a run for each, one after another. A backup finds what the origin is now, not what it was then.',
  kind: 'decides',
  input: whichInput({
    from: Instant.describe('ISO 8601; a date alone is its beginning, UTC.'),
    to: Instant.describe('ISO 8601; a date alone is its end, UTC. Not after now.'),
    each: z.boolean().default(false).describe('A run for each start that was due, one after another.'),
  }),
  run: (context, input): Promise<Backfill> =>
    withSchedule(context, input, async (schedule, client, of) => {
      const span = { from: instant('from', input.from), to: instant('to', input.to) };
      if (span.from > span.to || span.to.getTime() > Date.now()) throw new PivoError('InvalidInput', span.from > span.to ? '`from` is after `to`' : '`to` is in the future', { hint: 'A backfill makes up for what is past; `pivo schedule run` starts one now.' });
      const due = await dueTimes(client, schedule, span);
      checkCount(due.length, of);
      if (input.each) await schedule.backfill({ start: span.from, end: span.to, overlap: 'BUFFER_ALL' });
      else await schedule.trigger('SKIP');
      return { schedule: existing(await schedule.describe()), from: span.from.toISOString(), to: span.to.toISOString(), due: due.map((time) => time.toISOString()), runs: input.each ? due.length : 1 };
    }),
});

function checkCount(count: number, of: ScheduleOf): void {
  if (count === 0) throw new PivoError('NotFound', `no start of ${nameOf(of)} was due in this span`, { hint: 'See the times with `pivo schedule show`; without a zone, instants are UTC.' });
  if (count > MOST_TIMES) throw new PivoError('LimitExceeded', `more than ${MOST_TIMES} starts were due in this span`, { hint: 'Give a shorter span.' });
}

interface Span {
  from: Date;
  to: Date;
}

/** The starts of a span as the server computes them, with their jitter. It leaves out one that is due at its very beginning; a backfill does not. */
async function dueTimes(client: Client, { scheduleId }: ScheduleHandle, { from, to }: Span): Promise<Date[]> {
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({ namespace: client.options.namespace, scheduleId, startTime: msNumberToTs(from.getTime() - 1), endTime: msNumberToTs(to.getTime()) });
  return startTime.map(({ seconds, nanos }) => new Date(Number(seconds) * 1000 + Math.floor((nanos ?? 0) / 1e6)));
}

function instant(name: 'from' | 'to', text: string): Date {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const found = parseInstant(isDate && name === 'from' ? `${text}T00:00Z` : text);
  if (found === null) throw new PivoError('InvalidInput', `${name}: "${text}" is no instant`, { hint: 'Write ISO 8601, such as 2026-11-21T06:00Z or 2026-11-21.' });
  return found;
}
