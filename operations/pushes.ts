// Operation `pushes`: the backups that pushes asked for: what waits, what runs, what failed, what is done.
import { z } from 'zod';
import { QUERY, pushBackupsWorkflowId } from '../contract/names.ts';
import { PushSettings, type PushesView } from '../contract/push.ts';
import { defineOperation } from './operation.ts';

/** Before any push came. */
const NONE: PushesView = { ...PushSettings.parse({}), waiting: 0, running: 0, failed: 0, size: 0, backups: [], done: [], ignored: [] };

export const pushes = defineOperation({
  name: 'pushes',
  description: 'Tells which backups pushes asked for: what waits, what runs, what failed and why, the last that are done with their seconds from push to visit, and pushes that nobody asked to back up.',
  kind: 'reads',
  input: z.strictObject({ limit: z.number().int().positive().max(1_000).default(100) }),
  async run(context, { limit }): Promise<PushesView> {
    const client = await context.temporal();
    const workflowId = pushBackupsWorkflowId(context.workerId);
    try {
      return await client.workflow.getHandle(workflowId).query<PushesView, [number]>(QUERY.status, limit);
    } catch (error) {
      if ((error as { name?: string }).name === 'WorkflowNotFoundError') return NONE;
      throw (await import('./temporal-run.ts')).runFailure(error, workflowId);
    }
  },
});
