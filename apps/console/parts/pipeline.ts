// A pipeline as it is and goes on: its proposal, and while it is committed and runs the state of each job, live.
import { useEffect } from 'preact/hooks';
import type { WatchedPipeline } from '../../../contract/pipeline.ts';
import type { PipelineRunStatus } from '../../../contract/pipeline-run.ts';
import type { Job } from '../../../operations/jobs.ts';
import type { PipelineView } from '../../../operations/pipeline-view.ts';
import { get, post } from '../api/client.ts';
import { useLoad, type Loaded } from '../api/load.ts';
import { useRun, type Followed } from './follow.ts';

/** Milliseconds between two looks for a decision at another door. */
const LOOK_EVERY = 3000;

/** States of the workflow at which something of the row has changed. */
const TURNS = new Set<string>(['committing', 'watching', 'done', 'rejected', 'expired', 'refused', 'cancelled', 'failed'] satisfies PipelineRunStatus['state'][]);

export interface FollowedPipeline {
  view: Loaded<PipelineView>;
  /** It can be decided about. */
  waits: boolean;
  expires: string | null;
  run: WatchedPipeline | null;
  stream: Followed['stream'];
  reload(): void;
}

export function usePipeline(id: string): FollowedPipeline {
  const view = useLoad(`pipeline ${id}`, async (signal) => (await post<{ pipeline: PipelineView }>(['pipeline', 'status'], { pipeline: id }, signal)).pipeline);
  const { status, workflowId = '' } = view.data ?? {};
  const undecided = useLoad(status === 'generated' ? `job ${workflowId}` : '', (signal) => get<Job>(['jobs', workflowId], {}, signal), { every: LOOK_EVERY, until: (job) => !awaits(job) });
  const waits = status === 'generated' && undecided.data !== undefined && awaits(undecided.data);
  const goesOn = status === 'approved' || status === 'committed' || (status === 'generated' && undecided.data !== undefined && !waits);
  const { progress, stream } = useRun(goesOn ? workflowId : '', view.reload);
  const phase = progress?.phase ?? '';
  useEffect(() => void (TURNS.has(phase) && view.reload()), [phase]);
  const reload = (): void => {
    undecided.reload();
    view.reload();
  };
  return { view, waits, expires: (waits ? statusOf(undecided.data)?.expires : undefined) ?? null, run: (goesOn ? progress?.run : undefined) ?? view.data?.run ?? null, stream, reload };
}

const statusOf = (job: Job | undefined): PipelineRunStatus | undefined => job?.status as PipelineRunStatus | undefined;
const awaits = (job: Job): boolean => job.state === 'running' && statusOf(job)?.state === 'awaiting approval';
