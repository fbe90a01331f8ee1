// Operation `schedule-add`: backs a repository up again and again, as a Temporal Schedule.
import { z } from 'zod';
import { latestVisit } from '../archive/visits.ts';
import { PivoError } from '../contract/failures.ts';
import { CheckoutPolicy, CredentialName, type IngestRequest, IngestInput } from '../contract/ingest.ts';
import { RepositoryName, TASK_QUEUE, WORKFLOW, ingestWorkflowId, scheduleId } from '../contract/names.ts';
import { parseInput } from '../contract/validation.ts';
import { defineOperation, type OperationContext } from './operation.ts';
import { scheduleFailure, viewOf, type ScheduleView } from './schedule.ts';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const SHORTEST_SECONDS = 10;

/** `90s`, `30m`, `6h`, `1d`, `2w`; in seconds. */
const Span = z
  .string()
  .regex(/^[1-9][0-9]{0,8}[smhdw]$/, 'a span is a number and a unit: 90s, 30m, 6h, 1d or 2w')
  .transform((span) => Number(span.slice(0, -1)) * UNITS[span.slice(-1) as keyof typeof UNITS]);

const Input = z
  .strictObject({
    repository: RepositoryName,
    every: Span.refine((seconds) => seconds >= SHORTEST_SECONDS, `at least ${SHORTEST_SECONDS}s`).optional(),
    /** Five fields (minute hour day month weekday), UTC unless it starts with `CRON_TZ=Zone `; or `@daily` and the like. */
    cron: z.string().min(1).max(200).optional(),
    /** Up to this much later than due, by chance, so that many schedules do not start at once. */
    jitter: Span.prefault('1m'),
    /** A start missed by less than this, because Temporal was down, is made up for. */
    catchUp: Span.prefault('1d'),
    credential: CredentialName.optional(),
    checkout: CheckoutPolicy.default('auto'),
  })
  .refine(({ every, cron }) => (every === undefined) !== (cron === undefined), 'give either `every` or `cron`');

export const scheduleAdd = defineOperation({
  name: 'schedule-add',
  description: 'Backs a repository that has at least one visit up again and again: every so often, or at the times of a cron expression.',
  kind: 'decides',
  input: Input,
  async run(context, input): Promise<ScheduleView> {
    const { repository } = input;
    const request = await requestOf(context, input);
    const client = await context.temporal();
    try {
      const schedule = await client.schedule.create({
        scheduleId: scheduleId(repository),
        spec: { ...(input.every === undefined ? { cronExpressions: [input.cron ?? ''] } : { intervals: [{ every: input.every * 1000 }] }), jitter: input.jitter * 1000 },
        policies: { overlap: 'SKIP', catchupWindow: input.catchUp * 1000 },
        action: {
          type: 'startWorkflow',
          workflowType: WORKFLOW.ingest,
          workflowId: ingestWorkflowId(repository),
          taskQueue: TASK_QUEUE,
          args: [request],
          memo: { requestedBy: `schedule of ${context.caller.user}` },
          staticSummary: `Back up ${repository}, scheduled`,
        },
        memo: { origin: request.url },
      });
      return viewOf(await schedule.describe());
    } catch (error) {
      throw scheduleFailure(error, repository);
    }
  },
});

/** What each start asks for: the origin of the last visit, under the repository's name. */
async function requestOf({ store }: OperationContext, { repository, credential, checkout }: z.output<typeof Input>): Promise<IngestRequest> {
  const visit = await latestVisit(store, repository);
  if (visit === null) throw new PivoError('NotFound', `there is no repository "${repository}"`, { hint: 'Back it up once with `pivo ingest URL`, then schedule it by its name.' });
  return parseInput(IngestInput, { url: visit.origin, name: repository, checkout, ...(credential === undefined ? {} : { credential }) }, 'scheduled ingest');
}
