// Operation `drill`: proves that repositories can be restored, by restoring them to a scratch path.
import { z } from 'zod';
import { DrillInput, type DrillSummary } from '../contract/drill.ts';
import { WORKFLOW, drillWorkflowId } from '../contract/names.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';
import { defineOperation } from './operation.ts';

export const drill = defineOperation({
  name: 'drill',
  description: 'Restores one repository, or all one after the other, to a scratch path, compares refs, HEAD and all objects with the archive, and keeps how long that took; nothing stays.',
  kind: 'starts',
  input: DrillInput.extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...request }, options): Promise<(DrillSummary & { joined: boolean }) | StartedRun> {
    const started = await startOrJoin(context, { type: WORKFLOW.drill, workflowId: drillWorkflowId(request.repository), input: request, summary: `Restore drill of ${request.repository ?? 'all repositories'}` });
    if (!wait) return started;
    return { ...(await followStarted<DrillSummary>(context, started, options)), joined: started.joined };
  },
});
