// Every rule there is.
import { failedTasks } from './failed-tasks.ts';
import { fetchWait } from './fetch-wait.ts';
import { gc } from './gc.ts';
import { idleExecutors } from './idle-executors.ts';
import { largePartitions } from './large-partitions.ts';
import { missedBroadcast } from './missed-broadcast.ts';
import { overPartitioned } from './over-partitioned.ts';
import type { Rule } from './rule.ts';
import { schedulerDelay } from './scheduler-delay.ts';
import { skew } from './skew.ts';
import { slowTasks } from './slow-tasks.ts';
import { spill } from './spill.ts';
import { underPartitioned } from './under-partitioned.ts';
import { unusedMemory } from './unused-memory.ts';

export const RULES: readonly Rule[] = [skew, slowTasks, spill, gc, overPartitioned, underPartitioned, largePartitions, idleExecutors, missedBroadcast, failedTasks, schedulerDelay, fetchWait, unusedMemory];
