// One act at a time on the cache of a repository: an attempt that is believed dead, after its worker was asleep, may still be at work there.
import { join } from 'node:path';
import type { IngestJob } from '../contract/ingest.ts';
import type { Act } from './temporal-act.ts';
import { createTurns, type Turns } from './turns.ts';

/** By the folder of the cache, for all acts of this process: a home has one worker. */
const turns = new Map<string, Turns>();

function turnsOf(folder: string): Turns {
  const known = turns.get(folder) ?? createTurns(1);
  turns.set(folder, known);
  return known;
}

/** The act, which waits until no other is at work on its repository's cache. Fails with the signal's reason when it aborts while waiting. */
export function aloneInCache<Output>(act: Act<IngestJob, Output>): Act<IngestJob, Output> {
  return (deps, job, run) => turnsOf(join(deps.cache, job.repository)).take(run.signal, () => act(deps, job, run));
}
