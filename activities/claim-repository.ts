// Act: checks what is asked for, and names the queue of the one worker that will do all of it.
import { workerQueue } from '../contract/names.ts';
import type { Claim, IngestRequest } from '../contract/ingest.ts';
import type { ActivityDeps } from './act.ts';
import { validateOrigin } from './validate-origin.ts';

export interface ClaimInput {
  request: IngestRequest;
  workflowId: string;
  runId: string;
}

/** The checked job for this worker. Fails as `validateOrigin` does. */
export async function claimRepository(deps: ActivityDeps, { request, workflowId, runId }: ClaimInput): Promise<Claim> {
  const { repository, origin } = await validateOrigin(deps, request);
  const { credential = null, checkout, lfs, limits } = request;
  return { job: { repository, origin, credential, checkout, lfs, limits, workflowId, runId }, queue: workerQueue(deps.workerId) };
}
