// Operation `restore`: starts a restore; carried out at once for the owner who says so, else after a person approved its plan.
import { randomBytes } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { TASK_QUEUE, WORKFLOW, restoreWorkflowId } from '../contract/names.ts';
import { RestoreInput, type RestoreReceipt, type RestoreRequest, type RestoreStatus } from '../contract/restore.ts';
import { checkUrl } from '../git/url.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';
import { mustBeOwner, statusOf } from './restore-run.ts';

export const restore = defineOperation({
  name: 'restore',
  description: 'Restores a repository as it was at a point in time to a URL or a path; without `yes` a person must approve the plan first, and with `wait: false` the plan is the answer.',
  kind: 'starts',
  input: RestoreInput.omit({ approval: true, requestedBy: true }).extend({
    /** Carry the plan out without asking; for the owner only. */
    yes: z.boolean().default(false),
    wait: z.boolean().default(true),
  }),
  async run(context, { yes, wait, ...asked }, options): Promise<RestoreReceipt | RestoreStatus> {
    if (yes) mustBeOwner(context, 'restore without approval');
    checkUrl(asked.target, context.git.protocols); // a secret in it must not get into a run's history
    const handle = await start(context, { ...asked, approval: yes ? 'waived' : 'required', requestedBy: context.caller.user });
    return wait ? follow(await context.temporal(), handle, options) : planned(handle);
  },
});

async function start(context: OperationContext, request: RestoreRequest): Promise<WorkflowHandle> {
  const client = await context.temporal();
  const { runFailure } = await import('./temporal-run.ts');
  const workflowId = restoreWorkflowId(`${request.repository.slice(0, 60)}-${randomBytes(5).toString('hex')}`);
  try {
    return await client.workflow.start(WORKFLOW.restore, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [request],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      memo: { requestedBy: request.requestedBy },
      staticSummary: `Restore ${request.repository} at ${request.point} to ${request.target}`.slice(0, 400),
    });
  } catch (error) {
    throw runFailure(error, workflowId);
  }
}

/** Waits to the end; when the caller gives up, the restore is cancelled. */
export async function follow(client: Client, handle: WorkflowHandle, options: RunOptions): Promise<RestoreReceipt> {
  const { followRun } = await import('./temporal-run.ts');
  const detach = new AbortController();
  const giveUp = (): void => void handle.cancel().catch((error: unknown) => detach.abort(error));
  options.signal.addEventListener('abort', giveUp, { once: true });
  if (options.signal.aborted) giveUp();
  try {
    return await followRun<RestoreReceipt>(client, handle, { onProgress: (progress) => options.onProgress(progress), detach: detach.signal });
  } finally {
    options.signal.removeEventListener('abort', giveUp);
  }
}

/** Milliseconds between two looks at a run that makes its plan. */
const LOOK_EVERY = 100;

/** The status once there is a plan. Fails with what the planning failed with. */
async function planned(handle: WorkflowHandle): Promise<RestoreStatus> {
  const { setTimeout: delay } = await import('node:timers/promises');
  const { runFailure } = await import('./temporal-run.ts');
  for (;;) {
    const status = await statusOf(handle);
    if (status.state !== 'planning' && status.planHash !== null) return status;
    if (status.state !== 'planning') {
      await handle.result().catch((error: unknown) => {
        throw runFailure(error, handle.workflowId);
      });
    }
    await delay(LOOK_EVERY);
  }
}
