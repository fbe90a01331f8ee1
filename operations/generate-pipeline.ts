// Operation `generate-pipeline`: proposes CI files for an archived repository; a person must approve them before anything is committed.
import type { WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { TASK_QUEUE, WORKFLOW, pipelineWorkflowId } from '../contract/names.ts';
import { PipelineInput, type PipelineRequest, type PipelineRunStatus } from '../contract/pipeline-run.ts';
import { checkUrl } from '../git/url.ts';
import { defineOperation, isMachine, type OperationContext } from './operation.ts';
import { archivedRepository, RepoUrl } from './pipeline-repository.ts';
import { pipelineRow, viewOf, type PipelineView } from './pipeline-view.ts';
import { idOf } from './request-id.ts';
import { mustBeOwner, statusOf } from './restore-run.ts';

export interface GeneratedPipeline extends PipelineView {
  /** Until when it may be approved, ISO 8601; null when nothing waits any more. */
  expires: string | null;
}

export const generatePipeline = defineOperation({
  name: 'generate-pipeline',
  description: 'Proposes a CI pipeline (.gitlab-ci.yml or a GitHub workflow, and a Dockerfile where one is missing) for a repository of the archive, checked; nothing is committed before a person approves the exact files.',
  kind: 'starts',
  input: z.strictObject({ repo_url: RepoUrl }).extend(PipelineInput.pick({ point: true, forge: true, system: true, wish: true, credential: true, expiresAfter: true }).shape),
  async run(context, { repo_url: repoUrl, ...asked }, options): Promise<GeneratedPipeline> {
    keepToOurs(context, asked);
    const { repository, origin } = await archivedRepository(context, repoUrl);
    const forge = checkUrl(asked.forge ?? origin, context.git.protocols).url; // a secret in it must not get into a run's history
    const handle = await start(context, { ...asked, forge, repository, watchFor: PipelineInput.parse({ repository }).watchFor, requestedBy: context.caller.user, worker: context.workerId }, options.request);
    const { pipelineId, expires } = await proposed(handle, options.signal);
    return { ...(await viewOf(context, pipelineRow(context, pipelineId), options)), expires };
  },
});

/** A credential goes to a forge, and files to a repository: whoever repeats a stranger's words chooses neither. */
function keepToOurs(context: OperationContext, { forge, credential }: Pick<PipelineRequest, 'forge' | 'credential'>): void {
  if (credential !== undefined) mustBeOwner(context, 'choose whose token is sent to a forge');
  if (forge !== undefined && isMachine(context.caller)) throw new PivoError('NotAllowed', 'an agent may not choose where a pipeline is committed', { hint: 'A person can: `pivo pipeline generate … --to URL`.' });
}

/** `key` names the request: the same one is the same run, also when that ended already. */
async function start(context: OperationContext, request: PipelineRequest, key: string | undefined): Promise<WorkflowHandle> {
  const client = await context.temporal();
  const { isAlreadyRunning, runFailure } = await import('./temporal-run.ts');
  const workflowId = pipelineWorkflowId(`${request.repository.slice(0, 60)}-${idOf(key)}`);
  try {
    return await client.workflow.start(WORKFLOW.pipeline, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [request],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      memo: { requestedBy: request.requestedBy },
      staticSummary: `Pipeline for ${request.repository} at ${request.point}`.slice(0, 400),
    });
  } catch (error) {
    if (isAlreadyRunning(error)) return client.workflow.getHandle(workflowId);
    throw runFailure(error, workflowId);
  }
}

/** Milliseconds between two looks at a run that makes its proposal. */
const LOOK_EVERY = 100;

/** The status once there is a proposal. Fails with what generating failed with, and with Cancelled when the caller gives up; the proposal is made all the same. */
async function proposed(handle: WorkflowHandle, signal: AbortSignal): Promise<PipelineRunStatus> {
  const { setTimeout: delay } = await import('node:timers/promises');
  const { runFailure } = await import('./temporal-run.ts');
  for (;;) {
    if (signal.aborted) throw new PivoError('Cancelled', `no longer waiting for the proposal of ${handle.workflowId}`);
    const status = await statusOf<PipelineRunStatus>(handle);
    if (status.planHash !== null) return status;
    if (status.state !== 'planning') {
      await handle.result().catch((error: unknown) => {
        throw runFailure(error, handle.workflowId);
      });
    }
    await delay(LOOK_EVERY);
  }
}
