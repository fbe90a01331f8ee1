// Reads logs into the index in a process of its own: parsing and SQLite would hold up the caller's.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PivoError, fromReport } from '../contract/failures.ts';
import type { IngestLogsSummary } from '../contract/logs.ts';
import type { IngestOptions } from './ingest.ts';
import type { IngestNews, IngestOrder } from './ingest-process.ts';

const ENTRY = fileURLToPath(new URL('ingest-process.ts', import.meta.url));

/**
 * As `ingestLogs` of logs/ingest.ts, elsewhere. When the signal aborts, the process is killed: what it had stored is whole.
 * Fails as `ingestLogs` does, and with Unavailable when the process ends without an answer.
 */
export async function ingestApart(order: IngestOrder, { signal, onProgress }: IngestOptions): Promise<IngestLogsSummary> {
  if (signal.aborted) throw cancelled();
  const child = fork(ENTRY, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<IngestLogsSummary>((resolve, reject) => {
      child.on('message', (news: IngestNews) => {
        if ('progress' in news) onProgress(news.progress);
        else if ('result' in news) resolve(news.result);
        else reject(fromReport(news.failure));
      });
      child.once('error', reject);
      child.once('exit', (code, signalName) => reject(signal.aborted ? cancelled() : new PivoError('Unavailable', `the process that reads logs ended (${signalName ?? code})`, { hint: 'Start the upload again; it goes on where it stopped.' })));
      child.send(order);
    });
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

const cancelled = (): PivoError => new PivoError('Cancelled', 'the upload was cancelled; what was read stays, and the same upload goes on there');
