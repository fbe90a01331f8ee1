// The activities of a fleet run: how long each may take, and how often it is tried.
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { workerQueue } from '../contract/names.ts';

/** The state database may be busy, or its disk full for an hour: what was found out is not lost for that. */
const FOR_AN_HOUR = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 70 } as const;

export type FleetSteps = Pick<Activities, 'beginFleet' | 'countFleet' | 'nextFleetPage' | 'recordFleetItems' | 'recordFleetForgeData' | 'recordVanished' | 'reportFleet'>;

/** On the queue of the worker whose home knows the source; missing: any worker's. */
export function fleetSteps(worker: string | undefined): FleetSteps {
  return proxyActivities<FleetSteps>({
    ...(worker === undefined ? {} : { taskQueue: workerQueue(worker) }),
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
    retry: FOR_AN_HOUR,
  });
}

/** Asks a forge whether there is anything; who cannot be asked is left to the backup. */
export const looking = proxyActivities<Pick<Activities, 'wikiIsThere'>>({ startToCloseTimeout: '5 minutes', heartbeatTimeout: '5 seconds', retry: { initialInterval: '500 milliseconds', maximumAttempts: 3 } });

/** Waits as long as the other run takes. */
export const joining = proxyActivities<Pick<Activities, 'joinRun' | 'joinIngest'>>({
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 100 },
});
