// Operation `approve`: a person says that the plan of a restore or backup, named by its hash, may be carried out.
import { z } from 'zod';
import type { IngestApproval, IngestResult } from '../contract/ingest.ts';
import { UPDATE } from '../contract/names.ts';
import { ApproveInput, type RestoreReceipt, type RestoreStatus } from '../contract/restore.ts';
import { defineOperation } from './operation.ts';
import { mustBeOwner, restoreRun } from './restore-run.ts';
import { followToEnd } from './started-run.ts';

export const approve = defineOperation({
  name: 'approve',
  description: 'Approves the plan of a restore or backup that waits for it, by its hash; with `wait` the answer is the receipt, or the visit.',
  kind: 'decides',
  input: z.strictObject({
    /** Id of the restore, or of the workflow that waits. */
    restore: z.string().min(1),
    planHash: ApproveInput.shape.planHash,
    wait: z.boolean().default(false),
  }),
  async run(context, { restore, planHash, wait }, options): Promise<RestoreStatus | IngestApproval | RestoreReceipt | IngestResult> {
    mustBeOwner(context, 'approve');
    const client = await context.temporal();
    const handle = await restoreRun(client, restore);
    const { decide } = await import('./decide.ts');
    const status = await decide(handle, UPDATE.approve, { planHash, approver: context.caller.user });
    return wait ? followToEnd<RestoreReceipt | IngestResult>(client, handle, false, options) : status;
  },
});
