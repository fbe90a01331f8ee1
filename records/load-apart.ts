// Loads the segments of a batch in a process of its own: decoding and SQLite would hold up the caller's.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromReport, PivoError } from '../contract/failures.ts';
import type { SegmentEnd } from '../contract/spool.ts';
import type { LoadMessage, LoadNews } from './load-process.ts';
import { cancelled, type LoadOptions, type LoadOrder } from './load.ts';
import type { RecordSettings } from './settings.ts';

const ENTRY = fileURLToPath(new URL('load-process.ts', import.meta.url));

/**
 * As `loadSegments` of records/load.ts, elsewhere, in a database that is prepared first. When the signal aborts, the process is killed: what it had stored is whole.
 * Fails as `loadSegments` and `openRecordStore` do, and with Unavailable when the process ends without an answer.
 */
export async function loadApart({ records, ...order }: LoadOrder & { records: RecordSettings }, { signal, onProgress }: LoadOptions): Promise<SegmentEnd[]> {
  if (signal.aborted) throw cancelled();
  const message: LoadMessage = { ...order, records: { url: records.url, password: records.password() } };
  const child = fork(ENTRY, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<SegmentEnd[]>((resolve, reject) => {
      child.on('message', (news: LoadNews) => {
        if ('progress' in news) onProgress(news.progress);
        else if ('result' in news) resolve(news.result);
        else reject(fromReport(news.failure));
      });
      child.once('error', reject);
      child.once('exit', (code, signalName) => reject(signal.aborted ? cancelled() : new PivoError('Unavailable', `the process that stores segments ended (${signalName ?? code})`, { hint: 'The same batch goes on where it stopped.' })));
      child.send(message);
    });
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}
