// Entry of a child process: loads the segments at argv[4…] into the records at argv[2], and prints its memory in MB after each and what became of them.
import { loadSegments } from '../../records/load.ts';
import { openRecordStore } from '../../records/open.ts';

const [, , url = '', tag = '', ...paths] = process.argv;
const store = await openRecordStore({ url, password: () => undefined });
const memory: number[] = [];
await store.prepare();
await store.openBatch({ tag, kind: 'event', reason: 'records', opened: '2026-11-21T10:00:00.000Z' });
const outcome = await loadSegments(store, { tag, kind: 'event', segments: paths.map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), path })) }, { signal: new AbortController().signal, onProgress: () => memory.push(Math.round(process.memoryUsage.rss() / 1e6)) }).then(
  (ends) => ({ ends }),
  (error: unknown) => ({ failure: error }),
);
process.stdout.write(JSON.stringify({ ...outcome, memory }));
