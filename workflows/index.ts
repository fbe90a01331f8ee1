// The workflow types that a worker offers; every function exported here is registered under its name.
export { conversation } from './conversation.ts';
export { deliver } from './deliver.ts';
export { drill } from './drill.ts';
export { embedLogs } from './embed-logs.ts';
export { embedRecords } from './embed-records.ts';
export { emit } from './emit.ts';
export { ingest } from './ingest.ts';
export { ingestLogs } from './ingest-logs.ts';
export { pushBackups } from './push-backups.ts';
export { migrateVault } from './migrate-vault.ts';
export { pipeline } from './pipeline.ts';
export { repair } from './repair.ts';
export { restore } from './restore.ts';
export { replaySpool } from './spool-gate-replay.ts';
export { spoolGate } from './spool-gate.ts';
export { verify } from './verify.ts';
export { unknown as default } from './unknown.ts';
