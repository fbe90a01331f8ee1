// Operation `ingest`: starts a backup, or joins the one of the same repository that runs already.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { IngestInput, type IngestRequest, type IngestResult } from '../contract/ingest.ts';
import { RepositoryName, TASK_QUEUE, WORKFLOW, ingestWorkflowId, nameOfOrigin } from '../contract/names.ts';
import { checkUrl } from '../git/url.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';

/** What `wait: false` answers. */
export interface IngestStarted {
  workflowId: string;
  runId: string;
  repository: string;
  /** True when a run that was going on already is the one. */
  joined: boolean;
}

interface Started extends IngestStarted {
  client: Client;
  handle: WorkflowHandle;
  origin: string;
}

export const ingest = defineOperation({
  name: 'ingest',
  description: 'Backs a repository up: every ref and object, as a new visit; returns when it is done, or at once with `wait: false`.',
  kind: 'starts',
  input: IngestInput.extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...request }, options): Promise<(IngestResult & { joined: boolean }) | IngestStarted> {
    const started = await start(context, request);
    const { workflowId, runId, repository, joined } = started;
    if (!wait) return { workflowId, runId, repository, joined };
    return { ...(await result(started, options)), joined };
  },
});

/** The URL is checked here too: a secret in it must not get into the history of a run. */
async function start(context: OperationContext, request: IngestRequest): Promise<Started> {
  const origin = checkUrl(request.url, context.git.protocols).url;
  const repository = RepositoryName.safeParse(request.name ?? nameOfOrigin(origin));
  if (!repository.success) throw new PivoError('InvalidInput', `no name can be made from ${origin}`, { hint: 'Give one with --name.' });
  const { isAlreadyRunning, runFailure, runningRun } = await import('./temporal-run.ts');
  const client = await context.temporal();
  const workflowId = ingestWorkflowId(repository.data);
  const known = { client, workflowId, repository: repository.data, origin };
  try {
    const handle = await startRun(client, workflowId, request, context.caller.user, repository.data);
    return { ...known, handle, runId: handle.firstExecutionRunId, joined: false };
  } catch (error) {
    if (!isAlreadyRunning(error)) throw runFailure(error, workflowId);
    const handle = await runningRun(client, workflowId);
    return { ...known, handle, runId: handle.runId, joined: true };
  }
}

/** Refused by the server while a run of that id goes on: so the starter knows that it is the one. */
async function startRun(client: Client, workflowId: string, request: IngestRequest, user: string, repository: string): ReturnType<typeof client.workflow.start> {
  return client.workflow.start(WORKFLOW.ingest, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [request],
    workflowIdConflictPolicy: 'FAIL',
    memo: { requestedBy: user },
    staticSummary: `Back up ${repository}`,
  });
}

/** Follows the run. When the caller gives up, the starter's run is cancelled; a joined one goes on. */
async function result({ client, handle, joined, workflowId, repository, origin }: Started, { signal, onProgress }: RunOptions): Promise<IngestResult> {
  const { followRun } = await import('./temporal-run.ts');
  const detach = new AbortController();
  const giveUp = (): void => {
    if (joined) detach.abort(new PivoError('Cancelled', `detached from ${workflowId}, which was going on before and goes on`));
    else handle.cancel().catch((error: unknown) => detach.abort(error));
  };
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    const found = await followRun<IngestResult>(client, handle, { onProgress, detach: detach.signal });
    if (found.origin === origin) return found;
    throw new PivoError('NameConflict', `the name "${repository}" belongs to ${found.origin}`, { hint: `Choose another name for ${origin} with --name.`, facts: { repository, origin: found.origin } });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
