// The last runs of a schedule, and what became of each.
import type { Client, ScheduleDescription, ScheduleExecutionResult } from '@temporalio/client';
import { z } from 'zod';
import type { FailureReport } from '../contract/failures.ts';
import { runFailure } from './temporal-run.ts';

export interface LastRun {
  workflowId: string;
  runId: string;
  /** ISO 8601 UTC: when it was due, with its jitter, and when it was started. */
  due: string;
  started: string;
  /** Seconds from the one to the other: large where Temporal was down and it was made up for, or where it was a backfill. */
  late: number;
  /** `running`, `completed`, `failed`, `canceled`, `terminated`, `timed_out`; `forgotten`: Temporal keeps its history no more. */
  state: string;
  ended: string | null;
  /** What a completed run said of itself, in a few words. */
  outcome: string | null;
  failure: FailureReport | null;
}

/** The latest first; Temporal keeps the last ten. */
export async function lastRuns(client: Client, { info }: Pick<ScheduleDescription, 'info'>): Promise<LastRun[]> {
  return Promise.all(info.recentActions.toReversed().map((action) => lastRun(client, action)));
}

async function lastRun(client: Client, { scheduledAt, takenAt, action }: ScheduleExecutionResult): Promise<LastRun> {
  const { workflowId, firstExecutionRunId: runId } = action.workflow;
  const begun = { workflowId, runId, due: scheduledAt.toISOString(), started: takenAt.toISOString(), late: Math.max(0, Math.round((takenAt.getTime() - scheduledAt.getTime()) / 1000)) };
  const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
  try {
    const { status, closeTime } = await handle.describe();
    const ended = { ...begun, state: status.name.toLowerCase(), ended: closeTime?.toISOString() ?? null };
    if (status.name === 'RUNNING') return { ...ended, outcome: null, failure: null };
    try {
      return { ...ended, outcome: outcomeOf(await handle.result()), failure: null };
    } catch (error) {
      return { ...ended, outcome: null, failure: runFailure(error, workflowId).report() };
    }
  } catch (error) {
    if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
    return { ...begun, state: 'forgotten', ended: null, outcome: null, failure: null };
  }
}

const Counts = z.record(z.string(), z.number());

/** Counts that are not 0; `3 done, 1 failed`. */
const said = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`).join(', ');

/** What the results of the scheduled workflows say that people ask for: of a source, a repository, a verification, a drill. */
const Outcome = z.union([
  z.object({ counts: Counts, discoveryFailure: z.unknown().optional(), forgeDataFailed: z.number().default(0) }).transform(({ counts, discoveryFailure, forgeDataFailed }) => `${said({ ...counts, 'without forge data': forgeDataFailed })}${discoveryFailure == null ? '' : '; the forge could not be asked'}`),
  z.object({ visit: z.number(), unchanged: z.boolean(), held: z.boolean().optional(), holes: z.number().default(0), lfs: z.object({ missing: z.number() }).optional() }).transform(({ visit, unchanged, held, holes, lfs }) => `visit ${visit}, ${held === true ? 'held by the gate' : unchanged ? 'unchanged' : 'changed'}${holes + (lfs?.missing ?? 0) === 0 ? '' : `, ${holes + (lfs?.missing ?? 0)} missing at the origin`}`),
  z.object({ files: z.number(), findings: z.number(), damaged: z.array(z.string()) }).transform(({ files, findings, damaged }) => (findings === 0 ? `${files} ${files === 1 ? 'file' : 'files'}, all as written` : `${findings} ${findings === 1 ? 'finding' : 'findings'} in ${damaged.join(', ')}`)),
  z.object({ proven: z.number(), failed: z.number(), drills: z.array(z.unknown()) }).transform(({ proven, failed }) => said({ proven, failed })),
]);

function outcomeOf(result: unknown): string | null {
  const read = Outcome.safeParse(result);
  return read.success && read.data !== '' ? read.data : null;
}
