// Workflows with one fault each.
import { log, proxyActivities, sleep } from '@temporalio/workflow';

interface Acts {
  copyRows(): Promise<string>;
  scanTable(): Promise<string>;
  exportAll(): Promise<string>;
  notThere(): Promise<string>;
}

const once = { retry: { maximumAttempts: 1 } };

export async function copyOrders(): Promise<string> {
  return proxyActivities<Acts>({ startToCloseTimeout: '2 seconds', ...once }).copyRows();
}

export async function scanOrders(): Promise<string> {
  return proxyActivities<Acts>({ startToCloseTimeout: '60 seconds', heartbeatTimeout: '1 second', ...once }).scanTable();
}

export async function exportOrders(): Promise<string> {
  return proxyActivities<Acts>({ startToCloseTimeout: '10 seconds', ...once }).exportAll();
}

export async function renamedStep(): Promise<string> {
  return proxyActivities<Acts>({ startToCloseTimeout: '5 seconds', ...once }).notThere();
}

export async function trainModel(): Promise<string> {
  return proxyActivities<Acts>({ taskQueue: 'gpu-workers', scheduleToStartTimeout: '2 seconds', startToCloseTimeout: '5 seconds', ...once }).copyRows();
}

export async function nightlyLoad(): Promise<void> {
  log.info('the nightly load waits for its window');
  await sleep('4 seconds');
}

export async function billingRun(options?: { region: string }): Promise<string> {
  await sleep(10);
  return (options as { region: string }).region.toUpperCase();
}
