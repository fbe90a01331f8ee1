// Records the histories of pipelines that test/workflows/replay.test.ts replays: `node test/pipeline-flow/record-histories.ts`.
import { PivoError } from '../../contract/failures.ts';
import { WORKFLOW, pipelineWorkflowId } from '../../contract/names.ts';
import type { JobState, WatchedPipeline } from '../../contract/pipeline.ts';
import type { PipelineRunStatus, ProposedPipeline } from '../../contract/pipeline-run.ts';
import { recordRun, type Run } from '../harness/recorder.ts';
import { startTemporal, unique, type StandIns } from '../harness/temporal.ts';

const COMMIT = 'c'.repeat(40);
const temporal = await startTemporal();

const proposed: ProposedPipeline = {
  proposalHash: 'a'.repeat(64),
  preview: { repository: 'recorded', commit: 'b'.repeat(40), forge: 'https://gitlab.example/acme/recorded', system: 'gitlab', files: [{ path: '.gitlab-ci.yml', bytes: 100, replaces: false }], stages: ['test'], jobs: 1, templates: ['node-npm'], errors: 0, warnings: 0, writtenBy: 'pivo' },
};

const runIn = (state: JobState): WatchedPipeline => ({ id: '7', url: null, commit: COMMIT, state, jobs: [{ id: '70', name: 'test', stage: 'test', state, seconds: 3, url: null }] });

/** Acts that answer at once; the forge asks to be left alone once, and the run fails after it ran. */
function acts(): StandIns {
  const looks: (WatchedPipeline | null)[] = [null, runIn('running'), runIn('running')];
  let asked = 0;
  return {
    proposePipeline: async () => proposed,
    findCommitPlace: async () => ({ branch: 'pivo/pipeline-aaaaaaaaaaaa', base: 'd'.repeat(40), into: 'main' }),
    commitPipeline: async () => {
      if (asked++ === 0) throw new PivoError('Unavailable', 'GitLab limits how often it is asked', { facts: { retryAfter: 1 } });
      return { commit: COMMIT, url: null };
    },
    requestPipelineMerge: async () => ({ url: 'https://gitlab.example/acme/recorded/-/merge_requests/1', number: 1 }),
    lookAtPipeline: async () => (looks.length > 0 ? (looks.shift() ?? null) : runIn('failed')),
    readJobLog: async () => ({ source: '0123456789abcdef' }),
    keepPipeline: async () => {},
  };
}

/** One run; `decide` says what a person does once it waits. */
async function record(file: string, decide: (run: Run) => Promise<unknown>, expiresAfter = 3600): Promise<void> {
  const workerId = unique('worker');
  await recordRun(temporal, {
    type: WORKFLOW.pipeline, workflowId: pipelineWorkflowId(file.replace('.', '-')), args: [{ repository: 'recorded', requestedBy: 'recorder', expiresAfter, worker: workerId }], worker: { workerId, standIns: acts() }, keep: file,
    async during(run) {
      while ((await run.query<PipelineRunStatus>('status')).state === 'planning');
      await decide(run);
    },
  });
}

try {
  await record('pipeline.approved', (handle) => handle.executeUpdate('approve', { args: [{ planHash: proposed.proposalHash, approver: 'ada' }] }));
  await record('pipeline.rejected', (handle) => handle.executeUpdate('reject', { args: [{ approver: 'ada', reason: 'not ours' }] }));
  await record('pipeline.expired', () => Promise.resolve(), 1);
} finally {
  await temporal.stop();
}
process.exit();
