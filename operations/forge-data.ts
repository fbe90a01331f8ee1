// Operation `forge-data`: exports what changed of a repository's forge into the archive.
import { z } from 'zod';
import { ForgeDataInput, type ForgeDataResult } from '../contract/forge-data.ts';
import { WORKFLOW, forgeDataWorkflowId } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';

export const forgeData = defineOperation({
  name: 'forge-data',
  description: 'Exports what is new or changed of a repository on its forge into the archive: issues, merge or pull requests with reviews and comments, releases with their files, labels, milestones. Changes nothing on the forge.',
  kind: 'starts',
  input: ForgeDataInput.extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...request }, options): Promise<(ForgeDataResult & { joined: boolean }) | StartedRun> {
    const started = await startOrJoin(context, { type: WORKFLOW.forgeData, workflowId: forgeDataWorkflowId(request.repository), input: request, summary: `Export the forge's data of ${request.repository}` });
    if (!wait) return started;
    return { ...(await followStarted<ForgeDataResult>(context, started, options)), joined: started.joined };
  },
});
