// The workflow types that a worker offers; every function exported here is registered under its name.
export { ingest } from './ingest.ts';
export { restore } from './restore.ts';
export { unknown as default } from './unknown.ts';
