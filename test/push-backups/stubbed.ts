// Workflows of a worker whose ingests only tell that they ran: `pushBackups` as it is, `ingest` as a stand-in.
import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { IngestRequest } from '../../contract/ingest.ts';

export { pushBackups } from '../../workflows/push-backups.ts';

export interface StubActs {
  /** Told when a run has begun; what it answers is how long the run takes, in milliseconds. */
  began(run: { repository: string; url: string; credential: string | undefined; startedAt: number }): Promise<number>;
}

const { began } = proxyActivities<StubActs>({ startToCloseTimeout: '10 seconds' });

export async function ingest({ url, name = '', credential }: IngestRequest): Promise<object> {
  const ms = await began({ repository: name, url, credential, startedAt: workflowInfo().startTime.getTime() });
  if (ms > 0) await sleep(ms);
  return { repository: name, origin: url, visit: 1, time: new Date().toISOString() };
}
