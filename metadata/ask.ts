// Asks the metadata service on its socket.
import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { PivoError, fromReport, type FailureReport } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';

/** The answer to one request, when its status is 200. Fails with what the service reports, with Unavailable or Cancelled. */
export function askMetadata(socketPath: string, method: 'GET' | 'POST', path: string, body?: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method, path, ...(signal === undefined ? {} : { signal }) }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reportedBy(response).then(reject, reject);
    });
    asking.once('error', (error) => reject(signal?.aborted === true ? new PivoError('Cancelled', 'waiting for the metadata service was cancelled', { cause: error }) : unavailable(error)));
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Lines of an NDJSON answer. */
async function* jsonLines<Line>(response: IncomingMessage): AsyncGenerator<Line> {
  for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) if (line !== '') yield JSON.parse(line) as Line;
}

async function reportedBy(response: IncomingMessage): Promise<PivoError> {
  const { error } = (await json(response)) as { error: FailureReport };
  return fromReport(error);
}

const unavailable = (error: Error): PivoError => new PivoError('Unavailable', `the metadata service does not answer: ${error.message}`, { hint: 'Start PIVO with `pivo up`.', cause: error });

export interface ReindexAnswer {
  from: 'log' | 'kafka' | 'archive';
  /** SHA-256 over the logical rows of the new index: the same from the log and from the archive. */
  digest: string;
  rows: Record<string, number>;
}

type ReindexLine = { progress: Progress } | { result: ReindexAnswer } | { error: FailureReport };

/** Has the index built anew. Fails with what the service reports, with Unavailable or Cancelled; the index is then as it was. */
export async function askReindex(socketPath: string, from: ReindexAnswer['from'], { signal, onProgress }: { signal: AbortSignal; onProgress(progress: Progress): void }): Promise<ReindexAnswer> {
  const response = await askMetadata(socketPath, 'POST', '/reindex', { from }, signal);
  try {
    for await (const line of jsonLines<ReindexLine>(response)) {
      if ('result' in line) return line.result;
      if ('error' in line) throw fromReport(line.error);
      onProgress(line.progress);
    }
  } catch (error) {
    if (signal.aborted) throw new PivoError('Cancelled', 'the reindex was cancelled; the index is as it was', { cause: error });
    throw error;
  }
  throw new PivoError('Unavailable', 'the metadata service ended before the index was rebuilt; the index is as it was', { hint: 'Run `pivo reindex` again.' });
}
