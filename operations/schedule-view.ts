// A schedule as people see it: its times, what it does with a run that goes on, and what it missed.
import type { ScheduleDescription } from '@temporalio/client';
import { ofId, type ScheduleOf } from './schedule.ts';
import { overlapOf, type Overlap } from './schedule-times.ts';

export interface ScheduleView extends ScheduleOf {
  /** Of a source: its kind and owner. */
  origin: string;
  /** `every 21600 s`, or a cron expression: as the server keeps it. */
  when: string[];
  /** IANA name of the zone that a cron expression is meant in; null: UTC. */
  timeZone: string | null;
  /** Seconds that a start may be later than due, by chance. */
  jitter: number;
  /** Seconds: a start missed by less is made up for. */
  catchUp: number;
  overlap: Overlap;
  paused: boolean;
  note: string | null;
  /** ISO 8601 UTC of the next start; null when it is paused or has none. */
  next: string | null;
  /** The next ten starts. */
  upcoming: string[];
  /** ISO 8601 UTC of the last start; null before the first. */
  last: string | null;
  /** Ids of its runs that go on. */
  running: string[];
  /** Starts since it was made. */
  starts: number;
  /** Starts that never happened: `beyondCatchUp` because Temporal was down for longer than `catchUp`, `overlap` because a run went on. */
  missed: { beyondCatchUp: number; overlap: number };
}

/** Null for a schedule that is not one of ours. */
export function viewOf(schedule: ScheduleDescription): ScheduleView | null {
  const { memo, state, info, spec, policies } = schedule;
  const of = ofId(schedule.scheduleId);
  if (of === null) return null;
  const upcoming = state.paused ? [] : info.nextActionTimes.map((time) => time.toISOString());
  return {
    ...of,
    origin: typeof memo?.['origin'] === 'string' ? memo['origin'] : '',
    when: whenOf(spec),
    timeZone: spec.timezone === undefined || spec.timezone === '' ? null : spec.timezone,
    jitter: (spec.jitter ?? 0) / 1000,
    catchUp: policies.catchupWindow / 1000,
    overlap: overlapOf(policies.overlap),
    paused: state.paused,
    note: state.note === undefined || state.note === '' ? null : state.note,
    next: upcoming[0] ?? null,
    upcoming,
    last: info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    starts: info.numActionsTaken,
    missed: { beyondCatchUp: info.numActionsMissedCatchupWindow, overlap: info.numActionsSkippedOverlap },
  };
}

/** As `viewOf`, of a schedule that was asked for by its name. */
export function existing(schedule: ScheduleDescription): ScheduleView {
  const view = viewOf(schedule);
  if (view === null) throw new TypeError(`no schedule of ours: ${schedule.scheduleId}`);
  return view;
}

/** The server makes calendars of cron expressions; `pivo schedule add` leaves the expression as their comment. */
function whenOf(spec: ScheduleDescription['spec']): string[] {
  const intervals = (spec.intervals ?? []).map(({ every }) => `every ${every / 1000} s`);
  const calendars = (spec.calendars ?? []).map(({ comment }) => (comment === undefined || comment === '' ? 'calendar' : comment));
  return [...intervals, ...calendars];
}
