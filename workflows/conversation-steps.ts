// The acts of a conversation: how long each may take and how often it is tried.
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { AGENT_QUEUE, type AgentActs } from '../contract/conversation.ts';

/** An agent's worker that is silent for this long is lost; its acts beat several times as often. */
const HEARTBEAT_TIMEOUT = '5 seconds';

const SOME_TIMES = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 5 } as const;
const UNTIL_DONE = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** The model's provider may ask for a longer wait between two attempts (`facts.retryAfter`). */
export const thinking = proxyActivities<Pick<AgentActs, 'modelStep'>>({
  taskQueue: AGENT_QUEUE,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: SOME_TIMES,
});

export const doing = proxyActivities<Pick<AgentActs, 'callTool'>>({
  taskQueue: AGENT_QUEUE,
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: SOME_TIMES,
});

/** The state database. */
export const remembering = proxyActivities<Pick<AgentActs, 'loadConversation' | 'recordTurn'>>({
  taskQueue: AGENT_QUEUE,
  startToCloseTimeout: '10 seconds',
  retry: UNTIL_DONE,
});

export const auditing = proxyActivities<Pick<Activities, 'recordAudit'>>({
  startToCloseTimeout: '10 seconds',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: UNTIL_DONE,
});
