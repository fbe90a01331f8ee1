// Operations on one schedule: pause, resume, run now, remove.
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { viewOf, withSchedule, type ScheduleView } from './schedule.ts';

const Note = z.string().max(500).optional();

export const schedulePause = defineOperation({
  name: 'schedule-pause',
  description: 'Holds a repository\'s schedule until it is resumed; a run that goes on is not ended.',
  kind: 'decides',
  input: z.strictObject({ repository: RepositoryName, note: Note }),
  run: (context, { repository, note }): Promise<ScheduleView> =>
    withSchedule(context, repository, async (schedule) => {
      await schedule.pause(note ?? `paused by ${context.caller.user}`);
      return viewOf(await schedule.describe());
    }),
});

export const scheduleResume = defineOperation({
  name: 'schedule-resume',
  description: 'Lets a paused schedule start runs again.',
  kind: 'decides',
  input: z.strictObject({ repository: RepositoryName, note: Note }),
  run: (context, { repository, note }): Promise<ScheduleView> =>
    withSchedule(context, repository, async (schedule) => {
      await schedule.unpause(note ?? `resumed by ${context.caller.user}`);
      return viewOf(await schedule.describe());
    }),
});

export const scheduleRun = defineOperation({
  name: 'schedule-run',
  description: 'Starts the scheduled backup of a repository now, unless one is going on.',
  kind: 'starts',
  input: z.strictObject({ repository: RepositoryName }),
  run: (context, { repository }): Promise<ScheduleView> =>
    withSchedule(context, repository, async (schedule) => {
      await schedule.trigger('SKIP');
      return viewOf(await schedule.describe());
    }),
});

export const scheduleRemove = defineOperation({
  name: 'schedule-remove',
  description: 'Removes a repository\'s schedule; what was backed up stays.',
  kind: 'decides',
  input: z.strictObject({ repository: RepositoryName }),
  run: (context, { repository }): Promise<{ repository: string; removed: true }> =>
    withSchedule(context, repository, async (schedule) => {
      await schedule.delete();
      return { repository, removed: true };
    }),
});
