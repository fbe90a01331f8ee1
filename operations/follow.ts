// Operation `follow`: tells an ingest, restore or pipeline that goes on, step by step, until it has ended.
import { z } from 'zod';
import { QUERY, WORKFLOW } from '../contract/names.ts';
import type { Progress } from '../contract/ingest.ts';
import type { PipelineRunStatus } from '../contract/pipeline-run.ts';
import type { RestoreStatus } from '../contract/restore.ts';
import { jobs, type Job } from './jobs.ts';
import { defineOperation } from './operation.ts';

/** Milliseconds between two looks at the state of a restore or pipeline. */
const LOOK_EVERY = 250;

export const follow = defineOperation({
  name: 'follow',
  description: 'Tells the progress of one ingest, restore or pipeline as it comes, of a committed pipeline with the state of each job, and answers how it ended. To stop following leaves the run as it is.',
  kind: 'reads',
  input: z.strictObject({ id: z.string().min(1).max(1_000) }),
  async run(context, { id }, options): Promise<Job> {
    const client = await context.temporal();
    const { followRun } = await import('./temporal-run.ts');
    const [job] = await jobs.run(context, jobs.input.parse({ id }), options);
    if (job === undefined || job.state !== 'running') return job as Job;
    const handle = client.workflow.getHandle(job.workflowId, job.runId);
    const ended = new AbortController();
    let told = '';
    const tell = (progress: Progress): void => {
      const text = JSON.stringify(progress);
      if (text !== told) options.onProgress(progress);
      told = text;
    };
    const stated = STATED[job.type];
    const looking = stated === undefined ? undefined : tellStates(async () => stated(await handle.query<never>(QUERY.status)), tell, AbortSignal.any([ended.signal, options.signal]));
    try {
      await followRun(client, handle, { onProgress: tell, detach: options.signal }).catch((error: unknown) => {
        if (options.signal.aborted) throw error; // else it is what the job says
      });
    } finally {
      ended.abort();
      await looking;
    }
    const [last] = await jobs.run(context, jobs.input.parse({ id: job.workflowId }), options);
    return last as Job;
  },
});

/** What the `status` of a run says, of the types of runs that may wait, or be between two steps, without a heartbeat. */
const STATED: Record<string, (status: never) => Progress> = {
  [WORKFLOW.restore]: ({ state }: RestoreStatus) => ({ phase: state }),
  [WORKFLOW.pipeline]: ({ state, run }: PipelineRunStatus) => ({ phase: state, ...(run === null ? {} : { run }) }),
};

/** The state is told whenever it has changed. */
async function tellStates(look: () => Promise<Progress>, tell: (progress: Progress) => void, ended: AbortSignal): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises');
  let told = '';
  do {
    const state = await look().catch(() => null); // a look that fails is repeated
    const text = JSON.stringify(state);
    if (state === null || text === told || ended.aborted) continue;
    told = text;
    tell(state);
  } while (await delay(LOOK_EVERY, true, { signal: ended }).catch(() => false));
}
