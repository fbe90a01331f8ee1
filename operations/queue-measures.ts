// How many tasks wait in Temporal's queues, and who takes them.
import type { OperationContext } from './operation.ts';

export interface QueueMeasures {
  queue: string;
  type: 'workflow' | 'activity';
  /** Workers that asked for tasks lately. */
  pollers: number;
  /** Tasks that wait, about; null when the server does not count them. */
  backlog: number | null;
}

/** TaskQueueType of Temporal's API. */
const TYPES = { workflow: 1, activity: 2 } as const;
/** A worker asks again within a minute; the server remembers it for five. */
const LATELY_MS = 100_000;

/** Fails with Unavailable. */
export async function queuesOf(context: OperationContext, queues: string[]): Promise<QueueMeasures[]> {
  const client = await context.temporal();
  const { workflowService } = client.connection;
  const asked = queues.flatMap((queue) => (Object.keys(TYPES) as (keyof typeof TYPES)[]).map(async (type): Promise<QueueMeasures> => {
    const { pollers, stats } = await workflowService.describeTaskQueue({ namespace: client.options.namespace, taskQueue: { name: queue }, taskQueueType: TYPES[type], reportStats: true });
    const since = Date.now() / 1000 - LATELY_MS / 1000;
    const backlog = stats?.approximateBacklogCount;
    return { queue, type, pollers: pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) > since).length, backlog: backlog == null ? null : Number(backlog) };
  }));
  return Promise.all(asked);
}
