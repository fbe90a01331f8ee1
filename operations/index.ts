// The one list of everything that PIVO can do; each operation's code is loaded when it is first asked for.
import { PivoError } from '../contract/failures.ts';
import type { Operation } from './operation.ts';

const LOADERS = {
  repos: async () => (await import('./repos.ts')).repos,
  visits: async () => (await import('./visits.ts')).visits,
  log: async () => (await import('./log.ts')).log,
  ls: async () => (await import('./ls.ts')).ls,
  cat: async () => (await import('./cat.ts')).cat,
  diff: async () => (await import('./diff.ts')).diff,
  refs: async () => (await import('./refs.ts')).refs,
  commits: async () => (await import('./commits.ts')).commits,
  overview: async () => (await import('./overview.ts')).overview,
  'visit-changes': async () => (await import('./visit-changes.ts')).visitChanges,
  'git-upload-pack': async () => (await import('./git-upload-pack.ts')).gitUploadPack,
  gate: async () => (await import('./gate.ts')).gate,
  'gate-accept': async () => (await import('./gate-decide.ts')).gateAccept,
  'gate-hold': async () => (await import('./gate-decide.ts')).gateHold,
  verify: async () => (await import('./verify.ts')).verify,
  'verify-run': async () => (await import('./verify-run.ts')).verifyRun,
  'verify-coverage': async () => (await import('./verifications.ts')).verifyCoverage,
  verifications: async () => (await import('./verifications.ts')).verifications,
  drill: async () => (await import('./drill.ts')).drill,
  drills: async () => (await import('./drills.ts')).drills,
  repair: async () => (await import('./repair.ts')).repair,
  ingest: async () => (await import('./ingest.ts')).ingest,
  'ingest-again': async () => (await import('./ingest-again.ts')).ingestAgain,
  'schedule-add': async () => (await import('./schedule-add.ts')).scheduleAdd,
  'schedule-list': async () => (await import('./schedule-list.ts')).scheduleList,
  'schedule-pause': async () => (await import('./schedule-control.ts')).schedulePause,
  'schedule-resume': async () => (await import('./schedule-control.ts')).scheduleResume,
  'schedule-run': async () => (await import('./schedule-control.ts')).scheduleRun,
  'schedule-remove': async () => (await import('./schedule-control.ts')).scheduleRemove,
  plan: async () => (await import('./plan.ts')).plan,
  restore: async () => (await import('./restore.ts')).restore,
  approve: async () => (await import('./approve.ts')).approve,
  reject: async () => (await import('./reject.ts')).reject,
  approvals: async () => (await import('./approvals.ts')).approvals,
  pushes: async () => (await import('./pushes.ts')).pushes,
  jobs: async () => (await import('./jobs.ts')).jobs,
  job: async () => (await import('./jobs.ts')).job,
  follow: async () => (await import('./follow.ts')).follow,
  query: async () => (await import('./query.ts')).query,
  receipts: async () => (await import('./receipts.ts')).receipts,
  receipt: async () => (await import('./receipts.ts')).receipt,
  debug: async () => (await import('./debug.ts')).debug,
  audit: async () => (await import('./audit-log.ts')).auditLog,
  health: async () => (await import('./health.ts')).health,
  reindex: async () => (await import('./reindex.ts')).reindex,
  ask: async () => (await import('./ask.ts')).ask,
  conversations: async () => (await import('./conversations.ts')).conversations,
  conversation: async () => (await import('./conversations.ts')).conversation,
  'conversation-follow': async () => (await import('./conversations.ts')).conversationFollow,
  'conversation-stop': async () => (await import('./conversations.ts')).conversationStop,
  'generate-documentation': async () => (await import('./generate-documentation.ts')).generateDocumentation,
  documents: async () => (await import('./documents.ts')).documents,
  'search-logs': async () => (await import('./search-logs.ts')).searchLogsOperation,
  'top-k': async () => (await import('./top-k.ts')).topK,
  'log-context': async () => (await import('./log-context.ts')).logContext,
  'log-histogram': async () => (await import('./log-histogram.ts')).logHistogram,
  'log-tail': async () => (await import('./log-tail.ts')).logTail,
  'log-embedder': async () => (await import('./log-embedder.ts')).logEmbedder,
  'credential-add': async () => (await import('./credentials.ts')).credentialAdd,
  'credential-list': async () => (await import('./credentials.ts')).credentialList,
  'credential-remove': async () => (await import('./credentials.ts')).credentialRemove,
  'upload-logs': async () => (await import('./upload-logs.ts')).uploadLogs,
  'spool-put': async () => (await import('./spool-put.ts')).spoolPut,
  'spool-status': async () => (await import('./spool-status.ts')).spoolStatus,
  'log-sources': async () => (await import('./log-sources.ts')).logSources,
  'optimize-resources': async () => (await import('./optimize-resources.ts')).optimizeResources,
  'vault-status': async () => (await import('./vault-status.ts')).vaultStatus,
  'vault-resolve': async () => (await import('./vault-resolve.ts')).vaultResolve,
  'vault-find': async () => (await import('./vault-resolve.ts')).vaultFind,
  'vault-rotate': async () => (await import('./vault-rotate.ts')).vaultRotate,
  'vault-erase': async () => (await import('./vault-erase.ts')).vaultErase,
  'vault-migrate': async () => (await import('./vault-migrate.ts')).vaultMigrate,
  'generate-shell-command': async () => (await import('./generate-shell-command.ts')).generateShellCommand,
  deliveries: async () => (await import('./deliveries.ts')).deliveries,
  'notify-targets': async () => (await import('./notify-targets.ts')).notifyTargets,
  'notify-test': async () => (await import('./notify-test.ts')).notifyTest,
  'notify-retry': async () => (await import('./notify-retry.ts')).notifyRetry,
  batches: async () => (await import('./batches.ts')).batches,
  batch: async () => (await import('./batches.ts')).batch,
  'spool-gates': async () => (await import('./spool-gates.ts')).spoolGates,
  'spool-replay': async () => (await import('./spool-replay.ts')).spoolReplay,
  'generate-pipeline': async () => (await import('./generate-pipeline.ts')).generatePipeline,
  'commit-pipeline': async () => (await import('./commit-pipeline.ts')).commitPipeline,
  'approve-pipeline': async () => (await import('./approve-pipeline.ts')).approvePipeline,
  'reject-pipeline': async () => (await import('./approve-pipeline.ts')).rejectPipeline,
  'pipeline-status': async () => (await import('./pipeline-status.ts')).pipelineStatus,
  pipelines: async () => (await import('./pipelines.ts')).pipelines,
} satisfies Record<string, () => Promise<Operation>>;

type OperationName = keyof typeof LOADERS;

const OPERATION_NAMES = Object.keys(LOADERS) as OperationName[];

/** The operation of that name. Fails with NotFound. */
export async function loadOperation(name: string): Promise<Operation> {
  if (!Object.hasOwn(LOADERS, name)) throw new PivoError('NotFound', `there is no operation "${name}"`, { facts: { operations: OPERATION_NAMES } });
  return LOADERS[name as OperationName]();
}

/** All operations, for doors that describe them. */
export async function allOperations(): Promise<Operation[]> {
  return Promise.all(OPERATION_NAMES.map((name) => loadOperation(name)));
}
