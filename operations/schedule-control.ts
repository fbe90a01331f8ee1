// Operations on one schedule: pause, resume, run now, remove.
import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { Scheduled, ScheduledName, viewOf, withSchedule, type ScheduleView } from './schedule.ts';

/** Which schedule. */
const Of = { repository: ScheduledName, what: Scheduled.default('ingest') };
const Note = z.string().max(500).optional();

export const schedulePause = defineOperation({
  name: 'schedule-pause',
  description: 'Holds a repository\'s schedule until it is resumed; a run that goes on is not ended.',
  kind: 'decides',
  input: z.strictObject({ ...Of, note: Note }),
  run: (context, { repository, what, note }): Promise<ScheduleView> =>
    withSchedule(context, { repository, what }, async (schedule) => {
      await schedule.pause(note ?? `paused by ${context.caller.user}`);
      return viewOf(await schedule.describe());
    }),
});

export const scheduleResume = defineOperation({
  name: 'schedule-resume',
  description: 'Lets a paused schedule start runs again.',
  kind: 'decides',
  input: z.strictObject({ ...Of, note: Note }),
  run: (context, { repository, what, note }): Promise<ScheduleView> =>
    withSchedule(context, { repository, what }, async (schedule) => {
      await schedule.unpause(note ?? `resumed by ${context.caller.user}`);
      return viewOf(await schedule.describe());
    }),
});

export const scheduleRun = defineOperation({
  name: 'schedule-run',
  description: 'Starts what is scheduled of a repository now, unless one is going on.',
  kind: 'starts',
  input: z.strictObject(Of),
  run: (context, { repository, what }): Promise<ScheduleView> =>
    withSchedule(context, { repository, what }, async (schedule) => {
      await schedule.trigger('SKIP');
      return viewOf(await schedule.describe());
    }),
});

export const scheduleRemove = defineOperation({
  name: 'schedule-remove',
  description: 'Removes a repository\'s schedule; what was backed up stays.',
  kind: 'decides',
  input: z.strictObject(Of),
  run: (context, { repository, what }): Promise<{ repository: string; removed: true }> =>
    withSchedule(context, { repository, what }, async (schedule) => {
      await schedule.delete();
      return { repository, removed: true };
    }),
});
