// The addresses of the REST interface: each is one operation; schemas and descriptions are the operation's own.
import type { Role } from '../access/roles.ts';

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`. `{field}` is that field of the operation's input; the others come from the query of a GET or DELETE, and from the body of a POST. */
  path: string;
  operation: string;
  /** Fields that this address sets; nobody may give them. */
  given?: Record<string, unknown>;
  /** Where it is not the one of the operation's kind. */
  least?: Role;
  /** Takes time of the machine: counted against the client's rate. */
  costly?: true;
  /** 202 where the work goes on after the answer. */
  status?: 202;
  /** The body is what the operation reads, of one of these types; the fields come from the query. JSON is taken as elsewhere. */
  bytes?: readonly string[];
  /** Always answers as server-sent events: `progress`, then `end` with the result. */
  events?: true;
}

export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/overview', operation: 'overview' },
  { method: 'GET', path: '/repositories', operation: 'repos' },
  { method: 'GET', path: '/repositories/{repository}/visits', operation: 'visits' },
  { method: 'GET', path: '/repositories/{repository}/visits/{visit}/changes', operation: 'visit-changes' },
  { method: 'GET', path: '/repositories/{repository}/refs', operation: 'refs' },
  { method: 'GET', path: '/repositories/{repository}/commits', operation: 'commits' },
  { method: 'GET', path: '/repositories/{repository}/log', operation: 'log', costly: true },
  { method: 'GET', path: '/repositories/{repository}/files', operation: 'ls' },
  { method: 'GET', path: '/repositories/{repository}/content', operation: 'cat' },
  { method: 'GET', path: '/repositories/{repository}/diff', operation: 'diff', costly: true },
  { method: 'POST', path: '/repositories/{repository}/verify', operation: 'verify', least: 'operator', costly: true },
  { method: 'POST', path: '/repositories/{repository}/ingests', operation: 'ingest-again', given: { wait: false }, least: 'local', costly: true, status: 202 },
  { method: 'POST', path: '/ingests', operation: 'ingest', given: { wait: false }, costly: true, status: 202 },
  { method: 'POST', path: '/plans', operation: 'plan', least: 'local', costly: true },
  { method: 'GET', path: '/restores', operation: 'receipts' },
  { method: 'POST', path: '/restores', operation: 'restore', given: { wait: false }, least: 'local', costly: true, status: 202 },
  { method: 'GET', path: '/restores/{restoreId}/receipt', operation: 'receipt' },
  { method: 'GET', path: '/approvals', operation: 'approvals' },
  { method: 'POST', path: '/approvals/{restore}/approve', operation: 'approve', given: { wait: false } },
  { method: 'POST', path: '/approvals/{restore}/reject', operation: 'reject' },
  { method: 'GET', path: '/pushes', operation: 'pushes' },
  { method: 'GET', path: '/jobs', operation: 'jobs' },
  { method: 'GET', path: '/jobs/{id}', operation: 'job' },
  { method: 'GET', path: '/jobs/{id}/events', operation: 'follow', events: true },
  { method: 'POST', path: '/query', operation: 'query', costly: true },
  { method: 'POST', path: '/generate-shell-command', operation: 'generate-shell-command', costly: true },
  { method: 'POST', path: '/generate-documentation', operation: 'generate-documentation', costly: true },
  { method: 'GET', path: '/repositories/{repository}/documents', operation: 'documents' },
  { method: 'POST', path: '/upload-logs', operation: 'upload-logs', least: 'local', costly: true, bytes: ['text/plain', 'application/x-ndjson', 'application/gzip', 'application/zstd', 'application/octet-stream'] },
  { method: 'POST', path: '/search-logs', operation: 'search-logs' },
  { method: 'POST', path: '/top-k', operation: 'top-k' },
  { method: 'POST', path: '/debug', operation: 'debug', costly: true },
  { method: 'GET', path: '/log-sources', operation: 'log-sources' },
  { method: 'GET', path: '/logs/context', operation: 'log-context' },
  { method: 'GET', path: '/logs/histogram', operation: 'log-histogram', costly: true },
  { method: 'GET', path: '/logs/embedder', operation: 'log-embedder' },
  { method: 'GET', path: '/logs/tail', operation: 'log-tail', events: true },
  { method: 'POST', path: '/optimize-resources', operation: 'optimize-resources', costly: true, bytes: ['application/x-ndjson', 'application/gzip', 'application/zstd', 'application/octet-stream'] },
  { method: 'GET', path: '/spool-batches', operation: 'batches' },
  { method: 'GET', path: '/spool-batches/{tag}', operation: 'batch' },
  { method: 'GET', path: '/spool-gates', operation: 'spool-gates' },
  { method: 'POST', path: '/spool/replay', operation: 'spool-replay', given: { wait: false }, costly: true, status: 202 },
  { method: 'GET', path: '/spool', operation: 'spool-status' },
  { method: 'POST', path: '/spool/{kind}', operation: 'spool-put', costly: true, bytes: ['application/x-ndjson', 'application/msgpack', 'application/vnd.msgpack', 'application/gzip', 'application/zstd', 'application/octet-stream'] },
  { method: 'GET', path: '/notifications/deliveries', operation: 'deliveries' },
  { method: 'GET', path: '/notifications/targets', operation: 'notify-targets' },
  { method: 'POST', path: '/notifications/test', operation: 'notify-test', least: 'operator', costly: true },
  { method: 'POST', path: '/notifications/retry', operation: 'notify-retry', least: 'operator' },
  { method: 'GET', path: '/audit', operation: 'audit' },
  { method: 'GET', path: '/vault', operation: 'vault-status' },
  { method: 'POST', path: '/vault/resolve', operation: 'vault-resolve', least: 'reader' },
  { method: 'POST', path: '/vault/find', operation: 'vault-find', least: 'reader' },
  { method: 'POST', path: '/vault/rotate', operation: 'vault-rotate', least: 'reader' },
  { method: 'POST', path: '/vault/erase', operation: 'vault-erase', least: 'reader' },
  { method: 'POST', path: '/vault/migrate', operation: 'vault-migrate', given: { wait: false }, least: 'reader', costly: true, status: 202 },
  { method: 'GET', path: '/health', operation: 'health' },
  { method: 'GET', path: '/schedules', operation: 'schedule-list' },
  { method: 'POST', path: '/schedules', operation: 'schedule-add' },
  { method: 'DELETE', path: '/schedules/{repository}', operation: 'schedule-remove' },
  { method: 'POST', path: '/schedules/{repository}/pause', operation: 'schedule-pause' },
  { method: 'POST', path: '/schedules/{repository}/resume', operation: 'schedule-resume' },
  { method: 'POST', path: '/schedules/{repository}/run', operation: 'schedule-run', least: 'local', costly: true, status: 202 },
  { method: 'POST', path: '/chat', operation: 'ask', least: 'local', costly: true },
  { method: 'GET', path: '/chat/history', operation: 'conversations' },
  { method: 'GET', path: '/chat/history/{conversation}', operation: 'conversation' },
  { method: 'GET', path: '/chat/history/{conversation}/turns/{turn}/events', operation: 'conversation-follow', events: true },
  { method: 'POST', path: '/chat/stop/{conversation}', operation: 'conversation-stop', least: 'local' },
  { method: 'POST', path: '/chat/approve/{restore}', operation: 'approve', given: { wait: false } },
  { method: 'GET', path: '/pipelines', operation: 'pipelines' },
  { method: 'POST', path: '/pipeline/generate', operation: 'generate-pipeline', least: 'local', costly: true, status: 202 },
  { method: 'POST', path: '/pipeline/commit', operation: 'commit-pipeline' },
  { method: 'POST', path: '/pipeline/status', operation: 'pipeline-status', costly: true },
  { method: 'POST', path: '/pipelines/{pipeline}/approve', operation: 'approve-pipeline', given: { wait: false } },
  { method: 'POST', path: '/pipelines/{pipeline}/reject', operation: 'reject-pipeline' },
];
