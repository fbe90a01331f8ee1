// Operation `spool-replay`: stores archived segments again, or lets a failed one be tried again.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { WORKFLOW, replaySpoolWorkflowId } from '../contract/names.ts';
import { ReplayRange, type ReplayInput, type ReplayTotals } from '../contract/spool-gate.ts';
import { openSpool } from '../spool/folders.ts';
import { parseSegmentName } from '../spool/names.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';
import { defineOperation, type OperationContext } from './operation.ts';

export type ReplayEnded = ReplayTotals & { joined: boolean };

/** A failed segment that waits again. */
export interface Returned {
  returned: string;
}

const SpoolReplayInput = ReplayRange.extend({
  /** A failed segment by its name: it goes back to incoming/, and its gate takes it. */
  failed: z.string().min(1).max(300).optional(),
  /** Every archived segment, of one kind or of all. */
  all: z.literal(true).optional(),
  wait: z.boolean().default(true),
}).refine(({ batch, failed, all }) => [batch, failed, all].filter((each) => each !== undefined).length === 1, 'name one of `batch`, `failed` and `all`');

export const spoolReplay = defineOperation({
  name: 'spool-replay',
  description: 'Stores the archived segments of one batch, or all, in the records again (what is there already is counted as a duplicate), or lets a failed segment be tried again.',
  kind: 'starts',
  input: SpoolReplayInput,
  async run(context, { kind, batch, failed, wait }, options): Promise<ReplayEnded | StartedRun | Returned> {
    if (failed !== undefined) return returnFailed(context, failed);
    const input: ReplayInput = { kind, batch, worker: context.workerId };
    const what = batch ?? kind ?? 'all';
    const started = await startOrJoin(context, { type: WORKFLOW.replaySpool, workflowId: replaySpoolWorkflowId(context.workerId, what), input, summary: `Store archived segments again: ${what}` });
    if (!wait) return started;
    return { ...(await followStarted<ReplayTotals>(context, started, options)), joined: started.joined };
  },
});

/** Fails with NotFound, and with InvalidInput for what is no segment's name. */
async function returnFailed({ paths }: OperationContext, name: string): Promise<Returned> {
  const kind = parseSegmentName(name)?.kind;
  if (kind === undefined) throw new PivoError('InvalidInput', `"${name}" is not the name of a segment`, { hint: 'See `pivo spool status`; a failed file with another name has to be renamed first: {kind}-{milliseconds}-{random hex}.msgpack.' });
  await openSpool(paths.spool).returnFailed(kind, name);
  return { returned: name };
}
