// The names that several parts must agree on: repositories, task queues, workflow types and ids, topics.
import { z } from 'zod';

/** Task queue of all workflows and of activities that any worker may run. */
export const TASK_QUEUE = 'pivo';

export const WORKFLOW = { ingest: 'ingest', restore: 'restore', verify: 'verify', drill: 'drill', repair: 'repair', conversation: 'conversation', ingestLogs: 'ingestLogs', embedLogs: 'embedLogs', spoolGate: 'spoolGate', replaySpool: 'replaySpool', pushBackups: 'pushBackups', embedRecords: 'embedRecords', deliver: 'deliver', migrateVault: 'migrateVault', pipeline: 'pipeline', discover: 'discover', fleet: 'fleet', forgeData: 'forgeData', retain: 'retain', restoreAll: 'restoreAll', restorePlanned: 'restorePlanned' } as const;
/** Started by runs only: tells the event log what they could not. */
export const EMIT_WORKFLOW = 'emit';
export const UPDATE = { approve: 'approve', reject: 'reject', turn: 'turn', stop: 'stop' } as const;
export const QUERY = { status: 'status', plan: 'plan', transcript: 'transcript' } as const;

/** What Temporal can search workflows by: name to type. */
export const SEARCH_ATTRIBUTES = { PivoRepo: 'Keyword' } as const;

export const TOPIC = { commits: 'pivo-commit-events', audit: 'pivo-audit-logs' } as const;
/** Where a message goes that its consumer cannot read. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

/** A repository's short name: it is a folder on every store, a key in Kafka and part of workflow ids. */
export const RepositoryName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a name has 1 to 100 letters, digits, ".", "_" or "-" and starts with a letter or digit')
  .refine((name) => !name.endsWith('.') && !name.endsWith('.lock') && !name.endsWith('.git'), 'a name does not end with ".", ".lock" or ".git"');

/**
 * The default name of an origin: the last part of its path without `.git`,
 * other characters replaced by `-`. `https://host/sindresorhus/execa.git` gives `execa`.
 */
export function nameOfOrigin(url: string): string {
  const path = url.replace(/[?#].*$/, '').replace(/\/+$/, '').replace(/\/\.git$/, '').replace(/\.git$/, '');
  const last = path.split(/[/:]/).at(-1) ?? '';
  return last.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '').replace(/[.]+$/, '').slice(0, 100);
}

export const ingestWorkflowId = (repository: string): string => `ingest:${repository}`;
/** A backup that was asked for under an id of its own: by an agent, or one that waits for approval. */
export const ingestRequestWorkflowId = (requestId: string): string => `ingest-request:${requestId}`;
/** The run that tells the event log what the run `runId` could not; an ingest has one such thing, a restore a decision and its end. */
export const emitWorkflowId = (repository: string, runId: string, action = 'ingest'): string => `emit:${repository}:${runId}${action === 'ingest' ? '' : `:${action}`}`;
export const restoreWorkflowId = (restoreId: string): string => `restore:${restoreId}`;
/** One verification of the same files at a time. */
export const verifyWorkflowId = (repository: string | undefined, part: string | undefined): string => (repository !== undefined && part === undefined ? `verify:${repository}` : `verify:${repository ?? 'all'}:${part ?? '1-1'}`);
/** `*`: all repositories; no repository has that name. */
export const drillWorkflowId = (repository: string | undefined): string => `drill:${repository ?? '*'}`;
export const repairWorkflowId = (repository: string): string => `repair:${repository}`;
/** One reading of the same logs at a time; `what` names them. */
export const ingestLogsWorkflowId = (what: string): string => `ingestLogs:${what}`;
/** Vectors are made by one run at a time. */
export const EMBED_LOGS_WORKFLOW_ID = 'embedLogs';
/** One gate a kind; a home has its own, for its spool is a folder. */
export const spoolGateWorkflowId = (kind: string, workerId: string): string => `spool-gate:${kind}:${workerId}`;
/** One replay of the same archived segments at a time; `what` is a batch, a kind or `all`. */
export const replaySpoolWorkflowId = (workerId: string, what: string): string => `spool-replay:${workerId}:${what}`;
/** Who starts the backups that pushes ask for; one a home. */
export const pushBackupsWorkflowId = (workerId: string): string => `push-backups:${workerId}`;
/** Who makes the vectors of records; one a home, and several homes of one database share its texts. */
export const embedRecordsWorkflowId = (workerId: string): string => `embed-records:${workerId}`;
/** One delivery, by the hex of its id. */
export const deliverWorkflowId = (delivery: string): string => `deliver:${delivery}`;
export const pipelineWorkflowId = (pipelineId: string): string => `pipeline:${pipelineId}`;
/** One discovery of a source at a time. */
export const discoverWorkflowId = (source: string): string => `discover:${source}`;
/** One run of a source at a time. */
export const fleetWorkflowId = (source: string): string => `fleet:${source}`;
export const forgeDataWorkflowId = (repository: string): string => `forge-data:${repository}`;
/** One retention of the archive at a time. */
export const RETAIN_WORKFLOW_ID = 'retain';
export const restoreAllWorkflowId = (restoreId: string): string => `restore-all:${restoreId}`;
/** One repository of a restore of many; its restore has the id `{restoreId}.{repository}`. */
export const restorePlannedWorkflowId = (memberId: string): string => `restore-planned:${memberId}`;
export const MIGRATE_VAULT_WORKFLOW_ID = 'migrate-vault';
/** The schedule of a repository, of all (`*`), or of a source. */
export const scheduleId = (repository: string, what: 'ingest' | 'verify' | 'drill' | 'fleet' = 'ingest'): string => `${what}-schedule:${repository}`;
/** The queue of the one worker that holds a local cache; survives that worker's restart. */
export const workerQueue = (workerId: string): string => `${TASK_QUEUE}-worker-${workerId}`;
