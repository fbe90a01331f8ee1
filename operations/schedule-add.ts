// Operation `schedule-add`: backs a repository up, drills or verifies again and again, as a Temporal Schedule.
import { z } from 'zod';
import { latestVisit } from '../archive/visits.ts';
import { PivoError } from '../contract/failures.ts';
import { CheckoutPolicy, CredentialName, type IngestRequest, IngestInput } from '../contract/ingest.ts';
import { TASK_QUEUE, WORKFLOW, drillWorkflowId, ingestWorkflowId, scheduleId, verifyWorkflowId } from '../contract/names.ts';
import { parseInput } from '../contract/validation.ts';
import { defineOperation, type OperationContext } from './operation.ts';
import { Scheduled, ScheduledName, scheduleFailure, viewOf, type ScheduleView } from './schedule.ts';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const SHORTEST_SECONDS = 10;

/** `90s`, `30m`, `6h`, `1d`, `2w`; in seconds. */
const Span = z
  .string()
  .regex(/^[1-9][0-9]{0,8}[smhdw]$/, 'a span is a number and a unit: 90s, 30m, 6h, 1d or 2w')
  .transform((span) => Number(span.slice(0, -1)) * UNITS[span.slice(-1) as keyof typeof UNITS]);

const Input = z
  .strictObject({
    /** `*`: all repositories; for drills and verifications. */
    repository: ScheduledName,
    /** What each start does. */
    what: Scheduled.default('ingest'),
    /** A verification reads one part of so many at each start, the one whose last reading is the longest ago. */
    parts: z.number().int().positive().max(10_000).default(1),
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
  .refine(({ every, cron }) => (every === undefined) !== (cron === undefined), 'give either `every` or `cron`')
  .refine(({ repository, what }) => what !== 'ingest' || repository !== '*', 'name the repository to back up');

export const scheduleAdd = defineOperation({
  name: 'schedule-add',
  description: 'Backs a repository that has at least one visit up again and again, or drills or verifies it or all: every so often, or at the times of a cron expression.',
  kind: 'decides',
  input: Input,
  async run(context, input): Promise<ScheduleView> {
    const { repository } = input;
    const run = await scheduledRun(context, input);
    const client = await context.temporal();
    try {
      const schedule = await client.schedule.create({
        scheduleId: scheduleId(repository, input.what),
        spec: { ...(input.every === undefined ? { cronExpressions: [input.cron ?? ''] } : { intervals: [{ every: input.every * 1000 }] }), jitter: input.jitter * 1000 },
        policies: { overlap: 'SKIP', catchupWindow: input.catchUp * 1000 },
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
      return viewOf(await schedule.describe());
    } catch (error) {
      throw scheduleFailure(error, repository);
    }
  },
});

interface ScheduledRun {
  type: string;
  workflowId: string;
  input: unknown;
  summary: string;
  origin: string;
}

/** What each start starts. Fails with NotFound for a repository that has no visit. */
async function scheduledRun(context: OperationContext, input: z.output<typeof Input>): Promise<ScheduledRun> {
  const { repository: name, what, parts } = input;
  const repository = name === '*' ? undefined : name;
  const named = repository === undefined ? {} : { repository };
  const of = repository ?? 'all repositories';
  const origin = repository === undefined ? '' : (await requestOf(context, { ...input, repository })).url;
  if (what === 'drill') return { type: WORKFLOW.drill, workflowId: drillWorkflowId(repository), input: named, summary: `Restore drill of ${of}, scheduled`, origin };
  if (what === 'verify') return { type: WORKFLOW.verify, workflowId: verifyWorkflowId(repository, `next-${parts}`), input: { ...named, rotate: parts }, summary: `Verify ${of}, scheduled`, origin };
  return { type: WORKFLOW.ingest, workflowId: ingestWorkflowId(name), input: await requestOf(context, input), summary: `Back up ${name}, scheduled`, origin };
}

/** What each start asks for: the origin of the last visit, under the repository's name. */
async function requestOf({ store }: OperationContext, { repository, credential, checkout }: z.output<typeof Input>): Promise<IngestRequest> {
  const visit = await latestVisit(store, repository);
  if (visit === null) throw new PivoError('NotFound', `there is no repository "${repository}"`, { hint: 'Back it up once with `pivo ingest URL`, then schedule it by its name.' });
  return parseInput(IngestInput, { url: visit.origin, name: repository, checkout, ...(credential === undefined ? {} : { credential }) }, 'scheduled ingest');
}
