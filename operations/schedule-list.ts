// Operations `schedule-list` and `schedule-show`: what starts by itself, when next, and what became of the last runs.
import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { ofId, scheduleFailure, scheduleOf, whichInput, withSchedule } from './schedule.ts';
import { lastRuns, type LastRun } from './schedule-runs.ts';
import { existing, viewOf, type ScheduleView } from './schedule-view.ts';

/** Of one schedule: also what became of its last runs, the latest first. */
export interface ScheduleDetails extends ScheduleView {
  runs: LastRun[];
}

export const scheduleList = defineOperation({
  name: 'schedule-list',
  description: 'The schedules of repositories and sources: times, next and last starts, paused or not, how many starts were missed.',
  kind: 'reads',
  input: z.strictObject({}),
  async run(context): Promise<ScheduleView[]> {
    const client = await context.temporal();
    const views: ScheduleView[] = [];
    try {
      for await (const { scheduleId } of client.schedule.list()) {
        const of = ofId(scheduleId);
        const view = of === null ? null : viewOf(await scheduleOf(client, of).describe());
        if (view !== null) views.push(view);
      }
    } catch (error) {
      throw scheduleFailure(error, null);
    }
    return views.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  },
});

/** Sources first. */
const sortKey = ({ repository, source, what }: ScheduleView): string => `${source ?? `~${repository}`} ${what}`;

export const scheduleShow = defineOperation({
  name: 'schedule-show',
  description: 'One schedule: its next ten starts, its last runs with what became of them, and how many starts were missed.',
  kind: 'reads',
  input: whichInput({}),
  run: (context, input): Promise<ScheduleDetails> =>
    withSchedule(context, input, async (schedule, client) => {
      const description = await schedule.describe();
      return { ...existing(description), runs: await lastRuns(client, description) };
    }),
});
