// Operations on one schedule: pause, resume, run now, remove.
import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { whichInput, withSchedule, type ScheduleOf } from './schedule.ts';
import { existing, type ScheduleView } from './schedule-view.ts';

const Note = z.string().max(500).optional();

export const schedulePause = defineOperation({
  name: 'schedule-pause',
  description: 'Holds a schedule until it is resumed; a run that goes on is not ended.',
  kind: 'decides',
  input: whichInput({ note: Note }),
  run: (context, input): Promise<ScheduleView> =>
    withSchedule(context, input, async (schedule) => {
      await schedule.pause(input.note ?? `paused by ${context.caller.user}`);
      return existing(await schedule.describe());
    }),
});

export const scheduleResume = defineOperation({
  name: 'schedule-resume',
  description: 'Lets a paused schedule start runs again.',
  kind: 'decides',
  input: whichInput({ note: Note }),
  run: (context, input): Promise<ScheduleView> =>
    withSchedule(context, input, async (schedule) => {
      await schedule.unpause(input.note ?? `resumed by ${context.caller.user}`);
      return existing(await schedule.describe());
    }),
});

export const scheduleRun = defineOperation({
  name: 'schedule-run',
  description: 'Starts what is scheduled of a repository or source now, unless one is going on.',
  kind: 'starts',
  input: whichInput({}),
  run: (context, input): Promise<ScheduleView> =>
    withSchedule(context, input, async (schedule) => {
      await schedule.trigger('SKIP');
      return existing(await schedule.describe());
    }),
});

export const scheduleRemove = defineOperation({
  name: 'schedule-remove',
  description: 'Removes a schedule; what was backed up stays.',
  kind: 'decides',
  input: whichInput({}),
  run: (context, input): Promise<ScheduleOf & { removed: true }> =>
    withSchedule(context, input, async (schedule, _client, of) => {
      await schedule.delete();
      return { ...of, removed: true };
    }),
});
