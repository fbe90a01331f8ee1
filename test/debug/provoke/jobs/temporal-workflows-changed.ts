// The same workflow after a change that old runs cannot replay.
import { proxyActivities, sleep } from '@temporalio/workflow';

export async function nightlyLoad(): Promise<void> {
  await proxyActivities<{ copyRows(): Promise<string> }>({ startToCloseTimeout: '2 seconds' }).copyRows();
  await sleep('4 seconds');
}
