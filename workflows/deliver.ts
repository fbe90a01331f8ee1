// Workflow `deliver`: one notification on its way to one target, however long that takes. Its waits are timers, so that it holds nothing.
import { continueAsNew, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';
import type { Activities } from '../activities/index.ts';
import { workerQueue } from '../contract/names.ts';
import type { DeliveryStatus } from '../contract/notification.ts';
import { endingOf, parseWorkflowInput } from './failure.ts';

/** `kept`: carried over by a run before. What is told, and to whom, is in the delivery log of the worker's home, not in the history. */
const DeliverInput = z.strictObject({ delivery: z.string().regex(/^[0-9a-f]{32}$/), worker: z.string().min(1), kept: z.boolean().default(false) });

/** One attempt takes a minute at most; a worker that is silent is tried again, with the same idempotency key. */
const postingOn = (worker: string): Pick<Activities, 'postDelivery'> => proxyActivities<Pick<Activities, 'postDelivery'>>({
  taskQueue: workerQueue(worker),
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** What became of the delivery; null when the delivery log knows none of that id. */
export async function deliver(input: unknown): Promise<DeliveryStatus | null> {
  const { delivery, worker, kept: before } = parseWorkflowInput(DeliverInput, input, 'deliver input');
  for (let kept = before; ;) {
    const step = await stepOf(delivery, worker, kept);
    setCurrentDetails(`${step.status ?? 'unknown'} after ${step.attempts} attempts`);
    if (step.status !== 'pending') return step.status;
    await sleep(step.wait);
    kept = step.kept;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof deliver>({ delivery, worker, kept });
  }
}

async function stepOf(id: string, worker: string, kept: boolean): ReturnType<Activities['postDelivery']> {
  try {
    return await postingOn(worker).postDelivery({ id, kept });
  } catch (error) {
    throw endingOf(error);
  }
}
