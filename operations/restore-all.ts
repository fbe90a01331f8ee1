// Operation `restore-all`: starts a restore of many repositories by one plan; carried out at once for the owner who says so, else after a person approved it.
import type { WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import { TASK_QUEUE, WORKFLOW, restoreAllWorkflowId } from '../contract/names.ts';
import { RestoreAllInput, type RestoreAllReceipt, type RestoreAllRequest, type RestoreAllStatus } from '../contract/restore-all.ts';
import { beginsWithOneOf } from '../contract/url-prefix.ts';
import { checkUrl } from '../git/url.ts';
import { checkAt } from '../restore/many/choose.ts';
import { namesListedBy } from '../restore/many/listed.ts';
import { stateSources } from '../state/sources.ts';
import { defineOperation, isMachine, type OperationContext } from './operation.ts';
import { plannedStatus } from './planned-run.ts';
import { idOf } from './request-id.ts';
import { keepToken } from './restore.ts';
import { mustBeOwner, statusOf } from './restore-run.ts';
import { followToEnd } from './started-run.ts';

export const restoreAll = defineOperation({
  name: 'restore-all',
  description: 'Restores many repositories as they were at an instant to a folder, or below an owner of a forge, where missing ones are made; one plan for all of them. Without `yes` a person must approve it first, and with `wait: false` the plan is the answer. A repository that fails stops no other.',
  kind: 'starts',
  input: RestoreAllInput.omit({ approval: true, requestedBy: true }).extend({
    /** Carry the plan out without asking; for the owner only. */
    yes: z.boolean().default(false),
    wait: z.boolean().default(true),
  }),
  async run(context, { yes, wait, ...asked }, options): Promise<RestoreAllReceipt | RestoreAllStatus> {
    if (yes) mustBeOwner(context, 'restore without approval');
    await checkChoice(context, asked);
    const handle = await start(context, { ...asked, approval: yes ? 'waived' : 'required', requestedBy: context.caller.user }, options.request);
    if (!wait) return plannedStatus<RestoreAllStatus>(handle, options, progressOf);
    return followToEnd<RestoreAllReceipt>(await context.temporal(), handle, false, options, () => progressOfMany(handle));
  },
});

/** What a run would fail with at once, told before there is one. Fails with InvalidInput, NotFound, UrlRefused or NotAllowed. */
export async function checkChoice(context: OperationContext, { at, source, target, credential }: Pick<RestoreAllRequest, 'at' | 'source' | 'target' | 'credential'>): Promise<void> {
  checkAt(at);
  const { protocol, url } = checkUrl(target, context.git.protocols); // a secret in it must not get into a run's history
  await keepToken(context, credential);
  if (isMachine(context.caller) && protocol !== 'file' && !beginsWithOneOf(url, context.agent.targets)) {
    throw new PivoError('UrlRefused', `an agent may not have ${url} asked for the plan of a restore`, { hint: 'A person can: `pivo restore --all --to URL`. Or allow the beginning of the URL: `targets` in [agent] of config.toml.' });
  }
  if (source !== undefined) namesListedBy(stateSources(context.paths.state), source);
}

/** `key` names the request: the same one is the same run, also when that ended already. */
async function start(context: OperationContext, request: RestoreAllRequest, key: string | undefined): Promise<WorkflowHandle> {
  const client = await context.temporal();
  const { isAlreadyRunning, runFailure } = await import('./temporal-run.ts');
  const workflowId = restoreAllWorkflowId(`${request.source ?? 'all'}-${idOf(key)}`);
  try {
    return await client.workflow.start(WORKFLOW.restoreAll, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [request],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      memo: { requestedBy: request.requestedBy },
      staticSummary: `Restore ${request.source ?? 'many'} at ${request.at} to ${request.target}`.slice(0, 400),
    });
  } catch (error) {
    if (isAlreadyRunning(error)) return client.workflow.getHandle(workflowId);
    throw runFailure(error, workflowId);
  }
}

const progressOf = ({ state, progress: { done, total, failed } }: RestoreAllStatus): Progress => ({ phase: failed === 0 ? state : `${state} (${failed} ${state === 'planning' ? 'not possible' : 'failed'})`, ...(total === 0 ? {} : { done, total }) });

/** How far a run is that restores many. */
export const progressOfMany = async (handle: WorkflowHandle): Promise<Progress> => progressOf(await statusOf<RestoreAllStatus>(handle));
