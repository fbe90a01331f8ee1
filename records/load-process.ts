// Entry: loads the segments of a batch in a process of its own, so that whoever asked goes on meanwhile. Ends with the process that started it.
import { isPivoError, PivoError, type FailureReport } from '../contract/failures.ts';
import type { SegmentEnd } from '../contract/spool.ts';
import { loadSegments, type LoadOrder, type LoadProgress } from './load.ts';
import { useRecords } from './open.ts';

/** The order, as it crosses to this process; the password is in no argument and no variable. */
export interface LoadMessage extends LoadOrder {
  records: { url: string; password: string | undefined };
}

export type LoadNews = { progress: LoadProgress } | { result: SegmentEnd[] } | { failure: FailureReport };

/** Milliseconds between two tellings of progress. */
const TELL_EVERY = 200;

async function carryOut({ records: { url, password }, ...order }: LoadMessage): Promise<LoadNews> {
  let told = 0;
  const onProgress = (progress: LoadProgress): void => {
    if (performance.now() - told < TELL_EVERY) return;
    told = performance.now();
    process.send?.({ progress } satisfies LoadNews);
  };
  try {
    const result = await useRecords({ url, password: () => password }, (store) => loadSegments(store, order, { signal: new AbortController().signal, onProgress }));
    return { result };
  } catch (error) {
    return { failure: (isPivoError(error) ? error : new PivoError('Internal', `the segments could not be stored: ${(error as Error).message}`)).report() };
  }
}

process.once('disconnect', () => process.exit(1)); // a segment is stored whole or not at all: the next attempt goes on
process.once('message', (message: LoadMessage) => {
  void carryOut(message).then((news) => process.send?.(news, () => process.exit(0)));
});
