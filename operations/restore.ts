// Operation `restore`: starts a restore; carried out at once for the owner who says so, else after a person approved its plan.
import type { WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { TASK_QUEUE, WORKFLOW, restoreWorkflowId } from '../contract/names.ts';
import { RestoreInput, type RestoreReceipt, type RestoreRequest, type RestoreStatus } from '../contract/restore.ts';
import { beginsWithOneOf } from '../contract/url-prefix.ts';
import { listCredentials } from '../git/credentials.ts';
import { latestVisit } from '../archive/visits.ts';
import { checkUrl, type CheckedUrl } from '../git/url.ts';
import { defineOperation, isMachine, type OperationContext } from './operation.ts';
import { idOf } from './request-id.ts';
import { followToEnd } from './started-run.ts';
import { plannedStatus } from './planned-run.ts';
import { mustBeOwner } from './restore-run.ts';

export const restore = defineOperation({
  name: 'restore',
  description: 'Restores a repository as it was at a point in time to a URL or a path; without `yes` a person must approve the plan first, and with `wait: false` the plan is the answer.',
  kind: 'starts',
  input: RestoreInput.omit({ approval: true, requestedBy: true }).extend({
    /** Carry the plan out without asking; for the owner only. */
    yes: z.boolean().default(false),
    wait: z.boolean().default(true),
  }),
  async run(context, { yes, wait, ...asked }, options): Promise<RestoreReceipt | RestoreStatus> {
    if (yes) mustBeOwner(context, 'restore without approval');
    const target = checkUrl(asked.target, context.git.protocols); // a secret in it must not get into a run's history
    await keepToken(context, asked.credential);
    await keepToOurs(context, asked.repository, target);
    const handle = await start(context, { ...asked, approval: yes ? 'waived' : 'required', requestedBy: context.caller.user }, options.request);
    return wait ? followToEnd<RestoreReceipt>(await context.temporal(), handle, false, options) : plannedStatus<RestoreStatus>(handle, options);
  },
});

/** Making the plan asks the target already, and a URL tells its owner what stands in it: a machine's must begin as a person configured, or be where the repository came from. */
async function keepToOurs({ caller, agent, store }: OperationContext, repository: string, { protocol, url }: CheckedUrl): Promise<void> {
  if (!isMachine(caller) || protocol === 'file' || beginsWithOneOf(url, agent.targets)) return;
  if ((await latestVisit(store, repository))?.origin === url) return;
  throw new PivoError('UrlRefused', `an agent may not have ${url} asked for the plan of a restore`, { hint: 'A person can: `pivo restore … --to URL`. Or allow the beginning of the URL: `targets` in [agent] of config.toml.' });
}

/** Making the plan asks the target already: a machine, which may repeat a stranger's words, must not choose where a token is sent. */
export async function keepToken({ caller, paths }: OperationContext, credential: string | undefined): Promise<void> {
  if (credential === undefined || !isMachine(caller)) return;
  const kind = (await listCredentials(paths.credentials)).find(({ name }) => name === credential)?.kind;
  if (kind !== 'ssh-key') throw new PivoError('InvalidInput', `an agent may not send the credential "${credential}" to a target`, { hint: 'A person can: `pivo restore … --credential NAME`. Private keys may be named here, they are never sent.' });
}

/** `key` names the request: the same one is the same run, also when that ended already. */
async function start(context: OperationContext, request: RestoreRequest, key: string | undefined): Promise<WorkflowHandle> {
  const client = await context.temporal();
  const { isAlreadyRunning, runFailure } = await import('./temporal-run.ts');
  const workflowId = restoreWorkflowId(`${request.repository.slice(0, 60)}-${idOf(key)}`);
  try {
    return await client.workflow.start(WORKFLOW.restore, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [request],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      memo: { requestedBy: request.requestedBy },
      staticSummary: `Restore ${request.repository} at ${request.point} to ${request.target}`.slice(0, 400),
    });
  } catch (error) {
    if (isAlreadyRunning(error)) return client.workflow.getHandle(workflowId);
    throw runFailure(error, workflowId);
  }
}
