// What every outside act is given: the ports it works with, and its run (cancellation, progress, log).
import type { Store } from '../archive/store.ts';
import type { EventLog } from '../events/log.ts';
import type { GatePolicy } from '../contract/gate.ts';
import type { Progress } from '../contract/ingest.ts';
import type { Log } from '../contract/log.ts';
import type { Results } from '../contract/results.ts';
import type { EmbeddingSettings } from '../logs/vectors/settings.ts';
import type { SparkSettings } from '../restore/spark-settings.ts';

/** What one worker's acts share. */
export interface ActivityDeps {
  store: Store;
  events: EventLog;
  /** Folder of the disposable local caches. */
  cache: string;
  /** Folder of the credentials that jobs refer to by name. */
  credentials: string;
  /** Transports an origin or a target may use. */
  protocols: readonly string[];
  /** Budget of one checkout in files and bytes; `every`: seconds between two of a repository. */
  checkout: { files: number; bytes: number; every: number };
  /** Whether a destructive visit becomes current by itself; missing: it does. */
  gate?: GatePolicy;
  /** Where it keeps what verifications and drills found. */
  results: Results;
  /** How restores by Spark are started; missing: this worker starts none. */
  spark?: SparkSettings;
  /** The log index of this home; missing: this worker reads no logs. */
  logIndex?: string;
  /** Who makes the vectors of logs. */
  embeddings?: EmbeddingSettings;
  log: Log;
  /** Names this worker's home on its host; the same after a restart. */
  workerId: string;
}

/** One attempt of one act. */
export interface ActRun {
  /** Aborts when the run is cancelled, the attempt timed out or the worker shuts down. */
  signal: AbortSignal;
  /** Tells how far the act is; cheap, may be called often. */
  onProgress(progress: Progress): void;
  /** 1 for the first attempt. */
  attempt: number;
  /** Carries the workflow id on every line. */
  log: Log;
}
