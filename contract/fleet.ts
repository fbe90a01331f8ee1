// The words of fleet runs: what goes in, what became of each repository, and the report at the end.
import { z } from 'zod';
import type { FailureReport } from './failures.ts';
import { CheckoutPolicy } from './ingest.ts';
import { SourceName, type Discovery } from './source.ts';

export const FleetInput = z.strictObject({
  /** A source of this home (`pivo source add`). */
  source: SourceName,
  /** Backups at once from one host. Default: as the source says. */
  atOnce: z.number().int().positive().max(100).optional(),
  checkout: CheckoutPolicy.default('none'),
  /** False: backs up what an earlier, whole discovery found, without asking the forge. */
  discover: z.boolean().default(true),
  /** Whose home knows the source: the id of its worker. Default: any worker's. */
  worker: z.string().max(100).optional(),
  requestedBy: z.string().max(200).default('unknown'),
});
export type FleetInput = z.input<typeof FleetInput>;
export type FleetRequest = z.output<typeof FleetInput>;

/**
 * `held`: backed up, but the gate keeps `current` where it was. `vanished`: the source has it no more; what was backed up stays.
 * `nothing`: a wiki that the forge offers and in which nobody has written a page: there is no repository yet.
 */
export const FleetOutcome = z.enum(['done', 'unchanged', 'held', 'failed', 'vanished', 'nothing']);
export type FleetOutcome = z.infer<typeof FleetOutcome>;

/** What became of one repository in one run. */
export interface FleetItem {
  repository: string;
  /** Path on the forge. */
  path: string;
  outcome: FleetOutcome;
  /** The visit that this run wrote; null when it wrote none. */
  visit: number | null;
  newBytes: number;
  /** What could not be archived because the origin lacks it, objects of Git LFS counted. */
  holes: number;
  failure: FailureReport | null;
  /** What of the forge's data failed, while the backup itself did not. */
  forgeData: FailureReport | null;
  /** ISO 8601 UTC; null where nothing was started. */
  started: string | null;
  finished: string;
}

export type FleetCounts = Record<FleetOutcome, number>;

export const NO_COUNTS: Readonly<FleetCounts> = { done: 0, unchanged: 0, held: 0, failed: 0, vanished: 0, nothing: 0 };

/** How many repositories have an outcome. */
export const countedOf = (counts: FleetCounts): number => Object.values(counts).reduce((sum, each) => sum + each, 0);

/** Answer of `fleet` to the query `status`, and its current details. */
export interface FleetStatus {
  fleetId: string;
  source: string;
  state: 'discovering' | 'backing up' | 'exporting forge data' | 'ending what runs' | 'reporting' | 'done' | 'cancelled' | 'failed';
  /** Repositories that the run is about; null until that is known. */
  total: number | null;
  counts: FleetCounts;
  running: string[];
  started: string;
}

/** How a run ended. `done`: with an outcome for every repository, whatever it is. */
export type FleetEnd = 'done' | 'cancelled' | 'failed';

/** Result of `fleet`. A repository that failed is in it and does not fail the run. */
export interface FleetReport {
  fleetId: string;
  source: string;
  status: FleetEnd;
  started: string;
  finished: string;
  /** Null: the forge was not asked. */
  discovery: Discovery | null;
  /** Why the forge could not be asked; what an earlier discovery found was backed up. */
  discoveryFailure: FailureReport | null;
  /** Repositories that the run was about. */
  total: number;
  /** Of these, without an outcome: the run ended before. */
  notDone: number;
  counts: FleetCounts;
  newBytes: number;
  /** Repositories that are backed up but for what their origins lack. */
  withHoles: number;
  /** Repositories that are backed up and whose forge data could not be exported. */
  forgeDataFailed: number;
  /** The first of those that failed or are held, by name; all of them: `pivo fleet status`. */
  failed: FleetItem[];
  held: FleetItem[];
}

/** True when nobody needs to look: there was something to back up, all of it is, what it came from was asked, and nothing is held. */
export const isWhole = ({ status, total, counts, notDone, discoveryFailure, forgeDataFailed }: FleetReport): boolean =>
  status === 'done' && total > 0 && counts.failed === 0 && counts.held === 0 && notDone === 0 && discoveryFailure === null && forgeDataFailed === 0;

/** One run as it is kept. */
export interface FleetRun {
  fleetId: string;
  source: string;
  workflowId: string;
  requestedBy: string;
  status: 'running' | FleetEnd;
  started: string;
  finished: string | null;
  report: FleetReport | null;
  /** Why the run itself failed. */
  failure: FailureReport | null;
}

/** Which items are meant; what is not given is any. */
export interface FleetItemFilter {
  outcome?: FleetOutcome | undefined;
  /** Those behind this name, in byte order. */
  after?: string | undefined;
  limit: number;
}

/** Port FleetRows: fleet runs and what became of each repository, in `state.db`. Every method fails with Unavailable when that cannot be kept now. */
export interface FleetRows {
  /** The same run again changes nothing. An earlier run of the source that never ended is marked as failed: there is one at a time. */
  begin(run: Pick<FleetRun, 'fleetId' | 'source' | 'workflowId' | 'requestedBy' | 'started'>): void;
  /** The first item of a repository stays: the same again changes nothing. */
  record(fleetId: string, items: readonly FleetItem[]): void;
  /** Keeps how the export of the forge's data ended; null: it succeeded. */
  recordForgeData(fleetId: string, ended: readonly { repository: string; failure: FailureReport | null }[]): void;
  /** Of these repositories, those without an item. */
  unrecorded(fleetId: string, repositories: readonly string[]): Set<string>;
  /** Of these repositories, those that are backed up and whose forge data was not exported in this run yet. */
  withoutForgeData(fleetId: string, repositories: readonly string[]): Set<string>;
  counts(fleetId: string): FleetCounts;
  /** Bytes that the run added, repositories with holes, and repositories whose forge data failed. */
  sums(fleetId: string): { newBytes: number; withHoles: number; forgeDataFailed: number };
  /** By name. */
  items(fleetId: string, filter: FleetItemFilter): FleetItem[];
  end(fleetId: string, ended: { status: FleetEnd; finished: string; report: FleetReport | null; failure: FailureReport | null }): void;
}

/** One repository as a fleet run takes it from the book. */
export interface FleetEntry {
  repository: string;
  path: string;
  url: string;
  /** Where its newest visit came from, if it moved. */
  formerUrl: string | null;
  /** Whose turn it takes: host and port of the URL; '' for a path of this machine. */
  host: string;
  wiki: boolean;
  /** Name of the one before it, where the book goes on from when it was not begun; null: it is the first. */
  after: string | null;
}

/** What a fleet run does with the repositories, one pass after the other. */
export type FleetPass = 'backup' | 'forge data';
