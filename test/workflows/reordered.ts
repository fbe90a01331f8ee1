// The ingest as a careless change would leave it: the same name, other steps. For the replay test only.
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { IngestRequest } from '../../contract/ingest.ts';

export async function ingest(request: IngestRequest): Promise<void> {
  const { nameWorkerQueue, claimRepository } = proxyActivities<Activities>({ startToCloseTimeout: '10 seconds' });
  await nameWorkerQueue();
  await claimRepository({ request, workflowId: '', runId: '' });
}
