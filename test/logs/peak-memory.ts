// Entry of a child process: reads the log at argv[3] into the index at argv[2] and prints its own peak memory in MB.
import { ingestLogs } from '../../logs/ingest.ts';
import { openLogsForWriting } from '../../logs/open.ts';

const [, , index = '', path = ''] = process.argv;
const db = openLogsForWriting(index);
await ingestLogs(db, { paths: [path], spooled: false }, { signal: new AbortController().signal, onProgress: () => {} });
db.close();
process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1000)}\n`);
