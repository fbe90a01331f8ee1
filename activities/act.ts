// What every outside act is given: the ports it works with, and its run (cancellation, progress, log).
import type { Store } from '../archive/store.ts';
import type { EventLog } from '../events/log.ts';
import type { GatePolicy } from '../contract/gate.ts';
import type { FleetRows } from '../contract/fleet.ts';
import type { Progress } from '../contract/ingest.ts';
import type { Log } from '../contract/log.ts';
import type { DeliveryLog } from '../contract/notification.ts';
import type { PushSettings, PushSource } from '../contract/push.ts';
import type { Results } from '../contract/results.ts';
import type { RetentionPolicy } from '../contract/retention.ts';
import type { SourceBook } from '../contract/source.ts';
import type { GateThresholds, SpoolKind } from '../contract/spool.ts';
import type { PipelineRows } from '../contract/pipeline-run.ts';
import type { TextWriter } from '../contract/writer.ts';
import type { ForgeSettings } from '../forges/settings.ts';
import type { EmbeddingSettings } from '../logs/vectors/settings.ts';
import type { NotifyTarget } from '../notify/settings.ts';
import type { ToolPlaces } from '../pipelines/validate/tools.ts';
import type { RecordSettings } from '../records/settings.ts';
import type { SparkSettings } from '../restore/spark-settings.ts';
import type { OpenVault } from '../vault/open.ts';

/** What is needed to tell others of what happens. */
export interface NotifyPorts {
  targets: readonly NotifyTarget[];
  deliveries: DeliveryLog;
  /** Called when something was written down, or, with its id, when a delivery ended. */
  wake?(ended?: string): void;
  /** How long a delivery waits after its first attempt failed. Default: as notify/answer.ts says. */
  backoff?: { first: number };
}

/** What is needed to propose pipelines and to see them through. */
export interface PipelinePorts {
  /** `[[forges]]` of the configuration. */
  forges: readonly ForgeSettings[];
  rows: PipelineRows;
  /** Where the tools that check pipelines are kept. */
  tools: ToolPlaces;
  /** Adapts what was assembled; missing: no model is configured. */
  writer?: TextWriter | undefined;
}

/** What is needed to find the repositories of sources and to back all of them up. */
export interface FleetPorts {
  /** `[[forges]]` of the configuration. */
  forges: readonly ForgeSettings[];
  book: SourceBook;
  rows: FleetRows;
}

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
  /** Which checkouts may go; missing: none. */
  retention?: RetentionPolicy;
  /** Where it keeps what verifications and drills found. */
  results: Results;
  /** How restores by Spark are started; missing: this worker starts none. */
  spark?: SparkSettings;
  /** The log index of this home; missing: this worker reads no logs. */
  logIndex?: string;
  /** Who makes the vectors of logs. */
  embeddings?: EmbeddingSettings;
  /** The spool of this home, and when its gates open; missing: this worker has none. */
  spool?: { folder: string; gates: Readonly<Record<SpoolKind, GateThresholds>> };
  /** Where records are kept; missing: this worker stores none. */
  records?: RecordSettings;
  /** Whose pushes start backups, and how many at once; missing: this worker starts none. */
  push?: PushSettings & { sources: readonly PushSource[] };
  /** Who is told of what happens; missing: nobody is. */
  notify?: NotifyPorts;
  /** Missing: this worker makes no pipelines. */
  pipelines?: PipelinePorts;
  /** Missing: this worker knows no sources. */
  fleet?: FleetPorts;
  log: Log;
  /** Who people are; missing: the vault is off. */
  vault?: OpenVault | undefined;
  /** What of this home a migration of the vault goes through. */
  home?: { state: string; logs: string; compactHistories(): void; reindex(run: Pick<ActRun, 'signal' | 'onProgress'>): Promise<unknown> };
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
