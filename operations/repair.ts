// Operation `repair`: replaces damaged packs of a repository by new ones, from other packs or from the origin.
import { z } from 'zod';
import { WORKFLOW, repairWorkflowId } from '../contract/names.ts';
import { RepairInput, type RepairResult } from '../contract/repair.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';
import { defineOperation } from './operation.ts';

export const repair = defineOperation({
  name: 'repair',
  description: 'Replaces damaged or lost packs of a repository: their objects come from other packs or from the origin into new packs, which a repair visit names; nothing is overwritten.',
  kind: 'starts',
  input: RepairInput.extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...request }, options): Promise<(RepairResult & { joined: boolean }) | StartedRun> {
    const started = await startOrJoin(context, { type: WORKFLOW.repair, workflowId: repairWorkflowId(request.repository), input: request, summary: `Repair ${request.repository}` });
    if (!wait) return started;
    return { ...(await followStarted<RepairResult>(context, started, options)), joined: started.joined };
  },
});
