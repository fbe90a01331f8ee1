// Operation `schedule-add`: backs a repository or a source up, drills or verifies again and again, as a Temporal Schedule.
import { z } from 'zod';
import { CheckoutPolicy, CredentialName } from '../contract/ingest.ts';
import { TASK_QUEUE } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { whichInput, withSchedule, type ScheduleOf } from './schedule.ts';
import { TIME_RULES, Times, temporalTimes } from './schedule-times.ts';
import { existing, type ScheduleView } from './schedule-view.ts';
import { scheduledRun } from './scheduled-run.ts';

const Fields = whichInput({
  ...Times,
  /** A verification reads one part of so many at each start, the one whose last reading is the longest ago. */
  parts: z.number().int().positive().max(10_000).default(1),
  credential: CredentialName.optional(),
  /** Default: `auto` for a repository, `none` for a source. */
  checkout: CheckoutPolicy.optional(),
});

const Input = TIME_RULES.reduce((schema, [rule, message]) => schema.refine((input) => rule(input), message), Fields).refine(({ source, credential }) => source === undefined || credential === undefined, 'a source names its credential itself');

export const scheduleAdd = defineOperation({
  name: 'schedule-add',
  description: 'Backs a repository that has at least one visit, or every repository of a source, up again and again, or drills or verifies one repository or all: every so often, or at the times of a cron expression in a time zone.',
  kind: 'decides',
  input: Input,
  run: (context, input): Promise<ScheduleView> =>
    withSchedule(context, input, async (schedule, client, of: ScheduleOf) => {
      const run = await scheduledRun(context, of, input);
      await client.schedule.create({
        scheduleId: schedule.scheduleId,
        ...temporalTimes(input),
        action: {
          type: 'startWorkflow',
          workflowType: run.type,
          workflowId: run.workflowId,
          taskQueue: TASK_QUEUE,
          args: [run.input],
          memo: { requestedBy: `schedule of ${context.caller.user}` },
          staticSummary: run.summary,
        },
        memo: { origin: run.origin },
      });
      return existing(await schedule.describe());
    }),
});
