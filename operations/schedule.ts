// What the schedule operations share: a repository's schedule, what it looks like, and its failures.
import type { Client, ScheduleDescription, ScheduleHandle, ScheduleSummary } from '@temporalio/client';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName, scheduleId } from '../contract/names.ts';
import type { OperationContext } from './operation.ts';

/** A repository's schedule, as people see it. */
/** What a schedule starts. */
export const Scheduled = z.enum(['ingest', 'verify', 'drill']);
export type Scheduled = z.infer<typeof Scheduled>;

/** `*`: all repositories together. */
export const ScheduledName = z.union([RepositoryName, z.literal('*')]);

export interface ScheduleView {
  /** `*`: all. */
  repository: string;
  what: Scheduled;
  origin: string;
  /** `every 21600 s`, or a cron expression: as the server keeps it. */
  when: string[];
  paused: boolean;
  note: string | null;
  /** ISO 8601 UTC of the next start; null when it is paused or has none. */
  next: string | null;
  /** ISO 8601 UTC of the last start; null before the first. */
  last: string | null;
}

/** INVALID_ARGUMENT of gRPC's status codes. */
const INVALID_ARGUMENT = 3;

/** Which schedule: what it does, and with which repository. */
export interface ScheduleOf {
  repository: string;
  what: Scheduled;
}

export function scheduleOf(client: Client, { repository, what }: ScheduleOf): ScheduleHandle {
  return client.schedule.getHandle(scheduleId(repository, what));
}

/** The schedule's own failures as kinds; `repository` names it. */
export function scheduleFailure(error: unknown, repository: string): PivoError {
  if (error instanceof PivoError) return error;
  const { name, message } = error as { name?: string; message?: string };
  if (name === 'ScheduleNotFoundError') return new PivoError('NotFound', `${repository} has no schedule`, { hint: `Make one: pivo schedule add ${repository} --every 6h`, cause: error });
  if (name === 'ScheduleAlreadyRunning') {
    return new PivoError('Exists', `${repository} has a schedule already`, { hint: `Remove it first (pivo schedule remove ${repository}), or edit it in the Temporal UI.`, cause: error });
  }
  const { code, details } = (error as { cause?: { code?: number; details?: string } }).cause ?? {};
  const said = details ?? message ?? String(error);
  if (error instanceof TypeError || code === INVALID_ARGUMENT) return new PivoError('InvalidInput', `the schedule of ${repository}: ${said}`, { hint: 'A cron expression has five fields: minute hour day month weekday.', cause: error });
  return new PivoError('Unavailable', `Temporal could not be asked about the schedule of ${repository}: ${said}`, { hint: 'See `pivo status`.', cause: error });
}

/** Does one thing with a repository's schedule. Fails with NotFound when there is none. */
export async function withSchedule<T>(context: OperationContext, of: ScheduleOf, act: (schedule: ScheduleHandle) => Promise<T>): Promise<T> {
  const client = await context.temporal();
  try {
    return await act(scheduleOf(client, of));
  } catch (error) {
    throw scheduleFailure(error, of.repository);
  }
}

export function viewOf(schedule: ScheduleDescription): ScheduleView {
  const { memo, state, info } = schedule;
  const [next] = state.paused ? [] : info.nextActionTimes;
  const last = info.recentActions.at(-1)?.takenAt;
  return {
    repository: ofSchedule(schedule)?.repository ?? schedule.scheduleId,
    what: ofSchedule(schedule)?.what ?? 'ingest',
    origin: typeof memo?.['origin'] === 'string' ? memo['origin'] : '',
    when: whenOf(schedule.spec),
    paused: state.paused,
    note: state.note ?? null,
    next: next?.toISOString() ?? null,
    last: last?.toISOString() ?? null,
  };
}

/** What a schedule is for; null when it is not one of ours. */
export function ofSchedule({ scheduleId: id }: Pick<ScheduleSummary, 'scheduleId'>): ScheduleOf | null {
  const [, what, repository] = /^(ingest|verify|drill)-schedule:(.+)$/.exec(id) ?? [];
  return repository === undefined ? null : { repository, what: Scheduled.parse(what) };
}

/** Cron expressions come back from the server as comments of the calendars it made of them. */
function whenOf(spec: ScheduleDescription['spec']): string[] {
  const intervals = (spec.intervals ?? []).map(({ every }) => `every ${every / 1000} s`);
  const calendars = (spec.calendars ?? []).map(({ comment }) => comment ?? 'calendar');
  return [...intervals, ...calendars];
}
