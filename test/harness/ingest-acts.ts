// Stand-ins for the outside acts of an ingest: they note that they were asked, and answer as a first backup would.
import type { ActRun, ActivityDeps } from '../../activities/act.ts';
import type { IngestJob, VisitOutcome } from '../../contract/ingest.ts';
import type { StandIns } from './temporal.ts';

/** What was done, in order: `fetchOrigin`, `putPacks`, … */
export interface Noted {
  done: string[];
  standIns: StandIns;
}

export function visitOf(job: IngestJob, visit = 1): VisitOutcome {
  return {
    repository: job.repository,
    origin: job.origin,
    visit,
    snapshot: `swh:1:snp:${'0'.repeat(40)}`,
    unchanged: false,
    head: null,
    refs: 1,
    changes: { created: 1, updated: 0, forced: 0, deleted: 0 },
    newPacks: 1,
    newObjects: 3,
    newBytes: 300,
    holes: 0,
    time: '2026-11-21T10:00:00.000Z',
  };
}

/** All outside acts succeed at once; `changed` replaces some. */
export function ingestActs(changed: StandIns = {}): Noted {
  const done: string[] = [];
  const standIns: StandIns = {
    fetchOrigin: async () => ({ unchanged: false, refs: 1 }),
    putPacks: async () => ({ newPacks: 1, newObjects: 3, newBytes: 300 }),
    putLfs: async () => ({ objects: 0, missing: 0, archived: 0 }),
    putCheckout: async () => ({ files: 1 }),
    putVisit: async (_deps, job) => visitOf(job),
    emitVisit: async () => ({ events: 2 }),
    ...changed,
  };
  const noting = Object.entries(standIns).map(([name, act]) => [
    name,
    (deps: ActivityDeps, input: never, run: ActRun): unknown => {
      done.push(name);
      return (act as (deps: ActivityDeps, input: never, run: ActRun) => unknown)(deps, input, run);
    },
  ]);
  return { done, standIns: Object.fromEntries(noting) as StandIns };
}

/** An act that says that it began, and ends when it is told to or its run is cancelled. */
export function gate(): { began: Promise<void>; open(): void; pass(signal: AbortSignal): Promise<void> } {
  const began = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    began: began.promise,
    open: () => opened.resolve(),
    async pass(signal) {
      began.resolve();
      await Promise.race([opened.promise, new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))]);
    },
  };
}
