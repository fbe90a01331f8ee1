// Workflows of a worker whose backups only tell that they ran: `fleet` as it is, what it starts as stand-ins.
import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, CancelledFailure, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type { FailureKind } from '../../contract/failures.ts';

export { fleet } from '../../workflows/fleet.ts';

/** How a stand-in ends. */
export interface StubAnswer {
  /** Milliseconds that it takes. */
  takes?: number;
  fails?: FailureKind;
  held?: true;
  unchanged?: boolean;
}

export interface StubActs {
  began(run: { type: 'ingest' | 'forgeData' | 'discover'; name: string }): Promise<StubAnswer>;
  cancelled(run: { name: string }): Promise<void>;
}

const { began, cancelled } = proxyActivities<StubActs>({ startToCloseTimeout: '10 seconds' });

async function ending(type: 'ingest' | 'forgeData' | 'discover', name: string): Promise<StubAnswer> {
  const answer = await began({ type, name });
  if (answer.fails !== undefined) throw ApplicationFailure.create({ message: `${name} failed`, type: answer.fails, nonRetryable: true, details: [{ kind: answer.fails, message: `${name} failed` }] });
  try {
    if (answer.takes !== undefined) await sleep(answer.takes);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => cancelled({ name }));
    throw new CancelledFailure('cancelled');
  }
  return answer;
}

export async function ingest({ url, name }: { url: string; name: string }): Promise<object> {
  const { held, unchanged = false } = await ending('ingest', name);
  return { repository: name, origin: url, visit: 1, unchanged, newBytes: unchanged ? 0 : 100, holes: 0, time: new Date().toISOString(), ...(held === undefined ? {} : { held }) };
}

export async function forgeData({ repository }: { repository: string }): Promise<object> {
  return ending('forgeData', repository);
}

export async function discover({ source, dryRun = false }: { source: string; dryRun?: boolean }): Promise<object> {
  await ending('discover', source);
  return { ...(dryRun && { dryRun }), source, discovery: 'one', present: 0, excluded: 0, new: 0, renamed: 0, vanished: 0 };
}
