// Operation `ingest`: starts a backup, or joins the one of the same repository that runs already.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { IngestInput, type IngestApproval, type IngestRequest, type IngestResult, type Progress } from '../contract/ingest.ts';
import { QUERY, RepositoryName, TASK_QUEUE, WORKFLOW, ingestRequestWorkflowId, ingestWorkflowId, nameOfOrigin } from '../contract/names.ts';
import { beginsWithOneOf } from '../contract/url-prefix.ts';
import { latestVisit } from '../archive/visits.ts';
import { checkUrl } from '../git/url.ts';
import { followToEnd } from './started-run.ts';
import { defineOperation, isMachine, type OperationContext, type RunOptions } from './operation.ts';
import { idOf } from './request-id.ts';

/** What `wait: false` answers. */
export interface IngestStarted {
  workflowId: string;
  runId: string;
  repository: string;
  /** True when a run that was going on already is the one. */
  joined: boolean;
  /** It waits for a person to approve it. */
  approval?: IngestApproval;
}

interface Started extends IngestStarted {
  client: Client;
  handle: WorkflowHandle;
  origin: string;
}

type AskedIngest = Omit<IngestRequest, 'approval' | 'formerUrl'>;

export const ingest = defineOperation({
  name: 'ingest',
  description: 'Backs a repository up: every ref and object, as a new visit; returns when it is done, or at once with `wait: false`.',
  kind: 'starts',
  input: IngestInput.omit({ approval: true, formerUrl: true }).extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...request }, options): Promise<(IngestResult & { joined: boolean }) | IngestStarted> {
    const started = await start(context, request, options.request);
    const { workflowId, runId, repository, joined, approval } = started;
    if (!wait) return { workflowId, runId, repository, joined, ...(approval === undefined ? {} : { approval }) };
    return { ...(await result(started, options)), joined };
  },
});

/** The URL is checked here too: a secret in it must not get into the history of a run. */
async function start(context: OperationContext, asked: AskedIngest, key: string | undefined): Promise<Started> {
  const origin = checkUrl(asked.url, context.git.protocols).url;
  const repository = RepositoryName.safeParse(asked.name ?? nameOfOrigin(origin));
  if (!repository.success) throw new PivoError('InvalidInput', `no name can be made from ${origin}`, { hint: 'Give one with --name.' });
  const { isAlreadyRunning, runFailure, runningRun } = await import('./temporal-run.ts');
  const client = await context.temporal();
  const approval = (await needsApproval(context, asked, origin, repository.data)) ? 'required' : 'waived';
  const request: IngestRequest = { ...asked, approval };
  if (approval === 'required' || key !== undefined) return startApart(context, client, { request, repository: repository.data, origin, key });
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

/** What a machine asks for needs a person's approval, unless the origin is in the archive or configured; where a token is sent, always. */
async function needsApproval({ caller, store, agent }: OperationContext, { credential }: AskedIngest, origin: string, repository: string): Promise<boolean> {
  if (!isMachine(caller)) return false;
  if (credential !== undefined) return true;
  if (beginsWithOneOf(origin, agent.origins)) return false;
  return (await latestVisit(store, repository))?.origin !== origin;
}

interface Apart {
  request: IngestRequest;
  repository: string;
  origin: string;
  /** The same key is the same run, also when that ended already. */
  key: string | undefined;
}

/** A run under an id of its own, which goes through the repository's one run when it may. */
async function startApart(context: OperationContext, client: Client, { request, repository, origin, key }: Apart): Promise<Started> {
  const { isAlreadyRunning, runFailure } = await import('./temporal-run.ts');
  const workflowId = ingestRequestWorkflowId(`${repository}-${idOf(key)}`);
  const known = { client, workflowId, repository, origin, joined: false };
  let handle: WorkflowHandle;
  try {
    handle = await startRun(client, workflowId, request, context.caller.user, repository);
  } catch (error) {
    if (!isAlreadyRunning(error)) throw runFailure(error, workflowId);
    handle = client.workflow.getHandle(workflowId);
  }
  const { runId } = await handle.describe();
  return { ...known, handle, runId, ...(request.approval === 'required' ? { approval: await waiting(handle) } : {}) };
}

/** Milliseconds between two looks at a run that makes its plan. */
const LOOK_EVERY = 100;

/** What it waits with. Fails with what the planning failed with. */
async function waiting(handle: WorkflowHandle): Promise<IngestApproval> {
  const { setTimeout: delay } = await import('node:timers/promises');
  const { runFailure } = await import('./temporal-run.ts');
  for (;;) {
    const { approval } = await handle.query<Progress>(QUERY.status).catch((error: unknown) => {
      throw runFailure(error, handle.workflowId);
    });
    if (approval !== undefined) return approval;
    if ((await handle.describe()).status.name !== 'RUNNING') await handle.result().catch((error: unknown) => Promise.reject(runFailure(error, handle.workflowId)));
    await delay(LOOK_EVERY);
  }
}

/** Refused by the server while a run of that id goes on: so the starter knows that it is the one. */
async function startRun(client: Client, workflowId: string, request: IngestRequest, user: string, repository: string): ReturnType<typeof client.workflow.start> {
  return client.workflow.start(WORKFLOW.ingest, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [request],
    workflowIdConflictPolicy: 'FAIL',
    ...(workflowId === ingestWorkflowId(repository) ? {} : { workflowIdReusePolicy: 'REJECT_DUPLICATE' as const }),
    memo: { requestedBy: user },
    staticSummary: `Back up ${repository}`,
  });
}

/** Follows the run. When the caller gives up, the starter's run is cancelled; a joined one goes on. */
async function result({ client, handle, joined, repository, origin }: Started, options: RunOptions): Promise<IngestResult> {
  const found = await followToEnd<IngestResult>(client, handle, joined, options);
  if (found.origin === origin) return found;
  throw new PivoError('NameConflict', `the name "${repository}" belongs to ${found.origin}`, { hint: `Choose another name for ${origin} with --name.`, facts: { repository, origin: found.origin } });
}
