// Operation `schedule-list`: which repositories are backed up by themselves, and when.
import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { ofSchedule, scheduleFailure, scheduleOf, viewOf, type ScheduleView } from './schedule.ts';

export const scheduleList = defineOperation({
  name: 'schedule-list',
  description: 'The schedules: repository, times, next and last start, paused or not.',
  kind: 'reads',
  input: z.strictObject({}),
  async run(context): Promise<ScheduleView[]> {
    const client = await context.temporal();
    const views: ScheduleView[] = [];
    try {
      for await (const summary of client.schedule.list()) {
        const of = ofSchedule(summary);
        if (of !== null) views.push(viewOf(await scheduleOf(client, of).describe()));
      }
    } catch (error) {
      throw scheduleFailure(error, 'the repositories');
    }
    return views.sort((a, b) => (a.repository < b.repository ? -1 : 1));
  },
});
