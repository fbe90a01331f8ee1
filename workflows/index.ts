// The workflow types that a worker offers; every function exported here is registered under its name.
export { conversation } from './conversation.ts';
export { drill } from './drill.ts';
export { emit } from './emit.ts';
export { ingest } from './ingest.ts';
export { repair } from './repair.ts';
export { restore } from './restore.ts';
export { verify } from './verify.ts';
export { unknown as default } from './unknown.ts';
