// What became of one repository of a fleet run: the item that its backup, or what it failed with, makes.
import { NO_COUNTS, type FleetCounts, type FleetEntry, type FleetItem, type FleetOutcome } from '../contract/fleet.ts';
import type { FailureReport } from '../contract/failures.ts';
import type { IngestResult } from '../contract/ingest.ts';

/** Characters of a failure's message that are kept: git repeats what a server says. */
const LONGEST = 1_000;

/** What of a failure is kept: words, and no facts. */
export function keptFailure({ kind, message, hint }: FailureReport): FailureReport {
  const cut = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`);
  return { kind, message: cut(message), ...(hint === undefined ? {} : { hint: cut(hint) }) };
}

type Times = Pick<FleetItem, 'started' | 'finished'>;

/** Held first: it needs a person, whatever else it is. */
export const outcomeOf = ({ held, unchanged }: Pick<IngestResult, 'held' | 'unchanged'>): FleetOutcome => (held === true ? 'held' : unchanged ? 'unchanged' : 'done');

export const itemOf = ({ repository, path }: FleetEntry, result: Pick<IngestResult, 'held' | 'unchanged' | 'visit' | 'newBytes' | 'holes' | 'lfs'>, times: Times): FleetItem =>
  ({ repository, path, outcome: outcomeOf(result), visit: result.visit, newBytes: result.newBytes, holes: result.holes + (result.lfs?.missing ?? 0), failure: null, forgeData: null, ...times });

export const failedItem = ({ repository, path }: FleetEntry, failure: FailureReport, times: Times): FleetItem => ({ repository, path, outcome: 'failed', visit: null, newBytes: 0, holes: 0, failure: keptFailure(failure), forgeData: null, ...times });

/** A wiki without a page: there is no repository behind its address. */
export const nothingItem = ({ repository, path }: FleetEntry, times: Times): FleetItem => ({ repository, path, outcome: 'nothing', visit: null, newBytes: 0, holes: 0, failure: null, forgeData: null, ...times });

export const addTo = (counts: FleetCounts, { outcome }: Pick<FleetItem, 'outcome'>): FleetCounts => ({ ...counts, [outcome]: counts[outcome] + 1 });

export const sumOf = (items: readonly Pick<FleetItem, 'outcome'>[]): FleetCounts => items.reduce(addTo, { ...NO_COUNTS });
