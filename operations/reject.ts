// Operation `reject`: a person says that the plan of a restore, backup or pipeline must not be carried out.
import { z } from 'zod';
import type { IngestApproval } from '../contract/ingest.ts';
import { UPDATE } from '../contract/names.ts';
import { RejectInput, type RestoreStatus } from '../contract/restore.ts';
import { defineOperation } from './operation.ts';
import { mustBeOwner, restoreRun } from './restore-run.ts';

export const reject = defineOperation({
  name: 'reject',
  description: 'Rejects the plan of a restore, backup or pipeline that waits for approval; it ends without having changed anything.',
  kind: 'decides',
  input: z.strictObject({
    /** Id of the restore or pipeline, or of the workflow that waits. */
    restore: z.string().min(1),
    planHash: RejectInput.shape.planHash,
    reason: RejectInput.shape.reason,
  }),
  async run(context, { restore, ...said }): Promise<RestoreStatus | IngestApproval> {
    mustBeOwner(context, 'reject');
    const handle = await restoreRun(await context.temporal(), restore);
    const { decide } = await import('./decide.ts');
    return decide(handle, UPDATE.reject, { ...said, approver: context.caller.user });
  },
});
