// The workflow types that a worker offers; every function exported here is registered under its name.
export { conversation } from './conversation.ts';
export { drill } from './drill.ts';
export { embedLogs } from './embed-logs.ts';
export { emit } from './emit.ts';
export { ingest } from './ingest.ts';
export { ingestLogs } from './ingest-logs.ts';
export { repair } from './repair.ts';
export { restore } from './restore.ts';
export { verify } from './verify.ts';
export { unknown as default } from './unknown.ts';
